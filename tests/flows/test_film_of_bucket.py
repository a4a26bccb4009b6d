"""Of a long original in a bucket a short film reads its sound and the pictures that it shows: bytes as they went over the wire."""

import subprocess
from pathlib import Path

import pytest

from media_app import storage
from media_app.making import sound_ranges
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import originals
from render_app.making import film
from tests.flows.test_renders import PROFILE, post, work_off
from tests.flows.test_sound_of_bucket import read_since
from tests.support.factories import Api, a_registry_asset

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]
LONG_S = 120
PICTURE = ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d={LONG_S}"]
SOUND = ["-f", "lavfi", "-i", f"aevalsrc=sin(2*PI*(200+t)*t):s=48000:d={LONG_S}", "-c:a", "aac"]
#: As cameras write: a second of picture, a second of sound.
TURNS = ["-shortest", "-chunk_duration", "1000000"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "1M", "-bf", "2", "-pix_fmt", "yuv420p"]
H264 += ["-x264-params", "keyint=50:scenecut=0:open-gop=1:nal-hrd=cbr:filler=1:vbv-maxrate=1000:vbv-bufsize=1000"]


@pytest.fixture(scope="module")
def long_film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("long") / "C0001.MP4"
    subprocess.run(["ffmpeg", "-v", "error", *PICTURE, *SOUND, *H264, *TURNS, str(path)], check=True)
    return path


@pytest.fixture(autouse=True)
def _small_files(monkeypatch):
    """Of a small file, too, picture and sound are read apart."""
    monkeypatch.setattr(sound_ranges, "GAP", 16 << 10)


@pytest.fixture
def asset(s3_place, settings, monkeypatch, long_film) -> MediaAsset:
    """The film in the bucket, known as an ingest knows it."""
    settings.MEZZANINE = "off"
    monkeypatch.setattr(originals, "LARGE", 1 << 20)
    found = inspect(long_film)
    made = a_registry_asset(
        original_filename=long_film.name, kind="video", size_bytes=long_film.stat().st_size, fps="25/1", width=320, height=180,
        duration_ms=LONG_S * 1000, has_audio=True, audio_channels=1, sample_rate=48_000, video_start_ms=0.0,
        audio_start_ms=0.0, media_info=found.as_json(),
    )  # fmt: skip
    storage.store().put_bytes(made.original_key, long_film.read_bytes(), content_type="video/mp4")
    made.original_etag = storage.store().head(made.original_key).etag
    made.save()
    return made


def a_project(api, asset, *clips: tuple[int, int], **fields) -> dict:
    """Clips from and until these seconds of the file, one after the other."""
    project = post(api, "projects", {"title": "Short", "render_profile": PROFILE})
    sequence = post(api, f"projects/{project['id']}/sequences", {"timebase": 25})
    track, at = post(api, f"sequences/{sequence['id']}/tracks", {"kind": "video"}), 0
    for begin, end in clips:
        times = {"in_ms": begin * 1000, "out_ms": end * 1000, "start_ms_on_timeline": at, **fields}
        post(api, f"tracks/{track['id']}/clips", {"asset_id": str(asset.pk), **times})
        at += (end - begin) * 1000
    return {"project_id": project["id"]}


def rendered(api, wish) -> MediaJob:
    started = post(api, "render", wish, 202)
    work_off("render_v1")
    return MediaJob.objects.get(pk=started["job_id"])


def made_here(job: MediaJob, whole: Path, folder: Path) -> str:
    """The checksum of the film that the same plan makes of the whole file."""
    folder.mkdir()
    made = film.render(job.input_json["plan"], [whole], Workspace(folder), stall_s=60)
    return made.files[0].sha256


def test_a_short_film_reads_the_pictures_that_it_shows_and_is_the_one_of_the_whole_file(
    asset, swift_server, long_film, tmp_path
):
    api = Api()
    before = len(swift_server.requests())

    job = rendered(api, a_project(api, asset, (80, 82), (75, 77)))

    assert (job.status, job.error_message) == ("COMPLETED", "")
    fetched = read_since(swift_server, before, asset)
    assert 0 < fetched < 0.3 * asset.size_bytes
    row = DerivedMedia.objects.get(pk=job.result_json["artifact_id"])
    assert row.checksum == made_here(job, long_film, tmp_path / "whole")


def test_a_short_export_reads_the_pictures_that_it_shows_for_all_its_outputs(asset, swift_server):
    api = Api()
    cut = {"angles": {"A": {"assetId": str(asset.pk)}}, "switchPoints": [{"atMs": 80_000, "angle": "A"}]}
    outputs = [{"name": "wide", "width": 320, "height": 180}, {"name": "story", "width": 90, "height": 160}]
    before = len(swift_server.requests())

    _, started = api.post("/api/export", {**cut, "range": {"startMs": 80_000, "endMs": 82_000}, "outputs": outputs})
    work_off("export_v1")

    _, made = api.get(started["statusUrl"])
    assert (made["status"], made["error"]) == ("completed", None)
    assert [one["name"] for one in made["outputs"]] == ["wide", "story"]
    assert 0 < read_since(swift_server, before, asset) < 0.3 * asset.size_bytes


@pytest.mark.parametrize(
    ("clips", "fields"), [(((10, 70),), {}), (((80, 82),), {"stabilise": {}})], ids=["a large share", "a steadied clip"]
)
def test_what_shows_much_or_is_read_otherwise_is_fetched_whole(clips, fields, asset, swift_server):
    api = Api()
    before = len(swift_server.requests())
    wish = a_project(api, asset, *clips, **fields)
    post(api, "render", wish, 202)
    plan = MediaJob.objects.get(type="render_v1").input_json["plan"]
    assert (plan["inputs"][0]["pictures_s"] is None) == bool(fields)

    work_off("render_v1")

    assert MediaJob.objects.get(type="render_v1").status == "COMPLETED"
    assert asset.size_bytes <= read_since(swift_server, before, asset) < 1.1 * asset.size_bytes


def test_a_file_that_was_replaced_is_in_no_film(asset, long_film):
    api = Api()
    other = bytearray(long_film.read_bytes())
    other[-100] ^= 1
    storage.store().put_bytes(asset.original_key, bytes(other), content_type="video/mp4")

    job = rendered(api, a_project(api, asset, (80, 82)))

    assert (job.status, job.error_code) == ("FAILED", "source_changed")


@pytest.mark.parametrize("codec", [H264, ["-c:v", "prores_ks", "-profile:v", "0"]], ids=["h264", "prores"])
def test_each_stretch_of_a_part_decodes_as_in_the_whole_file(codec, tmp_path):
    whole, part = tmp_path / "whole.mov", tmp_path / "part.mov"
    shorter = [one.replace(str(LONG_S), "40") for one in (*PICTURE, *SOUND)]
    subprocess.run(["ffmpeg", "-v", "error", *shorter, *codec, *TURNS, str(whole)], check=True)
    begin, end = 21.3, 22.5
    size = whole.stat().st_size
    with whole.open("rb") as file, part.open("wb") as out:
        out.truncate(size)
        for one in sound_ranges.sound_ranges(file, size, [(begin - 2, end)]):
            file.seek(one.start)
            out.seek(one.start)
            out.write(file.read(one.length))
    assert part.stat().st_blocks * 512 < 0.6 * size

    def decoded(path):
        seek = ["-noaccurate_seek", "-ss", str(begin), "-i", str(path)]
        asked = ["ffmpeg", "-v", "warning", *seek, "-t", str(end - begin), "-f", "framemd5", "-"]
        done = subprocess.run(asked, check=True, capture_output=True, text=True)
        # What a decoder says of pictures that refer to those before the seek, it says of both.
        return done.stdout, [line.partition("]")[2] for line in done.stderr.splitlines()]

    assert decoded(part) == (shown := decoded(whole))
    assert len(shown[0].splitlines()) > 60


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["-movflags", "frag_keyframe"], "fragments"),
        (["-vf", "setpts='PTS+if(gt(N,50),N*0.02/TB,0)'", "-vsync", "vfr"], "equally"),
    ],
    ids=["fragments", "varying rate"],
)
def test_an_index_that_does_not_say_where_pictures_lie_is_not_read_by_ranges(options, why, tmp_path):
    path = tmp_path / "a.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=4"]
    subprocess.run(["ffmpeg", "-v", "error", *source, *options, "-c:v", "libx264", str(path)], check=True)
    with path.open("rb") as file, pytest.raises(sound_ranges.NotByRanges, match=why):
        sound_ranges.sound_ranges(file, path.stat().st_size, [(1, 2)])
