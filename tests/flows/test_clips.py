"""Cameras that stop and start: their clips and chapters through upload, ingest and sync, with real ffmpeg and sound."""

from pathlib import Path

import pytest

from media_app import jobs
from sync_app.models import SyncResult
from tests.support import media
from tests.support.factories import Api, a_session

pytestmark = pytest.mark.django_db(transaction=True)
RATE = media.RATE


def run_all() -> None:
    while run := jobs.claim("tester"):
        with run:
            run.execute()


def sender(session):
    """Sends one clip's file through the API."""
    api = Api()

    def send(label: str, clip: int, path: Path, name: str) -> dict:
        return api.upload(session.pk, label, path.read_bytes(), name, contentType="audio/wav", clip=clip)

    return send


@pytest.fixture
def event():
    return 0.5 * media.speech_like(66)


@pytest.fixture
def recording(event, tmp_path):
    def write(start_s: float, seconds: float) -> Path:
        sound = event[round(start_s * RATE) : round((start_s + seconds) * RATE)]
        return media.write_wav(tmp_path / f"{start_s}.wav", sound)

    return write


def test_chapters_stand_on_one_line_and_clips_each_on_their_own(recording):
    session = a_session()
    send = sender(session)
    send("A", 1, recording(0, 60), "wide.wav")
    # Sent in the wrong order: the names say which is first.
    send("B", 2, recording(24, 16), "230101_001_0001.WAV")
    send("B", 1, recording(4, 20), "230101_001.WAV")
    send("B", 3, recording(45, 15), "230101_002.WAV")
    run_all()

    session.refresh_from_db()
    result = SyncResult.objects.current().get(session=session)
    assert session.status == "needs-review"
    assert session.status_reason == ""
    continued = {asset.camera_key: asset.continues and asset.continues.camera_key for asset in session.assets.all()}
    assert continued == {"A": None, "B": None, "B.2": "B", "B.3": None}
    assert {key: round(result.offsets_ms[key]) for key in ("B", "B.2", "B.3")} == {
        "B": 4000,
        "B.2": 24000,
        "B.3": 45000,
    }
    # One recording, one line: to the tenth of a microsecond that is kept.
    ppm = result.drift_ppm["B"]
    assert result.offsets_ms["B.2"] == pytest.approx(result.offsets_ms["B"] + 20_000 * (1 + ppm * 1e-6), abs=2e-3)
    assert result.camera("B.2").continues == "B"
    assert set(result.debug_artifacts) == {"B", "B.2", "B.3"}


def test_the_chapters_of_the_master_follow_it_without_a_score(recording):
    session = a_session(preferred_master="A")
    send = sender(session)
    send("A", 1, recording(0, 30), "ZOOM0001_LR.WAV")
    send("A", 2, recording(30, 30), "ZOOM0001_LR-0001.WAV")
    send("B", 1, recording(10, 40), "close.wav")
    run_all()

    result = SyncResult.objects.current().get(session=session)
    assert (result.master_camera, result.offsets_ms["A.2"], round(result.offsets_ms["B"])) == ("A", 30000.0, 10000)
    assert set(result.confidence) == {"B"}
    assert [camera.key for camera in result.others] == ["B"]


def test_one_recording_in_chapters_alone_cannot_be_compared_with_itself(recording):
    session = a_session()
    send = sender(session)
    send("A", 1, recording(0, 10), "230101_001.WAV")
    send("A", 2, recording(10, 10), "230101_001_0001.WAV")
    run_all()

    session.refresh_from_db()
    assert session.status == "needs-review"
    assert "two" in session.status_reason


def film(name: str, seconds: float, created: str, **more) -> Path:
    return media.slate(name, seconds=seconds, output=("-metadata", f"creation_time={created}"), **more)


@pytest.mark.parametrize(
    ("created", "size", "says"),
    [
        ("2023-05-01T10:00:04Z", (320, 180), ""),
        ("2023-05-03T17:00:00Z", (320, 180), "by its time of creation it was recorded 55:00:00.000 after that one"),
        ("2023-05-01T10:00:04Z", (640, 360), "its picture is 640 x 360 h264, and there it is 320 x 180 h264"),
    ],
)
def test_a_chapter_is_held_against_what_was_found_in_the_one_before_it(created, size, says):
    session = a_session()
    first = film("chapter-1.mp4", 4, "2023-05-01T10:00:00Z")
    second = film("chapter-2.mp4", 3, created, size=size)
    api = Api()
    for clip, (path, name) in enumerate(((first, "GX010012.MP4"), (second, "GX020012.MP4")), 1):
        api.upload(session.pk, "B", path.read_bytes(), name, clip=clip)
    assert session.assets.get(clip=2).continues == session.assets.get(clip=1)
    run_all()

    asset = session.assets.get(clip=2)
    assert (asset.continues is None) == bool(says)
    assert [
        says in warning for warning in asset.warnings if "GX020012.MP4 is named as the continuation of" in warning
    ] == ([True] if says else [])
    assert asset.status == "ready"
