"""Making a file usable: what was sent becomes proxy, sound, peaks and thumbnail, and then the asset is ready."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from media_app import derive, jobs, process, storage
from media_app.audio import WavTrack, open_wav
from media_app.core import keys
from media_app.core.probe import MediaInfo, NotUsable
from media_app.derive import DerivedFile, SourceDamaged
from media_app.jobs import CannotSucceed, Run
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import housekeeping
from media_app.services.uploads import next_version, settle_session
from sessions_app.services import lock_session
from sessions_app.tenancy import Context

MEZZANINE_PRIORITY = -10


def ingest(run: Run) -> None:
    """One decode of the original; then, in one transaction, the asset is ready with all its derivatives.

    Raises CannotSucceed with a sentence for the operator when the file is at fault.
    """
    asset = _asset_of(run)
    if asset is None:
        return
    angle = asset.angle(run.job.input_json["derived_version"])
    run.progress(0, "fetching the original")
    with storage.store().local_copy(asset.original_key, run.scratch) as original:
        try:
            inspected = derive.inspect(original, watch=_watch(run))
            run.progress(2, "making the proxy and the sound")
            derived = derive.derive(original, inspected, run.scratch, watch=_watch(run, 2, 95))
        except (NotUsable, SourceDamaged) as error:
            raise CannotSucceed(str(error)) from error
    run.progress(96, "storing")
    stored = _store(angle, derived.files)
    with run.completing() as result:
        session = lock_session(asset.session_id)
        if not _still_wanted(asset, run):
            housekeeping.doom(stored)
            result["superseded"] = True
            return
        register(asset, stored, replacing=True)
        _describe(asset, inspected.info, derived)
        asset.save()
        result["derivatives"] = sorted(stored)
        result["checksums"] = {key: file.sha256 for key, file in stored.items()}
        if asset.kind == MediaAsset.Kind.VIDEO and settings.MEZZANINE != "off":
            enqueue_mezzanine(asset, run.job.input_json["derived_version"])
        settle_session(session)


def ingest_failed(job: MediaJob) -> None:
    """The job was given up: its asset says why."""
    asset = MediaAsset.objects.filter(pk=job.asset_id).first()
    if asset is None or asset.original_key != job.input_json["original_key"]:
        return
    session = lock_session(asset.session_id)
    asset.status, asset.status_message = MediaAsset.Status.FAILED, _operator_sentence(job)
    asset.save(update_fields=["status", "status_message", "updated_at"])
    angle = asset.angle(job.input_json["derived_version"])
    housekeeping.doom(key for key in possible_keys(angle) if not housekeeping.is_referenced(key))
    settle_session(session)


def enqueue_mezzanine(asset: MediaAsset, derived_version: int) -> MediaJob:
    return jobs.enqueue(
        "engine_mezzanine_v1",
        asset.context,
        input_json={
            "asset_id": str(asset.pk),
            "camera": asset.camera_label,
            "original_key": asset.original_key,
            "derived_version": derived_version,
            "format": settings.MEZZANINE,
        },
        session=asset.session,
        asset=asset,
        priority=MEZZANINE_PRIORITY,
        dedupe_key=f"mezzanine:{asset.pk}:{derived_version}",
    )


def make_mezzanine(run: Run) -> None:
    """The edit-ready copy, after everything that review waits for."""
    asset = _asset_of(run)
    if asset is None:
        return
    angle = asset.angle(run.job.input_json["derived_version"])
    run.progress(0, "fetching the original")
    with storage.store().local_copy(asset.original_key, run.scratch) as original:
        try:
            inspected = derive.inspect(original, watch=_watch(run))
            made = derive.mezzanine(
                original, inspected, run.scratch, run.job.input_json["format"], watch=_watch(run, 2, 95)
            )
        except (NotUsable, SourceDamaged) as error:
            raise CannotSucceed(str(error)) from error
    run.progress(96, "storing")
    stored = _store(angle, (made,))
    with run.completing() as result:
        lock_session(asset.session_id)
        if not _still_wanted(asset, run):
            housekeeping.doom(stored)
            result["superseded"] = True
            return
        register(asset, stored)
        result["derivatives"] = sorted(stored)
        result["checksums"] = {key: file.sha256 for key, file in stored.items()}


def mezzanine_failed(job: MediaJob) -> None:
    """Review goes on without it; the asset says that the edit will have to use the original."""
    asset = MediaAsset.objects.filter(pk=job.asset_id).first()
    if asset is None or asset.original_key != job.input_json["original_key"]:
        return
    asset.warnings = [*asset.warnings, f"No mezzanine: {_operator_sentence(job)} The edit can use the original."]
    asset.save(update_fields=["warnings", "updated_at"])
    key = keys.derived_key(asset.angle(job.input_json["derived_version"]), "mezzanine")
    if not housekeeping.is_referenced(key):
        housekeeping.doom([key])


@contextmanager
def sound_of(asset: MediaAsset, scratch: Path, run: Run | None = None) -> Iterator[WavTrack]:
    """An asset's 48 kHz sound, to read block by block. A WAV that the lifecycle took is made again from the original.

    Raises ObjectMissing when the original is gone too.
    """
    wav = asset.derivatives.filter(kind=DerivedMedia.Kind.AUDIO_WAV).first()
    if wav is not None and storage.store().head(wav.key) is not None:
        with storage.store().local_copy(wav.key, scratch) as path, open_wav(path, label=asset.camera_label) as track:
            yield track
        return
    with storage.store().local_copy(asset.original_key, scratch) as original:
        path = derive.decode_for_sync(original, scratch / f"{asset.camera_label}.wav", watch=_watch(run))
    with open_wav(path, label=asset.camera_label) as track:
        yield track


def possible_keys(angle: keys.Angle) -> list[str]:
    """Every key that an ingest of this angle may write."""
    plain = [keys.derived_key(angle, kind) for kind in ("proxy", "audio-wav", "thumbnail")]
    return plain + [keys.derived_key(angle, "waveform", tier) for tier in derive.PEAK_TIERS]


def _asset_of(run: Run) -> MediaAsset | None:
    """The job's asset; None when it was removed or given another file meanwhile, and there is nothing to do."""
    asset = MediaAsset.objects.select_related("session").filter(pk=run.job.asset_id).first()
    if asset is None or asset.original_key != run.job.input_json["original_key"]:
        return None
    return asset


def _still_wanted(asset: MediaAsset, run: Run) -> bool:
    known = MediaAsset.objects.select_for_update(of=("self",)).filter(pk=asset.pk).first()
    return known is not None and known.original_key == run.job.input_json["original_key"]


def _watch(run: Run | None, start: float = 0, end: float = 0) -> process.Watch:
    """How a program of this job is watched: told to stop when the job is, its progress scaled into start…end percent."""
    if run is None:
        return process.Watch()
    return process.Watch(
        cancelled=run.cancelled,
        on_progress=(lambda done: run.progress(start + (end - start) * done, run.job.progress_step)) if end else None,
        on_start=run.ran,
        log_dir=run.scratch,
    )


def _store(angle: keys.Angle, files: tuple[DerivedFile, ...]) -> dict[str, DerivedFile]:
    placed = {keys.derived_key(angle, file.kind, file.variant): file for file in files}
    housekeeping.reprieve(placed)
    for key, file in placed.items():
        storage.store().put_file(key, file.path, content_type=file.content_type)
    return placed


def register(asset: MediaAsset, stored: dict[str, DerivedFile], *, replacing: bool = False) -> None:
    """Rows for what was stored, in the caller's transaction. With `replacing`, what an earlier ingest made goes."""
    if replacing:
        for row in asset.derivatives.exclude(key__in=list(stored)):
            row.delete()
    for key, file in stored.items():
        DerivedMedia.objects.update_or_create(
            asset=asset,
            kind=file.kind,
            variant=file.variant,
            input_ref=asset.original_key,
            defaults={
                **asset.context.stamp(),
                "key": key,
                "content_type": file.content_type,
                "size_bytes": file.size,
                "checksum": file.sha256,
                "meta": file.meta,
            },
        )


def _describe(asset: MediaAsset, info: MediaInfo, derived: "derive.Derived") -> None:
    """Copy what the probe found onto the asset."""
    video, audio = info.video, info.audio
    asset.status, asset.status_message = MediaAsset.Status.READY, ""
    asset.kind = info.kind
    asset.duration_ms = round(info.duration * 1000)
    asset.checksum = derived.source_sha256
    asset.has_audio = audio is not None
    asset.timecode = info.timecode or ""
    asset.warnings = list(derived.warnings)
    asset.media_info = info.as_json()
    if video is not None:
        asset.fps, asset.variable_frame_rate = derived.frame_rate, derived.variable_frame_rate
        asset.width, asset.height, asset.codec = video.width, video.height, video.codec
        asset.video_start_ms = float(video.start) * 1000
    if audio is not None:
        asset.audio_codec, asset.sample_rate, asset.audio_channels = audio.codec, audio.rate, audio.channels
        asset.audio_start_ms = float(audio.start) * 1000


def _operator_sentence(job: MediaJob) -> str:
    if job.status == MediaJob.Status.FAILED:
        return job.error_message[:500]
    if job.status == MediaJob.Status.CANCELLED:
        return "Its processing was cancelled. Start it again from the session page."
    return f"Studio tried {job.attempts} times and could not process this file: {job.error_message}"[:500]
