"""A recorder's take with a file for each track, sent packed: one clip with every track, to the sample."""

import hashlib
import io
import tarfile
import wave
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from django.test import override_settings

from media_app import jobs, storage
from media_app.audio import WavWriter, open_wav
from media_app.making.joined import NotOneTake, join, opened_take, tracks_in, tracks_of
from media_app.models import PendingDeletion
from media_app.services import ingest_queue
from sync_app.models import SyncResult
from tests.support import media
from tests.support.factories import Api, a_registry_asset, a_session

pytestmark = pytest.mark.django_db(transaction=True)
RATE = media.RATE
NOISE = np.random.default_rng(3)


def run_all() -> None:
    while run := jobs.claim("tester"):
        with run:
            run.execute()


def a_track(path: Path, sound, *, bits: int = 24, rate: int = RATE, began_at: int | None = None) -> Path:
    """`sound` of shape (n,) or (n, channels) as a recorder writes it; `began_at`: samples since midnight, in its `bext`."""
    frames = np.atleast_2d(np.asarray(sound).T).T
    raw = np.round(np.clip(frames, -1, 1) * (2 ** (bits - 1) - 1)).astype("<i4")
    with wave.open(str(path), "wb") as file:
        file.setparams((frames.shape[1], bits // 8, rate, 0, "NONE", ""))
        file.writeframes(raw.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes())
    if began_at is not None:
        bext = bytes(338) + began_at.to_bytes(8, "little") + bytes(602 - 346)
        data = path.read_bytes()
        path.write_bytes(data[:12] + b"bext" + len(bext).to_bytes(4, "little") + bext + data[12:])
    return path


def packed(*paths: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in paths:
            tar.add(path, path.name)
    return out.getvalue()


def whole_numbers(path: Path) -> np.ndarray:
    """The samples of a 24-bit WAV, as whole numbers: shape (n, channels)."""
    with open_wav(path) as wav:
        assert wav.bits == 24
        scaled = wav.read_channels(0, wav.frames).astype(np.float64) * 2**23
    return np.round(scaled).astype(np.int64)


@pytest.fixture
def event():
    return 0.5 * media.speech_like(24)


@pytest.fixture
def take(event, tmp_path) -> list[Path]:
    """A mix of two channels, a dead track, and the microphone, which began 3 s after the camera and ends early."""
    heard = event[3 * RATE : 21 * RATE]
    mix = np.stack([heard, heard], axis=1) * 0.1 + 0.1 * NOISE.standard_normal((len(heard), 2))
    return [
        a_track(tmp_path / "ZOOM0001_Tr2.WAV", heard[: -2 * RATE], began_at=RATE * 3600),
        a_track(tmp_path / "ZOOM0001_Tr1.WAV", np.zeros(len(heard)), bits=16, began_at=RATE * 3600),
        a_track(tmp_path / "ZOOM0001_LR.WAV", mix, began_at=RATE * 3600),
    ]


@pytest.fixture
def shoot(take):
    session, api = a_session(), Api()
    sent = packed(*take)
    api.upload(session.pk, "B", sent, "ZOOM0001.tar", contentType="application/x-tar", cardPath="Zoom/ZOOM0001.tar")
    return session, api, sent


def test_a_packed_take_is_one_clip_with_every_track_to_the_sample(shoot, take, tmp_path):
    session, api, _ = shoot
    packed_key = session.assets.get(camera_label="B").original_key
    run_all()

    asset = session.assets.get(camera_label="B")
    assert (asset.status, asset.original_filename, asset.audio_channels) == ("ready", "ZOOM0001.wav", 4)
    with storage.store().local_copy(asset.original_key, tmp_path) as path:
        joined = whole_numbers(path)
        assert asset.size_bytes == path.stat().st_size
        data = path.read_bytes()
    mix, second = whole_numbers(take[2]), whole_numbers(take[0])
    assert np.array_equal(joined[:, :2], mix)
    assert not joined[:, 2].any()
    assert np.array_equal(joined[: len(second), 3], second[:, 0])
    assert not joined[len(second) :, 3].any()
    assert b"<NAME>mix L</NAME>" in data
    assert b"<NAME>TR2</NAME>" in data

    answer = api.get(f"/v2/sessions/{session.pk}")[1]["assets"][0]
    assert [(one["filename"], one["track"], one["channels"], one["sha256"]) for one in answer["joinedFrom"]] == [
        ("ZOOM0001_LR.WAV", "mix", [1, 2], hashlib.sha256(take[2].read_bytes()).hexdigest()),
        ("ZOOM0001_Tr1.WAV", "TR1", [3], hashlib.sha256(take[1].read_bytes()).hexdigest()),
        ("ZOOM0001_Tr2.WAV", "TR2", [4], hashlib.sha256(take[0].read_bytes()).hexdigest()),
    ]
    assert answer["warnings"] == [
        "ZOOM0001_Tr2.WAV is 2.000 s shorter than the longest track of its take: it is silent at its end."
    ]
    # What was sent goes once the joined file is there.
    assert PendingDeletion.objects.filter(key=packed_key).exists()
    assert asset.original_key != packed_key


def test_the_tracks_are_heard_by_name_handed_over_together_and_another_is_chosen(shoot, event, tmp_path):
    session, api, _ = shoot
    api.upload(session.pk, "A", media.write_wav(tmp_path / "a.wav", event).read_bytes(), "wide.wav")
    run_all()

    b = api.get(f"/v2/sessions/{session.pk}")[1]["assets"][1]
    (track,) = b["tracks"]
    assert [channel["name"] for channel in track["channels"]] == ["mix L", "mix R", "TR1", "TR2"]
    assert (b["heard"]["channels"], b["heard"]["names"]) == ([4], ["TR2"])
    result = SyncResult.objects.current().get(session=session)
    assert result.offsets_ms["B"] == pytest.approx(3000, abs=1)
    assert result.classification["B"] == "looks-good"

    assert api.post(f"/v2/sessions/{session.pk}/sync/approve", {"approvedBy": "alice", "notes": ""})[0] == 200
    sheets = {
        form: api.client.get(f"/v2/sessions/{session.pk}/edit?format={form}")
        for form in ("otio", "edl", "fcpxml", "fcp7xml", "aaf")
    }
    assert {form: answer.status_code for form, answer in sheets.items()} == dict.fromkeys(sheets, 200)
    assets = ElementTree.fromstring(sheets["fcpxml"].content).iter("asset")
    asset = next(one for one in assets if one.get("name") == "ZOOM0001.wav")
    assert (asset.get("audioChannels"), asset.get("duration")) == ("4", "18s")
    assert b"ZOOM0001.wav" in sheets["otio"].content
    counts = [one.text for one in ElementTree.fromstring(sheets["fcp7xml"].content).iter("channelcount")]
    assert counts == ["1", "4"]
    with zipfile.ZipFile(io.BytesIO(sheets["edl"].content)) as lists:
        edl = lists.read(next(name for name in lists.namelist() if name.endswith("camera-B.edl"))).decode()
    # From 1 h, as the recorder's own clock says, at 3 s of the timeline; and all four channels.
    assert "CAM_B    AA    C        01:00:00:00 01:00:18:00 00:00:03:00 00:00:21:00" in edl
    assert "AUD  3    4" in edl

    choice = {"heard": {"stream": track["stream"], "channels": [1, 2], "how": "mix"}}
    assert api.patch(f"/v2/sessions/{session.pk}/assets/{b['id']}", choice)[0] == 200
    run_all()
    b = api.get(f"/v2/sessions/{session.pk}")[1]["assets"][1]
    assert (b["heard"]["names"], b["heard"]["reason"]) == (["mix L", "mix R"], "chosen by hand")


def test_a_take_that_comes_again_is_known_and_a_replacement_forgets_it(shoot, event, tmp_path):
    session, api, sent = shoot
    run_all()

    offer = {
        "cameraLabel": "B",
        "clip": 2,
        "filename": "ZOOM0001.tar",
        "cardPath": "Zoom/ZOOM0001.tar",
        "sizeBytes": len(sent),
    }
    status, refused = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer)
    assert (status, refused["error"]["field"]) == (400, "filename")
    assert "is the same chapter as" in refused["error"]["message"]

    api.upload(session.pk, "B", media.write_wav(tmp_path / "b.wav", event[RATE:]).read_bytes(), "close.wav")
    run_all()
    asset = session.assets.get(camera_label="B")
    assert (asset.original_filename, asset.joined, asset.warnings) == ("close.wav", {}, [])


def test_a_take_in_the_registry_is_joined_too(take):
    sent = packed(*take)
    asset = a_registry_asset("ingesting", original_filename="ZOOM0001.tar", size_bytes=len(sent))
    storage.store().put_bytes(asset.original_key, sent, content_type="application/x-tar")
    ingest_queue.enqueue_ingest(asset)
    run_all()

    asset.refresh_from_db()
    assert (asset.status, asset.original_filename, asset.heard["names"]) == ("ready", "ZOOM0001.wav", ["TR2"])
    assert asset.original_key.endswith("/originals/v001.wav")


def test_files_that_are_no_take_stay_where_they_are_and_the_asset_says_why(event, tmp_path):
    session, api = a_session(), Api()
    one, other = (a_track(tmp_path / f"T01_{n}.WAV", event[:RATE], rate=n * 24_000) for n in (1, 2))
    api.upload(session.pk, "A", packed(one, other), "T01.tar", contentType="application/octet-stream")
    run_all()

    asset = session.assets.get()
    assert (asset.status, asset.status_message) == (
        "failed",
        "T01_2.WAV has 48,000 samples a second and T01_1.WAV 24,000: tracks of one take have one rate. Send it as a separate clip.",
    )
    assert storage.store().head(asset.original_key).size == len(packed(one, other))
    session.refresh_from_db()
    assert session.status == "needs-review"


def test_a_joined_take_that_exceeds_the_quota_is_not_kept(take):
    session, api, sent = a_session(), Api(), packed(*take)
    with override_settings(TENANT_MAX_BYTES=len(sent) + 1000):
        api.upload(session.pk, "A", sent, "ZOOM0001.tar", contentType="application/x-tar")
        run_all()

    asset = session.assets.get()
    assert asset.status == "failed"
    assert "so it was not kept. Delete what is not needed" in asset.status_message


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["T01_1.WAV", "T01_2.mp3"], "T01_2.mp3 in T01.tar is not a WAV file"),
        (["T01_1.WAV", "T01_1.WAV"], "T01_1.WAV is there twice"),
        (["T01_1.WAV", "T01\x07_2.WAV"], "slashes or invisible characters"),
        (["notes.txt"], "There is no file in T01.tar"),
    ],
)
def test_what_is_in_a_packed_take_beside_its_tracks_is_named(names, says, tmp_path):
    track, sent = a_track(tmp_path / "one.wav", np.zeros(10)), tmp_path / "sent.tar"
    with tarfile.open(sent, mode="w") as tar:
        for name in names:
            tar.add(track, name)

    with pytest.raises(NotOneTake, match=says), opened_take(tracks_in(sent, "T01.tar")):
        pass


def joined(*paths: Path):
    with opened_take(tracks_of(paths)) as files:
        return join(files, paths[0].parent / "out.wav", lambda percent, step: None)


def test_a_track_that_began_at_another_time_is_refused(event, tmp_path):
    one = a_track(tmp_path / "T01_1.WAV", event[:RATE], began_at=0)
    other = a_track(tmp_path / "T01_2.WAV", event[:RATE], began_at=RATE // 2)
    with pytest.raises(NotOneTake, match=r"By its timecode T01_2.WAV began 0.500 s after T01_1.WAV"):
        joined(one, other)


def test_floating_point_and_whole_numbers_are_joined_without_a_bit_lost(tmp_path):
    whole = a_track(tmp_path / "T01_1.WAV", NOISE.uniform(-1, 1, 999))
    loud = (4 * NOISE.standard_normal(1001)).astype(np.float32)
    with WavWriter(tmp_path / "T01_2.WAV", RATE, 1) as out:
        out.write(loud)

    made = joined(whole, tmp_path / "T01_2.WAV")

    with open_wav(tmp_path / "out.wav") as wav:
        samples = wav.read_channels(0, wav.frames)
    assert np.array_equal(np.round(samples[:999, 0].astype(np.float64) * 2**23), whole_numbers(whole)[:, 0])
    assert np.array_equal(samples[:, 1], loud)
    assert [file.frames for file in made.files] == [999, 1001]


def test_a_track_that_is_there_twice_is_named(tmp_path):
    one = a_track(tmp_path / "T01_1.WAV", NOISE.uniform(-1, 1, 500))
    (tmp_path / "T01_2.WAV").write_bytes(one.read_bytes())

    assert joined(one, tmp_path / "T01_2.WAV").warnings == [
        "T01_1.WAV and T01_2.WAV hold the same bytes: one track is there twice."
    ]
