"""Mastering an asset: a preset goes in, finished sound comes out, and whoever waits for it hears of it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.dispatch import Signal

from media_app import jobs, storage
from media_app.core import kinds
from media_app.core.files import keys
from media_app.core.sound import presets
from media_app.core.sound.presets import Preset
from media_app.jobs import CannotSucceed, Run
from media_app.making.explain import file_at_fault
from media_app.making.files import DerivedFile, Outputs
from media_app.making.master import master
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.services import artifacts, quota
from media_app.services.artifacts import Completion, FileJob
from media_app.services.asset_jobs import original_of
from media_app.services.sound import heard_of
from media_app.services.withheld import Withheld, refuse_made, refuse_withheld, stand_in
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

TYPE = "audio_master_v1"
#: Sent in the transaction that ends a mastering job. Arguments: `job`, and `result`, the dict that becomes its
#: result, or None when it was given up. `master_retried`: a person gives it another try.
master_ended = Signal()
master_retried = Signal()

#: 48 kHz, 16 bit, six channels at most.
WAV_BYTES_PER_MS = 48 * 2 * 6

#: What a page that compares needs, by the names that the job's result gives them.
_EXTRAS = {kinds.MASTER_LISTEN.name: "listen", kinds.MASTER_PEAKS.name: "peaks"}


def start_master(
    context: Context,
    asset_id: UUID | str,
    preset: str,
    *,
    music_asset_id: UUID | str | None = None,
    overrides: Mapping[str, Any] | None = None,
    listen: bool = False,
    max_attempts: int = 3,
) -> MediaJob:
    """Put the mastering of an asset into the queue. `listen`: also what a page needs to compare.

    Raises UnknownPreset, BadPreset with its path, NotFound, WrongStatus, InvalidInput: all that can be known beforehand.
    """
    wanted = presets.load(preset, overrides)
    asset = usable_asset(context, asset_id, "assetId")
    music = usable_asset(context, music_asset_id, "musicAssetId") if music_asset_id else None
    check_fits(wanted, asset, music)
    if asset.kind == MediaAsset.Kind.VIDEO:
        refuse_withheld(asset)
    quota.refuse_job(context)
    return jobs.enqueue(
        TYPE,
        asset,
        input_json={
            "asset_id": str(asset.pk),
            "camera": asset.camera_key,
            "original_key": asset.original_key,
            "music_asset_id": str(music.pk) if music else None,
            "music_key": music.original_key if music else None,
            "preset": preset,
            "overrides": dict(overrides or {}),
            "listen": listen,
        },
        max_attempts=max_attempts,
    )


def usable_asset(context: Context, asset_id: UUID | str, field: str) -> MediaAsset:
    """A ready asset of the caller's tenant. Raises NotFound, WrongStatus, each naming the request's field."""
    asset = MediaAsset.objects.in_tenant(context).select_related("session").filter(pk=asset_id).first()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id} here. Check the id.", field=field)
    if asset.status != MediaAsset.Status.READY:
        raise WrongStatus(
            f"The asset {asset_id} is {asset.status}, not ready. Wait until it is processed, or upload its file again.",
            field=field,
        )
    return asset


def check_fits(wanted: Preset, asset: MediaAsset, music: MediaAsset | None) -> None:
    """Raise InvalidInput when these assets cannot be mastered so."""
    if wanted.takes_music and music is None:
        raise InvalidInput(f"{wanted.name} needs music. Choose a file with audio.", field="musicAssetId")
    if not wanted.takes_music and music is not None:
        raise InvalidInput(
            f'{wanted.name} does not use music. Leave it out, or choose a preset whose mode is "mix" or "replace".',
            field="musicAssetId",
        )
    if music is not None and not music.has_audio:
        raise InvalidInput("The music file has no audio. Choose another.", field="musicAssetId")
    if wanted.mode == "keep" and not asset.has_audio:
        raise InvalidInput(
            f"This asset has no audio, and {wanted.name} adds none. Choose a preset with music.", field="assetId"
        )


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a mastering job works on."""

    asset: MediaAsset
    music: MediaAsset | None
    preset: Preset

    @property
    def name(self) -> str:
        """The master's name: the same for the same wishes on the same bytes."""
        return fingerprint(self.preset, self.asset, self.music)


def _inputs(job: MediaJob) -> Inputs:
    """Raises CannotSucceed when the recording or the music was replaced: whoever waits for the master must hear of it."""
    said = job.input_json
    try:
        preset = presets.load(said["preset"], said.get("overrides"))
    except (presets.BadPreset, presets.UnknownPreset) as error:
        raise CannotSucceed(str(error)) from error
    music = _asset(job, "music_asset_id", "music_key") if said.get("music_asset_id") else None
    return Inputs(_asset(job, "asset_id", "original_key"), music, preset)


def _make(run: Run, job: MediaJob, inputs: Inputs) -> Outputs:
    """Fetch the files and master them, in the scratch of `run`."""
    asset, music = inputs.asset, inputs.music
    run.progress(0, "fetching the files")
    run.reserve(_scratch_bytes(asset, music))
    with ExitStack() as held, file_at_fault():
        copy = stand_in(asset)
        opened = original_of(asset, run.scratch) if copy is None else _copy_of(copy, run)
        source = held.enter_context(opened)
        over = held.enter_context(original_of(music, run.scratch)) if music is not None else None
        work = workspace_of(run).subfolder("master")
        # The copy with hidden faces has one track, which is of what was heard.
        listen, heard = bool(job.input_json.get("listen")), heard_of(asset) if copy is None else None
        return master(source, inputs.preset, work, music=over, listen=listen, heard=heard)


@contextmanager
def _copy_of(row: DerivedMedia, run: Run) -> Iterator[Path]:
    run.reserve(2 * storage.store().copied_bytes(row.size_bytes))
    with storage.store().local_copy(row.key, run.scratch) as path:
        yield path


def _place(run: Run, job: MediaJob, inputs: Inputs, outputs: Outputs) -> artifacts.Placed:
    return {_key(inputs, file): replace(file, variant=inputs.name) for file in outputs.files}


def _key(inputs: Inputs, file: DerivedFile) -> str:
    asset, main = inputs.asset, file.kind == kinds.AUDIO_MASTER
    name = inputs.name if main else f"{inputs.name}-{_EXTRAS[file.kind.name]}"
    suffix = file.path.suffix if main else file.kind.extension
    return keys.artifact_key(asset.tenant_id, asset.env, str(asset.pk), file.kind.group, name, suffix)


def _register(made: Completion[Inputs, Outputs]) -> dict[str, Any]:
    """The master's rows, and the news for whoever waits for it."""
    warnings = list(made.outputs.warnings)
    main = next(iter(made.placed))
    file = made.placed[main]
    earlier = DerivedMedia.objects.filter(key=main).values_list("checksum", flat=True).first()
    if earlier not in (None, file.sha256):
        warnings.append("An earlier run of the same preset on the same files gave other bytes.")
    rows = {row.kind: row for row in artifacts.register_files(made.subject.asset, made.placed, made.job)}
    if made.subject.music is not None:
        ArtifactSource.objects.record(rows[kinds.AUDIO_MASTER.name], [made.subject.music], "music")
    result = {
        "key": main,
        "checksum": file.sha256,
        "size_bytes": file.size,
        "content_type": file.content_type,
        "derived_id": str(rows.pop(kinds.AUDIO_MASTER.name).pk),
        "listen": {_EXTRAS[kind]: str(row.pk) for kind, row in rows.items()},
        "warnings": warnings,
        **made.outputs.facts,
    }
    master_ended.send(sender=None, job=made.job, result=result)
    return result


def on_failed(job: MediaJob) -> None:
    """The job was given up: whoever waits for the master hears of it."""
    master_ended.send(sender=None, job=job, result=None)


def on_retry(job: MediaJob) -> None:
    """A person gives the job another try. Raises WrongStatus when its recording or music is not there any more."""
    try:
        _asset(job, "asset_id", "original_key")
        if job.input_json.get("music_asset_id"):
            _asset(job, "music_asset_id", "music_key")
    except CannotSucceed as error:
        raise WrongStatus(str(error)) from error
    master_retried.send(sender=None, job=job)


def fingerprint(wanted: Preset, asset: MediaAsset, music: MediaAsset | None) -> str:
    """The name of a master: the same for the same wishes on the same sound of the same bytes."""
    parts = [wanted.digest, asset.original_key, asset.checksum, music.checksum if music is not None else ""]
    heard = heard_of(asset)
    if (copy := stand_in(asset)) is not None:
        parts.append(copy.checksum)
    if heard and heard.is_by_hand:
        parts.append(json.dumps(heard.as_json(), sort_keys=True))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def link_of(asset: MediaAsset | None, job: MediaJob, filename: str | None = None) -> str | None:
    """A link to what a job mastered; None where it is a film that is not handed out."""
    result = job.result_json or {}
    if asset is not None and str(result.get("content_type", "")).startswith("video/"):
        try:
            refuse_made(asset, job.created_at)
        except Withheld:
            return None
    return storage.store().url(result["key"], filename=filename)


def masters_of(asset: MediaAsset) -> list[MediaJob]:
    """The asset's mastering jobs, the latest first."""
    return list(MediaJob.objects.filter(asset=asset, type=TYPE).order_by("-created_at")[:20])


def _asset(job: MediaJob, id_name: str, key_name: str) -> MediaAsset:
    """An asset of the job, as long as it holds the file it held when the job was made."""
    asset = MediaAsset.objects.in_tenant(job.context).filter(pk=job.input_json.get(id_name)).first()
    if asset is None or asset.original_key != job.input_json.get(key_name):
        what = "music" if id_name.startswith("music") else "recording"
        raise CannotSucceed(f"The {what} was removed or replaced in the meantime. Start again with the new file.")
    return asset


def _scratch_bytes(asset: MediaAsset, music: MediaAsset | None) -> int:
    """Bytes of scratch that a master may need: what is fetched, a copy of the picture, and sound of each stage between."""
    fetched = storage.store().copied_bytes(asset.size_bytes + (music.size_bytes if music is not None else 0))
    return fetched + asset.size_bytes + 4 * (asset.duration_ms or 0) * WAV_BYTES_PER_MS


MASTER: FileJob[Inputs, Outputs] = FileJob(_inputs, _make, _place, _register)
HANDLERS = MASTER.handlers(on_failed, on_retry)
