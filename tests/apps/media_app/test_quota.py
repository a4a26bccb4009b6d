"""A tenant that would use more than its share is refused with what it uses; another tenant is not."""

import re

import pytest
from django.contrib.auth.models import Permission

from media_app import jobs, storage
from media_app.core import kinds
from media_app.jobs.registry import JobType
from media_app.making.files import Outputs, describe
from media_app.models import DerivedMedia, MediaAsset, MediaJob, Upload
from media_app.services import artifacts, chores, quota, stats, stored
from render_app.models import Export, Production
from sessions_app.core.tenant import Context
from tests.apps.media_app.test_queue_races import at_once
from tests.support.factories import (
    Api,
    a_derivative,
    a_job,
    a_registry_asset,
    a_session,
    a_synced_session,
    a_user,
    an_asset,
    offer_of,
)

pytestmark = pytest.mark.django_db


def begin(session, label="A", **changes) -> tuple[int, dict]:
    return Api().post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(label, **changes))


def test_a_file_too_many_is_413_with_what_is_used_and_leaves_nothing(settings):
    settings.TENANT_MAX_BYTES = 1000
    session = a_session()
    an_asset(session, "A", size_bytes=300, has_audio=False)
    made = a_derivative(session.assets.get(), "proxy")
    type(made).objects.update(size_bytes=200)
    assert begin(session, "B", sizeBytes=400)[0] == 201

    status, body = begin(session, "C", sizeBytes=101)

    assert (status, body["error"]["code"], body["error"]["field"]) == (413, "quota_exceeded", "sizeBytes")
    assert body["error"]["details"] == {"used": 900, "asked": 101, "limit": 1000}
    assert not session.assets.filter(camera_label="C").exists()
    assert begin(session, "C", sizeBytes=100)[0] == 201


def test_space_comes_back_when_an_upload_is_aborted_or_a_file_removed(settings):
    settings.TENANT_MAX_BYTES = 1000
    session = a_session()
    _, first = begin(session, "A", sizeBytes=1000)
    assert begin(session, "B", sizeBytes=1)[0] == 413
    assert begin(session, "A", sizeBytes=1000)[0] == 201
    Api().delete(f"/v2/sessions/{session.pk}/assets/{first['assetId']}/upload")
    assert begin(session, "B", sizeBytes=1000)[0] == 201


def test_another_tenant_s_bytes_do_not_count(settings):
    settings.TENANT_MAX_BYTES = 1000
    an_asset(a_session(tenant_id="t_other"), "A", size_bytes=1000)

    assert begin(a_session(), "A", sizeBytes=1000)[0] == 201


def test_a_file_that_is_here_is_completed_whatever_the_quota(settings):
    session = a_session()
    api, (_, offer) = Api(), begin(session, "A", data=b"film")
    settings.TENANT_MAX_BYTES = 1
    settings.TENANT_MAX_JOBS = 1
    assert api.put_file(offer["uploadUrl"], b"film") == 200
    assert api.post(f"/v2/sessions/{session.pk}/assets/{offer['assetId']}/complete")[0] == 200


@pytest.mark.django_db(transaction=True)
def test_uploads_announced_at_the_same_moment_never_exceed_the_quota(settings):
    settings.TENANT_MAX_BYTES = 1000
    sessions = [a_session() for _ in range(6)]

    at_once(6, lambda number: begin(sessions[number], "A", sizeBytes=400))

    assert sum(Upload.objects.filter(state="open").values_list("size_bytes", flat=True)) <= 1000
    assert (
        MediaAsset.objects.count()
        == Upload.objects.filter(state="open").count()
        == len(list(storage.store().uploads()))
    )


def test_everything_that_lies_in_the_store_counts_once_and_what_expired_does_not(django_assert_num_queries):
    film = a_registry_asset(size_bytes=1000)
    made, other = a_derivative(film, "render"), a_derivative(film, "proxy")
    DerivedMedia.objects.filter(pk=made.pk).update(key=film.original_key, size_bytes=1000)
    DerivedMedia.objects.filter(pk=other.pk).update(size_bytes=40)
    stamp = film.context.stamp()
    for outcome, size in (("completed", 300), ("expired", 5000), ("failed", 0)):
        Export.objects.create(**stamp, outcome=outcome, size_bytes=size)
    Production.objects.create(**stamp, asset=film, packager="hls", status="completed", size_bytes=70)
    Production.objects.create(**stamp, asset=film, packager="hls", status="failed")

    assert quota.usage(film.context).stored == 1000 + 40 + 300 + 70
    root = a_user("root", "", is_staff=True, is_superuser=True)
    with django_assert_num_queries(len(stored.tables()) + 2):
        [shown] = quota.of_tenants(root)
    assert [size for _, size in shown.stored] == [1000, 40, 300, 70]
    files = stats.stored().files
    assert (files["original"], files["proxy"], files["export"], files["package"]) == (
        (1, 1000), (1, 40), (1, 300), (1, 70)
    )  # fmt: skip
    assert "render" not in files


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("filled", ["before", "meanwhile"])
def test_what_a_job_made_beyond_the_quota_is_not_kept_and_fails_at_once_with_a_sentence(settings, tmp_path, filled):
    settings.TENANT_MAX_BYTES = 100 if filled == "before" else 1000
    film, job = a_registry_asset(size_bytes=90), a_job()

    def register(made: artifacts.Completion) -> dict:
        return {"kept": artifacts.register_files(film, made.placed, made.job)[0].size_bytes}

    def place(run, job, subject, outputs) -> artifacts.Placed:
        (tmp_path / "made.wav").write_bytes(b"some sound")
        return {"t/dev/made.wav": describe(kinds.AUDIO_WAV, tmp_path / "made.wav")}

    def subject(job: MediaJob) -> MediaJob:
        if filled == "meanwhile" and storage.store().head("t/dev/made.wav"):
            settings.TENANT_MAX_BYTES = 100
        return job

    made = artifacts.FileJob(subject, lambda run, job, subject: Outputs(), place, register)
    jobs.register(JobType(job.type, "Test", made.handlers()))
    a_derivative(film)
    jobs.claim("worker").execute()
    job.refresh_from_db()

    assert (job.status, job.attempts, job.error_code) == ("FAILED", 1, "quota_exceeded")
    assert "The result takes 0.0 MB, and this tenant uses 0.0 MB of its 0.0 MB" in job.error_message
    assert film.derivatives.count() == 1
    chores.sweep_deletions()
    assert storage.store().head("t/dev/made.wav") is None
    film.derivatives.all().delete()
    jobs.retry(job)
    jobs.claim("worker").execute()
    job.refresh_from_db()
    assert (job.status, job.result_json["kept"]) == ("COMPLETED", 10)


def test_a_recording_made_anew_needs_only_what_it_takes_beyond_the_files_that_go(settings):
    settings.TENANT_MAX_BYTES = 1000
    context = a_registry_asset(size_bytes=990).context
    quota.refuse_made(context, 10)
    quota.refuse_made(context, -500)
    with pytest.raises(quota.QuotaExceeded):
        quota.refuse_made(context, 11)
    settings.TENANT_MAX_BYTES = 1
    quota.refuse_made(context, 0)


def test_a_job_too_many_is_429_and_says_when_to_come_back(settings):
    settings.TENANT_MAX_JOBS = 1
    session, api = a_synced_session(), Api()
    assert api.post(f"/v2/sessions/{session.pk}/sync/run")[0] == 202
    asset = session.assets.first()

    status, body = api.post(f"/v2/sessions/{session.pk}/assets/{asset.pk}/ingest")

    assert (status, body["error"]["code"]) == (429, "too_much_waiting")
    assert body["error"]["details"] == {"used": 1, "asked": 1, "limit": 1}
    assert api.post(f"/v2/sessions/{session.pk}/sync/run")[0] == 429
    session.jobs.update(status="COMPLETED")
    assert api.post(f"/v2/sessions/{session.pk}/assets/{asset.pk}/ingest")[0] == 202


@pytest.mark.parametrize("path", ["/api/mastering", "/api/productions", "heard"])
def test_every_way_to_ask_for_work_is_counted(settings, path):
    settings.TENANT_MAX_JOBS = 1
    session, api = a_synced_session(), Api()
    asset = session.assets.first()
    a_job("engine_mezzanine_v1", session=session, asset=asset)
    if path == "heard":
        status, body = api.patch(f"/v2/sessions/{session.pk}/assets/{asset.pk}", {"heard": None})
    else:
        status, body = api.post(path, {"assetId": str(asset.pk), "preset": "convert_aac_v1"})
    assert (status, body["error"]["code"]) == (429, "too_much_waiting"), body
    assert "1 jobs of this tenant wait or run" in body["error"]["message"]


def test_what_a_tenant_uses_is_shown_in_figures():
    session = a_session()
    an_asset(session, "A", size_bytes=300, has_audio=False)
    begin(session, "B", sizeBytes=400)

    used = quota.usage(Context("t_club", "dev"))

    assert (used.stored, used.announced, used.jobs, used.webhooks) == (300, 400, 0, 0)


def test_members_of_staff_see_their_tenants_against_the_quota_and_no_other(settings, client):
    settings.TENANT_MAX_BYTES, settings.TENANT_MAX_JOBS, settings.TENANT_MAX_PENDING_WEBHOOKS = 2 * 10**9, 0, 4
    for tenant in ("t_club", "t_other"):
        session = a_session(tenant_id=tenant)
        an_asset(session, "A", size_bytes=1_500_000_000, has_audio=False)
        a_job("webhook_v1", tenant=tenant)
    begin(a_session(), "B", sizeBytes=400_000_000)
    staff = a_user("keeper", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename="view_mediajob"))
    client.force_login(staff)

    said = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", client.get("/admin/ops").content.decode()))

    kinds = "Originals 1.5 GB · Made from them 0 bytes · Exports 0 bytes · Packages 0 bytes"
    assert f"t_club · dev 1.9 GB of 2.0 GB (95%) {kinds} 0, no limit 1 of 4 (25%)" in said.replace(" ,", ",")
    assert "t_other" not in said
    client.force_login(a_user("root", "", is_staff=True, is_superuser=True))
    assert "t_other · dev" in re.sub(r"<[^>]*>", " ", client.get("/admin/ops").content.decode())
