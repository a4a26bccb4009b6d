"""The chunks of long films, each kept for a while as it is made: a film whose cut has moved takes all others as they are, and one whose
worker was lost goes on from where it was.

A chunk is a `render_chunk` artifact under the first file that it shows, found by what it is made of.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from re import findall
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from media_app import storage
from media_app.core import kinds
from media_app.core.files import keys
from media_app.jobs import Run
from media_app.making.files import DerivedFile, describe, sha256
from media_app.making.workspace import workspace_of
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset
from media_app.services import artifacts, deletion, quota
from media_app.services.quota import QuotaExceeded
from media_app.services.withheld import is_handed_out
from render_app.core.plan.by_chunks import commands_of
from render_app.core.plan.compiling import Plan
from render_app.making.film import Shelf
from sessions_app.core.tenant import Context

File = MediaAsset | DerivedMedia


def marked(context: Context, plan: Plan) -> Plan:
    """The plan with those of its chunks marked that are kept."""
    kept = {row.cache_key for row in _kept(context, [one["key"] for one in plan.chunks])}
    return replace(plan, chunks=tuple({**one, "cached": one["key"] in kept} for one in plan.chunks))


def _kept(context: Context, wanted: Sequence[str]) -> list[DerivedMedia]:
    """The newest chunk of each of these keys that is kept and may be shown."""
    if not wanted:
        return []
    rows = DerivedMedia.objects.in_tenant(context).select_related("asset").order_by("updated_at")
    found = rows.filter(kind=kinds.RENDER_CHUNK.name, expired_at=None, cache_key__in=wanted)
    return list({row.cache_key: row for row in found if is_handed_out(row)}.values())


@dataclass(frozen=True, slots=True)
class Taken:
    """Chunks of a plan that were made before: those of the plan, and by their names there their local files; how the pictures are
    encoded, and what was found out as the sound was made."""

    chunks: tuple[Mapping[str, Any], ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    encoding: Mapping[str, Any] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        """How many are parts of the picture."""
        return sum(one["kind"] == "picture" for one in self.chunks)


def take(run: Run, plan: Mapping[str, Any], held: ExitStack) -> Taken:
    """The chunks of a plan that are kept: of pictures that were not encoded alike those that were made last."""
    chunks = plan.get("chunks", ())
    rows = {row.cache_key: row for row in _kept(run.job.context, [one["key"] for one in chunks])}
    encoding = next((row.meta["encoding"] for row in reversed(rows.values()) if "encoding" in row.meta), None)
    alike = {key: row for key, row in rows.items() if row.meta.get("encoding", encoding) == encoding}
    # From now on count the days for which they are kept.
    DerivedMedia.objects.filter(pk__in=[row.pk for row in alike.values()]).update(updated_at=timezone.now())
    wanted = [one for one in chunks if one["key"] in alike]
    copies = {one["file"]: _copied(run, alike[one["key"]], one["file"], held) for one in wanted}
    files = {name: path for name, path in copies.items() if path is not None}
    taken = tuple(one for one in wanted if one["file"] in files)
    heard = [alike[one["key"]].meta for one in taken if one["kind"] == "sound"]
    facts = {"loudness": heard[0]["loudness"]} if heard and "loudness" in heard[0] else {}
    return Taken(taken, files, encoding, facts)


def _copied(run: Run, row: DerivedMedia, name: str, held: ExitStack) -> Path | None:
    """A chunk as a local file; None where it is gone, or is not what was stored."""
    folder = workspace_of(run).subfolder(f"kept-{name}").folder
    try:
        path = held.enter_context(storage.store().local_copy(row.key, folder))
    except storage.ObjectMissing:
        return None
    return path if sha256(path) == row.checksum else None


def read_by(plan: Mapping[str, Any], taken: Taken) -> set[int]:
    """The numbers of the inputs that are read where these chunks need not be made."""
    there = commands_of(taken.chunks)
    commands = [part for number, one in enumerate(plan["commands"]) if number not in there for part in one]
    made = (str(of) for of in plan.get("made", {}).values())
    return _inputs_in([*commands, *plan["files"].values(), *made])


def _inputs_in(texts: Iterable[str]) -> set[int]:
    return {int(number) for text in texts for number in findall(r"\{input:(\d+)\}", text)}


def shelf_of(run: Run, plan: Mapping[str, Any], files: Sequence[File], taken: Taken) -> Shelf:
    """Where a render finds its chunks, and keeps those that it makes."""

    def store(chunk: Mapping[str, Any], path: Path, found: Mapping[str, Any]) -> None:
        made_by = commands_of([chunk])
        named = _inputs_in(part for number in made_by for part in plan["commands"][number])
        # What shows no file is soon made again.
        if named:
            _store(run, _file_of(run, plan, chunk, path, found), [files[number] for number in sorted(named)])

    return Shelf(store, taken.files, taken.encoding, taken.facts)


def _file_of(
    run: Run, plan: Mapping[str, Any], chunk: Mapping[str, Any], path: Path, found: Mapping[str, Any]
) -> DerivedFile:
    meta = {
        "cache_key": chunk["key"],
        "render_cache_key": run.job.input_json["render_cache_key"],
        "project_id": run.job.input_json.get("project_id"),
        "profile": plan["meta"]["render_profile"],
        "chunk_of": chunk["kind"],
        "frames": sum(plan["frames"][number] for number in commands_of([chunk])),
        "backend_type": "ffmpeg",
        "backend_version": plan["ffmpeg"],
        "model_used": "",
        **found,
    }
    content_type = f"{'audio' if chunk['kind'] == 'sound' else 'video'}/{_FORMS[path.suffix]}"
    made = describe(kinds.RENDER_CHUNK, path, meta, variant=chunk["key"][:32], content_type=content_type)
    return replace(made, start_ms=chunk["start_ms"], end_ms=chunk["end_ms"])


#: The second half of a content type.
_FORMS = {".mp4": "mp4", ".mov": "quicktime"}


def _store(run: Run, file: DerivedFile, shown: Sequence[File]) -> None:
    """Store and register a chunk, whatever becomes of its film. Nothing is kept for a tenant that stores as much as it may."""
    job, first = run.job, shown[0]
    try:
        quota.refuse_derived(job.context, file.size)
    except QuotaExceeded:
        return
    asset = first if isinstance(first, MediaAsset) else first.asset
    name = f"chunk-{file.variant}-{uuid.uuid4().hex[:8]}"
    key = keys.artifact_key(job.tenant_id, job.env, str(asset.pk), file.kind.group, name, file.path.suffix)
    deletion.store_files(run, {key: (file.path, file.content_type)}, move=False)
    with transaction.atomic():
        run.lease.hold()
        deletion.confirm([key])
        before = list(asset.derivatives.filter(kind=file.kind.name, variant=file.variant, input_ref=asset.original_key))
        [row] = artifacts.register_files(asset, {key: file}, job)
        ArtifactSource.objects.record(row, shown, "clip")
        deletion.schedule_deletion(one.key for one in before)


def forget() -> None:
    """Remove the rows of chunks whose files are gone: nobody asks for their checksums."""
    for row in DerivedMedia.objects.filter(kind=kinds.RENDER_CHUNK.name).exclude(expired_at=None)[:1000]:
        row.delete()


@receiver(pre_delete, sender=MediaAsset)
def _remove_chunks(instance: MediaAsset, **_: Any) -> None:
    """A chunk goes with any recording that it shows."""
    shown = Q(sources__source_asset=instance) | Q(sources__source_artifact__asset=instance)
    for row in DerivedMedia.objects.filter(shown, kind=kinds.RENDER_CHUNK.name).distinct():
        row.delete()
