"""A long film is cut into chunks, and a change makes those anew that see it."""

from dataclasses import replace
from fractions import Fraction

from render_app.core import catalogue
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.reels import Segment
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.nouns import Clip, Filter, FilterStack, MediaReference, Sequence, Stabilise, Target, Track
from tests.core.render_app.plan.test_parts import PICTURE, PROFILE, medium

WISH = RenderWish(PROFILE)


def cuts(*edges: int, **fields) -> tuple[Clip, ...]:
    """Clips that follow each other, with cuts at these times in ms."""
    pairs = zip((0, *edges), (*edges, 60_000), strict=True)
    return tuple(
        Clip(f"{number}", MediaReference("a"), Fraction(end), Fraction(begin), Fraction(begin), **fields)
        for number, (begin, end) in enumerate(pairs)
    )


def planned(clips: tuple[Clip, ...], *, every: int = 25, wish: RenderWish = WISH, picture=None, **fields) -> Plan:
    """Of a file of 25 frames a second with a keyframe each `every` frames, and a picture of this kind."""
    one = medium(keyframes={"first": 0, "runs": [[every, 10_000 // every]]}, video=PICTURE | (picture or {}))
    sequence = Sequence("s", Fraction(25), tracks=(Track("t", "video", clips),), **fields)
    return compile_plan(sequence, {MediaReference("a"): (Segment(one, one),)}, (), wish)


def pictures(plan: Plan) -> list:
    return [one for one in plan.chunks if one["kind"] == "picture"]


def keys(plan: Plan) -> list[str]:
    return [one["key"] for one in pictures(plan)]


def times(plan: Plan) -> list[float]:
    return [one["start_ms"] for one in pictures(plan)]


EVERY_2_S = tuple(range(2_000, 60_000, 2_000))


def test_chunks_meet_at_the_cuts_that_are_nearest_to_every_fourth_second():
    plan = planned(cuts(3_100, 4_600, 7_400, 16_900, 30_000))
    assert times(plan)[:6] == [0, 4600, 7400, 12000, 16900, 20000]
    assert [plan.frames[one["commands"][0]] for one in pictures(plan)] == [
        round((end - start) * 30 / 1000) for start, end in zip(times(plan), [*times(plan)[1:], 60_000], strict=True)
    ]
    assert all(plan.commands[one["commands"][1]][-1] == one["file"] for one in plan.chunks)
    assert len({one["file"] for one in plan.chunks}) == len(plan.chunks)


def test_a_cut_that_moves_changes_the_chunk_in_which_it_lies_or_the_two_that_meet_there():
    before = keys(planned(cuts(*EVERY_2_S)))
    for number, changed in ((14, 1), (15, 2)):
        moved = [*EVERY_2_S]
        moved[number] += 200
        after = keys(planned(cuts(*moved)))
        assert len(after) == len(before) == 15
        assert sum(one != other for one, other in zip(before, after, strict=True)) == changed


def test_each_chunk_spends_more_on_its_first_and_last_frame_where_its_encoder_looks_ahead():
    plan = planned(cuts(*EVERY_2_S), wish=RenderWish(replace(PROFILE, video_codec="libx264", preset="medium")))
    for chunk in pictures(plan):
        command, frames = plan.commands[chunk["commands"][0]], plan.frames[chunk["commands"][0]]
        assert command[command.index("-x264-params") + 1] == f"zones=0,0,b=1.4/{frames - 1},{frames - 1},b=1.6"
    for other in ({"preset": "ultrafast"}, {"video_codec": "libx265", "preset": "medium"}):
        assert not [one for one in picture_args(replace(PROFILE, **other), 50) if "zones" in one]


def test_a_filter_of_a_clip_changes_the_chunks_that_show_it():
    clips = cuts(*EVERY_2_S)
    stack = FilterStack("f", Target("clip", "10"), (Filter("hue_shift", {"shift": 30.0}),))
    before, after = planned(clips), planned(clips, filter_stacks=(stack,))
    changed = [
        start for start, one, other in zip(times(before), keys(before), keys(after), strict=True) if one != other
    ]
    assert changed == [20_000]


def test_the_same_pictures_have_the_same_key_wherever_they_stand():
    """A clip that is shown twice is made once."""
    clips = cuts(*range(4_000, 60_000, 4_000))
    again = tuple(replace(one, in_ms=clips[0].in_ms, out_ms=clips[0].out_ms) for one in clips)
    assert len(set(keys(planned(again)))) == 1


def test_a_film_that_chunks_do_not_suit_is_made_in_one():
    clips = cuts(*EVERY_2_S)
    assert planned(clips).chunks
    short = replace(WISH, end_ms=Fraction(19_900))
    single = replace(WISH, profile=catalogue.profiles()["master_4k_prores"])
    by_hardware = replace(WISH, profile=replace(PROFILE, hardware="h264_nvenc"))
    assert not any(planned(clips, wish=one).chunks for one in (short, single, by_hardware))
    assert not planned(cuts(*EVERY_2_S, stabilise=Stabilise())).chunks
    assert not planned(clips, picture={"interlaced": True}).chunks


def test_chunks_are_longer_where_keyframes_lie_far_apart():
    assert times(planned(cuts(30_000), every=25))[:3] == [0, 4_000, 8_000]
    assert times(planned(cuts(30_000), every=100))[:3] == [0, 8_000, 16_000]
    assert not planned(cuts(30_000), every=1_000).chunks


def test_a_clip_that_is_slowed_by_its_motion_is_not_cut():
    first, slow, last = cuts(10_000, 40_000)
    slow = replace(slow, speed=Fraction(1, 2), out_ms=slow.in_ms + 15_000, slowmo_quality="high", optical_flow=True)
    assert times(planned((first, slow, last))) == [0, 4_000, 8_000, 40_000, 44_000, 48_000, 52_000, 56_000]
