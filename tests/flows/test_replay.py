"""A real ingest done over: the same bytes come out, and what the first made is not touched."""

import io

import pytest
from django.conf import settings
from django.core.management import call_command

from media_app import jobs
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from tests.support import media
from tests.support.factories import Api, a_session

pytestmark = pytest.mark.django_db(transaction=True)


def in_the_store() -> dict[str, tuple[int, int]]:
    """Every object with its size and the moment it was written."""
    root = settings.MEDIA_STORE_ROOT
    files = (path for path in root.rglob("*") if path.is_file() and "/jobs/" not in str(path))
    return {str(path.relative_to(root)): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def replayed(job: MediaJob) -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("media_job_replay", str(job.pk), stdout=said, stderr=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def run_everything() -> None:
    while (run := jobs.claim("tester")) is not None:
        with run:
            run.execute()


def test_an_ingest_and_a_mezzanine_done_over_are_equal_to_the_byte(settings, tmp_path):
    settings.MEZZANINE = "prores"
    clip = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-f", "lavfi", "-i", "anoisesrc=d=2:seed=7"]
    media.run_ffmpeg(*source, "-c:v", "libx264", "-c:a", "aac", clip)
    session = a_session()
    Api().upload(session.pk, "A", clip.read_bytes())
    run_everything()
    assert MediaAsset.objects.get().status == "ready"
    before = in_the_store()

    outputs_of = {
        "ingest_sound_v1": "all 3 outputs have",
        "ingest_asset_v1": "all 2 outputs have",
        "engine_mezzanine_v1": "the one output has",
    }
    for work, outputs in outputs_of.items():
        code, said = replayed(MediaJob.objects.get(type=work))
        assert said.startswith(f"Equal: {outputs} the checksum of the first run."), said
        assert code == 0
    assert in_the_store() == before
    assert DerivedMedia.objects.count() == 6
    assert MediaAsset.objects.get().status == "ready"

    first = MediaJob.objects.get(type="ingest_asset_v1")
    proxy = next(key for key in first.result_json["checksums"] if "/proxies/" in key)
    first.result_json["checksums"][proxy] = "0" * 64
    first.save()
    code, said = replayed(first)
    assert code == 1
    assert f"Different: other bytes in {proxy}. 1 of 2 are equal." in said

    settings.SCRATCH_SPARE_BYTES = 1 << 60
    for work in ("ingest_asset_v1", "engine_mezzanine_v1"):
        code, said = replayed(MediaJob.objects.get(type=work))
        assert code == 2, "a replay needs the room that the first run needed"
        assert "Point SCRATCH_ROOT at a larger disk" in said
