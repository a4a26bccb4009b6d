"""The copy in which an asset's faces are hidden, as a job: once it is there it stands for the original at every door, and what was made
of the original's pictures goes."""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from media_app import jobs, storage
from media_app.core import kinds
from media_app.core.files import keys
from media_app.core.vision.blur import ONE_COLOR, Blur
from media_app.jobs import CannotSucceed, Run
from media_app.making import hidden, original
from media_app.making.files import DerivedFile, Outputs
from media_app.making.inspect import Inspection
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.services import artifacts, withheld
from media_app.services.artifacts import MADE, Completion, FileJob
from media_app.services.asset_jobs import FOUND, asset_of, asset_to_retry, job_input, opened, version_of
from media_app.services.assets import next_version
from media_app.services.sound import chosen_by_hand, heard_of
from sessions_app.services import lock_session

TYPE = "hide_faces_v1"
#: Sent in the transaction in which a copy takes the original's place. Argument: `asset`.
faces_hidden = Signal()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a copy is made of; `found`: the mask without doubts, where there are some."""

    asset: MediaAsset
    summary: DerivedMedia
    hidden: DerivedMedia
    found: DerivedMedia | None

    @property
    def masks(self) -> list[DerivedMedia]:
        """The films of masks."""
        return [self.hidden, *([self.found] if self.found is not None else [])]


def request(asset: MediaAsset, summary: DerivedMedia, strength: float) -> DerivedMedia | MediaJob:
    """The copy that hides what a summary says, where it is there; else the job that makes it."""
    key = _cache_key(asset, summary, strength)
    rows = asset.derivatives.filter(kind=kinds.ANONYMISED.name, expired_at=None)
    if asset.faces_hidden_at is not None and (kept := rows.filter(cache_key=key).first()) is not None:
        return kept
    with transaction.atomic():
        lock_session(asset.session_id)
        version = next_version(asset)
    wanted = {"summary_id": str(summary.pk), "summary_key": summary.cache_key, "strength": strength, "cache_key": key}
    heard = chosen_by_hand(asset)
    return jobs.enqueue(
        TYPE, asset, input_json={**job_input(asset, version), **wanted, "heard": heard}, dedupe_key=f"hide:{asset.pk}:{key[:32]}"
    )  # fmt: skip


def renew_request(asset: MediaAsset) -> None:
    """Another copy, after another sound was chosen: the copy has what is heard."""
    row = withheld.stand_in(asset)
    summary = row and asset.derivatives.filter(pk=row.meta.get("summary_id"), expired_at=None).first()
    if row is not None and summary:
        request(asset, summary, float(row.meta["strength"]))


def hides(asset: MediaAsset, summary: DerivedMedia) -> bool:
    """Whether the asset's copy hides what a summary says."""
    if asset.faces_hidden_at is None:
        return False
    rows = asset.derivatives.filter(kind=kinds.ANONYMISED.name, expired_at=None)
    return any(row.meta.get("summary_key") == summary.cache_key for row in rows)


def _cache_key(asset: MediaAsset, summary: DerivedMedia, strength: float) -> str:
    parts = [asset.checksum or asset.original_key, summary.cache_key, strength, _codec(), chosen_by_hand(asset)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _codec() -> str:
    """As mezzanines are made; ProRes where none are."""
    return settings.MEZZANINE if settings.MEZZANINE != "off" else "prores"


def _inputs(job: MediaJob) -> Inputs | None:
    """None when the recording was removed or replaced. Raises CannotSucceed without its masks."""
    asset, said = asset_of(job), job.input_json
    if asset is None:
        return None
    made = asset.derivatives.filter(cache_key=said["summary_key"], expired_at=None)
    rows = {row.kind: row for row in made}
    summary, mask = rows.get(kinds.VIDEO_REGION_SUMMARY.name), rows.get(kinds.REGION_MASK.name)
    if summary is None or mask is None:
        raise CannotSucceed("The masks of its faces are gone. Request them again: POST /video/anonymise/faces.")
    return Inputs(asset, summary, mask, rows.get(kinds.REGION_MASK_FOUND.name))


def _make(run: Run, job: MediaJob, inputs: Inputs) -> Outputs:
    asset, said = inputs.asset, job.input_json
    blur = Blur(ONE_COLOR, float(said["strength"]))
    masks_bytes = sum(storage.store().copied_bytes(row.size_bytes) for row in inputs.masks)

    def scratch_bytes(found: Inspection) -> int:
        return masks_bytes + original.mezzanine_bytes(found) + 2 * original.picture_bytes(found)

    with opened(run, asset, scratch_bytes, heard=heard_of(asset)) as file, ExitStack() as held:
        paths = [_mask(run, row, held) for row in inputs.masks]
        work = workspace_of(run).subfolder("hidden").share(FOUND, MADE)
        made = hidden.hide(file.path, file.found, hidden.Masks(*paths), blur, work, _codec())
    meta = {
        **{name: said[name] for name in ("cache_key", "summary_id", "summary_key", "strength")},
        "backend_type": "ffmpeg",
        "backend_version": "1",
        "model_used": "",
        "duration_ms": asset.duration_ms,
    }
    return Outputs(tuple(_described(file, meta) for file in made.files), warnings=made.warnings)


def _mask(run: Run, row: DerivedMedia, held: ExitStack) -> Path:
    folder = workspace_of(run).subfolder(row.kind).folder
    try:
        return held.enter_context(storage.store().local_copy(row.key, folder))
    except storage.ObjectMissing as error:
        raise CannotSucceed("The file of its masks is no longer in the store.") from error


def _described(file: DerivedFile, meta: dict[str, Any]) -> DerivedFile:
    more = meta if file.kind.group else {}
    return replace(file, meta={**file.meta, **more})


def _place(run: Run, job: MediaJob, inputs: Inputs, outputs: Outputs) -> artifacts.Placed:
    """Under a version of their own: the proxy and the thumbnail that they replace go."""
    version = version_of(run, job, inputs.asset)
    return {_key(inputs.asset, file, version): file for file in outputs.files}


def _key(asset: MediaAsset, file: DerivedFile, version: int) -> str:
    if file.kind.folder:
        return keys.derived_key(asset.location(version), file.kind.name, file.variant)
    name = f"{file.kind.name}-v{version:03d}"
    return keys.artifact_key(asset.tenant_id, asset.env, str(asset.pk), file.kind.group, name, file.kind.extension)


def _register(made: Completion[Inputs, Outputs]) -> dict[str, Any]:
    """The copy takes the original's place: what shows the original goes, whoever waits for the copy is notified."""
    asset, now = made.subject.asset, timezone.now()
    withheld.pictures_of(asset).delete()
    rows = artifacts.register_files(asset, made.placed, made.job)
    for row in rows:
        ArtifactSource.objects.record(row, [made.subject.summary, made.subject.hidden], "mask")
    asset.faces_hidden_at = now
    asset.save(update_fields=["faces_hidden_at", "updated_at"])
    faces_hidden.send(sender=None, asset=asset)
    return {"derivatives": sorted(made.placed), "artifact_ids": [str(row.pk) for row in rows]}


COPY: FileJob[Inputs, Outputs] = FileJob(_inputs, _make, _place, _register)
HANDLERS = COPY.handlers(on_retry=asset_to_retry)
