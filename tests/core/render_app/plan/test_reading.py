"""Where a file is read from: from the keyframe that shows first what is needed, or on from where another shot of it ends."""

from dataclasses import replace
from fractions import Fraction

import pytest

from render_app.core import catalogue
from render_app.core.plan.conform import Reading, seen_from
from render_app.core.plan.encoding import sound_args
from render_app.core.timeline.nouns import Stabilise
from tests.core.render_app.plan.test_plan import clip, medium, plan_of

#: 25 frames per second, a keyframe each second, pictures out of order by two.
FILM = replace(medium(), keys=tuple(range(0, 2000, 25)), lead_s=Fraction(6, 25))


@pytest.mark.parametrize(
    ("needed", "aimed"),
    [(100, 100), (110, 110), (119, 119), (120, 119), (124, 119), (125, 125), (1999, 1999)],
)
def test_a_seek_lands_on_the_last_keyframe_before_and_never_on_the_next(needed, aimed):
    assert seen_from(FILM, Fraction(needed, 25)).seek_s == Fraction(2 * aimed + 1, 50)


def test_between_keyframes_nearer_than_pictures_are_out_of_order_a_seek_lands_further_before():
    dense = replace(FILM, keys=tuple(range(0, 2000, 3)))
    assert seen_from(dense, Fraction(100, 25)).seek_s == Fraction(2 * 94 + 1, 50)


def test_where_no_keyframe_is_known_reading_begins_by_the_lead_before():
    assert seen_from(replace(FILM, keys=()), Fraction(10)).seek_s == Fraction(976, 100)
    assert seen_from(replace(FILM, seekable=False), Fraction(10)).seek_s == 0


def test_a_shot_is_read_on_from_another_one_where_that_is_nearer_than_a_keyframe():
    def read(begin: int, end: int, start: int, stop: int) -> Reading:
        return replace(
            seen_from(FILM, Fraction(begin, 25)), needed=(Fraction(begin, 25), Fraction(end, 25)), shown=(start, stop)
        )

    first = read(100, 110, 0, 10)
    assert read(120, 124, 20, 24).goes_on(first)
    assert not read(126, 130, 20, 24).goes_on(first), "a keyframe lies between"
    assert not read(120, 124, 5, 9).goes_on(first), "both are seen at once"
    assert not read(105, 109, 20, 24).goes_on(first), "it lies before the end of the other"


@pytest.mark.parametrize(("frames", "threads"), [(90, ["-threads", "1"]), (91, [])])
def test_a_short_reading_is_decoded_by_one_thread_from_its_keyframe_on(frames, threads):
    begin, end = Fraction(110, 25), Fraction(110 + frames, 25)
    short = replace(seen_from(FILM, begin), needed=(begin, end), shown=(0, frames))
    assert short.options == [*threads, "-noaccurate_seek", "-ss", "4.420000", "-itsoffset", "4.420000"]
    assert Reading(FILM).options == [], "of a sound, or of what is read to its end, nobody knows how long it is"


def test_quick_cuts_between_two_cameras_open_each_file_once():
    known = {name: replace(FILM, id=name, asset_id=name) for name in "ab"}
    clips = [clip(str(n), 4000 + 200 * n, 4200 + 200 * n, 200 * n, "ab"[n % 2]) for n in range(4)]
    plan = plan_of(*clips, media=known)
    [picture] = [command for command in plan.commands if "[picture]" in command]
    assert picture.count("-i") == 2
    assert plan.filter_complex.count("split=2") == 2
    work = plan.meta["work"]
    assert (work["needed_frames"], work["decoded_frames"]) == (20, 5 + 10 + 10 + 10)


def test_aac_of_one_channel_asks_for_no_more_bits_than_it_may_have():
    profile = catalogue.profiles()["youtube_4k_h264"]
    assert sound_args(profile, 2)[2:4] == ["-b:a", "320k"]
    assert sound_args(profile, 1)[2:4] == ["-b:a", "288k"]


def shown(*clips, of=FILM):
    """Which seconds of a film's pictures a plan reads."""
    [one] = plan_of(*clips, media={"a": of}).inputs
    return one["pictures_s"]


def test_a_plan_says_which_pictures_it_reads_from_the_keyframe_before_the_one_where_decoding_begins():
    assert shown(clip("c", 10_500, 12_500, 0), clip("d", 40_500, 41_000, 2000)) == [(9, 12.5), (39, 41)]
    assert shown(clip("d", 40_500, 41_000, 0), clip("c", 10_500, 12_500, 500)) == [(9, 12.5), (39, 41)]


def test_one_that_goes_on_is_read_from_what_is_shown_before():
    assert shown(clip("c", 10_500, 12_500, 0), clip("d", 12_600, 13_000, 2000)) == [(9, 13)]


def test_what_is_not_read_by_keyframes_is_read_whole():
    assert shown(clip("c", 10_500, 12_500, 0), of=replace(FILM, keys=())) is None
    assert shown(clip("c", 10_500, 12_500, 0), of=replace(FILM, seekable=False)) is None
    assert shown(clip("c", 10_500, 12_500, 0, stabilise=Stabilise())) is None
