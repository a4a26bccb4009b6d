"""Clips against what their media have, and transitions with their handles."""

from fractions import Fraction

import pytest

from render_app.core.timeline import refusals, snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import MediaFacts, Span, check_media
from render_app.core.timeline.nouns import CameraReference, MediaReference

RATE = Fraction(25)


def span(start, end):
    return Span(Fraction(start), Fraction(end))


def facts(name="a.mov", spans=((0, 10_000),), **more):
    return MediaFacts(
        name, **{"has_picture": True, "has_sound": True, **more}, spans=tuple(span(*one) for one in spans)
    )


MEDIA = {
    MediaReference("m"): facts(),
    MediaReference("sound"): facts("voice.wav", has_picture=False),
    MediaReference("still"): facts("title.png", spans=(), has_sound=False),
    MediaReference("waiting"): facts("new.mov", fault="It is still being ingested."),
    CameraReference("shoot", "B"): facts("Camera B", spans=((-500, 4000), (6000, 9000))),
}


def sequence(*clips, kind="video", transitions=()):
    rows = [{"id": "abcdef"[number], "asset_id": "m", **clip} for number, clip in enumerate(clips)]
    transitions = [{"id": f"x{number}", "type": "crossfade", **one} for number, one in enumerate(transitions)]
    return snapshot.read(
        {"id": "s", "timebase": 25, "tracks": [{"id": "t", "kind": kind, "clips": rows}], "transitions": transitions}
    ).sequence


def blend(first, second, duration_ms=400):
    transition = {"from_clip_id": "a", "to_clip_id": "b", "duration_ms": duration_ms}
    return lay_transitions(sequence(first, second, transitions=[transition]), MEDIA, RATE)[0]


def test_a_clip_may_use_its_medium_to_the_last_millisecond():
    assert check_media(sequence({"out_ms": 10_000}), MEDIA) == ()
    assert check_media(sequence({"asset_id": "still", "out_ms": 10**8}), MEDIA) == ()


@pytest.mark.parametrize(
    ("clip", "error", "field"),
    [
        ({"out_ms": 10_002}, refusals.BeyondMedia, "out_ms"),
        ({"asset_id": "none", "out_ms": 1}, refusals.UnknownMedia, "asset_id"),
        ({"asset_id": "waiting", "out_ms": 1}, refusals.WrongMedia, "asset_id"),
        ({"asset_id": None, "session_id": "shoot", "camera_label": "B", "in_ms": -600, "out_ms": 1}, refusals.BeyondMedia, "in_ms"),
        ({"asset_id": None, "session_id": "shoot", "camera_label": "C", "out_ms": 1}, refusals.UnknownMedia, "camera_label"),
    ],
)  # fmt: skip
def test_a_clip_beyond_its_medium_is_refused_with_how_much_there_is(clip, error, field):
    with pytest.raises(error) as refused:
        check_media(sequence(clip), MEDIA)

    assert (refused.value.field, refused.value.details["clip_id"]) == (field, "a")
    if error is refusals.BeyondMedia:
        assert refused.value.details["available_to_ms"] in (10_000, 9000)


def test_a_clip_without_picture_or_sound_or_across_a_pause_is_noticed():
    pause = {"asset_id": None, "session_id": "shoot", "camera_label": "B", "in_ms": 3000, "out_ms": 7000}

    noticed = [*check_media(sequence({"asset_id": "sound", "out_ms": 9}, pause), MEDIA)]
    noticed += check_media(sequence({"asset_id": "still", "out_ms": 9}, kind="audio"), MEDIA)

    assert [(one.code, one.place.id) for one in noticed] == [("no_picture", "a"), ("media_gap", "b"), ("no_sound", "a")]


def test_with_enough_overlap_a_transition_starts_where_its_second_clip_does():
    found = blend({"out_ms": 10_000}, {"out_ms": 5000, "start_ms_on_timeline": 9000})

    assert (found.start, found.end, found.clamped_from_ms, found.notice) == (225, 235, None, None)
    assert (found.start_ms, found.duration_ms) == (9000, 400)


def test_at_a_cut_it_is_centered_and_takes_handles_from_both():
    found = blend({"out_ms": 5000}, {"in_ms": 1000, "out_ms": 5000, "start_ms_on_timeline": 5000})

    assert (found.start, found.end, found.clamped_from_ms) == (120, 130, None)


def test_with_some_overlap_it_is_centered_on_its_middle():
    found = blend({"out_ms": 5200}, {"in_ms": 1000, "out_ms": 5000, "start_ms_on_timeline": 5000})

    assert (found.start, found.end) == (123, 133), "5100 ± 200 ms is 122.5 to 132.5, halves up"


@pytest.mark.parametrize(
    ("first", "second", "frames"),
    [
        ({"out_ms": 10_000}, {"in_ms": 1000, "out_ms": 5000, "start_ms_on_timeline": 10_000}, (245, 250)),
        ({"out_ms": 5000}, {"out_ms": 5000, "start_ms_on_timeline": 5000}, (125, 130)),
        ({"out_ms": 5000}, {"in_ms": 80, "out_ms": 5000, "start_ms_on_timeline": 5000}, (123, 130)),
        ({"out_ms": 5000}, {"in_ms": 80, "out_ms": 5000, "start_ms_on_timeline": 5000, "speed": 2}, (124, 130)),
        ({"in_ms": 4920, "out_ms": 5000}, {"in_ms": 900, "out_ms": 5000, "start_ms_on_timeline": 80}, (0, 7)),
    ],
    ids=["no tail", "no head", "a short head", "a short head, fast", "a short first clip"],
)
def test_what_the_media_lack_shortens_it_and_is_noticed(first, second, frames):
    found = blend(first, second)

    assert (found.start, found.end) == frames
    assert found.clamped_from_ms == 400
    assert found.notice.code == "transition_clamped"
    assert found.notice.as_json["transition_id"] == "x0"


def test_a_still_picture_has_handles_without_end():
    still = {"asset_id": "still", "out_ms": 1000}

    assert blend(still, {**still, "start_ms_on_timeline": 1000}).frames == 10


@pytest.mark.parametrize(
    ("first", "second", "duration", "field"),
    [
        ({"out_ms": 10_000}, {"out_ms": 500, "start_ms_on_timeline": 10_000}, 400, "duration_ms"),
        ({"out_ms": 1000}, {"in_ms": 500, "out_ms": 900, "start_ms_on_timeline": 1040}, 400, "to_clip_id"),
        ({"out_ms": 1000}, {"in_ms": 500, "out_ms": 900, "start_ms_on_timeline": 1000}, 10, "duration_ms"),
        ({"out_ms": 1000, "start_ms_on_timeline": 500}, {"out_ms": 1000}, 400, "to_clip_id"),
    ],
    ids=["neither overlap nor handles", "a gap", "shorter than a frame", "the wrong order"],
)
def test_where_there_is_nothing_to_blend_it_is_refused_by_its_id(first, second, duration, field):
    with pytest.raises(refusals.TimelineRefused) as refused:
        blend(first, second, duration)

    assert (refused.value.field, refused.value.details["transition_id"]) == (field, "x0")


def test_two_transitions_do_not_cross_on_a_clip():
    clips = [
        {"out_ms": 4000},
        {"in_ms": 2000, "out_ms": 2300, "start_ms_on_timeline": 4000},
        {"in_ms": 2000, "out_ms": 4000, "start_ms_on_timeline": 4300},
    ]
    transitions = [{"from_clip_id": a, "to_clip_id": b, "duration_ms": 400} for a, b in ("ab", "bc")]

    with pytest.raises(refusals.Contradiction) as refused:
        lay_transitions(sequence(*clips, transitions=transitions), MEDIA, RATE)

    assert refused.value.details == {"transition_id": "x1", "clip_id": "b"}
