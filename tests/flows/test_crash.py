"""kill -9 within a job where the fire of `bench.chaos` does not go: a child of Celery's on the tests' database, a session that is
removed while its worker is dead. Everything else that goes wrong: test_chaos.py."""

import time

import pytest

from bench.chaos import on_renders
from bench.chaos.door import Door
from bench.chaos.listener import Listener
from bench.chaos.on_exports import made_once
from bench.chaos.rig import PATIENCE
from media_app import storage
from media_app.making.files import sha256
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, PendingDeletion
from media_app.services import chores
from sessions_app.models import RecordingSession
from sync_app.models import SyncResult
from tests.flows.test_exports import ingested
from tests.flows.test_renders import an_asset as registered
from tests.support import media, talk
from tests.support.factories import TENANT, Api, a_registry_asset, a_session, an_asset
from tests.support.waiting import PATIENCE_S, until

#: How long a busy machine may take for what a quiet one does in seconds.
#: Where a Celery child is killed, on its so-many-th arrival there.
POINTS_WITHIN = [
    ("media_app.storage.local.LocalStore.put_file", 3),
    ("media_app.services.artifacts.register_files", 1),
    ("sync_app.core.engine.align", 1),
]
#: When the timeline engine has measured and heard all, and has nothing written yet.
IN_AN_ENGINE = "media_app.core.hearing.events.build"


#: Where a worker is killed in the course of one export, one after another: in the midst of it, as it is stored, as its end is reported.
POINTS_OF_AN_EXPORT = [
    ("media_app.process.ffmpeg", "before", 2),
    ("media_app.storage.local.LocalStore.put_file", "after", 2),
    ("media_app.services.webhooks.announce", "after", 1),
]

#: Where a worker is killed in the course of one render: in the midst of it, as its film is stored, as it is registered.
POINTS_OF_A_RENDER = [
    ("media_app.process.ffmpeg", "before", 2),
    ("media_app.storage.local.LocalStore.put_file", "after", 1),
    ("media_app.services.artifacts.register_files", "after", 1),
]
#: The last chunk is done, and what joins them is about to begin; or has begun, and nobody has heard of it.
POINTS_OF_JOINING = [
    ("render_app.services.render_chunks.join_if_whole", "before", 1),
    ("render_app.services.renders.start", "after", 1),
]
#: Seconds in which a canceled render stops, on a machine that does nothing else.
CANCEL_S = 2.0 * PATIENCE


@pytest.fixture
def door(studio, tmp_path) -> Door:
    """Through it faults get into the programs that this Studio starts."""
    within = {point for point, *_ in (*POINTS_WITHIN, *POINTS_OF_AN_EXPORT, *POINTS_OF_A_RENDER, *POINTS_OF_JOINING)}
    door = Door(tmp_path / "signals", [*sorted(within), IN_AN_ENGINE])
    studio.changes |= door.environment()
    return door


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
    types = ["ingest_asset_v1"] * 3 + ["ingest_sound_v1"] * 3 + ["sync_session_v1"]
    assert sorted(MediaJob.objects.values_list("type", flat=True)) == types
    assert SyncResult.objects.count() == 1
    assert DerivedMedia.objects.count() == 15
    for job in MediaJob.objects.all():
        outcomes = list(job.attempt_rows.values_list("outcome", flat=True))
        assert outcomes[-1] == "completed"
        assert outcomes.count("completed") == 1
        assert set(outcomes[:-1]) <= {"lost"}

    assert not studio.scratch_left()
    assert not studio.tools_running()
    PendingDeletion.objects.update(due_at="2026-01-01T00:00Z")
    chores.sweep_deletions()
    known = {asset.original_key for asset in MediaAsset.objects.all()}
    known |= set(DerivedMedia.objects.values_list("key", flat=True))
    known |= {key for kept in SyncResult.objects.get().debug_artifacts.values() for key in kept.values()}
    logs = {key for attempt in MediaJobAttempt.objects.all() for key in (attempt.stdout_key, attempt.stderr_key) if key}
    assert {key for key in studio.objects() if "/jobs/" not in key} == known
    assert logs <= studio.objects()
    for derived in DerivedMedia.objects.all():
        assert storage.store().head(derived.key).size == derived.size_bytes


@pytest.mark.services
@pytest.mark.parametrize("engine", ["celery"], indirect=True)
def test_a_celery_child_killed_within_a_job_costs_nothing_and_its_worker_goes_on(studio, settings, door):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    worker = studio.worker()
    for number, (point, nth) in enumerate(POINTS_WITHIN):
        door.arm(number, point, "after", "kill", nth=nth)
        until(lambda number=number: door.fired(number) is not None, studio.log)
    studio.until_idle()
    studio.end(worker)
    assert_done_once(studio, session)


def test_a_session_removed_under_a_killed_worker_leaves_no_object(studio, settings, door):
    settings.MEZZANINE = "off"
    session = a_shoot(12)
    door.arm(1, "media_app.services.artifacts.register_files", "before", "kill")
    assert studio.worker().wait(PATIENCE_S) == -9
    assert len(studio.objects()) > 3
    assert Api().delete(f"/v2/sessions/{session.pk}")[0] == 204
    studio.drain()
    PendingDeletion.objects.update(due_at="2026-01-01T00:00Z")
    chores.sweep_deletions()
    assert {key for key in studio.objects() if "/jobs/" not in key} == set()
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"CANCELLED"}


def test_a_worker_killed_in_the_middle_of_an_engine_makes_its_document_once(studio, door, tmp_path):
    path = talk.wav(tmp_path / "hall.wav", talk.noise(4))
    asset = a_registry_asset(
        original_filename="hall.wav", kind="audio", has_audio=True, duration_ms=4000, size_bytes=path.stat().st_size,
        checksum=sha256(path), heard={"stream": 0, "channels": [1], "how": "mix", "reason": "the only one"},
    )  # fmt: skip
    storage.store().put_file(asset.original_key, path, content_type="audio/wav")
    body = {"tenant_id": TENANT, "env": "dev", "asset_id": str(asset.pk), "include_beats": False}
    assert Api().post("/audio/semantic-timeline/analyze", body)[0] == 202
    door.arm(1, IN_AN_ENGINE, "before", "kill")
    assert studio.worker().wait(PATIENCE_S) == -9
    studio.drain()
    job = MediaJob.objects.get()
    assert (job.status, list(job.attempt_rows.values_list("outcome", flat=True))) == (
        "COMPLETED",
        ["lost", "completed"],
    )
    made = DerivedMedia.objects.get()
    assert made.kind == "audio_semantic_timeline"
    assert {key for key in studio.objects() if "/jobs/" not in key} == {asset.original_key, made.key}
    assert not studio.scratch_left()
    assert not studio.tools_running()


@pytest.fixture
def listener(studio, settings):
    """Where webhooks go; both the API of this process and the programs may send there."""
    listener = Listener()
    studio.changes |= listener.environment
    settings.OUTBOUND_NETWORKS, settings.OUTBOUND_PORTS = ["127.0.0.0/8"], [listener.port]
    settings.OUTBOUND_PLAIN_HTTP = True
    yield listener
    listener.close()


def test_an_export_whose_workers_are_killed_is_made_once_and_reported_once(studio, settings, door, listener):
    settings.MEZZANINE = "off"
    path = media.slate("A.mp4", seconds=3, size=(160, 90))
    asset = ingested(an_asset(a_session(), "A", status="ingesting", size_bytes=path.stat().st_size), path)
    MediaJob.objects.all().delete()
    body = {
        "angles": {"A": {"assetId": str(asset.pk)}},
        "switchPoints": [{"atMs": 200, "angle": "A"}],
        "range": {"endMs": 1200},
        "outputs": [{"name": "main", "width": 160, "height": 90}, {"name": "sound", "audioOnly": True}],
        "thumbnail": {"atMs": 400},
        "webhookUrl": listener.url,
    }
    status, started = Api().post("/api/export", body)
    assert status == 202, started

    for number, (point, when, nth) in enumerate(POINTS_OF_AN_EXPORT):
        door.arm(number, point, when, "kill", nth=nth)
        assert studio.worker().wait(PATIENCE_S) == -9, studio.log()
    studio.drain()

    assert list(made_once(started["jobId"], listener.ids(started["jobId"]))) == []
    outcomes = MediaJob.objects.get(pk=started["jobId"]).attempt_rows.values_list("outcome", flat=True)
    assert sorted(outcomes) == ["completed", "lost", "lost", "lost"]
    assert not studio.tools_running()
    assert not studio.scratch_left()


def a_render(settings, **fields) -> dict:
    """The body of a render of two seconds."""
    settings.MEZZANINE = "off"
    asset = registered(media.slate("A.mp4", seconds=3, size=(160, 90)))
    MediaJob.objects.all().delete()
    clip = {"id": "c", "asset_id": str(asset.pk), "in_ms": 200, "out_ms": 2200}
    track = {"id": "t", "kind": "video", "clips": [clip]}
    wish = {"sequence_snapshot": {"id": "s", "timebase": 25, "tracks": [track]}, "render_profile": "draft_480p_fast"}
    return {"tenant_id": TENANT, "env": "dev", **wish, **fields}


def test_a_render_whose_workers_are_killed_is_made_once_and_reported_once(studio, settings, door, listener):
    body = a_render(settings)
    hook = {"url": listener.url, "events": ["render.completed", "render.failed"]}
    assert Api().post("/v2/webhooks", hook)[0] == 201
    status, started = Api().post("/video/render/jobs", body)
    assert status == 201, started

    for number, (point, when, nth) in enumerate(POINTS_OF_A_RENDER):
        door.arm(number, point, when, "kill", nth=nth)
        assert studio.worker().wait(PATIENCE_S) == -9, studio.log()
    studio.drain()

    job = MediaJob.objects.get(pk=started["id"])
    assert list(on_renders.made_once(job, listener.ids(started["id"], "render"))) == []
    assert sorted(job.attempt_rows.values_list("outcome", flat=True)) == ["completed", "lost", "lost", "lost"]
    assert not studio.tools_running()
    assert not studio.scratch_left()


def test_chunks_whose_workers_are_killed_as_they_are_joined_are_one_film(studio, settings, door):
    status, begun = Api().post("/video/render/jobs/chunked", a_render(settings, segment_duration_ms=1000))
    assert (status, len(begun["jobs"])) == (201, 2), begun

    for number, (point, when, nth) in enumerate(POINTS_OF_JOINING):
        door.arm(number, point, when, "kill", nth=nth)
        assert studio.worker().wait(PATIENCE_S) == -9, studio.log()
    studio.drain()

    ids = [job["id"] for job in begun["jobs"]]
    film = on_renders.film_of(ids)
    assert list(on_renders.joined_once(ids, film, 2)) == []
    assert (film.status, film.input_json["plan"]["expected"]["frames"]) == ("COMPLETED", 48)
    assert set(MediaJob.objects.values_list("status", flat=True)) == {"COMPLETED"}


def test_a_render_that_is_canceled_in_the_midst_of_encoding_stops_within_two_seconds(studio, settings):
    body = a_render(settings, render_profile="youtube_4k_h264")
    _, started = Api().post("/video/render/jobs", body)
    worker = studio.worker()
    until(lambda: any("libx264" in line for line in map(str, studio.tools_running())), studio.log)
    began = time.monotonic()
    assert Api().post(f"/video/render/jobs/{started['id']}/cancel", {"tenant_id": TENANT, "env": "dev"})[0] == 200
    until(lambda: not studio.tools_running(), studio.log)
    stopped = time.monotonic() - began
    until(lambda: MediaJob.objects.get(pk=started["id"]).status == "CANCELLED", studio.log)
    ended = time.monotonic() - began
    studio.end(worker)
    assert max(stopped, ended) <= CANCEL_S
    assert not studio.scratch_left()
    assert not DerivedMedia.objects.filter(kind="render").exists()
