"""Switch points become shots: in order, without a gap, and refused by the point that cannot be shown."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from render_app.core.cut import Sound
from render_app.core.export.refusals import BeyondRange, ExportRefused, NoAngle, NotCovered, UnknownAngle
from render_app.core.export.switching import points_of, refuse_unknown, shots_of, uncovered
from render_app.core.export.timeline import Angle, refuse_uncovered, silent, timeline_of
from render_app.core.timeline.nouns import CameraReference

RATES = {Fraction(25)}


def shots(*points, start=0, end=1000):
    said = points_of([{"atMs": at, "angle": angle} for at, angle in points])
    return [
        (float(one.start_ms), float(one.end_ms), one.angle) for one in shots_of(said, Fraction(start), Fraction(end))
    ]


def angle(name: str, seen=((-100, 5000),), heard=None) -> Angle:
    heard = seen if heard is None else heard
    spans = [tuple((Fraction(a), Fraction(b)) for a, b in one) for one in (seen, heard)]
    return Angle(name, CameraReference("s", name), *spans)


def timeline(*points, angles=None, heard=None, end=1000):
    said = points_of([{"atMs": at, "angle": name} | dict(*more) for at, name, *more in points])
    known = angles or {name: angle(name) for name in "ABC"}
    return timeline_of(shots_of(said, said[0].at_ms, Fraction(end)), known, heard or Sound("A"), Fraction(25))


def test_points_count_in_the_order_of_their_times_and_the_angle_before_the_start_holds():
    assert shots((600, "C"), (-50, "A"), (10, "B"), start=0) == [(0, 10, "A"), (10, 600, "B"), (600, 1000, "C")]


def test_of_two_points_at_one_time_the_later_listed_counts_and_an_angle_that_stays_is_one_shot():
    assert shots((0, "A"), (500, "B"), (500, "C"), (700, "C")) == [(0, 500, "A"), (500, 1000, "C")]


def test_any_order_of_the_same_points_gives_the_same_shots_without_a_gap():
    draw = random.Random(1)
    points = [(draw.randrange(0, 999), draw.choice("ABC")) for _ in range(200)]
    points = [(0, "A"), *{at: (at, name) for at, name in points if at}.values()]
    first = shots(*points)
    draw.shuffle(points)
    assert shots(*points) == first
    assert all(a[1] == b[0] for a, b in pairwise(first))


@pytest.mark.parametrize(
    ("points", "error", "field"),
    [
        ([(10, "A")], NoAngle, "switchPoints[0].atMs"),
        ([(0, "A"), (1000, "B")], BeyondRange, "switchPoints[1].atMs"),
        ([(2000, "B"), (0, "A")], BeyondRange, "switchPoints[0].atMs"),
    ],
)
def test_a_point_that_cannot_be_shown_is_named(points, error, field):
    with pytest.raises(error) as refusal:
        shots(*points)
    assert refusal.value.field == field


def test_an_unknown_angle_is_named_with_those_that_there_are():
    with pytest.raises(UnknownAngle) as refusal:
        refuse_unknown(points_of([{"atMs": 0, "angle": "A"}, {"atMs": 1, "angle": "Z"}]), "AB")
    assert (refusal.value.field, refusal.value.details) == ("switchPoints[1].angle", {"choices": ["A", "B"]})


def test_a_camera_is_shown_only_while_it_was_recording_but_for_a_shot_without_a_frame():
    angles = {"A": angle("A"), "B": angle("B", ((0, 300), (301, 600)))}

    def refuse(*points):
        said = points_of([{"atMs": at, "angle": name} for at, name in points])
        refuse_uncovered(shots_of(said, Fraction(0), Fraction(1000)), angles, RATES)

    refuse((0, "A"), (200, "B"), (600, "A"))
    refuse((0, "A"), (900, "B"), (910, "A"))
    with pytest.raises(NotCovered) as refusal:
        refuse((0, "A"), (500, "B"))
    assert refusal.value.field == "switchPoints[1]"
    assert refusal.value.details == {"missingFromMs": 600, "missingToMs": 1000}


def test_what_is_missing_of_a_stretch_is_the_first_gap_in_it():
    there = [(Fraction(0), Fraction(10)), (Fraction(20), Fraction(30))]
    assert uncovered((Fraction(5), Fraction(25)), there, Fraction(1)) == (10, 20)
    assert uncovered((Fraction(-5), Fraction(5)), there, Fraction(1)) == (-5, 0)
    assert uncovered((Fraction(40), Fraction(50)), there, Fraction(1)) == (40, 50)
    assert uncovered((Fraction(21), Fraction(30)), there, Fraction(1)) is None


def test_the_sequence_begins_where_the_export_does_and_hears_one_angle_throughout():
    made = timeline((100, "A"), (400, "B"), heard=Sound("B", -3), end=900)
    picture, sound = made.tracks
    assert [(float(one.start_ms), float(one.in_ms), float(one.out_ms)) for one in picture.clips] == [
        (0, 100, 400), (300, 400, 900),
    ]  # fmt: skip
    assert (made.end_ms, picture.muted, sound.volume_db) == (800, True, -3)
    [clip] = sound.clips
    assert (clip.content.camera_label, clip.in_ms, clip.out_ms, clip.start_ms) == ("B", 100, 900, 0)


def test_what_follows_is_the_sound_of_the_shots_and_a_mix_is_no_louder_than_one_of_them():
    assert [track.muted for track in timeline((0, "A"), heard=Sound("follow", 2)).tracks] == [False]
    angles = {name: angle(name) for name in "AB"} | {"B.2": Angle("B.2", CameraReference("s", "B.2"), (), (), False)}
    mixed = timeline((0, "A"), angles=angles, heard=Sound("mix")).tracks
    assert [track.id for track in mixed] == ["picture", "audio.A", "audio.B"]
    assert mixed[1].volume_db == pytest.approx(-6.02, abs=0.01)
    quiet = {"A": angle("A", heard=())}
    assert [track.id for track in timeline((0, "A"), angles=quiet, heard=Sound("mix")).tracks] == ["picture"]


def test_a_sound_that_there_is_not_is_refused_and_one_that_ends_early_is_known():
    angles = {"A": angle("A"), "B": angle("B", heard=((0, 500),)), "C": angle("C", heard=())}
    for source in ("Z", "C"):
        with pytest.raises(ExportRefused) as refusal:
            timeline((0, "A"), angles=angles, heard=Sound(source))
        assert refusal.value.field == "audio.source"
    assert timeline((0, "A"), angles=angles, heard=Sound("B")).tracks[1].clips[0].out_ms == 500
    assert silent(angles["B"], (Fraction(0), Fraction(900))) == (500, 900)


def test_a_transition_joins_the_two_shots_at_its_point():
    fade = {"transition": {"type": "crossfade", "durationMs": 200}}
    made = timeline((0, "A"), (400, "B", fade), (600, "C", {"transition": {"type": "dip_to_black"}}))
    assert [(one.type, one.duration_ms, one.from_clip_id, one.to_clip_id) for one in made.transitions] == [
        ("crossfade", 200, "switchPoints[0]", "switchPoints[1]"),
        ("dip_to_black", 800, "switchPoints[1]", "switchPoints[2]"),
    ]
