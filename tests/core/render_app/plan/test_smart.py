"""Copied GOPs as a plan: what is copied, what is encoded between, and the reasons why a file cannot be copied."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from media_app.core.time.keyframes import numbers_of, runs_of
from render_app.core import catalogue
from render_app.core.plan.films import Film
from render_app.core.plan.job import job_of
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.parts import layers_in
from render_app.core.plan.reels import Segment
from render_app.core.plan.request import RenderWish
from render_app.core.plan.smart import EDGE_PRESET, edge_args, gops_of, profile_like, sections_of, share_of
from render_app.core.plan.spans import spans_of
from render_app.core.timeline.nouns import (
    Automation,
    CameraReference,
    Clip,
    Filter,
    FilterStack,
    Keyframe,
    Sequence,
    Target,
    Track,
)
from tests.core.render_app.plan.test_plan import medium

RATE = Fraction(25)
FOUND: dict[str, Any] = {
    "container": "mov,mp4,m4a,3gp,3g2,mj2",
    "rate": "25/1",
    "variable_rate": False,
    "keyframes": {"first": 0, "runs": [[50, 19]], "end": 1000},
    "video": {
        "codec": "h264", "coded_width": 1920, "coded_height": 1080, "rotation": 0, "sample_aspect": "1/1", "interlaced": False,
        "pixel_format": "yuv420p", "color_space": "bt709", "color_range": "tv", "profile": "High", "level": 41, "reorder": 2,
    },
}  # fmt: skip


def film(*clips: Clip, pace: Fraction = Fraction(1), **fields: Any):
    """A film of these clips of one camera, and its pieces as (start, end, first source frame or None)."""
    gops = gops_of(FOUND)
    assert not isinstance(gops, str)
    one = medium()
    reels = {CameraReference("", "A"): (Segment(one, one, Fraction(0), Fraction(40_000) * pace, Fraction(0), pace),)}
    profile = profile_like(gops, catalogue.profiles()["social_1080p_h264"])
    sequence = Sequence("s", RATE, tracks=(Track("t", "video", clips),), **fields)
    made = Film("cut", sequence, (), RenderWish(profile), gops={one.id: gops})
    job = job_of(sequence, reels, (), made.wish)
    found = sections_of(job, spans_of(layers_in(job), job.start, job.end), made.gops)
    return (
        made,
        reels,
        [(segment.start, segment.end, segment.first if segment.medium else None) for segment in found],
        found,
    )


def clip(begin: int, end: int, at: int = 0, id: str = "x", **fields: Any) -> Clip:
    return Clip(id, CameraReference("", "A"), Fraction(end), Fraction(begin), Fraction(at), **fields)


def test_whole_gops_inside_a_shot_are_copied_and_its_edges_are_encoded():
    *_, segments, found = film(clip(1000, 9000))
    assert segments == [(0, 25, None), (25, 175, 50), (175, 200, None)]
    assert share_of(found) == 0.75


def test_a_shot_from_keyframe_to_keyframe_is_copied_whole_and_a_short_one_not_at_all():
    assert film(clip(2000, 8000))[2] == [(0, 150, 50)]
    assert film(clip(2100, 3900))[2] == [(0, 45, None)]


def test_where_a_drifting_clock_slips_a_frame_copying_stops_until_the_next_keyframe():
    *_, segments, _ = film(clip(0, 39_900), pace=1 + Fraction(1, 10_000))
    copied = [one for one in segments if one[2] is not None]
    assert sum(end - start for start, end, _ in copied) >= 800
    assert segments[0][0] == 0
    assert all(a[1] == b[0] for a, b in pairwise(segments))


@pytest.mark.parametrize("changed", [{"opacity": 0.5}, {"rotation": 3.0}, {"scale": 0.5}, {"speed": Fraction(2)}])
def test_a_shot_that_is_not_seen_as_it_was_recorded_is_encoded(changed):
    assert all(first is None for *_, first in film(clip(0, 8000, **changed))[2])


def test_a_filtered_film_is_encoded():
    stack = FilterStack("f", Target("clip", "x"), (Filter("gamma", {"gamma": 2}),))
    assert all(first is None for *_, first in film(clip(0, 8000), filter_stacks=(stack,))[2])


def test_a_film_that_swells_is_copied_and_one_that_moves_is_encoded():
    def segments(property: str):
        curve = Automation("k", Target("sequence", "s"), property, (Keyframe(Fraction(0), 0.5),))
        return film(clip(2000, 8000), automation=(curve,))[2]

    assert segments("volume_db") == [(0, 150, 50)]
    assert segments("opacity") == [(0, 150, None)]


def test_the_plan_copies_with_a_seek_that_lands_on_the_keyframe_and_joins_pieces_by_their_stated_lengths():
    made, reels, *_ = film(clip(1000, 9000))
    plan = compile_outputs([made], reels)
    [copy] = [command for command in plan.commands if "-frames:v" in command]
    assert ("-ss", "2.020000") in pairwise(copy)
    assert copy[copy.index("-frames:v") + 1] == "150"
    assert plan.files["pictures-0.txt"].splitlines() == [
        "ffconcat version 1.0",
        "file 'smart-0-0000.ts'", "duration 1.000000",
        "file 'smart-0-0001.ts'", "duration 6.000000",
        "file 'smart-0-0002.ts'", "duration 1.000000",
    ]  # fmt: skip
    [planned] = plan.films
    assert (planned.share, planned.copied[0]["start"], planned.copied[0]["frames"]) == (0.75, 25, 150)
    assert "setts=pts=round(PTS/1000)*1000:dts=round(DTS/1000)*1000" in plan.commands[-1]


def test_one_command_copies_and_encodes_and_hashes_what_it_copies():
    made, reels, *_ = film(clip(1000, 9000), clip(11_000, 19_000, 8000, "y"))
    plan = compile_outputs([made], reels)
    pieces, *_ = plan.commands
    assert (pieces.count("-i"), len(plan.commands)) == (5, 3)
    hashes = [one["hashes"] for one in plan.films[0].copied]
    assert hashes == [out for form, out in pairwise(pieces) if form == "framemd5"]
    assert len(hashes) == 2
    assert ("-preset", EDGE_PRESET) in pairwise(pieces)


def test_a_film_that_is_copied_whole_is_made_without_a_graph():
    made, reels, *_ = film(clip(2000, 8000))
    assert "-filter_complex" not in compile_outputs([made], reels).commands[0]


def test_many_edges_are_encoded_a_few_reads_at_a_time():
    clips = [clip(100 + 700 * n, 700 + 700 * n, 600 * n, f"c{n}") for n in range(40)]
    made, reels, *_ = film(*clips)
    plan = compile_outputs([made], reels)
    assert max(command.count("-i") for command in plan.commands) <= 16


def test_edges_are_made_as_the_originals_are():
    gops = gops_of(FOUND)
    assert not isinstance(gops, str)
    assert edge_args(gops) == ["-profile:v", "high", "-level:v", "4.1", "-bf", "3"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"video": {"codec": "hevc"}}, "is hevc, not H.264"),
        ({"container": "mpegts"}, "is not MP4 or MOV"),
        ({"variable_rate": True}, "has a variable frame rate"),
        ({"video": {"interlaced": True}}, "is interlaced"),
        ({"video": {"rotation": 90}}, "is turned"),
        ({"video": {"sample_aspect": "4/3"}}, "has pixels that are not square"),
        ({"video": {"pixel_format": "yuv422p10le"}}, "is High yuv422p10le"),
        ({"video": {"reorder": 4}}, "is out of order by more frames than can be made alike"),
        ({"video": {"color_space": "smpte170m"}}, "is not in the colors of BT.709"),
        ({"keyframes": None}, "was taken in before keyframes were kept"),
    ],
)
def test_a_file_that_cannot_be_copied_says_why(changed, reason):
    video = {**FOUND["video"], **changed.get("video", {})}
    assert str(gops_of({**FOUND, **changed, "video": video})).startswith(reason)


def test_keyframes_are_kept_as_a_few_distances():
    numbers = (3, 53, 103, 153, 160, 210)
    assert runs_of(numbers) == [[50, 3], [7, 1], [50, 1]]
    assert numbers_of(3, [[50, 3], [7, 1], [50, 1]]) == numbers
    assert runs_of([number * number for number in range(4_100)]) is None
