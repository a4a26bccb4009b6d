"""A project's sequence, or a session's sync, for editing programs: as a document, as a ZIP with its media, and what does not come through."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from media_app import storage
from media_app.core.time.timebase import format_rate
from media_app.models import MediaAsset
from render_app.core.edit import media
from render_app.core.edit.angle import Angle, CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.rates import EDITING_RATES
from render_app.core.edit.readers import angle_as_read
from render_app.core.exchange.lay import lay, parts_of
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly, Part
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import Reference, check_media
from render_app.core.timeline.nouns import CameraReference, MediaReference, Sequence
from render_app.core.timeline.refusals import TimelineRefused
from render_app.exchange import Document, usual_target
from render_app.exchange.base import assembly_stem
from render_app.models import VideoProject
from render_app.services import timeline_media, timeline_rows, timelines
from render_app.services.edit import Link, angle_of, multicam_edit
from render_app.services.edit_package import FOLDER, packed
from render_app.services.loss_reports import Wish, as_document
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput


class NotCarried(TimelineRefused):
    """A format cannot hold the sequence at all."""

    code = "cannot_export"


@dataclass(frozen=True, slots=True)
class Handover:
    """An assembly with its files as a program finds them. `names`: each file's own, by its asset."""

    assembly: Assembly
    names: Mapping[str, str]


def of_project(
    context: Context, project_id: Any, sequence_id: Any, wish: Wish, *, absolute: Link = str, folder: str | None = None
) -> Handover:
    """A sequence of a project, the first where none is named. Raises what a render's plan raises for its media, NotCarried."""
    project, sequence = _sequence(context, project_id, sequence_id)
    _refuse_rate(sequence, wish)
    facts = timeline_media.media_of(context, sequence)
    check_media(sequence, facts)
    blends = lay_transitions(sequence, facts, sequence.timebase)
    files = _Files(context, sequence, absolute)
    files.point(wish, folder or wish.folder)
    assembly = lay(sequence, files.parts(), blends, files.shoots)
    title = " - ".join(part for part in (project.title, sequence.name) if part)
    drop = any(shoot.drop_frame(sequence.timebase) for shoot in files.shoots)
    return Handover(replace(assembly, title=title, day=f"{project.updated_at:%Y%m%d}", drop=drop), files.names)


def document(found: Handover, wish: Wish) -> Document:
    """The assembly in its format. Raises NotCarried."""
    try:
        return wish.known.write_assembly(found.assembly, wish.target)
    except CannotExport as error:
        raise NotCarried(error.message, field="format") from error


def package(found: Handover, wish: Wish) -> tuple[str, Iterator[bytes]]:
    """A ZIP of the document, the report and the media, and its file name. Raises CannotExport before its first byte."""
    written = document(found, wish)
    stem = assembly_stem(found.assembly)
    report = as_document(found.assembly, wish)
    files = {f"{FOLDER}/{found.names[one.asset_id]}": _stored(one) for one in found.assembly.sources}
    return f"{stem}.zip", packed(stem, [written, report], files)


def _stored(source: Angle) -> str:
    key = source.original.key
    if storage.store().head(key) is None:
        raise CannotExport(
            f"The file of {source.original_filename} is no longer in storage. Process it again, then export."
        )
    return key


def _sequence(context: Context, project_id: Any, sequence_id: Any) -> tuple[VideoProject, Sequence]:
    project = timelines.find(context, "project", project_id)
    row = timelines.sequence_of(context, project, sequence_id)
    if row is None:
        raise NotCarried("The project has no sequence to hand on. Make one first.", field="project_id")
    return project, snapshot.read(timeline_rows.snapshot_json(row)).sequence


def _refuse_rate(sequence: Sequence, wish: Wish) -> None:
    """Refuse a timeline of a rate that editing programs do not have."""
    if sequence.timebase not in EDITING_RATES and Carries.ANY_RATE not in wish.known.carries:
        rates = ", ".join(f"{float(rate):.5g}" for rate in sorted(EDITING_RATES))
        raise NotCarried(
            f"The sequence has {format_rate(sequence.timebase)} frames per second, and editing programs have timelines of "
            f"{rates}. Change its timebase, or ask for otio.",
            field="format",
            details={"sequence_id": sequence.id},
        )


class _Files:
    """The files of a sequence: read from the registry and from approved syncs, then pointed at as was wished."""

    def __init__(self, context: Context, sequence: Sequence, absolute: Link) -> None:
        self._references = {clip.content for clip in sequence.clips if isinstance(clip.content, Reference)}
        sessions = sorted({one.session_id for one in self._references if isinstance(one, CameraReference)})
        self._sessions = sessions
        self.shoots = tuple(multicam_edit(context, id, absolute=absolute) for id in sessions)
        self._files = _registered(context, self._references, absolute)
        self.names: dict[str, str] = {}

    def point(self, wish: Wish, folder: str | None) -> None:
        """Choose their copies and where those are. A camera that is not shown and has no such copy is left out."""
        if wish.media not in media.CHOICES:
            raise InvalidInput(f"This media does not exist. Choose one of {', '.join(media.CHOICES)}.", field="media")
        self.shoots = tuple(self._with_copies(shoot, wish) for shoot in self.shoots)
        of_shoots = {angle.asset_id: angle for shoot in self.shoots for angle in shoot.angles}
        angles = tuple({**self._files, **of_shoots}.values())
        target = wish.target or usual_target(wish.format)
        self.names = dict(zip((one.asset_id for one in angles), media.names_of(angles, wish.media), strict=True))
        found = {one.asset_id: angle_as_read(one, target) for one in media.pointed(angles, wish.media, folder)}
        self._files = {id: found[id] for id in self._files}
        self.shoots = tuple(
            replace(shoot, angles=tuple(found[one.asset_id] for one in shoot.angles)) for shoot in self.shoots
        )

    def _with_copies(self, shoot: MulticamEdit, wish: Wish) -> MulticamEdit:
        kept = (one for one in shoot.angles if self._shown(shoot, one) or media.has(one, wish.media))
        return replace(shoot, angles=tuple(kept))

    def _shown(self, shoot: MulticamEdit, angle: Angle) -> bool:
        labels = (angle.label, angle.camera)
        return any(CameraReference(shoot.session_id, label) in self._references for label in labels)

    def parts(self) -> dict[Reference, tuple[Part, ...]]:
        """What each content is made of."""
        shoots = dict(zip(self._sessions, self.shoots, strict=True))
        found: dict[Reference, tuple[Part, ...]] = {}
        for one in self._references:
            if isinstance(one, CameraReference):
                angles = timeline_media.angles_of(shoots[one.session_id].angles, one.camera_label)
                found[one] = parts_of(angles)
            elif one.artifact_id is None and (key := as_id(one.asset_id)) and str(key) in self._files:
                found[one] = (Part(self._files[str(key)]),)
        return found


def _registered(context: Context, references: Iterable[Reference], absolute: Link) -> dict[str, Angle]:
    """The videos and sounds of the registry among them, by their ids. A still picture is none of them."""
    files = [one for one in references if isinstance(one, MediaReference) and one.artifact_id is None]
    ids = {id for id in (as_id(one.asset_id) for one in files) if id is not None}
    kinds = (MediaAsset.Kind.VIDEO, MediaAsset.Kind.AUDIO)
    rows = MediaAsset.objects.in_tenant(context).filter(pk__in=ids, kind__in=kinds).prefetch_related("derivatives")

    def link(key: str) -> str:
        return absolute(storage.store().url(key))

    return {str(row.pk): replace(angle_of(row, link), camera=row.camera_key) for row in rows}
