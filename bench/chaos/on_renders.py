"""Faults of renders: killed at every step, whole and in chunks, and canceled; and what must be true of one afterwards."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.chaos import audit
from bench.chaos.audit import Violation
from bench.chaos.plan import Fault
from bench.chaos.rig import DYING_S, PATIENCE
from bench.chaos.scene import Outcome, Scene
from media_app import process, storage
from media_app.models import DerivedMedia, MediaAsset, MediaJob

#: How long a message may be on its way once nothing else is to be done, and a canceled worker at its work.
MESSAGE_S, CANCEL_S = 20.0 * PATIENCE, 2.0 * PATIENCE
RENDER, SEGMENT = "render_v1", "render_segment_v1"


def kill_render(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """kill -9 of the worker: the film is made all the same, once."""
    return _killed(scene, fault, outcome, chunks=0)


def kill_chunks(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """The same while chunks are rendered and joined."""
    return _killed(scene, fault, outcome, chunks=2)


def _killed(scene: Scene, fault: Fault, outcome: Outcome, *, chunks: int) -> float:
    _listen(scene)
    fired, held = scene.strike_inside(fault, "kill")
    time.sleep(DYING_S)
    outcome.violations += scene.orphans()
    took = scene.until_taken_up(held, fired.at)
    scene.wait_until_quiet()
    film = film_of(scene.shoot.jobs)
    outcome.violations += [] if film is None else made_once(film, _ids(scene, film))
    outcome.violations += joined_once(scene.shoot.jobs, film, chunks)
    return took


def cancel_render(scene: Scene, fault: Fault, outcome: Outcome) -> float:
    """Cancel while a worker is at that point: it stops within two seconds, nothing stays, and nobody is notified."""
    _listen(scene)
    scene.strike_inside(fault, "hold")
    [id] = scene.shoot.jobs
    scene.client.call("POST", f"/video/render/jobs/{id}/cancel", scene.tenant)
    at = time.monotonic()
    scene.rig.door.let_go(fault.number)
    while MediaJob.objects.get(pk=id).status == MediaJob.Status.PROCESSING and time.monotonic() < at + MESSAGE_S:
        time.sleep(0.02)
    took = time.monotonic() - at
    scene.wait_until_quiet()
    job = MediaJob.objects.get(pk=id)
    if job.status != MediaJob.Status.CANCELLED or took > CANCEL_S:
        outcome.violations.append(Violation("lost", f"a canceled render is {job.status} after {took:.2f} s"))
    if DerivedMedia.objects.filter(created_by_job=job, kind="render").exists():
        outcome.violations.append(Violation("orphan_objects", "a canceled render left its film"))
    outcome.violations += audit.orphan_objects()
    if scene.rig.listener.ids(id, "render"):
        outcome.violations.append(Violation("doubled", "the end of a canceled render was announced"))
    return took


def _listen(scene: Scene) -> None:
    """Have the ends of renders sent to the listener, from the first render of the Studio on."""
    hooks = scene.client.call("GET", "/v2/webhooks")["results"]
    if not any(hook["url"] == scene.rig.listener.url for hook in hooks):
        wanted = {"url": scene.rig.listener.url, "events": ["render.completed", "render.failed"]}
        scene.client.call("POST", "/v2/webhooks", wanted)


def _ids(scene: Scene, film: MediaJob) -> set[str]:
    ends = time.monotonic() + MESSAGE_S
    while not (found := scene.rig.listener.ids(str(film.pk), "render")) and time.monotonic() < ends:
        time.sleep(0.1)
    return found


def film_of(jobs: list[str]) -> MediaJob | None:
    """The job that made the film: the one that was begun, or that which joined the chunks of these."""
    first = MediaJob.objects.get(pk=jobs[0])
    if first.type == RENDER:
        return first
    found: MediaJob | None = MediaJob.objects.filter(type=RENDER, input_json__group=first.input_json["group"]).first()
    return found


def made_once(job: MediaJob, messages: set[str]) -> Iterator[Violation]:
    """One film as its rows say and its plan expects, an asset that is ready, and one message. `messages`: the ids of those that came."""
    rows = list(DerivedMedia.objects.filter(created_by_job=job, kind="render"))
    if job.status != MediaJob.Status.COMPLETED or len(rows) != 1:
        what = "doubled" if len(rows) > 1 else "lost"
        yield Violation(what, f"the render is {job.status} and has {len(rows)} films ({job.error_message[:200]})")
        return
    [row] = rows
    asset = MediaAsset.objects.get(pk=row.asset_id)
    if asset.status != MediaAsset.Status.READY or asset.original_key != row.key:
        yield Violation("lost", f"the film's asset is {asset.status} ({asset.status_message})")
    if audit.sha256_of(row.key) != row.checksum:
        yield Violation("lost", "the film is not what its row says")
    elif (frames := _frames(row)) != (expected := job.input_json["plan"]["expected"]["frames"]):
        yield Violation("lost", f"the film has {frames} frames instead of {expected}")
    if len(messages) != 1:
        yield Violation("doubled" if messages else "lost", f"{len(messages)} messages of one render")


def joined_once(jobs: list[str], film: MediaJob | None, chunks: int) -> Iterator[Violation]:
    """One chunk of each job, and one film of all."""
    if film is None:
        yield Violation("lost", "chunks are rendered, and nobody joined them")
    elif chunks:
        films = MediaJob.objects.filter(type=RENDER, input_json__group=film.input_json["group"]).count()
        made = DerivedMedia.objects.filter(created_by_job__in=jobs, kind="render_segment").count()
        if (films, made) != (1, chunks):
            yield Violation("lost" if made < chunks else "doubled", f"{films} films of {made} chunks")


def _frames(row: DerivedMedia) -> int:
    """Frames of a film, decoded."""
    with tempfile.TemporaryDirectory() as folder, storage.store().local_copy(row.key, Path(folder)) as path:
        counted = ("-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames")
        return int(process.ffprobe(path, entries=counted)["streams"][0]["nb_read_frames"])
