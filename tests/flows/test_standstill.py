"""A recording on which a tool stands still fails with a sentence at the first try, whichever tool and whatever it was doing."""

import os
import shutil
import stat

import pytest

from media_app import storage
from media_app.models import MediaJob
from media_app.process import watch
from media_app.services import ingest_queue, mastering
from tests.flows.test_registry_asset import run_all
from tests.support.factories import a_registry_asset
from tests.support.media import slate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stand_still(tmp_path, monkeypatch):
    """From now on this program stops itself where its arguments hold these letters. It is given up sooner than in earnest, yet not
    so soon that one that a busy machine holds up for a moment would be."""

    def stand_in(program: str, letters: str = "") -> None:
        monkeypatch.setattr(watch, "STALL_S", 3.0)
        monkeypatch.setattr(watch, "TERM_GRACE_S", 0.1)
        real, fake = shutil.which(program), tmp_path / program
        fake.write_text(f'#!/bin/sh\ncase "$*" in *{letters}*) kill -STOP $$;; esac\nexec {real} "$@"\n')
        fake.chmod(fake.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return stand_in


def ingest():
    clip = slate(seconds=2, rate="30")
    asset = a_registry_asset("ingesting", size_bytes=clip.stat().st_size)
    storage.store().put_bytes(asset.original_key, clip.read_bytes(), content_type="video/mp4")
    ingest_queue.enqueue_ingest(asset)
    run_all()
    asset.refresh_from_db()
    return asset


def ends_of(job_type: str) -> list[tuple[str, int]]:
    return [(job.status, job.attempts) for job in MediaJob.objects.filter(type=job_type)]


@pytest.mark.parametrize(("program", "letters"), [("ffprobe", ""), ("ffprobe", "packet="), ("ffmpeg", "proxy.mp4")])
def test_a_recording_that_cannot_be_read_to_its_end_fails_at_the_first_try(stand_still, program, letters):
    stand_still(program, letters)
    asset = ingest()
    assert asset.status == "failed"
    assert asset.status_message.startswith("Reading this file stalls: ")
    assert ends_of("ingest_asset_v1") == [("FAILED", 1)]
    assert not asset.derivatives.exists()


def test_a_mezzanine_that_stands_still_is_a_warning_and_the_recording_stays_ready(stand_still):
    stand_still("ffmpeg", "mezzanine.mov")
    asset = ingest()
    assert asset.status == "ready"
    assert [warning for warning in asset.warnings if "No mezzanine: Reading this file stalls" in warning]
    assert ends_of("engine_mezzanine_v1") == [("FAILED", 1)]


def test_mastering_that_stands_still_fails_with_the_same_sentence(stand_still, settings):
    settings.MEZZANINE = "off"
    asset = ingest()
    stand_still("ffmpeg", "ebur128")
    job = mastering.start_master(asset.context, asset.pk, "normalise_v1")
    run_all()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("FAILED", 1)
    assert "Reading this file stalls" in job.error_message
