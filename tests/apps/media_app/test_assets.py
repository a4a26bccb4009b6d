"""Assets: clips of a camera, files of the registry, artifacts and what they were made from."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob, PendingDeletion, Upload
from media_app.services import chores, ingest, ingest_queue, removal, uploads
from media_app.services.assets import next_version
from sessions_app.models import RecordingSession
from tests.support.factories import (
    DAY,
    TENANT,
    Api,
    a_derivative,
    a_job,
    a_registry_asset,
    a_session,
    a_synced_session,
    a_user,
    an_asset,
)  # fmt: skip

pytestmark = pytest.mark.django_db
STAMP = {"tenant_id": TENANT, "env": "dev"}


@pytest.fixture
def root() -> Client:
    client = Client()
    client.force_login(a_user("root", is_staff=True, is_superuser=True))
    return client


def test_a_camera_has_clips_each_with_its_own_key():
    session = a_session(camera_names={"B": "Wide"})
    first, second = an_asset(session, "B"), an_asset(session, "B", clip=2)
    assert [asset.camera_key for asset in session.assets.all()] == ["B", "B.2"]
    assert (str(second), second.short_name) == ("Camera B.2: camera-B.mp4", "camera B.2")
    assert "/angle-002-02_v" in uploads.keys.original_key(second.location(), "a.mp4")
    second.continues = first
    second.full_clean()
    assert first.continued_by.count() == 0
    second.save()
    assert list(first.continued_by.all()) == [second]


def test_clips_of_one_camera_count_their_versions_each_for_itself():
    session = a_session()
    first, second = (an_asset(session, "B", clip=clip, version=1) for clip in (1, 2))
    assert [next_version(asset) for asset in (first, first, second)] == [2, 3, 2]


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"camera_label": ""}, "asset_label_in_session_only"),
        ({"camera_label": "b"}, "asset_label_in_session_only"),
        ({"camera_label": "É"}, "asset_label_in_session_only"),
        ({"session": None}, "asset_label_in_session_only"),
        ({"clip": 0}, "asset_clips_count_from_one"),
        ({"session": None, "camera_label": "", "clip": 2}, "asset_clips_count_from_one"),
        ({"project_id": ""}, "asset_of_session_has_place"),
        ({"shoot_date": None}, "asset_of_session_has_place"),
        ({"status": "lost"}, "asset_status_known"),
    ],
)
def test_the_database_refuses_an_asset_that_breaks_a_rule(fields, rule):
    row = STAMP | {"session": a_session(), "camera_label": "A", "project_id": "spring", "shoot_date": DAY}
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        MediaAsset.objects.create(**row | fields)
    MediaAsset.objects.create(**row)


def test_no_clip_is_there_twice_and_no_chapter_continues_itself_or_one_that_is_continued():
    session = a_session()
    first, second, third = (an_asset(session, "B", clip=clip) for clip in (1, 2, 3))
    with pytest.raises(IntegrityError), transaction.atomic():
        an_asset(session, "B", clip=2)
    with pytest.raises(IntegrityError, match="asset_continues_another"), transaction.atomic():
        MediaAsset.objects.filter(pk=second.pk).update(continues=second)
    MediaAsset.objects.filter(pk=second.pk).update(continues=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        MediaAsset.objects.filter(pk=third.pk).update(continues=first)
    first.delete()
    second.refresh_from_db()
    assert second.continues is None


def test_answers_say_clip_name_and_what_is_ready():
    api, session = Api(), a_session(camera_names={"B": "Wide"})
    heard = {"stream": 1, "channels": [2], "how": "channel", "reason": "Speech in 81 % of it."}
    tracks = [{"codec": "pcm_s16le", "channels": [{"peak_dbfs": -3.0}]}]
    an_asset(
        session, "B", clip=2, status="ingesting", sound_ready_at=timezone.now(), heard=heard, tracks=tracks,
        timecode="10:00:00;00", timecode_rate="30000/1001", timecode_source="tmcd", timecode_drop=True, tags=["wide"],
    )  # fmt: skip
    _, shown = api.get(f"/v2/sessions/{session.pk}")
    (asset,) = shown["assets"]
    assert [asset[name] for name in ("cameraLabel", "clip", "cameraKey", "cameraName", "continues")] == [
        "B", 2, "B.2", "Wide", None,
    ]  # fmt: skip
    assert (asset["soundReady"], asset["pictureReady"]) == (True, False)
    assert (asset["heard"], asset["tracks"], asset["tags"]) == (
        heard, [{"codec": "pcm_s16le", "channels": [{"peak_dbfs": -3.0, "peakDbfs": -3.0}]}], ["wide"],
    )  # fmt: skip
    assert [asset[name] for name in ("timecode", "timecodeRate", "timecodeSource", "timecodeDrop")] == [
        "10:00:00;00", "30000/1001", "tmcd", True,
    ]  # fmt: skip
    assert api.get(f"/v2/sessions/{session.pk}/assets/{asset['id']}")[1] == asset


def test_another_file_takes_back_what_was_found_in_the_one_before():
    asset = an_asset(
        a_session(), sound_ready_at=timezone.now(), heard={"stream": 0}, timecode="10:00:00;00", timecode_drop=True,
        keyframe_summary={"count": 9}, tags=["kept"], source_ref="card 7",
    )  # fmt: skip
    asset.forget_file()
    asset.save()
    asset.refresh_from_db()
    assert (asset.sound_ready, asset.heard, asset.timecode, asset.timecode_drop) == (False, None, "", False)
    assert (asset.keyframe_summary, asset.tags, asset.source_ref) == ({}, ["kept"], "card 7")


def test_a_registry_asset_counts_its_versions_by_itself():
    asset = a_registry_asset()
    assert asset.original_key == f"tenants/{TENANT}/dev/media_v2/{asset.pk}/originals/v001.mov"
    assert (next_version(asset), next_version(asset)) == (2, 3)
    assert next_version(a_registry_asset()) == 2
    assert (str(asset), asset.camera_key) == ("logo.mov", "")
    with pytest.raises(ValueError, match="no angle"):
        asset.angle()


def test_registry_assets_are_found_by_tag_and_reference():
    first, second = (
        a_registry_asset(tags=["interview", "día 1"]),
        a_registry_asset(tags=["b-roll"], source_ref="card 7"),
    )
    tagged = MediaAsset.objects.in_tenant(first.context).tagged
    assert [list(tagged(tag)) for tag in ("día 1", "b-roll", "roll", "%", "")] == [[first], [second], [], [], []]
    assert MediaAsset.objects.get(source_ref="card 7") == second


def test_a_registry_asset_is_removed_with_its_files_and_its_work():
    asset = a_registry_asset()
    proxy, waiting = a_derivative(asset), a_job("ingest_asset_v1", asset=asset)
    removal.take_out(asset)
    removal.take_out(asset)
    waiting.refresh_from_db()
    assert (MediaAsset.objects.count(), waiting.status) == (0, "CANCELLED")
    assert set(PendingDeletion.objects.values_list("key", flat=True)) == {asset.original_key, proxy.key}


@pytest.mark.parametrize(("status", "left"), [("uploading", "failed"), ("ready", "ready")])
def test_a_stale_upload_of_a_registry_asset_is_ended(settings, status, left):
    asset = a_registry_asset(status)
    upload = Upload.objects.create(
        **STAMP, asset=asset, version=2, key=f"{asset.original_key}.2", filename="a.mov", content_type="video/quicktime",
        size_bytes=9, part_size=0,
    )  # fmt: skip
    settings.UPLOAD_STALE_HOURS = 0
    assert chores.sweep_stale_uploads() == 1
    upload.refresh_from_db()
    asset.refresh_from_db()
    assert (upload.state, asset.status) == ("aborted", left)


def test_a_registry_asset_is_queued_and_fails_without_a_session_to_move():
    asset = a_registry_asset()
    ingest_queue.begin_ingest(asset, None)
    job = ingest_queue.enqueue_ingest(asset)
    assert (job.session, job.input_json["camera"], asset.status) == (None, "", "ingesting")
    ingest_queue.advance_if_ingested(None)


def test_pages_show_registry_assets_without_a_session(root):
    asset = a_registry_asset(has_audio=True, sample_rate=48000, audio_channels=2)
    a_synced_session()
    job = a_job("ingest_asset_v1", asset=asset)
    for page in (
        reverse("media:job", args=[job.pk]),
        reverse("media:jobs"),
        reverse("media:mastering", args=[asset.pk]),
        reverse("admin:media_app_mediaasset_change", args=[asset.pk]),
        reverse("admin:media_app_mediaasset_changelist"),
    ):
        answer = root.get(page)
        assert answer.status_code == 200, page
        assert "logo.mov" in answer.content.decode() or page == reverse("media:jobs")
        assert "None" not in answer.content.decode().replace("data-", ""), page


def test_a_known_file_is_one_of_a_session(root):
    a_registry_asset()
    session = a_session()
    an_asset(session, original_filename="logo.mov")
    a_user("root", TENANT)
    known = root.get(reverse("media:known"), {"name": "logo.mov", "size": "1000"}).json()["files"]
    assert [file["title"] for file in known] == [session.title]


def test_an_artifact_names_all_it_was_made_from_and_is_found_from_each():
    film, music = a_registry_asset(checksum="f"), a_registry_asset(checksum="m")
    transcript, render = a_derivative(film, "asr_transcript"), a_derivative(film, "render")
    for _ in range(2):
        ArtifactSource.objects.record(render, [music, transcript], "input")
    assert {(s.source_asset, s.source_artifact, s.key, s.role) for s in render.sources.all()} == {
        (music, None, music.original_key, "input"), (None, transcript, transcript.key, "input"),
    }  # fmt: skip
    made = DerivedMedia.objects.made_from
    assert (set(made(film)), set(made(music)), set(made(transcript))) == ({transcript, render}, {render}, {render})
    music.delete()
    transcript.delete()
    assert {(s.source_asset, s.source_artifact, s.checksum) for s in render.sources.all()} == {
        (None, None, "m"), (None, None, transcript.checksum),
    }  # fmt: skip
    render.delete()
    assert not ArtifactSource.objects.exists()


def test_an_artifact_is_no_source_of_itself_and_a_source_is_one_file():
    film = a_registry_asset()
    proxy, render = a_derivative(film), a_derivative(film, "render")
    for fields, rule in (
        ({"source_artifact": render}, "source_is_another_file"),
        ({"source_artifact": proxy, "source_asset": film}, "source_is_one_file"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            ArtifactSource.objects.create(**STAMP, artifact=render, key="k", **fields)


@pytest.mark.parametrize(
    ("start", "end", "kept"),
    [
        (None, None, True),
        (0, 0, True),
        (0.5, 1000, True),
        (5, None, True),
        (None, 5, False),
        (-1, 5, False),
        (5, 4.9, False),
    ],
)
def test_an_artifact_ends_after_its_start(start, end, kept):
    row = a_derivative(a_registry_asset(), "audio_segment")
    row.start_ms, row.end_ms = start, end
    if kept:
        row.save()
        return
    with pytest.raises(IntegrityError, match="artifact_ends_after_start"), transaction.atomic():
        row.save()


def test_what_went_in_is_made_once():
    asset, job = a_registry_asset(), a_job()
    first, second = a_derivative(asset, "frame", "1"), a_derivative(asset, "frame", "2")
    DerivedMedia.objects.filter(pk__in=[first.pk, second.pk]).update(cache_key="c" * 64, created_by_job=job)
    with pytest.raises(IntegrityError), transaction.atomic():
        DerivedMedia.objects.create(
            **STAMP, asset=asset, kind="frame", variant="1", input_ref="another", key="k", cache_key="c" * 64
        )
    assert set(job.artifacts.all()) == {first, second}
    MediaJob.objects.filter(pk=job.pk).delete()
    first.refresh_from_db()
    assert first.created_by_job is None


@pytest.mark.parametrize("wished", [True, False])
def test_a_session_s_wish_for_no_edit_ready_copies_is_followed_by_every_worker(settings, wished):
    settings.MEZZANINE = "prores"
    _, made = Api().post("/v2/sessions", {"title": "A", "date": "2026-01-13", "projectId": "p", "mezzanines": wished})
    assert made["mezzanines"] == wished
    asset = an_asset(RecordingSession.objects.get())
    job = a_job("ingest_asset_v1", session=asset.session, asset=asset, status="FAILED")
    # Another sound was to be heard and could not be made: what was to follow follows for the sound before it.
    job.input_json = {"original_key": asset.original_key, "derived_version": 1, "heard_before": None}
    job.save()

    ingest.ingest_failed(job)

    assert MediaJob.objects.filter(type="engine_mezzanine_v1").exists() == wished
