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
