"""kill -9 of the worker at any point, then a new worker: everything is done once, and nothing is left lying about."""

import random
import time

import pytest

from media_app import storage
from media_app.models import DerivedMedia, DoomedObject, MediaAsset, MediaJob, MediaJobAttempt
from media_app.services import housekeeping
from sessions_app.models import RecordingSession
from sync_app.models import SyncResult
from tests import media
from tests.factories import Api
from tests.flows.studio import WORKER

SEED = 7
#: Where the process that does a job is killed: by a hook in itself, on its so-many-th arrival there.
POINTS = [
    ("media_app.jobs.claim", 2),
    ("media_app.process.ffmpeg", 1),
    ("media_app.storage.local.LocalStore.put_file", 3),
    ("media_app.services.ingest.register", 1),
    ("media_app.services.uploads.settle_session", 2),
    ("sync_app.core.engine.align", 1),
    ("sync_app.services.measure.record", 1),
]
POINTS_WITHIN = [
    ("media_app.storage.local.LocalStore.put_file", 3),
    ("media_app.services.ingest.register", 1),
    ("sync_app.core.engine.align", 1),
]
KILLER = """
import os, sys
import django
django.setup()
from django.core.management import call_command
from django.utils.module_loading import import_string
path, count, when, once = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
holder_path, name = path.rsplit(".", 1)
import importlib
try:
    holder = importlib.import_module(holder_path)
except ModuleNotFoundError:
    holder = import_string(holder_path)
original, left = getattr(holder, name), [count]
def die():
    try:
        os.mkdir(once)
    except FileExistsError:
        return
    os.kill(os.getpid(), 9)
def deadly(*args, **options):
    left[0] -= 1
    if left[0] == 0 and when == "before":
        die()
    answer = original(*args, **options)
    if left[0] == 0:
        die()
    return answer
setattr(holder, name, deadly)
for module in list(sys.modules.values()):
    if getattr(module, name, None) is original:
        setattr(module, name, deadly)
if sys.argv[5:]:
    from studio.celery import app
    app.start(sys.argv[5:])
else:
    call_command("media_worker")
"""


def a_shoot(seconds: float) -> RecordingSession:
    """Three cameras sent over the API, waiting to be ingested."""
    api = Api()
    _, made = api.post("/v2/sessions", {"title": "x", "date": "2026-01-13", "projectId": "crash"})
    base = f"/v2/sessions/{made['id']}/assets"
    paths = dict(media.three_cameras(seconds=seconds).paths)
    for label, path in paths.items():
        offer = {
            "cameraLabel": label,
            "filename": path.name,
            "contentType": "video/mp4",
            "sizeBytes": path.stat().st_size,
        }
        _, answer = api.post(f"{base}/init-upload", offer)
        paths[label] = (path, answer)
    for path, answer in paths.values():
        assert api.put_file(answer["uploadUrl"], path.read_bytes()) == 200
        assert api.post(f"{base}/{answer['assetId']}/complete")[0] == 200
    return RecordingSession.objects.get(pk=made["id"])


def assert_done_once(studio, session: RecordingSession) -> None:
    session.refresh_from_db()
    assert (session.status, session.status_reason) == ("needs-review", ""), studio.log()
    assert set(session.assets.values_list("status", flat=True)) == {"ready"}
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"COMPLETED"}
    assert sorted(MediaJob.objects.values_list("type", flat=True)) == ["ingest_asset_v1"] * 3 + ["sync_session_v1"]
    assert SyncResult.objects.count() == 1
    assert DerivedMedia.objects.count() == 15
    for job in MediaJob.objects.all():
        outcomes = list(job.attempt_rows.values_list("outcome", flat=True))
        assert outcomes[-1] == "completed"
        assert outcomes.count("completed") == 1
        assert set(outcomes[:-1]) <= {"lost"}

    assert not studio.scratch_left()
    assert not studio.tools_running()
    DoomedObject.objects.update(due_at="2026-01-01T00:00Z")
    housekeeping.sweep_doomed()
    known = {asset.original_key for asset in MediaAsset.objects.all()}
    known |= set(DerivedMedia.objects.values_list("key", flat=True))
    known |= {key for kept in SyncResult.objects.get().debug_artifacts.values() for key in kept.values()}
    logs = {key for attempt in MediaJobAttempt.objects.all() for key in (attempt.stdout_key, attempt.stderr_key) if key}
    assert {key for key in studio.objects() if "/jobs/" not in key} == known
    assert logs <= studio.objects()
    for derived in DerivedMedia.objects.all():
        assert storage.store().head(derived.key).size == derived.size_bytes


def test_a_worker_killed_before_and_after_each_step_costs_nothing(studio, settings, tmp_path):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    dice = random.Random(SEED)
    killed = 0
    for path, count in POINTS:
        worker = studio.start("-c", KILLER, path, str(count), dice.choice(["before", "after"]), str(tmp_path / path))
        ends = time.monotonic() + 60
        while worker.poll() is None and MediaJob.objects.unfinished().exists() and time.monotonic() < ends:
            time.sleep(0.05)
        killed += worker.poll() == -9
        if worker.poll() is None:
            studio.kill(worker)
        assert not studio.tools_running(), "the kernel ends what a dead worker had begun"
    assert killed >= 5
    studio.drain()
    assert_done_once(studio, session)


def test_a_worker_killed_at_random_moments_costs_nothing(studio, settings):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    dice = random.Random(SEED)
    for _ in range(6):
        worker = studio.worker()
        time.sleep(dice.uniform(1.0, 4.0))
        studio.kill(worker)
    time.sleep(0.3)
    assert not studio.tools_running()
    studio.drain()
    assert_done_once(studio, session)


@pytest.mark.services
@pytest.mark.parametrize("engine", ["celery"], indirect=True)
def test_a_celery_child_killed_within_a_job_costs_nothing_and_its_worker_goes_on(studio, settings, tmp_path):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    killers = []
    studio.beat()
    for number, (path, count) in enumerate(POINTS_WITHIN):
        killer = ("-c", KILLER, path, str(count), "after", str(tmp_path / path), *WORKER, "--hostname", f"{number}@%h")
        killers.append(studio.start(*killer))
    ends = time.monotonic() + 120
    while MediaJob.objects.unfinished().exists():
        assert time.monotonic() < ends, studio.log()
        time.sleep(0.05)
    killed = [path for path, _ in POINTS_WITHIN if (tmp_path / path).exists()]
    assert len(killed) >= 2, killed
    for worker in killers:
        studio.end(worker)
    assert_done_once(studio, session)


def test_a_session_removed_under_a_killed_worker_leaves_no_object(studio, settings, tmp_path):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    worker = studio.start("-c", KILLER, "media_app.services.ingest.register", "1", "before", str(tmp_path / "dead"))
    assert worker.wait(60) == -9
    assert len(studio.objects()) > 3
    assert Api().delete(f"/v2/sessions/{session.pk}")[0] == 204
    studio.drain()
    DoomedObject.objects.update(due_at="2026-01-01T00:00Z")
    housekeeping.sweep_doomed()
    assert {key for key in studio.objects() if "/jobs/" not in key} == set()
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"CANCELLED"}
