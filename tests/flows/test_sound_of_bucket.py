"""Of a file in a bucket the sound is read by ranges, so that no file is fetched twice: bytes as they went over the wire."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest
import requests

from media_app import jobs, storage
from media_app.core.time.keyframes import runs_of
from media_app.making import sound_ranges
from media_app.making.derive import derive_sound
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import MediaAsset, MediaJob
from media_app.services import originals
from tests.support.factories import Api, a_session, offer_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
SOUND, PICTURES = ("io", "cpu"), ("render",)
PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i", "sine=f=440:r=48000", "-t", "8"]
FULL = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "8M", "-minrate", "8M", "-maxrate", "8M", "-bufsize", "4M"]
FULL += ["-pix_fmt", "yuv420p", "-x264-params", "nal-hrd=cbr:filler=1:keyint=50", "-c:a", "aac", "-ac", "2"]


def film(path: Path, *options: str) -> Path:
    """Eight seconds of 8 Mbit/s."""
    subprocess.run(["ffmpeg", "-v", "error", *PICTURE, *FULL, *options, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def in_turns(tmp_path_factory) -> Path:
    """As cameras write: a second of picture, a second of sound."""
    return film(
        tmp_path_factory.mktemp("turns") / "C0001.MP4", "-chunk_duration", "1000000", "-timecode", "10:00:00:00"
    )


@pytest.fixture
def bucket(s3_place, settings, monkeypatch):
    settings.MEZZANINE = "off"
    monkeypatch.setattr(originals, "LARGE", 1 << 20)
    monkeypatch.setattr(originals, "WORTH_WHILE", 0.5)
    monkeypatch.setattr(sound_ranges, "PICTURES", 30)
    return s3_place


def sent(file: Path) -> MediaAsset:
    session, api, data = a_session(), Api(), file.read_bytes()
    _, offer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of("A", data, file.name))
    answer = requests.put(offer["uploadUrl"], data, headers={"Content-Type": offer["contentType"]}, timeout=60)
    assert answer.status_code == 200, answer.text
    assert api.post(f"/v2/sessions/{session.pk}/assets/{offer['assetId']}/complete")[0] == 200
    return MediaAsset.objects.get()


def run_all(*kinds: str) -> None:
    while run := jobs.claim("tester", kinds=kinds):
        with run:
            run.execute()


def read_since(server, before: int, asset: MediaAsset) -> int:
    """Bytes of the original that were asked for."""
    total = 0
    for asked in server.requests()[before:]:
        if asked["method"] == "GET" and asked["path"].endswith(asset.original_key):
            span = re.fullmatch(r"bytes=(\d+)-(\d+)", asked["headers"].get("range", ""))
            total += min(int(span[2]) + 1, asset.size_bytes) - int(span[1]) if span else asset.size_bytes
    return total


def checksum_of_wav(asset: MediaAsset) -> str:
    with storage.store().open(asset.derivatives.get(kind="audio-wav").key) as file:
        return hashlib.sha256(file.read()).hexdigest()


def made_here(file: Path, folder: Path) -> str:
    """The WAV of the whole file."""
    sound = derive_sound(file, inspect(file), Workspace(folder))
    return next(made.sha256 for made in sound.files if made.kind.name == "audio-wav")


def test_a_files_sound_is_read_by_ranges_and_the_file_is_fetched_once(bucket, swift_server, in_turns, tmp_path):
    asset = sent(in_turns)
    before = len(swift_server.requests())
    run_all(*SOUND)
    of_sound = read_since(swift_server, before, asset)
    assert 0 < of_sound < 0.5 * asset.size_bytes

    asset.refresh_from_db()
    whole = inspect(in_turns).as_json()
    assert asset.sound_ready_at
    assert checksum_of_wav(asset) == made_here(in_turns, tmp_path)
    assert {key: asset.media_info[key] for key in whole if key != "keyframes"} == {
        key: value for key, value in whole.items() if key != "keyframes"
    }
    assert (asset.timecode, asset.warnings, asset.checksum) == ("10:00:00:00", [], "")
    assert asset.media_info["keyframes"] is None, "what was not read is not described"

    run_all(*PICTURES)
    asset.refresh_from_db()
    assert (asset.status, asset.checksum) == ("ready", hashlib.sha256(in_turns.read_bytes()).hexdigest())
    assert asset.media_info["keyframes"]["runs"] == runs_of([0, 50, 100, 150])
    assert read_since(swift_server, before, asset) == of_sound + asset.size_bytes


def test_sound_that_is_wound_with_the_picture_is_read_from_the_whole_file(bucket, swift_server, tmp_path):
    close = film(tmp_path / "close.mp4")
    asset = sent(close)
    before = len(swift_server.requests())
    run_all(*SOUND)
    asset.refresh_from_db()
    assert checksum_of_wav(asset) == made_here(close, tmp_path)
    assert asset.media_info["keyframes"]["runs"] == runs_of([0, 50, 100, 150])
    assert asset.size_bytes <= read_since(swift_server, before, asset) < 1.1 * asset.size_bytes


def test_a_file_that_was_replaced_is_no_ones_sound(bucket, in_turns):
    asset = sent(in_turns)
    other = bytearray(in_turns.read_bytes())
    other[-100] ^= 1
    storage.store().put_bytes(asset.original_key, bytes(other), content_type="video/mp4")
    run_all(*SOUND)
    asset.refresh_from_db()
    assert asset.status == "failed"
    assert MediaJob.objects.get(type="ingest_sound_v1").error_code == "source_changed"
    assert not asset.derivatives.exists()


def test_a_damaged_index_is_judged_by_the_whole_file(bucket, in_turns):
    data = bytearray(in_turns.read_bytes())
    at = data.index(b"stsc")
    data[at + 8 : at + 12] = (2**31).to_bytes(4, "big")
    damaged = in_turns.with_name("damaged.mp4")
    damaged.write_bytes(data)
    asset = sent(damaged)
    run_all(*SOUND)
    asset.refresh_from_db()
    job = MediaJob.objects.get(type="ingest_sound_v1")
    assert job.status in ("COMPLETED", "FAILED"), "a sentence or a sound, and no error of Studio"
    assert job.attempts == 1


@pytest.mark.parametrize("codec", [["-c:a", "pcm_s24le"], ["-c:a", "aac", "-movflags", "+faststart"]])
def test_the_ranges_hold_all_that_the_sound_is_made_of(codec, tmp_path):
    whole = film(tmp_path / "whole.mov", "-chunk_duration", "1000000", *codec)
    part, size = tmp_path / "part.mov", whole.stat().st_size
    with whole.open("rb") as file, part.open("wb") as out:
        out.truncate(size)
        ranges = sound_ranges.sound_ranges(file, size)
        for one in ranges:
            file.seek(one.start)
            out.seek(one.start)
            out.write(file.read(one.length))
    assert sum(one.length for one in ranges) < 0.7 * size
    for folder in ("of-whole", "of-part"):
        (tmp_path / folder).mkdir()
    assert made_here(part, tmp_path / "of-part") == made_here(whole, tmp_path / "of-whole")


def test_a_file_in_fragments_is_not_read_by_ranges(tmp_path):
    pieces = film(tmp_path / "pieces.mp4", "-movflags", "frag_keyframe")
    with pieces.open("rb") as file, pytest.raises(sound_ranges.NotByRanges):
        sound_ranges.sound_ranges(file, pieces.stat().st_size)
