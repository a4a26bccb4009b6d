"""What holds when many workers and requests do the same thing at the same moment. Runs on SQLite, and on PostgreSQL when
the settings name one (`python -m tests.on_postgres`)."""

import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from media_app import jobs
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt
from media_app.process import Cancelled
from media_app.services import ingest_queue, uploads
from sessions_app.core.tenant import Context
from sessions_app.models import RecordingSession
from sessions_app.services import lock_session
from tests.apps.media_app import work
from tests.apps.media_app.work import at_once
from tests.support.factories import TENANT, Api, a_job, a_session, a_synced_session, an_asset, offer_of

pytestmark = pytest.mark.django_db(transaction=True)
CONTEXT = Context(TENANT, "dev")
WORKERS = 8


@pytest.fixture(autouse=True)
def _work():
    work.register()


def claim_until_none(number: int) -> list:
    """As a worker does: an empty hand may mean that another was quicker, so it looks until nothing is due."""
    taken = []
    while True:
        run = jobs.claim(f"worker-{number}")
        if run is not None:
            taken.append(run.job.pk)
        elif not MediaJob.objects.due().exists():
            return taken


def test_many_workers_claim_every_job_once():
    wanted = {a_job().pk for _ in range(40)}
    taken = [pk for some in at_once(WORKERS, claim_until_none) for pk in some]
    assert len(taken) == 40
    assert set(taken) == wanted
    assert MediaJobAttempt.objects.count() == 40


def test_many_requests_for_the_same_work_queue_one_job():
    made = at_once(WORKERS, lambda _: a_job(dedupe_key="the same").pk)
    assert len(set(made)) == 1
    assert MediaJob.objects.count() == 1


def test_many_rescuers_give_a_lost_job_back_once():
    job = a_job()
    jobs.claim("killed")
    MediaJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sum(at_once(WORKERS, lambda _: jobs.rescue())) == 1
    job.refresh_from_db()
    assert (job.status, job.attempt_rows.count()) == ("PENDING", 1)


def test_of_two_who_hold_a_job_one_after_the_other_only_the_second_completes_it():
    for _ in range(5):
        job = a_job()
        stalled = jobs.claim("stalled")
        MediaJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        jobs.rescue()
        runs = [stalled, jobs.claim("successor")]
        at_once(2, lambda number: runs[number].execute())  # noqa: B023
        outcomes = list(job.attempt_rows.values_list("outcome", flat=True))
        assert outcomes == ["lost", "completed"]


def finish(asset: MediaAsset) -> None:
    """The end of its sound, as `ingest` has it."""
    with transaction.atomic():
        session = lock_session(asset.session_id)
        MediaAsset.objects.filter(pk=asset.pk).update(sound_ready_at=timezone.now(), has_audio=True)
        DerivedMedia.objects.create(
            **asset.context.stamp(), asset=asset, kind="audio-wav", key=f"w/{asset.pk}", checksum=str(asset.pk)
        )
        ingest_queue.advance_if_ingested(session)


def test_the_sync_is_queued_once_when_all_cameras_are_ready_at_the_same_moment():
    for _ in range(4):
        session = a_session(status="ingesting")
        assets = [an_asset(session, label, status="ingesting") for label in "ABCDEF"]
        at_once(len(assets), lambda number: finish(assets[number]))  # noqa: B023
        session.refresh_from_db()
        assert session.status == "syncing"
        queued = session.jobs.get(type="sync_session_v1")
        assert sorted(queued.input_json["inputs"]) == list("ABCDEF")


def test_eight_completes_at_the_same_moment_queue_one_ingest():
    api = Api()
    session = a_session()
    _, offer = api.post(f"/v2/sessions/{session.pk}/assets/init-upload", offer_of(data=b"film"))
    assert api.put_file(offer["uploadUrl"], b"film") == 200
    path = f"/v2/sessions/{session.pk}/assets/{offer['assetId']}/complete"
    answers = at_once(WORKERS, lambda _: api.post(path))
    assert {status for status, _ in answers} == {200}
    assert {body["status"] for _, body in answers} == {"ingesting"}
    job = MediaJob.objects.get(type="ingest_sound_v1")
    assert (job.status, job.cancel_requested) == ("PENDING", False)


def test_eight_inits_at_the_same_moment_make_one_asset_and_one_upload():
    api = Api()
    session = a_session()
    path = f"/v2/sessions/{session.pk}/assets/init-upload"
    answers = at_once(WORKERS, lambda _: api.post(path, offer_of()))
    assert {status for status, _ in answers} == {201}
    assert len({body["assetId"] for _, body in answers}) == 1
    assert session.assets.get().uploads.count() == 1


def test_cameras_of_many_sessions_of_one_day_never_share_a_version():
    sessions = [a_session(f"take {number}") for number in range(WORKERS)]
    offer = uploads.FileOffer("A", "a.mp4", "video/mp4", 10)
    made = at_once(WORKERS, lambda number: uploads.init_upload(CONTEXT, sessions[number].pk, offer).upload.key)
    assert len(set(made)) == WORKERS


def test_a_complete_and_an_abort_at_the_same_moment_agree_on_one_end():
    api = Api()
    for _ in range(4):
        session = a_session()
        base = f"/v2/sessions/{session.pk}/assets"
        _, offer = api.post(f"{base}/init-upload", offer_of(data=b"film"))
        api.put_file(offer["uploadUrl"], b"film")
        calls = [
            lambda: api.post(f"{base}/{offer['assetId']}/complete"),  # noqa: B023
            lambda: api.delete(f"{base}/{offer['assetId']}/upload"),  # noqa: B023
        ]
        (completed, _), (aborted, _) = at_once(2, lambda number: calls[number]())  # noqa: B023
        assert aborted in (204, 404)
        asset = session.assets.first()
        if completed == 200:
            assert asset is not None
            assert asset.status == "ingesting"
        else:
            assert completed in (404, 409, 410)
            assert asset is None


def test_approving_and_correcting_at_the_same_moment_leaves_one_standing_decision_and_both_in_the_trail():
    api = Api()
    session = a_synced_session()
    path = f"/v2/sessions/{session.pk}/sync"
    calls = [("approve", {"version": 1}), ("correct", {"version": 1, "offsets": {"B": 7}})]
    answers = at_once(2, lambda number: api.post(f"{path}/{calls[number][0]}", calls[number][1]))
    assert sorted(status for status, _ in answers) == [200, 409]
    assert session.sync_decisions.count() == 1


def test_requests_and_workers_on_one_session_never_wait_for_each_other_for_ever():
    """Locks are taken in one order: on PostgreSQL a deadlock would end one of them with an error."""
    api = Api()
    ends = time.monotonic() + 4
    dice = random.Random(1)
    sessions = [a_session(f"take {number}").pk for number in range(2)]
    stopping = threading.Event()
    unexpected: list = []

    def request(number: int) -> None:
        while time.monotonic() < ends:
            session = dice.choice(sessions)
            label = dice.choice("AB")
            base = f"/v2/sessions/{session}/assets"
            status, offer = api.post(f"{base}/init-upload", offer_of(label, b"film"))
            if status == 201:
                api.put_file(offer["uploadUrl"], b"film")
                answers = [api.post(f"{base}/{offer['assetId']}/complete")]
                if dice.random() < 0.5:
                    answers.append(api.delete(f"{base}/{offer['assetId']}"))
                if dice.random() < 0.3:
                    jobs.request_cancel(MediaJob.objects.filter(session=session)[:3])
                unexpected.extend(answer for answer in answers if answer[0] >= 500)

    def worker(number: int) -> None:
        while not stopping.is_set():
            run = jobs.claim(f"worker-{number}", job_types=["ingest_sound_v1", "sync_session_v1"])
            if run is None:
                time.sleep(0.01)
                continue
            try:
                with run.completing():
                    asset = MediaAsset.objects.filter(jobs=run.job).first()
                    if asset is not None and run.job.type == "ingest_sound_v1":
                        finish_in_here(asset)
            except (jobs.LeaseLost, Cancelled):
                pass

    def finish_in_here(asset: MediaAsset) -> None:
        session = lock_session(asset.session_id)
        MediaAsset.objects.filter(pk=asset.pk).update(sound_ready_at=timezone.now(), has_audio=True)
        ingest_queue.advance_if_ingested(session)

    def party(number: int) -> None:
        try:
            request(number) if number < 3 else worker(number)
        except Exception as error:
            unexpected.append(error)
        finally:
            stopping.set()

    at_once(6, party)
    assert unexpected == []
    assert RecordingSession.objects.count() == 2
