"""`manage.py sync_files` on real files: what it answers, and what it says when it cannot."""

import json
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from sync_app.management.commands import sync_files
from tests.support import media


def run(*args: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("sync_files", *map(str, args), stdout=out, stderr=err)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def refusal(*args: object) -> str:
    code, out, err = run(*args, "--json")
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    return err


def test_three_cameras_are_placed_on_the_first_ones_clock():
    shoot = media.three_cameras(seconds=16)

    code, out, _ = run(*shoot.paths.values(), "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["master"] == "A"
    assert set(answer["confidence"]) == {"B", "C"}
    assert answer["offsets_ms"]["A"] == 0
    for label in "BC":
        assert answer["offsets_ms"][label] == pytest.approx(shoot.offsets_ms[label], abs=1)
        assert answer["classification"][label] == "looks-good"


def test_two_runs_print_the_same_bytes():
    shoot = media.three_cameras(seconds=16)

    first, second = (run(*shoot.paths.values(), "--json") for _ in range(2))

    assert first == second


def test_a_file_without_a_partner_has_no_offset_and_no_confidence(tmp_path):
    shoot = media.three_cameras(seconds=16)
    silent = media.write_wav(tmp_path / "silent.wav", np.zeros(5 * media.RATE, np.float32))

    code, out, _ = run(shoot.paths["A"], shoot.paths["B"], silent, "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["offsets_ms"]["C"] is None
    assert answer["confidence"]["C"] is None
    assert answer["classification"]["C"] == "needs-manual-nudge"
    assert answer["warnings"]["C"]
    assert answer["classification"]["B"] == "looks-good"


def test_a_picture_without_sound_is_placed_by_hand_not_refused():
    shoot = media.three_cameras(seconds=16)
    mute = media.slate("mute.mp4", seconds=4, audio=None)

    code, out, _ = run(shoot.paths["A"], shoot.paths["B"], mute, "--json")

    answer = json.loads(out)
    assert code == 0
    assert answer["offsets_ms"]["C"] is None
    assert "sound" in answer["warnings"]["C"][0]


def test_the_words_for_people_name_offset_and_file():
    shoot = media.three_cameras(seconds=16)

    _, out, _ = run(*shoot.paths.values())

    assert "looks-good" in out
    assert shoot.paths["B"].name in out


def test_one_file_is_refused():
    assert "two files" in refusal(media.three_cameras(seconds=16).paths["A"])


def test_a_missing_file_is_refused_by_name(tmp_path):
    assert "gone.mp4 does not exist" in refusal(media.three_cameras(seconds=16).paths["A"], tmp_path / "gone.mp4")


def test_what_is_not_media_is_refused_by_name(tmp_path):
    letter = tmp_path / "letter.mp4"
    letter.write_text("Dear operator, this is no recording.")

    assert "letter.mp4" in refusal(media.three_cameras(seconds=16).paths["A"], letter)


def test_the_same_file_twice_is_refused():
    path = media.three_cameras(seconds=16).paths["A"]

    assert "same file" in refusal(path, path)


def test_a_copy_of_the_same_recording_is_refused(tmp_path):
    path = media.three_cameras(seconds=16).paths["A"]
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(path.read_bytes())

    assert "same bytes" in refusal(path, copy)


def test_a_master_that_is_not_there_is_refused():
    paths = media.three_cameras(seconds=16).paths

    assert "--master" in refusal(*paths.values(), "--master", "Q")


def test_the_clips_of_a_camera_are_placed_each_and_its_chapters_as_one(tmp_path):
    event = 0.5 * media.speech_like(40)

    def cut(name: str, start: int, end: int):
        return media.write_wav(tmp_path / name, event[start * media.RATE : end * media.RATE])

    master = cut("wide.wav", 0, 40)
    clips = [cut("230101_001.WAV", 3, 13), cut("230101_001_0001.WAV", 13, 23), cut("230101_002.WAV", 25, 38)]
    _, out, _ = run(master, "--camera", "B=" + ",".join(map(str, clips)), "--json")

    found = json.loads(out)
    assert {key: round(ms) for key, ms in found["offsets_ms"].items()} == {
        "A": 0,
        "B": 3000,
        "B.2": 13000,
        "B.3": 25000,
    }


def test_a_chapter_that_is_missing_is_named(tmp_path):
    event = 0.5 * media.speech_like(40)

    def cut(name: str, start: int, end: int):
        return media.write_wav(tmp_path / name, event[start * media.RATE : end * media.RATE])

    master = cut("wide.wav", 0, 40)
    clips = [cut("230101_001.WAV", 3, 13), cut("230101_001_0002.WAV", 20, 30)]
    _, out, _ = run(master, "--camera", "B=" + ",".join(map(str, clips)), "--json")

    found = json.loads(out)
    assert found["warnings"]["B"][0] == (
        "Between 230101_001.WAV and 230101_001_0002.WAV, chapter 2 is missing. Copy what is missing from the card."
    )
    assert {key: round(ms) for key, ms in found["offsets_ms"].items()} == {"A": 0, "B": 3000, "B.2": 20_000}


def test_the_tracks_of_a_take_are_one_clip_by_their_names_in_a_folder_or_with_a_plus(tmp_path):
    event = 0.5 * media.speech_like(16)
    master = media.write_wav(tmp_path / "wide.wav", event)
    (tmp_path / "Zoom").mkdir()
    heard = event[2 * media.RATE :]
    tracks = [
        media.write_wav(tmp_path / "Zoom" / f"ZOOM0001_{name}.WAV", sound)
        for name, sound in (("LR", 0 * heard), ("Tr1", heard[: -media.RATE]))
    ]

    _, out, _ = run(master, "--camera", f"B={tmp_path / 'Zoom'}", "--json")
    answer = json.loads(out)
    assert answer["offsets_ms"]["B"] == pytest.approx(2000, abs=1)
    assert (answer["heard"]["B"]["channels"], answer["heard"]["B"]["names"]) == ([2], ["TR1"])
    assert answer["warnings"]["B"][0].startswith("ZOOM0001_Tr1.WAV is 1.000 s shorter")
    assert "names" not in answer["heard"]["A"]

    assert sync_files.clips_of([], [f"B={tracks[0]}+{tracks[1]}"]) == sync_files.clips_of(
        [], [f"B={tmp_path / 'Zoom'}"]
    )
    gone = tmp_path / "ZOOM0001_Tr2.WAV"
    assert f"{gone} does not exist" in refusal(master, "--camera", f"B={tracks[0]}+{gone}")
    other = media.write_wav(tmp_path / "ZOOM0001_Tr3.WAV", heard, rate=44_100)
    assert "tracks of one take have one rate" in refusal(master, "--camera", f"B={tracks[0]}+{other}")
    (tmp_path / "empty").mkdir()
    assert "There are no recordings in" in refusal(master, "--camera", f"B={tmp_path / 'empty'}")


@pytest.mark.parametrize("given", ["B", "B=", "BB=x.wav", "b=x.wav", "B=x.wav,,y.wav"])
def test_a_camera_that_is_not_written_as_one_is_refused(given):
    assert "--camera is" in refusal("a.wav", "--camera", given)
