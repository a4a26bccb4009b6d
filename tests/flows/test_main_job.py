"""The main job over HTTP: three recordings in, an approved sync out; and what becomes of files that are none."""

import json
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

import pytest

from media_app.models import MediaAsset, MediaJob
from studio.demo.client import Client, Refused
from sync_app.models import SyncResult
from tests.flows.studio import BOTH_ENGINES
from tests.support import media

SHOOT = {"title": "Tuesday lesson", "date": "2026-01-13", "projectId": "spring"}
TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".wav": "audio/wav"}


def begin(client: Client, files: dict[str, Path]) -> str:
    """A session with all of its cameras announced, then sent."""
    session = client.call("POST", "/v2/sessions", SHOOT)["id"]
    for label, path in files.items():
        announce(client, session, label, path)
    for label, path in files.items():
        client.send_file(session, label, path, TYPES[path.suffix])
    return session


def announce(client: Client, session: str, label: str, path: Path) -> None:
    size = path.stat().st_size
    offer = {"cameraLabel": label, "filename": path.name, "contentType": TYPES[path.suffix], "sizeBytes": size}
    client.call("POST", f"/v2/sessions/{session}/assets/init-upload", offer)


def fetch(client: Client, url: str, **headers: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(urljoin(client.url, url), headers=headers)) as answer:
        return answer.read()


@BOTH_ENGINES
def test_three_recordings_in_an_approved_sync_out(studio, settings, tmp_path):
    # The quicker codec: what each of them makes is measured in test_derive.py.
    settings.MEZZANINE = "dnxhr"
    shoot = media.three_cameras(seconds=12)
    client = studio.web()
    session = begin(client, shoot.paths)
    assert client.call("GET", f"/v2/sessions/{session}")["status"] == "ingesting"
    worker = studio.worker()
    found = client.wait_for(session, {"needs-review"}, lambda _: None, 240)
    assert found["statusReason"] == ""
    found = client.wait_for_pictures(session, lambda _: None, 240)
    sync = client.call("GET", f"/v2/sessions/{session}/sync")
    master = shoot.offsets_ms[sync["masterCamera"]]
    for label in sync["confidence"]:
        assert sync["offsets"][label] == pytest.approx(shoot.offsets_ms[label] - master, abs=2)
        score = sync["confidence"][label]
        assert score > 5
        assert sync["classification"][label] in ("looks-good", "review-suggested")
        assert score >= 10 or sync["classification"][label] != "looks-good"

    for asset in found["assets"]:
        assert asset["status"] == "ready"
        made = {(derived["kind"], derived["variant"]): derived for derived in asset["derivatives"]}
        assert {("proxy", ""), ("audio-wav", ""), ("thumbnail", ""), ("waveform", "20"), ("waveform", "1000")} <= set(
            made
        )
        assert len(fetch(client, made["waveform", "20"]["url"])) == made["waveform", "20"]["sizeBytes"]
    first = next(asset for asset in found["assets"] if asset["cameraLabel"] == "A")
    proxy = next(derived for derived in first["derivatives"] if derived["kind"] == "proxy")
    (tmp_path / "proxy.mp4").write_bytes(fetch(client, proxy["url"]))
    assert media.frame_codes(tmp_path / "proxy.mp4")[:30] == media.frame_codes(shoot.paths["A"])[:30]
    assert len(fetch(client, proxy["url"], Range="bytes=0-99")) == 100

    approved = client.call("POST", f"/v2/sessions/{session}/sync/approve", {"approvedBy": "Ann", "notes": "Good."})
    assert (approved["status"], approved["operatorStatus"]) == ("ready", "approved")
    studio.until_idle()
    edit = client.call("GET", f"/v2/sessions/{session}/edit")
    assert sync["offsets"].keys() == {"A", "B", "C"}
    assert json.dumps(sync["offsets"]["B"]) in json.dumps(edit)
    kinds = {
        derived["kind"]
        for asset in client.call("GET", f"/v2/sessions/{session}")["assets"]
        for derived in asset["derivatives"]
    }
    assert "mezzanine" in kinds

    client.call("POST", f"/v2/sessions/{session}/sync/run", {"force": True})
    studio.until_idle()
    studio.end(worker)
    assert client.call("GET", f"/v2/sessions/{session}/sync")["offsets"] == sync["offsets"]
    assert SyncResult.objects.count() == 2
    assert not studio.scratch_left()


@pytest.fixture
def odd_files(tmp_path) -> dict[str, Path]:
    clip = media.three_cameras(seconds=12).paths
    made = {
        "A": clip["A"],
        "B": tmp_path / "empty.mp4",
        "C": tmp_path / "notes.mp4",
        "D": tmp_path / "photo.mp4",
        "E": tmp_path / "cut.mp4",
        "F": tmp_path / "silent.mp4",
        "G": tmp_path / "recorder.wav",
        "H": tmp_path / "cut-late.mov",
    }
    made["B"].write_bytes(b"")
    made["C"].write_text("These are notes, and no film. " * 200)
    media.run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x64", "-frames:v", "1", "-f", "image2", "-c:v", "png", made["D"])
    made["E"].write_bytes(clip["A"].read_bytes()[:20_000])
    media.run_ffmpeg("-i", clip["A"], "-an", "-c:v", "copy", made["F"])
    media.run_ffmpeg("-i", clip["B"], "-vn", "-c:a", "pcm_s16le", made["G"])
    media.run_ffmpeg("-i", clip["B"], "-c", "copy", "-movflags", "+faststart", made["H"])
    whole = made["H"].read_bytes()
    made["H"].write_bytes(whole[: len(whole) * 6 // 10])
    return made


def test_files_that_are_none_fail_with_a_sentence_and_the_others_go_on(studio, settings, odd_files):
    settings.MEZZANINE = "off"
    client = studio.web()
    session = begin(client, odd_files)
    studio.drain()
    found = client.call("GET", f"/v2/sessions/{session}")
    assets = {asset["cameraLabel"]: asset for asset in found["assets"]}
    assert {label: asset["status"] for label, asset in assets.items()} == {
        "A": "ready", "B": "failed", "C": "failed", "D": "failed", "E": "failed", "F": "ready", "G": "ready", "H": "failed",
    }  # fmt: skip
    for label in "BCDEH":
        sentence = assets[label]["statusMessage"]
        assert sentence.endswith("."), sentence
        assert "Traceback" not in sentence
        assert "/" not in sentence.replace("and/or", ""), "no paths of the machine"
        assert assets[label]["derivatives"] == []
    assert "empty" in assets["B"]["statusMessage"].lower() or "0 bytes" in assets["B"]["statusMessage"]
    assert "picture" in assets["D"]["statusMessage"] or "image" in assets["D"]["statusMessage"]
    assert (assets["F"]["hasAudio"], assets["F"]["kind"]) == (False, "video")
    assert any("by hand" in warning for warning in assets["F"]["warnings"])
    assert (assets["G"]["kind"], assets["G"]["hasAudio"]) == ("audio", True)
    assert {derived["kind"] for derived in assets["G"]["derivatives"]} == {"audio-wav", "waveform"}

    assert found["status"] == "needs-review"
    sync = client.call("GET", f"/v2/sessions/{session}/sync")
    assert set(sync["offsets"]) == {"A", "F", "G"}
    assert abs(sync["offsets"]["G"] - sync["offsets"]["A"]) == pytest.approx(3237, abs=2)
    assert sync["offsets"]["F"] is None
    with pytest.raises(Refused, match="reason_required"):
        client.call("POST", f"/v2/sessions/{session}/sync/approve", {})
    corrected = client.call("POST", f"/v2/sessions/{session}/sync/correct", {"offsets": {"F": 0.0}})
    assert corrected["status"] == "ready"
    assert set(MediaJob.objects.filter(type__startswith="ingest_").values_list("attempts", flat=True)) == {1}
    assert MediaAsset.objects.exclude(status__in=["ready", "failed"]).count() == 0


def test_a_shoot_without_two_sounds_goes_to_a_person_and_says_why(studio, settings, odd_files):
    settings.MEZZANINE = "off"
    client = studio.web()
    session = begin(client, {"A": odd_files["A"], "B": odd_files["C"], "C": odd_files["F"]})
    studio.drain()
    found = client.call("GET", f"/v2/sessions/{session}")
    assert found["status"] == "needs-review"
    assert "camera B could not be ingested" in found["statusReason"]
    assert "camera C recorded no sound" in found["statusReason"]
