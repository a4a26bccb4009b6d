"""Edits that come back: which file a clip means, and what of Studio's own sequence is taken as it was."""

from dataclasses import replace
from fractions import Fraction

import pytest

from media_app.core.time.timebase import NTSC_30
from render_app.core.edit.angle import MediaFile
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundMedia, FoundTrack, joined
from render_app.core.exchange.lay import lay
from render_app.core.exchange.matching import Match, NoMatch, candidates_of, match
from render_app.core.exchange.nouns import Part
from render_app.core.exchange.rebuilding import is_as_laid, is_untouched, own_sequence, rebuild
from render_app.core.timeline import nouns, snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span
from render_app.exchange import otio

RATE = Fraction(25)
HOUR = 3600


@pytest.fixture
def interview(angle):
    """Ten seconds at 25 frames a second, whose timecode begins at one hour."""
    copies = {
        "mezzanine": MediaFile("m", "", "x/mezzanine.mov"),
        "proxy": MediaFile("p", "", "x/proxy.mp4"),
    }
    return angle("", asset_id="a", original_filename="Interview.mov", frames=250, timecode="01:00:00:00", **copies)


def a_clip(name="Interview.mov", source=HOUR + 1, at=0, end=50, **fields):
    media = {name: fields.pop(name) for name in ("start", "duration") if name in fields}
    return FoundClip(name, FoundMedia(name, **media), at, end, Fraction(source), **fields)


def found_in(clip, *angles):
    return match(clip, [one for angle in angles for one in candidates_of(angle)], RATE)


def test_a_clip_means_the_file_of_its_name_timecode_and_length(interview):
    exact = a_clip(start=Fraction(HOUR), duration=Fraction(10))

    assert found_in(exact, interview) == Match("a", Fraction(1000), Fraction(10_000))
    assert found_in(a_clip(), interview) == Match("a", Fraction(1000), Fraction(10_000))


def test_capitals_and_a_missing_extension_do_not_matter(interview):
    assert isinstance(found_in(a_clip("INTERVIEW.MOV"), interview), Match)
    assert isinstance(found_in(a_clip("interview"), interview), Match)


def test_a_copy_is_the_file_it_was_made_of_counted_from_zero(interview):
    assert found_in(a_clip("Interview.mezzanine.mov", 2), interview) == Match("a", Fraction(2000), Fraction(10_000))
    assert found_in(a_clip("Interview.proxy.mp4", 2), interview) == Match("a", Fraction(2000), Fraction(10_000))


def test_a_program_that_reads_no_timecode_counts_from_zero(interview):
    assert found_in(a_clip(source=1), interview) == Match("a", Fraction(1000), Fraction(10_000))


def test_a_late_first_frame_counts_from_there(angle):
    late = angle("", asset_id="a", original_filename="Interview.mov", frames=250, video_start_ms=80.0)

    assert found_in(a_clip(source=1), late) == Match("a", Fraction(1080), Fraction(10_080))


def test_a_recorder_is_found_by_its_time_of_day(recorder):
    sound = recorder("", asset_id="r", original_filename="Take.wav", seconds_of_day=7200.0)

    assert found_in(a_clip("Take.wav", 7201), sound) == Match("r", Fraction(1000), Fraction(10_000))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "Other.mov"}, "with this name."),
        ({"name": ""}, "with this name."),
        ({"source": 2 * HOUR}, "timecode and length"),
        ({"end": 300}, "timecode and length"),
        ({"start": Fraction(2 * HOUR)}, "timecode and length"),
        ({"duration": Fraction(12)}, "timecode and length"),
        ({"speed": Fraction(6)}, "timecode and length"),
    ],
)
def test_what_does_not_fit_is_no_match(changes, reason, interview):
    assert reason in found_in(a_clip(**changes), interview).reason


def test_two_files_that_fit_are_no_match(interview):
    again = replace(interview, asset_id="b")

    assert "2 files" in found_in(a_clip(), interview, again).reason


def sequence(*clips, transitions=(), **more):
    track = nouns.Track("t", "video", clips, audio_role="dialogue")
    return nouns.Sequence("s", RATE, "Cut 1", tracks=(track, *more.pop("tracks", ())), transitions=transitions, **more)


def shown(id="c", at_ms=0, in_ms=1000, ms=2000, **fields):
    start = Fraction(in_ms)
    return nouns.Clip(id, nouns.MediaReference("a"), start + ms, start, Fraction(at_ms), **fields)


@pytest.fixture
def written(interview):
    """A sequence through the library's file: what comes back of it."""

    def make(of):
        media = {nouns.MediaReference("a"): MediaFacts("a", True, True, (Span(Fraction(0), Fraction(10_000)),))}
        assembly = lay(of, {nouns.MediaReference("a"): (Part(interview),)}, lay_transitions(of, media, RATE))
        return otio.FORMAT.read(otio.write_assembly(assembly).body, None)

    return make


KNOWN = dict.fromkeys(("c", "d", "e"), frozenset({"Interview.mov"}))


def back(found, known=KNOWN, matching=lambda clip: NoMatch("none")):
    return rebuild(found, own_sequence(found), known, matching)


@pytest.fixture
def rich():
    """A covered clip, a wipe, odd milliseconds, filters and a curve."""
    wipe = nouns.Transition("x", "wipe_left", Fraction(400), "c", "d")
    return sequence(
        shown(opacity=0.5),
        shown("d", Fraction(2000), 5000, 3000),
        shown("e", Fraction("3000.5"), 0, 500),
        transitions=(wipe,),
        filter_stacks=(nouns.FilterStack("f", nouns.Target("clip", "c"), (nouns.Filter("gamma", {"gamma": 2.0}),)),),
        automation=(
            nouns.Automation("m", nouns.Target("track", "t"), "opacity", (nouns.Keyframe(Fraction(0), 1),)),
            nouns.Automation("n", nouns.Target("sequence", "s"), "opacity", (nouns.Keyframe(Fraction(0), 1),)),
        ),
    )


def test_what_nobody_touched_comes_back_as_it_was(rich, written):
    found = written(rich)

    assert is_untouched(found, rich)
    rebuilt = back(found)
    assert snapshot.read(rebuilt.sequence).sequence == rich
    assert (rebuilt.untouched, rebuilt.unmatched, rebuilt.clips) == (True, (), 3)


def test_a_clip_whose_file_is_gone_goes_with_what_stands_on_it(rich, written):
    rebuilt = back(written(rich), known={"d": KNOWN["d"], "e": KNOWN["e"]})

    made = snapshot.read(rebuilt.sequence).sequence
    assert [clip.id for clip in made.clips] == ["d", "e"]
    assert (made.transitions, made.filter_stacks) == ((), ())
    assert [curve.target.type for curve in made.automation] == ["track", "sequence"]
    assert [(one.name, one.reason) for one in rebuilt.unmatched] == [("a", "Its file is not in Studio.")]


def moved(found, change):
    """The edit with its first track of pictures changed."""
    first, *rest = found.tracks
    return replace(found, tracks=(change(first), *rest))


def test_a_clip_that_was_trimmed_keeps_its_looks_and_its_filters(rich, written):
    def trim(track):
        first, *rest = track.clips
        return replace(track, clips=(replace(first, end=first.end - 10), *rest), joins=())

    found = moved(written(rich), trim)
    rebuilt = back(found)

    assert not is_untouched(found, rich)
    made = snapshot.read(rebuilt.sequence).sequence
    first = made.clips[0]
    # The wipe began at 1800 ms and was cut in its middle, at 2000; ten frames less are 1600.
    assert (first.in_ms, first.out_ms, first.opacity) == (1000, 2600, 0.5)
    assert [stack.target.id for stack in made.filter_stacks] == [first.id]


def test_a_removed_clip_is_gone_and_an_added_one_is_matched(rich, written):
    added = a_clip("Other.mov", 1, 200, 225)
    found = moved(written(rich), lambda track: replace(track, clips=(*track.clips[1:], added), joins=()))

    rebuilt = back(found, matching=lambda clip: Match("o", Fraction(1000), Fraction(9000)))

    made = snapshot.read(rebuilt.sequence).sequence
    other = made.clips[-1]
    assert other.content == nouns.MediaReference("o")
    assert (other.in_ms, other.out_ms, other.start_ms) == (1000, 2000, 8000)
    assert not made.filter_stacks


def test_a_clip_of_ours_whose_file_was_exchanged_is_matched_anew(rich, written):
    def relink(track):
        first, *rest = track.clips
        return replace(track, clips=(replace(first, media=FoundMedia("Other.mov")), *rest))

    rebuilt = back(moved(written(rich), relink))

    assert [(one.name, one.track, one.start_ms) for one in rebuilt.unmatched] == [("Other.mov", "video", 0)]


def plain(*tracks, rate=RATE):
    return Found("Cut", rate, tracks)


def to_file(clip):
    """The file that every clip means: its time is the clip's own."""
    return Match("a", clip.source * 1000, Fraction(10_000))


def test_a_foreign_edit_has_its_pictures_and_its_sound_apart():
    clip = a_clip(source=1)
    found = plain(FoundTrack("video", (clip,), name="V1"), FoundTrack("audio", (clip,), name="A1"))

    made = snapshot.read(rebuild(found, None, {}, to_file).sequence).sequence
    assert [(track.kind, track.muted, len(track.clips)) for track in made.tracks] == [
        ("video", True, 1), ("audio", False, 1),
    ]  # fmt: skip
    alone = rebuild(plain(FoundTrack("video", (clip,))), None, {}, to_file).sequence
    assert not alone["tracks"][0]["muted"]


def test_a_transition_lies_on_its_frames_by_an_overlap():
    clips = (a_clip(source=1, end=50), a_clip(source=5, at=50, end=100))
    found = plain(FoundTrack("video", clips, (FoundJoin(1, 5, 6, "made up"),)))

    made = snapshot.read(rebuild(found, None, {}, to_file).sequence).sequence
    first, second = made.clips
    assert (first.out_ms, second.in_ms, second.start_ms) == (3240, 4800, 1800)
    assert [(one.type, one.duration_ms) for one in made.transitions] == [("crossfade", 440)]


@pytest.mark.parametrize(
    ("join", "source"), [(FoundJoin(1, 0, 0), 5), (FoundJoin(1, 5, 5), Fraction(1, 25)), (FoundJoin(2, 5, 5), 5)]
)
def test_a_transition_without_length_media_or_clips_is_left_out(join, source):
    clips = (a_clip(source=1, end=50), a_clip(source=source, at=50, end=100))

    assert rebuild(plain(FoundTrack("video", clips, (join,))), None, {}, to_file).sequence["transitions"] == []


def test_a_clip_ends_with_its_file_at_the_latest():
    found = plain(FoundTrack("video", (a_clip(source=9, end=26), a_clip(source=10, at=30, end=40))))

    made = rebuild(found, None, {}, to_file).sequence["tracks"][0]["clips"]
    assert [clip["out_ms"] for clip in made] == [10_000]


def test_tracks_are_joined_in_order_and_transitions_find_their_clips():
    track = joined(
        "video",
        [a_clip(at=50, end=100), a_clip(at=0, end=50), a_clip(at=120, end=130)],
        [(120, FoundJoin(0, 1, 1)), (50, FoundJoin(0, 2, 3)), (0, FoundJoin(0, 1, 1))],
    )

    assert [clip.at for clip in track.clips] == [0, 50, 120]
    assert track.joins == (FoundJoin(1, 2, 3),)


@pytest.mark.parametrize("laid", [None, [], [0, 50, 90_025, "x"], [0, 50, 90_025, 25], [0, 50, 90_026, "25/1"]])
def test_bent_notes_of_ours_are_no_untouched_clip(laid):
    assert not is_as_laid(a_clip(own={"laid": laid, "file": "Interview.mov"}))
    assert is_as_laid(a_clip(own={"laid": [0, 50, 90_025, "25/1"], "file": "Interview.mov"}))


def test_bent_data_of_ours_are_refused(rich, written):
    found = written(rich)
    bent = replace(found, own={**found.own, "sequence": {"tracks": 7}})
    with pytest.raises(BadEdit, match="cannot be read"):
        own_sequence(bent)

    def unlaid(track):
        first, *rest = track.clips
        return replace(track, clips=(replace(first, end=30, own={**first.own, "laid": [0, 1, "x", "25/1"]}), *rest))

    with pytest.raises(BadEdit, match="was changed"):
        back(moved(found, unlaid))


def test_another_rate_of_the_timeline_is_a_touch(rich, written):
    assert not is_untouched(replace(written(rich), rate=NTSC_30), rich)


def test_cameras_and_titles_that_are_gone_are_named():
    camera = nouns.Clip("k", nouns.CameraReference("s", "B"), Fraction(10))
    title = nouns.Clip("w", nouns.Text("Hello"), Fraction(10))
    own = nouns.Sequence("s", RATE, tracks=(nouns.Track("t", "video", (camera, title)),))
    found = Found("", RATE, (), own={"sequence": snapshot.written(own), "tracks": 0})

    assert [one.name for one in back(found, known={}).unmatched] == ["Camera B", "text"]
