"""Mastering an asset: a preset goes in, finished sound comes out, and whoever waits for it hears of it."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from django.dispatch import Signal

from media_app import jobs, storage
from media_app.core.files import keys
from media_app.core.files.probe import NotUsable
from media_app.core.sound import presets
from media_app.core.sound.presets import Preset
from media_app.jobs import CannotSucceed, Run
from media_app.making.derive import DerivedFile
from media_app.making.master import Mastered, master
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import deletion
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

TYPE = "audio_master_v1"
#: Sent in the transaction that settles a mastering job. Arguments: `job`, and `result`, the dict that becomes its
#: result, or None when it was given up. `master_again`: a person gives it another try.
master_settled = Signal()
master_again = Signal()

#: 48 kHz, 16 bit, six channels at most.
WAV_BYTES_PER_MS = 48 * 2 * 6

_EXTRAS = {"listen": "wav", "peaks": "dat"}


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
    return jobs.enqueue(
        TYPE,
        asset.context,
        input_json={
            "asset_id": str(asset.pk),
            "camera": asset.camera_label,
            "original_key": asset.original_key,
            "music_asset_id": str(music.pk) if music else None,
            "music_key": music.original_key if music else None,
            "preset": preset,
            "overrides": dict(overrides or {}),
            "listen": listen,
        },
        session=asset.session,
        asset=asset,
        max_attempts=max_attempts,
    )


def usable_asset(context: Context, asset_id: UUID | str, field: str) -> MediaAsset:
    """A ready asset of the caller's tenant. Raises NotFound, WrongStatus, each naming the request's field."""
    asset = MediaAsset.objects.in_tenant(context).select_related("session").filter(pk=asset_id).first()
    if asset is None:
        raise NotFound(f"There is no asset {asset_id} here. Check the id.", field=field)
    if asset.status != MediaAsset.Status.READY:
        raise WrongStatus(
            f"The asset {asset_id} is {asset.status}, not ready. Wait until its ingest is done, or send its file again.",
            field=field,
        )
    return asset


def check_fits(wanted: Preset, asset: MediaAsset, music: MediaAsset | None) -> None:
    """Raise InvalidInput when these assets cannot be mastered so."""
    if wanted.takes_music and music is None:
        raise InvalidInput(f"{wanted.name} needs music: name an asset with sound.", field="musicAssetId")
    if not wanted.takes_music and music is not None:
        raise InvalidInput(
            f'{wanted.name} takes no music. Leave it out, or choose a preset whose mode is "mix" or "replace".',
            field="musicAssetId",
        )
    if music is not None and not music.has_audio:
        raise InvalidInput("The music asset has no sound. Choose another.", field="musicAssetId")
    if wanted.mode == "keep" and not asset.has_audio:
        raise InvalidInput(
            f"This asset has no sound, and {wanted.name} brings none. Choose a preset with music.", field="assetId"
        )


def carry_out(run: Run) -> None:
    """The job: fetch, master, store under a key that follows from what went in, register in one transaction.

    Raises CannotSucceed with a sentence when the files or the preset are at fault.
    """
    asset, name, made = _make(run, run.job)
    run.check()
    run.progress(96, "storing")
    placed = {_key(asset, name, file): file for file in made.files}
    deletion.store_files(run, {key: (file.path, file.content_type) for key, file in placed.items()})
    warnings = list(made.warnings)
    with run.completing() as result:
        _asset(run.job, "asset_id", "original_key")
        main = next(iter(placed))
        earlier = DerivedMedia.objects.filter(key=main).values_list("checksum", flat=True).first()
        if earlier not in (None, placed[main].sha256):
            warnings.append("An earlier run of the same preset on the same files gave other bytes.")
        rows = _register(asset, name, placed)
        result |= {
            "key": main,
            "checksum": placed[main].sha256,
            "checksums": {key: file.sha256 for key, file in placed.items()},
            "size_bytes": placed[main].size,
            "content_type": placed[main].content_type,
            "derived_id": str(rows["render"].pk),
            "listen": {kind: str(row.pk) for kind, row in rows.items() if kind != "render"},
            "warnings": warnings,
            **made.report,
        }
        master_settled.send(sender=None, job=run.job, result=result)


def replay_master(run: Run, first: MediaJob) -> dict[str, str]:
    """What `first` made, made again in scratch: key → checksum."""
    asset, name, made = _make(run, first)
    return {_key(asset, name, file): file.sha256 for file in made.files}


def _make(run: Run, job: MediaJob) -> tuple[MediaAsset, str, Mastered]:
    """What `job` asks for, made in the scratch of `run`: the asset, the master's name, and its files."""
    said = job.input_json
    asset, music = _asset(job, "asset_id", "original_key"), None
    if said.get("music_asset_id"):
        music = _asset(job, "music_asset_id", "music_key")
    try:
        wanted = presets.load(said["preset"], said.get("overrides"))
    except (presets.BadPreset, presets.UnknownPreset) as error:
        raise CannotSucceed(str(error)) from error
    name = fingerprint(wanted, asset, music)
    folder = run.scratch / "master"
    folder.mkdir()
    run.progress(0, "fetching the files")
    run.reserve(_room(asset, music))
    with ExitStack() as held:
        source = _local(held, asset, run.scratch)
        over = _local(held, music, run.scratch) if music is not None else None
        try:
            made = master(
                source,
                wanted,
                folder,
                music=over,
                listen=bool(said.get("listen")),
                tell=run.progress,
                cancelled=run.cancelled,
                logs=run.scratch,
            )
        except NotUsable as error:
            raise CannotSucceed(str(error)) from error
    return asset, name, made


def gave_up(job: MediaJob) -> None:
    master_settled.send(sender=None, job=job, result=None)


def again(job: MediaJob) -> None:
    """Raises WrongStatus when its recording or music is not there any more."""
    try:
        _asset(job, "asset_id", "original_key")
        if job.input_json.get("music_asset_id"):
            _asset(job, "music_asset_id", "music_key")
    except CannotSucceed as error:
        raise WrongStatus(str(error)) from error
    master_again.send(sender=None, job=job)


def fingerprint(wanted: Preset, asset: MediaAsset, music: MediaAsset | None) -> str:
    """The name of a master: the same for the same wishes on the same bytes."""
    parts = (wanted.digest, asset.original_key, asset.checksum, music.checksum if music is not None else "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def masters_of(asset: MediaAsset) -> list[MediaJob]:
    """The asset's mastering jobs, the latest first."""
    return list(MediaJob.objects.filter(asset=asset, type=TYPE).order_by("-created_at")[:20])


def _asset(job: MediaJob, id_name: str, key_name: str) -> MediaAsset:
    """An asset of the job, as long as it holds the file it held when the job was made."""
    asset = MediaAsset.objects.in_tenant(job.context).filter(pk=job.input_json.get(id_name)).first()
    if asset is None or asset.original_key != job.input_json.get(key_name):
        what = "music" if id_name.startswith("music") else "recording"
        raise CannotSucceed(
            f"The {what} was removed or replaced after this was asked for. Ask again with the new file."
        )
    return asset


def _local(held: ExitStack, asset: MediaAsset, scratch: Path) -> Path:
    try:
        return held.enter_context(storage.store().local_copy(asset.original_key, scratch))
    except storage.ObjectMissing as error:
        raise CannotSucceed(
            f"The file of {asset.original_filename} is not in the store any more. Upload it again."
        ) from error


def _room(asset: MediaAsset, music: MediaAsset | None) -> int:
    """Bytes of scratch that a master may need: what is fetched, a copy of the picture, and sound of each stage between."""
    fetched = storage.store().copied_bytes(asset.size_bytes + (music.size_bytes if music is not None else 0))
    return fetched + asset.size_bytes + 4 * (asset.duration_ms or 0) * WAV_BYTES_PER_MS


def _key(asset: MediaAsset, name: str, file: DerivedFile) -> str:
    artifact, suffix = (
        (name, file.path.suffix) if file.kind == "render" else (f"{name}-{file.kind}", f".{_EXTRAS[file.kind]}")
    )
    return keys.artifact_key(asset.tenant_id, asset.env, str(asset.pk), "masters", artifact, suffix)


def _register(asset: MediaAsset, name: str, placed: Mapping[str, DerivedFile]) -> dict[str, DerivedMedia]:
    deletion.confirm(placed)
    rows = {}
    for key, file in placed.items():
        rows[file.kind], _ = DerivedMedia.objects.update_or_create(
            asset=asset,
            kind=DerivedMedia.Kind.RENDER,
            variant=name if file.kind == "render" else f"{name}-{_EXTRAS[file.kind]}",
            input_ref=asset.original_key,
            defaults={
                **asset.context.stamp(),
                "key": key,
                "content_type": file.content_type,
                "size_bytes": file.size,
                "checksum": file.sha256,
                "meta": file.meta,
                "expired_at": None,
            },
        )
    return rows
