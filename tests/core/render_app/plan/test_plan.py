"""Plans as values: what covers what, how many files a command reads, how clocks are resampled, what makes another film."""

from dataclasses import replace
from fractions import Fraction
from math import prod

import pytest

from media_app.core.files.media_info import VideoStream
from render_app.core import catalogue
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.graph import Graph, filter_
from render_app.core.plan.parts import MOST_INPUTS
from render_app.core.plan.reels import Medium, Segment, takes_of
from render_app.core.plan.refusals import NothingToRender
from render_app.core.plan.request import RenderWish
from render_app.core.plan.sound import reclocked
from render_app.core.plan.stretches import stretches_of
from render_app.core.timeline.nouns import Automation, Clip, Keyframe, MediaReference, Sequence, Target, Track

VIDEO = VideoStream(
    0, "h264", 1920, 1080, 1920, 1080, 0, Fraction(1), "yuv420p", None, None, Fraction(1, 1000), Fraction(0), None,
    "progressive", "bt709", "bt709", "bt709", "tv",
)  # fmt: skip
WISH = RenderWish(catalogue.profiles()["social_1080p_h264"])


def medium(name: str = "a", checksum: str = "1") -> Medium:
    return Medium(name, name, f"{name}.mov", checksum, video=VIDEO, seekable=True, sound=1)


def clip(id: str, begin: int, end: int, at: int, asset: str = "a", **fields) -> Clip:
    return Clip(id, MediaReference(asset), Fraction(end), Fraction(begin), Fraction(at), **fields)


def plan_of(*clips: Clip, media: dict[str, Medium] | None = None, wish: RenderWish = WISH, **fields) -> Plan:
    sequence = Sequence("s", Fraction(30), **{"tracks": (Track("t", "video", clips),)} | fields)
    known = media or {name: medium(name) for name in "abc"}
    reels = {MediaReference(name): (Segment(one, one),) for name, one in known.items()}
    return compile_plan(sequence, reels, (), wish)


def seen(*clips: Clip) -> list[tuple[float, float, str]]:
    found = stretches_of(Track("t", "video", clips), (), Fraction(10_000))
    return [(float(one.start_ms), float(one.end_ms), one.clips[0].id) for one in found]


def test_the_clip_that_starts_later_covers_and_what_is_below_comes_back():
    assert seen(clip("long", 0, 5000, 0), clip("short", 0, 1000, 2000)) == [
        (0, 2000, "long"), (2000, 3000, "short"), (3000, 5000, "long"),
    ]  # fmt: skip


def test_of_two_clips_that_start_together_the_later_listed_covers():
    assert seen(clip("first", 0, 1000, 0), clip("second", 0, 500, 0)) == [(0, 500, "second"), (500, 1000, "first")]


def test_no_command_reads_more_files_than_it_may_whatever_the_number_of_cuts():
    plan = plan_of(*(clip(str(n), 10_000 * (n % 7), 10_000 * (n % 7) + 400, 400 * n, "abc"[n % 3]) for n in range(300)))
    assert max(command.count("-i") for command in plan.commands) == MOST_INPUTS
    assert sum(plan.frames) == plan.expected.frames == 3600
    assert len(plan.inputs) == 3


def test_a_cut_far_into_a_file_begins_reading_shortly_before_it():
    [picture, *_] = plan_of(clip("x", 3_600_000, 3_601_000, 0)).commands
    assert picture[picture.index("-ss") + 1] == picture[picture.index("-itsoffset") + 1] == "3598.000000"
    unseekable = {"a": replace(medium(), seekable=False)}
    assert "-ss" not in plan_of(clip("x", 3_600_000, 3_601_000, 0), media=unseekable).commands[0]


def test_the_same_plan_has_the_same_key_and_other_bytes_another():
    film = clip("x", 0, 1000, 0)
    keys = [
        plan_of(film).cache_key,
        plan_of(replace(film, id="renamed")).cache_key,
        plan_of(film, media={"a": medium(checksum="2")}).cache_key,
        plan_of(replace(film, out_ms=Fraction(1100))).cache_key,
        plan_of(film, wish=RenderWish(catalogue.profiles()["preview_720p_fast"])).cache_key,
        plan_of(film, wish=replace(WISH, ffmpeg="7.1")).cache_key,
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 5


def test_a_sequence_longer_than_its_clips_is_padded_and_a_shorter_one_cut():
    film = clip("x", 0, 1000, 0)
    assert plan_of(film, duration_ms=Fraction(2000)).expected.frames == 60
    assert plan_of(film, duration_ms=Fraction(500)).expected.frames == 15


def test_a_sequence_without_a_frame_is_refused():
    with pytest.raises(NothingToRender):
        plan_of()


@pytest.mark.parametrize("ppm", ["0.3", "1.9", "-4.7", "31", "-145.2", "150", "999"])
def test_a_clock_is_resampled_by_its_drift_to_a_thousandth_of_a_ppm(ppm):
    pace = 1 + Fraction(ppm) / 1_000_000
    options = [dict(one.options) for one in reclocked(pace)]
    pairs = zip(options[:-1:2], options[1:-1:2], strict=True)
    ratios = [Fraction(int(to["r"]), int(of["osr"])) for of, to in pairs]
    assert abs(prod(ratios) / pace - 1) < Fraction(1, 10**9)
    assert options[-1]["osr"] == 48_000
    assert all(48_000 <= int(one.get("osr") or one["r"]) <= 200_000 for one in options)


def test_a_take_of_nothing_lies_between_the_pieces_of_a_paused_camera():
    segments = tuple(
        Segment(medium(), None, Fraction(begin), Fraction(end)) for begin, end in ((0, 1000), (1500, 3000))
    )
    takes = takes_of(clip("x", 500, 2000, 0), Fraction(0), Fraction(1500), segments)
    assert [(float(one.start_ms), float(one.end_ms), one.segment is None) for one in takes] == [
        (0, 500, False), (500, 1000, True), (1000, 1500, False),
    ]  # fmt: skip


def test_a_graph_of_thousands_of_filters_is_written_without_recursion():
    graph = Graph()
    label = graph.add((), (filter_("nullsrc"),))
    for _ in range(5_000):
        label = graph.add((label,), (filter_("null"),))
    assert str(graph).count("null[") == 5_000


def test_a_value_with_a_comma_is_quoted_and_a_fraction_has_no_exponent():
    assert str(filter_("crop", w="max(2,iw)", x=Fraction(1, 3))) == "crop=w='max(2,iw)':x=0.333333333"


def test_a_picture_too_large_to_draw_is_scaled_down_to_what_can_be_and_that_is_said():
    assert plan_of(clip("x", 0, 1000, 0, scale=4.0)).meta["clamped"] == []
    plan = plan_of(clip("x", 0, 1000, 0, scale=20.0))
    assert plan.meta["clamped"] == [{"clip_id": "x", "field": "scale", "from": 20.0, "to": 4.266666}]
    assert "w=8192:h=4608" in plan.filter_complex


def test_keyframes_scale_no_further_than_can_be_drawn():
    keys = tuple(Keyframe(Fraction(500 * number), value) for number, value in enumerate((0.5, 20.0)))
    curve = Automation("grow", Target("clip", "x"), "scale", keys)
    plan = plan_of(clip("x", 0, 1000, 0), automation=(curve,))
    assert plan.meta["clamped"] == [
        {"automation_id": "grow", "clip_id": "x", "keyframe_index": 1, "field": "keyframes[1].value", "from": 20.0, "to": 4.266666}
    ]  # fmt: skip


def test_a_pitch_is_kept_at_any_speed():
    assert plan_of(clip("x", 0, 20_000, 0, speed=Fraction(16))).expected.frames == 38
    [sound] = [
        part
        for command in plan_of(clip("x", 0, 20_000, 0, speed=Fraction(64))).commands
        for part in command
        if "atempo" in part
    ]
    assert sound.count("atempo=tempo=2") == 6
