"""What must be true of a Studio whatever was done to it: each function answers with sentences, none when all is well.

Runs on Studio's own database and store, from outside its programs.
"""

import hashlib
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from bench.chaos.footage import Take
from media_app import storage
from media_app.core.files import keys
from media_app.models import DerivedMedia, MediaAsset, MediaJob, MediaJobAttempt, PendingDeletion, Upload
from media_app.services import chores
from render_app.models import Export
from sessions_app.models import RecordingSession
from sync_app.models import SyncResult

#: What an ingest of a camera with picture and sound makes, besides the mezzanine.
WHOLE = [
    ("audio-wav", ""),
    ("proxy", ""),
    ("thumbnail", ""),
    ("waveform", "1000"),
    ("waveform", "20"),
]
#: Seconds of picture or sound that a derivative may lack of its recording.
SLACK = 0.1


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was broken. `what` is the count in the report that it belongs to."""

    what: str
    sentence: str


def after_each(session_id: str, sent: dict[str, Take]) -> Iterator[Violation]:
    """Once nothing is running: what was acknowledged is there, whole, and done once."""
    yield from _lost(session_id, sent)
    yield from _doubled(session_id)
    yield from _unsettled()


def after_shoot(session_id: str, asked: range) -> Iterator[Violation]:
    """The same with what costs more: everything decodes, each sync was done as often as asked, and after housekeeping the
    store holds what rows point to and nothing else."""
    for row in DerivedMedia.objects.filter(asset__session_id=session_id).exclude(
        kind__in=("render_segment", "render_chunk")
    ):
        yield from _undecodable(row)
    results = SyncResult.objects.filter(session_id=session_id).count()
    done = MediaJob.objects.filter(session_id=session_id, type="sync_session_v1", status="COMPLETED")
    recorded = sum("sync_result" in (job.result_json or {}) for job in done)
    if results != recorded or results not in asked:
        wanted = f"{asked.start}" if len(asked) == 1 else f"{asked.start} to {asked.stop - 1}"
        what = "doubled" if results >= asked.stop else "lost"
        yield Violation(what, f"{wanted} syncs were asked for, {recorded} done and {results} recorded")
    yield from orphan_objects()


def orphan_objects() -> Iterator[Violation]:
    """Purges, then looks for what nobody points to."""
    housekeep()
    known = set(known_keys())
    held = {found.key for found in storage.store().list()}
    for key in sorted(held - known):
        yield Violation("orphan_objects", f"no row points to {key}")
    opened = set(Upload.objects.filter(state=Upload.State.OPEN).values_list("store_upload_id", flat=True))
    for upload in storage.store().uploads():
        if upload.upload_id not in opened:
            yield Violation(
                "orphan_objects", f"the unfinished upload {upload.upload_id} of {upload.key} belongs to no row"
            )


def housekeep() -> None:
    """Housekeeping as it will be done, when all its delays are over."""
    PendingDeletion.objects.update(due_at=datetime.now(UTC) - timedelta(seconds=1))
    chores.sweep_unknown_multiparts(timedelta(0))
    while chores.sweep_deletions():
        pass
    storage.store().tidy(datetime.now(UTC) + timedelta(days=2))


def known_keys() -> Iterator[str]:
    yield from MediaAsset.objects.values_list("original_key", flat=True)
    yield from DerivedMedia.objects.values_list("key", flat=True)
    for export in Export.objects.all():
        yield from export.keys
    yield from Upload.objects.filter(state=Upload.State.OPEN).values_list("key", flat=True)
    for artifacts in SyncResult.objects.values_list("debug_artifacts", flat=True):
        for named in artifacts.values():
            yield from named.values()
    for attempt in MediaJobAttempt.objects.all():
        for stream in ("stdout", "stderr"):
            yield keys.job_log_key(attempt.tenant_id, attempt.env, str(attempt.job_id), attempt.attempt_no, stream)


def everything() -> dict[str, object]:
    """All rows that say something, and all objects that anybody wants: to be compared with itself later. One that is listed
    as pending goes whenever housekeeping comes by, and what a sleeper stores under a key of its own is listed before."""
    found: dict[str, object] = {}
    for model in (RecordingSession, MediaAsset, Upload, DerivedMedia, MediaJob, MediaJobAttempt, SyncResult, Export):
        for row in model.objects.values():
            found[f"{model.__name__} {row['id']}"] = row
    pending = set(PendingDeletion.objects.values_list("key", flat=True))
    held = list(storage.store().list())
    pending |= set(PendingDeletion.objects.values_list("key", flat=True))
    return found | {f"object {item.key}": (item.etag, item.size) for item in held if item.key not in pending}


def changes(before: dict[str, object], after: dict[str, object]) -> Iterator[Violation]:
    """What a worker that had lost its lease wrote."""
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield Violation(
                "stale_writes",
                f"{name} was changed by a worker that had lost its lease: {_difference(before.get(name), after.get(name))}",
            )


def _difference(before: object, after: object) -> str:
    if isinstance(before, dict) and isinstance(after, dict):
        return ", ".join(f"{key}: {before[key]!r} → {after[key]!r}" for key in before if before[key] != after[key])[
            :300
        ]
    return f"{before!r} → {after!r}"[:300]


def _lost(session_id: str, sent: dict[str, Take]) -> Iterator[Violation]:
    assets = {asset.camera_label: asset for asset in MediaAsset.objects.filter(session_id=session_id)}
    for camera, take in sent.items():
        asset = assets.get(camera)
        if asset is None or asset.status != "ready":
            state = "gone" if asset is None else f"{asset.status} ({asset.status_message})"
            yield Violation("lost", f"camera {camera} was sent and acknowledged, and is {state}")
            continue
        if asset.checksum != take.sha256:
            yield Violation("lost", f"camera {camera}: the checksum of the row is not that of what was sent")
        if sha256_of(asset.original_key) != take.sha256:
            yield Violation("lost", f"camera {camera}: the store holds other bytes than were sent, or none")
        # (Chunks of films lie under the file that they show first.)
        made = sorted(
            asset.derivatives.exclude(kind__in=("render_segment", "render_chunk")).values_list("kind", "variant")
        )
        whole = sorted([*WHOLE, *([("mezzanine", "")] if settings.MEZZANINE != "off" else [])])
        if made != whole:
            what = "doubled" if len(made) > len(whole) else "lost"
            yield Violation(what, f"camera {camera} has the derivatives {made}, not {whole}")
        for row in asset.derivatives.all():
            if sha256_of(row.key) != row.checksum:
                yield Violation(
                    "lost", f"camera {camera}: the object of its {row.kind} {row.variant} is not what its row says"
                )
    session = RecordingSession.objects.get(pk=session_id)
    if session.status != "needs-review" or session.status_reason:
        yield Violation("lost", f"the session ended as {session.status} ({session.status_reason})")
    for job in MediaJob.objects.filter(status__in=["FAILED", "DEAD"]):
        yield Violation("lost", f"job {job.type} {job.pk} was given up as {job.status}: {job.error_message[:200]}")


def _doubled(session_id: str) -> Iterator[Violation]:
    twice = MediaJobAttempt.objects.filter(outcome="completed").values("job").annotate(n=Count("pk")).filter(n__gt=1)
    for row in twice:
        yield Violation("doubled", f"{row['n']} attempts of job {row['job']} completed")
    current = SyncResult.objects.current().filter(session_id=session_id).count()
    if current != 1:
        yield Violation("doubled" if current else "lost", f"the session has {current} current results")
    for asset in MediaAsset.objects.filter(session_id=session_id):
        ingests = MediaJob.objects.filter(
            asset=asset, type__in=["ingest_sound_v1", "ingest_asset_v1"], status="COMPLETED"
        )
        versions = Counter(job.dedupe_key for job in ingests)
        for key, count in versions.items():
            if count > 1:
                yield Violation("doubled", f"{count} jobs did the same ingest {key}")


def _unsettled() -> Iterator[Violation]:
    for attempt in MediaJobAttempt.objects.filter(outcome="running").exclude(job__status="PROCESSING"):
        yield Violation("doubled", f"attempt {attempt.attempt_no} of job {attempt.job_id} still counts as running")


def _undecodable(row: DerivedMedia) -> Iterator[Violation]:
    named = f"the {row.kind} {row.variant} of camera {row.asset.camera_label}"
    with tempfile.TemporaryDirectory() as folder, storage.store().local_copy(row.key, Path(folder)) as path:
        if row.kind == "waveform":
            if path.stat().st_size < 100:
                yield Violation("lost", f"{named} has {path.stat().st_size} bytes")
            return
        argv = [
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-xerror",
            "-progress",
            "pipe:1",
            "-i",
            str(path),
            "-f",
            "null",
            "-",
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr.strip():
            yield Violation("lost", f"{named} does not decode: {done.stderr.strip()[:200]}")
        reached = [line.partition("=")[2] for line in done.stdout.splitlines() if line.startswith("out_time_us=")]
        seconds = int(reached[-1]) / 1e6 if reached and reached[-1].isdigit() else 0.0
        wanted = (row.asset.duration_ms or 0) / 1000
        if row.kind != "thumbnail" and abs(seconds - wanted) > SLACK:
            yield Violation("lost", f"{named} ends after {seconds:.2f} s instead of {wanted:.2f} s")


def sha256_of(key: str) -> str:
    """Of an object; empty where there is none."""
    digest = hashlib.sha256()
    try:
        with storage.store().open(key) as file:
            for block in _blocks(file):
                digest.update(block)
    except storage.ObjectMissing:
        return ""
    return digest.hexdigest()


def _blocks(file) -> Iterable[bytes]:
    while block := file.read(1 << 20):
        yield block
