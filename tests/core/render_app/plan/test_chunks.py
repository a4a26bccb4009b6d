"""Windows of a film, and what each sees; what a render is likely to take."""

from dataclasses import replace
from fractions import Fraction

import pytest

from render_app.core import catalogue
from render_app.core.plan.checking import faults
from render_app.core.plan.chunks import Window, gap_between, windows_of
from render_app.core.plan.compiling import compile_segment, compile_stitch
from render_app.core.plan.conform import conformed, picture_reading
from render_app.core.plan.estimate import Past, cost_of, estimate
from render_app.core.plan.materials import Materials
from render_app.core.plan.reels import Medium, Segment, Take
from render_app.core.plan.slowing import method_of
from render_app.core.plan.spans import Shot
from render_app.core.timeline.nouns import Clip, MediaReference, Sequence, Stabilise, Track
from tests.core.render_app.plan.test_plan import WISH, clip, medium, plan_of

RATE = Fraction(30)
DRAFT = catalogue.profiles()["draft_480p_fast"]


def segment(sequence: Sequence, window: Window):
    reels = {MediaReference(name): (Segment(medium(name), medium(name)),) for name in "abc"}
    return compile_segment(sequence, reels, (), window.of(WISH))


def film(*clips: Clip) -> Sequence:
    return Sequence("s", RATE, tracks=(Track("t", "video", clips),))


def test_windows_lie_on_one_grid_whatever_stretch_is_asked_for():
    whole = windows_of(WISH, Fraction(40_000), 15_000)
    assert [(one.index, one.start, one.end) for one in whole] == [(0, 0, 450), (1, 450, 900), (2, 900, 1200)]
    part = replace(WISH, start_ms=Fraction(10_000), end_ms=Fraction(31_000))
    assert [(one.start, one.end) for one in windows_of(part, Fraction(40_000), 15_000)] == [
        (300, 450), (450, 900), (900, 930),
    ]  # fmt: skip
    assert windows_of(WISH, Fraction(0), 15_000) == ()


def test_windows_that_leave_something_out_are_named_by_their_number():
    whole = windows_of(WISH, Fraction(40_000), 15_000)
    assert gap_between(whole, whole) is None
    assert gap_between((whole[0], whole[2]), whole) == 1
    assert gap_between(whole[:2], whole) == 1
    assert gap_between(whole[1:], whole) == 0


def test_a_chunk_has_the_key_of_what_its_window_sees():
    cuts = tuple(clip(str(n), 1000 * n, 1000 * n + 1000, 1000 * n, "abc"[n % 3]) for n in range(6))
    windows = windows_of(WISH, Fraction(6_000), 2_000)
    before = [segment(film(*cuts), one).cache_key for one in windows]
    moved = replace(cuts[3], in_ms=Fraction(3_500), out_ms=Fraction(4_500))
    after = [segment(film(*cuts[:3], moved, *cuts[4:]), one).cache_key for one in windows]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_a_chunk_has_no_sound_and_a_film_of_chunks_reads_them_by_name():
    sequence, window = film(clip("x", 0, 4000, 0)), Window(0, 0, 60, RATE)
    plan = segment(sequence, window)
    assert (plan.expected.frames, plan.expected.audio_samples) == (60, 0)
    assert "[sound]" not in plan.commands[-1]
    chunks = [Medium(f"chunk{n}", "a", "", "", artifact_id=str(n)) for n in range(2)]
    reels = {MediaReference("a"): (Segment(medium("a"), medium("a")),)}
    joined = compile_stitch((sequence, reels, (), WISH, Materials()), chunks)
    assert joined.files["pictures.txt"].splitlines()[1:] == ["file '{input:0}'", "file '{input:1}'"]
    assert [one["artifact_id"] for one in joined.inputs] == ["0", "1", None]
    assert joined.expected.frames == 120


def test_a_chunk_is_looked_at_for_its_picture_alone():
    picture = {"codec_type": "video", "nb_read_packets": "60", "width": 2, "height": 2, "duration": "2.0"}
    expected = {"frames": 60, "width": 2, "height": 2, "duration_ms": 2000, "audio_samples": 0}
    assert faults({"streams": [picture]}, expected) == []
    assert faults({"streams": [picture]}, expected | {"audio_samples": 96_000}) == [
        "It lacks its picture or its sound."
    ]


def slowed(**fields) -> Shot:
    one = clip("x", 8000, 10_000, 0, speed=Fraction(1, 2), **fields)
    return Shot(Take(one, one.start_ms, one.end_ms, Segment(medium(), None)), 30, 60)


@pytest.mark.parametrize(
    ("quality", "flow", "speed", "method"),
    [("high", True, 1, ""), ("", True, "1/2", ""), ("high", False, "1/2", "tblend"), ("fast", True, "1/2", "tblend"),
     ("medium", True, "1/2", "minterpolate")],
)  # fmt: skip
def test_a_slowed_clip_is_filled_by_its_quality_and_flow(quality, flow, speed, method):
    one = clip("x", 0, 1000, 0, speed=Fraction(speed), slowmo_quality=quality, optical_flow=flow)
    assert method_of(Take(one, one.start_ms, one.end_ms, None)) == method


def test_interpolation_is_given_frames_around_and_cut_to_the_clips_own():
    chain = ",".join(map(str, conformed(slowed(slowmo_quality="high", optical_flow=True), RATE)))
    assert "minterpolate=fps=30/1:mi_mode=mci" in chain
    assert "trim=start_pts=" in chain
    assert chain.endswith("tpad=stop_mode=clone:stop=-1,trim=end_frame=30")
    assert picture_reading(slowed(slowmo_quality="high", optical_flow=True), RATE).seek_s == Fraction(616, 100)
    first = replace(slowed(slowmo_quality="fast"), start=0)
    assert "tpad=start=1:start_mode=clone,tblend" in ",".join(map(str, conformed(first, RATE)))
    assert "start_mode" not in ",".join(map(str, conformed(slowed(slowmo_quality="fast"), RATE)))


def test_a_shaking_clip_is_looked_at_once_by_a_command_of_its_own():
    shaky = clip("x", 20_000, 22_000, 0, stabilise=Stabilise(smoothing=10, zoom=2.5, tripod=True))
    plan = plan_of(shaky)
    graphs = [command[command.index("-filter_complex") + 1] for command in plan.commands[:2]]
    name = graphs[0].partition("result=")[2].partition(":")[0]
    assert "vidstabdetect" in graphs[0]
    assert f"vidstabtransform=input={name}:smoothing=10:zoom=2.5:crop=keep:optzoom=0:tripod=1" in graphs[1]
    assert plan.frames[:2] == (0, 60)
    seeks = [command[command.index("-ss") + 1] for command in plan.commands[:2]]
    assert seeks[0] == seeks[1] == "13.000000"


def test_a_plan_says_how_many_frames_are_read_and_shown():
    plan = plan_of(clip("x", 20_000, 22_000, 0), clip("y", 0, 1000, 2000, speed=Fraction(2)))
    work = plan.meta["work"]
    assert (work["needed_frames"], work["openings"]) == (50 + 15, 2)
    # Two seconds before the first; the second is read from its beginning.
    assert work["decoded_frames"] == 100 + 25


def test_an_estimate_follows_what_renders_of_the_profile_took():
    work, expected = plan_of(clip("x", 0, 2000, 0)).meta["work"], {"frames": 48, "duration_ms": 2000}
    guess = estimate(work, expected, DRAFT, 2, ())
    assert guess["seconds"] > 0
    assert guess["based_on"] == 0
    pixels = 48 * DRAFT.width * DRAFT.height
    work |= {"encoded_frames": 48}
    cost = cost_of(work, DRAFT)
    pasts = [Past(DRAFT.name, cost * by, 3.0 * by, pixels, 1e5) for by in (1, 2, 3)]
    found = estimate(work, expected, DRAFT, 2, pasts)
    assert (found["seconds"], found["bytes"], found["based_on"]) == (3.0, 124_000, 3)
    joined = {**work, "encoded_frames": 0, "decoded_pixels": 0}
    assert estimate(joined, expected, DRAFT, 2, pasts)["seconds"] < found["seconds"] / 4
    other = estimate(work, expected, catalogue.profiles()["master_4k_prores"], 2, pasts)
    assert other["based_on"] == 0
    assert other["bytes"] > 40 * found["bytes"]
