"""A cut: on frames, in order, and the same again after it lay in a sequence."""

from dataclasses import replace
from fractions import Fraction

import pytest

from render_app.core import cut as cuts
from render_app.core.cut import Cameras, Cut, CutRefused, Join, NotACut, Sound, Switch, Title, laying, normalized
from render_app.core.export import switching
from render_app.core.export import timeline as exported
from render_app.core.timeline import snapshot
from render_app.core.timeline.nouns import CameraReference

SESSION = "0b5f9c2e-6a1d-4c3b-9e57-000000000001"
NTSC = Fraction(30000, 1001)
WHOLE = (Fraction(-2000), Fraction(60_000))
CAMERAS = Cameras({"A": WHOLE, "B": WHOLE}, {"A": WHOLE, "B": (Fraction(1000), Fraction(9000)), "R": WHOLE})


def a_cut(*switches: Switch, **fields) -> Cut:
    switches = switches or (Switch(Fraction(0), "A"), Switch(Fraction(4000), "B"))
    return Cut(**{"start_ms": Fraction(0), "end_ms": Fraction(10_000), "switches": switches, **fields})


def sequence_of(cut: Cut, *more: dict, rate: str = "25") -> dict:
    """A normalized cut as a snapshot, with more tracks."""
    tracks, transitions = [], []
    for number, lane in enumerate(laying.lanes_of(cut, SESSION, CAMERAS)):
        clips = [{"id": f"{number}.{at}", **clip} for at, clip in enumerate(lane.clips)]
        tracks.append({"id": str(number), **lane.fields, "clips": clips})
        transitions += [
            {
                "type": one.type,
                "duration_ms": float(one.duration_ms),
                "from_clip_id": f"0.{at - 1}",
                "to_clip_id": f"0.{at}",
            }
            for at, one in enumerate(lane.joins)
            if one
        ]
    return {"timebase": rate, "tracks": [*tracks, *more], "transitions": transitions, "meta": laying.meta_of(cut)}


def again(cut: Cut, **options) -> Cut | None:
    return laying.cut_of(snapshot.read(sequence_of(cut, **options)).sequence, SESSION)


def test_points_fall_on_frames_in_order_and_of_two_on_one_frame_the_last_counts():
    sent = a_cut(Switch(Fraction(4019), "B"), Switch(Fraction(-7), "A"), Switch(Fraction(4001), "A"))

    points = normalized(sent, Fraction(25), CAMERAS).switches

    assert [(one.at_ms, one.angle) for one in points] == [(0, "A"), (4000, "B")]


def test_a_time_of_ntsc_is_on_its_frame_to_the_nanosecond():
    one = normalized(a_cut(Switch(Fraction(0), "A"), Switch(Fraction(3337), "B")), NTSC, CAMERAS).switches[1]

    assert one.at_ms == Fraction(3_336_666_667, 1_000_000)
    assert cuts.on_frame(one.at_ms, NTSC) == one.at_ms


def test_the_angle_in_force_before_the_range_holds_at_its_start():
    cut = a_cut(Switch(Fraction(-1000), "B"), Switch(Fraction(2000), "A"), start_ms=Fraction(400))

    shots = cuts.shots(normalized(cut, Fraction(25), CAMERAS))

    assert [(one.angle, one.start_ms, one.end_ms) for one in shots] == [("B", 400, 2000), ("A", 2000, 10_000)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"end_ms": Fraction(10)}, "range.endMs"),
        ({"switches": (Switch(Fraction(40), "A"),)}, "switchPoints"),
        ({"switches": (Switch(Fraction(0), "A"), Switch(Fraction(40), "Z"))}, "switchPoints[1].angle"),
        ({"switches": (Switch(Fraction(0), "R"),)}, "switchPoints[0].angle"),
        ({"sound": Sound("Q")}, "audio.source"),
    ],
)
def test_a_cut_that_cannot_be_kept_names_the_field(fields, field):
    with pytest.raises(CutRefused) as refused:
        normalized(replace(a_cut(), **fields), Fraction(25), CAMERAS)

    assert refused.value.field == field


@pytest.mark.parametrize("sound", [Sound(), Sound("follow", -3.0), Sound("B", 2.5), Sound("mix", -1.0), Sound("R")])
@pytest.mark.parametrize("rate", ["25", "30000/1001", "60000/1001"])
def test_a_cut_is_the_same_after_it_lay_in_a_sequence(sound, rate):
    points = [
        Switch(Fraction(n * 700), "AB"[n % 2], Join("crossfade", Fraction(200)) if n % 3 == 0 else None)
        for n in range(20)
    ]
    titles = (
        Title("Opening", Fraction(500), Fraction(2500)),
        Title("Two\nlines", Fraction(-900), Fraction(1300), {"size": 90.0}),
    )
    sent = a_cut(*points, start_ms=Fraction(1000), end_ms=Fraction(9000), sound=sound, titles=titles)
    cut = normalized(sent, Fraction(rate), CAMERAS)

    found = again(cut, rate=rate)

    assert found is not None
    assert normalized(found, Fraction(rate), CAMERAS) == cut


def test_titles_and_points_outside_the_range_come_back():
    late = Title("Credits", Fraction(20_000), Fraction(22_000), {"text_preset": "credits"})
    cut = normalized(
        a_cut(Switch(Fraction(0), "A"), Switch(Fraction(30_000), "B"), titles=(late,)), Fraction(25), CAMERAS
    )

    found = again(cut)

    assert found == cut


def test_a_camera_is_heard_while_it_recorded_and_remembered_while_it_did_not():
    cut = normalized(a_cut(sound=Sound("B")), Fraction(25), CAMERAS)
    heard = laying.lanes_of(cut, SESSION, CAMERAS)[1]
    assert [heard.clips[0][name] for name in ("in_ms", "out_ms", "start_ms_on_timeline")] == [1000, 9000, 1000]

    before = normalized(a_cut(end_ms=Fraction(800), sound=Sound("B")), Fraction(25), CAMERAS)
    assert len(laying.lanes_of(before, SESSION, CAMERAS)) == 1
    assert again(before) == before


def test_what_a_sequence_remembers_is_taken_only_where_it_is_a_cut():
    data = sequence_of(normalized(a_cut(), Fraction(25), CAMERAS))
    rubbish = {"atMs": "x", "angle": 3}, {"atMs": 99_000, "angle": "B", "transition": {"durationMs": 3}}, 7
    data["meta"] = {
        "cut": {
            "switchPoints": rubbish and list(rubbish),
            "titles": [{"text": 1}, {"text": "x", "startMs": 2, "endMs": 1}],
        }
    }

    found = laying.cut_of(snapshot.read(data).sequence, SESSION)

    assert found is not None
    assert [one.at_ms for one in found.switches] == [0, 4000, 99_000]
    assert found.titles == ()
    data["meta"] = {"cut": {"switchPoints": "x"}}
    assert laying.cut_of(snapshot.read(data).sequence, SESSION) is not None
    data["meta"] = {"cut": 3}
    assert laying.cut_of(snapshot.read(data).sequence, SESSION) is not None


def test_a_sequence_without_clips_is_no_cut_yet():
    assert laying.cut_of(snapshot.read({"timebase": 25}).sequence, SESSION) is None


def _camera(label: str, start: float, end: float, at: float, **more) -> dict:
    return {
        "session_id": SESSION,
        "camera_label": label,
        "in_ms": start,
        "out_ms": end,
        "start_ms_on_timeline": at,
        **more,
    }


@pytest.mark.parametrize(
    "clips",
    [
        [_camera("A", 0, 1000, 0), _camera("B", 1500, 2000, 1000)],
        [_camera("A", 0, 1000, 0), _camera("B", 1500, 2000, 1500)],
        [_camera("A", 0, 1000, 0, speed=0.5)],
        [_camera("A", 0, 1000, 0) | {"session_id": "other"}],
    ],
    ids=["slipped", "gap", "slow", "another session's"],
)
def test_what_the_words_of_a_cut_do_not_have_is_refused(clips):
    data = {"timebase": 25, "tracks": [{"kind": "video", "clips": clips}]}

    with pytest.raises(NotACut):
        laying.cut_of(snapshot.read(data).sequence, SESSION)


def test_a_file_beside_the_cameras_is_no_cut():
    beside = {"id": "f", "kind": "video", "order": 5, "clips": [{"asset_id": "7", "out_ms": 5}]}
    data = sequence_of(normalized(a_cut(), Fraction(25), CAMERAS), beside)

    with pytest.raises(NotACut, match="other files"):
        laying.cut_of(snapshot.read(data).sequence, SESSION)


def test_a_sound_that_changes_cameras_by_itself_is_no_cut():
    sound = {"id": "m", "kind": "audio", "order": -1, "clips": [_camera("A", 0, 500, 0), _camera("B", 500, 1000, 500)]}
    picture = {"id": "p", "kind": "video", "muted": True, "clips": [_camera("A", 0, 1000, 0)]}
    data = {"timebase": 25, "tracks": [picture, sound]}

    with pytest.raises(NotACut, match="changes cameras on its own"):
        laying.cut_of(snapshot.read(data).sequence, SESSION)


def test_a_clip_of_one_recording_of_a_camera_is_that_camera():
    data = {"timebase": 25, "tracks": [{"kind": "video", "clips": [_camera("B.2", 0, 1000, 0)]}]}

    found = laying.cut_of(snapshot.read(data).sequence, SESSION)

    assert found is not None
    assert found.switches == (Switch(Fraction(0), "B"),)


def test_a_beginning_is_one_camera_all_along():
    cut = cuts.beginning(Fraction(0), Fraction(5000), "A")

    assert [one.angle for one in cuts.shots(normalized(cut, Fraction(25), CAMERAS))] == ["A"]


@pytest.mark.parametrize("sound", [Sound("follow", -2), Sound("mix", 1), Sound("B", 3)])
def test_a_cut_lies_in_a_project_as_it_does_in_an_export(sound):
    asked = [
        {"atMs": 0, "angle": "A"},
        {"atMs": 4000, "angle": "B", "transition": {"type": "crossfade"}},
        {"atMs": 6000, "angle": "A"},
    ]
    points = switching.points_of(asked)
    angles = {
        label: exported.Angle(label, CameraReference(SESSION, label), (WHOLE,), (span,))
        for label, span in CAMERAS.heard.items()
    }

    shots = switching.shots_of(points, Fraction(0), Fraction(10_000))
    export = exported.timeline_of(shots, angles, sound, Fraction(25))
    project = snapshot.read(sequence_of(normalized(a_cut(*points, sound=sound), Fraction(25), CAMERAS))).sequence

    assert _as_laid(export) == _as_laid(project)
    assert [(one.type, one.duration_ms) for one in export.transitions] == [
        (one.type, one.duration_ms) for one in project.transitions
    ]


def _as_laid(sequence) -> list:
    tracks = sorted(sequence.tracks, key=lambda one: (one.kind, tuple(str(clip.content) for clip in one.clips)))
    return [
        (one.kind, one.muted, one.volume_db, [(c.content, c.in_ms, c.out_ms, c.start_ms) for c in one.clips])
        for one in tracks
    ]
