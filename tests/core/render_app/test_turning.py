"""Plain files of an edit that came back → shots of a session's cameras, and which of them stay files."""

from fractions import Fraction

import pytest

from render_app.core.edit.angle import AngleSegment
from render_app.core.exchange.rebuilding import Rebuilt
from render_app.core.exchange.turning import as_cameras

#: B started 1003 ms after A, a recorder 500 ms before it.
B_MS, R_MS = 1003.0, -500.0


@pytest.fixture
def shoot(edit, angle, recorder):
    """A, the master, B and a recorder, at 25 frames a second."""

    def make(**of_b):
        long = {"duration_ms": 100_000, "frames": 2500}
        return edit(
            angle("A", asset_id="a", **long),
            angle("B", asset_id="b", offset_ms=B_MS, **long | of_b),
            recorder("R", asset_id="r", offset_ms=R_MS, duration_ms=100_000),
        )

    return make


def clip(asset, start, length=2000, origin=10_000, late=0, **fields):
    """A file's clip as it lies in the shoot where the edit begins at `origin`, on whole frames of the file; `late`: frames further in it."""
    offset = {"a": 0, "b": B_MS, "r": R_MS}.get(asset, 0)
    inside = Fraction(origin + start - int(offset))
    if asset != "r":
        inside = inside // 40 * 40
    begin = float(inside + 40 * late)
    times = {"in_ms": begin, "out_ms": begin + length, "start_ms_on_timeline": start}
    return {"id": f"{asset}-{start}", "asset_id": asset, "volume_db": 0, "speed": 1, **times, **fields}


def edited(*tracks, transitions=()):
    rows = [
        {
            "id": f"t{number}",
            "kind": kind,
            "order": number,
            "muted": kind == "video" and len(tracks) > 1,
            "clips": list(clips),
        }
        for number, (kind, *clips) in enumerate(tracks)
    ]
    sequence = {"id": "s", "name": "Cut", "timebase": "25/1", "tracks": rows, "transitions": list(transitions)}
    return Rebuilt(sequence, (), ())


def shots(track):
    """What each clip of a track shows: a camera's label or a file, and from when to when on its clock."""
    return [(one.get("camera_label", one.get("asset_id")), one["in_ms"], one["out_ms"]) for one in track["clips"]]


def test_files_in_step_are_cameras_and_pieces_of_one_are_one(shoot):
    made = as_cameras(edited(("video", clip("a", 0), clip("b", 2000, 1000), clip("b", 3000), clip("a", 5000))), shoot())

    (track,) = made.sequence["tracks"]
    assert shots(track) == [("A", 10_000, 12_000), ("B", 12_000, 15_000), ("A", 15_000, 17_000)]
    assert {one["session_id"] for one in track["clips"]} == {shoot().session_id}
    said = "4 of 4 clips are shots of the session's cameras; the edit begins at +10.000 s on the master's clock."
    assert made.notes == (said,)


def test_what_lies_elsewhere_stays_a_file_and_is_named(shoot):
    pieces = (clip("a", 0), clip("b", 2000), clip("b", 4000, late=5), clip("x", 6000), clip("a", 8000, speed=0.5))
    made = as_cameras(edited(("video", *pieces)), shoot())

    assert [one[0] for one in shots(made.sequence["tracks"][0])] == ["A", "B", "b", "x", "a"]
    assert made.notes == (
        "2 of 5 clips are shots of the session's cameras; the edit begins at +10.000 s on the master's clock.",
        "Camera B (clip B.mov) at 4.00 s stays a file: it begins 5 frames later in its file than the sync has it there.",
        "A file at 6.00 s stays a file: it is not in the approved sync.",
        "Camera A (clip A.mov) at 8.00 s stays a file: it plays 0.5 times as fast.",
    )


def test_a_clip_across_a_pause_of_its_camera_stays_a_file(shoot):
    """B was paused for 3 s at 12 s of its file: its second piece lies later on the master's clock."""
    paused = shoot(segments=(AngleSegment(0, 12_000, B_MS), AngleSegment(12_000, 100_000, B_MS + 3000)))
    across, behind = clip("b", 2000), clip("b", 8000, late=-75)
    made = as_cameras(edited(("video", clip("a", 0), across, clip("a", 4000), behind)), paused)

    assert shots(made.sequence["tracks"][0])[1][0] == "b"
    assert shots(made.sequence["tracks"][0])[3] == ("B", 18_000, 20_000)
    assert made.notes[1:] == ("Camera B (clip B.mov) at 2.00 s stays a file: it lies across a pause of its camera.",)


def test_an_edit_in_which_nothing_is_in_step_stays_as_it_is(shoot):
    sent = edited(("video", clip("a", 0), clip("b", 2000, late=9), clip("a", 4000, late=-9)))
    made = as_cameras(sent, shoot())

    assert made.sequence is sent.sequence
    assert len(made.notes) == 3
    assert all("no two clips lie beside each other" in one for one in made.notes)


def test_what_drifted_or_was_cut_a_frame_off_is_put_in_step(shoot):
    """Forty seconds at 1000 ppm are a frame, which programs do not undo."""
    made = as_cameras(
        edited(("video", clip("a", 0), clip("b", 2000, 40_000), clip("b", 42_000, late=1))), shoot(drift_ppm=1000.0)
    )

    assert [one[0] for one in shots(made.sequence["tracks"][0])] == ["A", "B"]
    assert "1 of them were up to 2 frames out of sync; they are in sync now." in made.notes


def test_sound_that_is_that_of_the_pictures_is_theirs_and_another_stays(shoot):
    pictures = (clip("a", 0), clip("b", 2000))
    recorder = clip("r", 0, 4000)
    made = as_cameras(edited(("video", *pictures), ("audio", *pictures), ("audio", recorder)), shoot())

    kinds = [(track["kind"], track["muted"], shots(track)) for track in made.sequence["tracks"]]
    assert kinds == [
        ("video", False, [("A", 10_000, 12_000), ("B", 12_000, 14_000)]),
        ("audio", False, [("R", 10_000, 14_000)]),
    ]
    half = as_cameras(edited(("video", *pictures), ("audio", clip("a", 0, 1000))), shoot())
    assert [(track["kind"], track["muted"]) for track in half.sequence["tracks"]] == [("video", True), ("audio", False)]


def test_a_transition_keeps_its_clips_whole(shoot):
    """A dissolve between two pieces of one camera keeps them apart, and one behind a merged pair finds it."""
    first, second, third = clip("b", 0), clip("b", 2000), clip("a", 4000)
    fades = [
        {"id": "x", "type": "crossfade", "duration_ms": 400, "from_clip_id": second["id"], "to_clip_id": third["id"]}
    ]
    (track,) = as_cameras(edited(("video", first, second, third), transitions=fades), shoot()).sequence["tracks"]
    whole = as_cameras(edited(("video", first, second, third), transitions=fades), shoot()).sequence["transitions"]
    assert len(track["clips"]) == 2
    assert [(one["from_clip_id"], one["to_clip_id"]) for one in whole] == [(first["id"], third["id"])]

    between = [{**fades[0], "from_clip_id": first["id"], "to_clip_id": second["id"]}]
    kept = as_cameras(edited(("video", first, second, third), transitions=between), shoot()).sequence
    assert (len(kept["tracks"][0]["clips"]), kept["transitions"]) == (3, between)
