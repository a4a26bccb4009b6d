"""Copied packets held against the originals: what was written as they were copied, and what a decoder says where pieces meet."""

from fractions import Fraction
from typing import Any

import pytest

from media_app.making.workspace import Workspace
from render_app.core.plan.copying import PACKET_HASHES
from render_app.making import copied
from tests.support import media

FRAMES = 50


@pytest.fixture(scope="module")
def camera():
    return media.slate("copied.mp4", seconds=2, size=(160, 90), video=media.camera_codec(gop=10), audio=None)


@pytest.fixture
def film(camera, tmp_path) -> dict[str, Any]:
    """A film that is all of a camera, with the hashes of its packets as a copy leaves them: read half a frame late."""
    args = ["-i", str(camera), "-output_ts_offset", "-0.02", "-c", "copy", *PACKET_HASHES, str(tmp_path / "a.framemd5")]
    media.run_ffmpeg(*args)
    part = {"hashes": "a.framemd5", "frames": FRAMES, "start": 0, "first_s": 0.0}
    return {"expected": {"fps": "25", "frames": FRAMES}, "copied": [part]}


def test_a_film_of_the_originals_packets_has_no_fault(film, camera, tmp_path):
    assert copied.faults(film, camera, Workspace(tmp_path)) == []


def test_packets_of_another_take_are_not_the_originals(film, tmp_path):
    other = media.slate(
        "other.mp4", seconds=2, size=(160, 90), video=media.camera_codec(gop=10), audio=None, flash_phase=0.3
    )
    said = copied.faults(film, other, Workspace(tmp_path))
    assert said == ["the packets copied from 0.000 s on are not the original's"]


def test_a_copy_that_began_at_another_keyframe_is_noticed(film, camera, tmp_path):
    hashes = tmp_path / "a.framemd5"
    late = ["-ss", "0.42", "-i", str(camera), "-copyts", "-c", "copy", *PACKET_HASHES, str(hashes)]
    media.run_ffmpeg(*late)
    assert copied.faults(film, camera, Workspace(tmp_path)) == ["the keyframe at 0.000 s was not found"]
    hashes.unlink()
    assert copied.faults(film, camera, Workspace(tmp_path)) == ["the keyframe at 0.000 s was not found"]


def test_frames_off_their_ticks_are_noticed(film, camera, tmp_path):
    slow = {**film, "expected": {"fps": "24", "frames": FRAMES}}
    assert "its frames are not on the ticks of its rate" in copied.faults(slow, camera, Workspace(tmp_path))


def test_a_place_where_a_decoder_stumbles_is_named(camera, tmp_path, monkeypatch):
    broken = tmp_path / "broken.mp4"
    damage = "noise=amount=if(between(n\\,30\\,34)\\,3\\,0)"
    media.run_ffmpeg("-i", str(camera), "-c", "copy", "-bsf:v", damage, str(broken))
    monkeypatch.setattr(copied, "NEAR_S", Fraction(1, 25))
    film = {"copied": [{"start": 0, "frames": 1}, {"start": 30, "frames": 1}]}

    [said] = copied._messages(film, broken, Fraction(25), Workspace(tmp_path))

    assert said.startswith("a decoder says near 1.160 s: ")
