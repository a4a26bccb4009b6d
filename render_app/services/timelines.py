"""The records of projects: found, made, changed, removed. Each change is one edit of its project."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from render_app.core.timeline import nouns
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.links import refuse_broken_links, refuse_silent_pictures
from render_app.core.timeline.media import MediaFacts, check_clip
from render_app.core.timeline.records import MOST_CLIPS, MOST_TRACKS, MOST_TRANSITIONS
from render_app.core.timeline.refusals import DuplicateRecord, Place, TooMany, refuse
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition, VideoProject
from render_app.services import timeline_media, timeline_rows
from render_app.services.timeline_edits import Caller, editing
from render_app.services.timeline_rows import CheckedRecord, as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound

Values = Mapping[str, Any]
Id = uuid.UUID | str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: what it lies in, and how many of it may lie there."""

    name: str
    model: type[models.Model]
    parent: str = ""
    most: int = MOST_CLIPS

    @property
    def words(self) -> str:
        """Its name for people."""
        return self.name.replace("_", " ")


KINDS = {
    kind.name: kind
    for kind in (
        Kind("project", VideoProject),
        Kind("sequence", Sequence, "project", 100),
        Kind("track", Track, "sequence", MOST_TRACKS),
        Kind("clip", Clip, "track", MOST_CLIPS),
        Kind("transition", Transition, "sequence", MOST_TRANSITIONS),
        Kind("filter_stack", FilterStack, "sequence"),
        Kind("automation", AutomationCurve, "sequence"),
    )
}
_TO_PROJECT = {
    "project": (),
    "sequence": ("project",),
    "track": ("sequence__project",),
    "clip": ("track__sequence__project",),
    "transition": ("sequence__project", "from_clip"),
    "filter_stack": ("sequence__project",),
    "automation": ("sequence__project",),
}
#: What an answer names of the records that lie in one.
_HELD = {"project": ("sequences",), "sequence": ("tracks",)}


def find(context: Context, kind: str, id: Id, *, field: str | None = None) -> Any:
    """A record of the tenant. Raises NotFound."""
    rows = rows_of(context, kind)
    row = rows.filter(pk=id).first() if as_id(id) else None
    if row is None:
        raise NotFound(
            f"There is no {KINDS[kind].words} {str(id)[:80]} here. Check the id.", field=field or f"{kind}_id"
        )
    return row


def rows_of(context: Context, kind: str) -> Any:
    """Every record of a kind in the tenant, with what leads to its project."""
    rows = KINDS[kind].model._default_manager.all().in_tenant(context)  # type: ignore[attr-defined]
    return rows.select_related("created_by", *_TO_PROJECT[kind]).prefetch_related(*_HELD.get(kind, ()))


def sequence_of(
    context: Context, project: VideoProject, id: Id | None, *, field: str = "sequence_id"
) -> Sequence | None:
    """A sequence of a project by its id, else the first; None of a project that has none. Raises NotFound, which names `field`."""
    rows = rows_of(context, "sequence").filter(project=project).order_by("created_at", "pk")
    row: Sequence | None = rows.filter(pk=as_id(id)).first() if id else rows.first()
    if row is None and id:
        raise NotFound(f"There is no sequence {str(id)[:80]} in this project. Check the id.", field=field)
    return row


def project_of(row: Any) -> VideoProject:
    """The project that a record lies in."""
    if isinstance(row, VideoProject):
        return row
    if isinstance(row, Clip):
        return row.track.sequence.project
    return row.project if isinstance(row, Sequence) else row.sequence.project


def target(context: Context, type: str, id: Id) -> Any:
    """What a stack or a curve is of. Raises InvalidInput, NotFound."""
    if type not in ("clip", "track", "sequence"):
        raise InvalidInput(f"There is no target_type {type[:40]!r}. Use clip, track or sequence.", field="target_type")
    return find(context, type, id, field="target_id")


def create(caller: Caller, kind: str, parent: Any, data: Values) -> tuple[Any, CheckedRecord]:
    """A new record in its parent. Raises TimelineRefused, NotAllowed, StaleVersion."""
    project = project_of(parent)
    with editing(caller, project.pk, f"add {KINDS[kind].words}") as edit:
        read = timeline_rows.read(kind, data)
        # Again, now that nobody else can take it away.
        parent = find(caller.context, KINDS[kind].parent, parent.pk)
        _refuse_more(KINDS[kind], parent)
        row = KINDS[kind].model(**caller.stamp(), **{KINDS[kind].parent: parent}, **_columns(read.columns))
        _refuse_contents(caller.context, kind, row, read)
        edit.create(row)
    return find(caller.context, kind, row.pk), read


def change(caller: Caller, kind: str, row: Any, data: Values) -> tuple[Any, CheckedRecord]:
    """A record with other values; what is left out keeps its own. A clip may move to another track of its project."""
    with editing(caller, project_of(row).pk, f"change {KINDS[kind].words}") as edit:
        row = find(caller.context, kind, row.pk)
        given = dict(data)
        moved = _moved_to(caller.context, row, given.pop("track_id", None)) if kind == "clip" else {}
        of = timeline_rows.target_of(row) if isinstance(row, FilterStack | AutomationCurve) else None
        read = timeline_rows.read(kind, {**timeline_rows.own_fields(kind, row), **given}, str(row.pk), of)
        edit_values = {**_columns(read.columns), **moved}
        _refuse_contents(caller.context, kind, _with(row, edit_values), read)
        edit.change(find(caller.context, kind, row.pk), edit_values)
    return find(caller.context, kind, row.pk), read


def remove(caller: Caller, kind: str, row: Any) -> None:
    """Take a record away with what stands on it."""
    with editing(caller, project_of(row).pk, f"remove {KINDS[kind].words}") as edit:
        edit.delete(find(caller.context, kind, row.pk))


def create_of_target(caller: Caller, kind: str, of: Any, data: Values) -> tuple[Any, CheckedRecord]:
    """A new stack or curve of a record, which has none yet. Raises DuplicateRecord besides."""
    noun = nouns.Target(type(of).__name__.lower(), str(of.pk))
    with editing(caller, project_of(of).pk, f"add {KINDS[kind].words}") as edit:
        of = find(caller.context, noun.type, noun.id, field="target_id")
        read = timeline_rows.read(kind, data, target=noun)
        _refuse_second(caller.context, kind, of, read)
        row = KINDS[kind].model(**caller.stamp(), **_place(of), **_columns(read.columns))
        _refuse_contents(caller.context, kind, row, read)
        edit.create(row)
    return find(caller.context, kind, row.pk), read


def set_curves(caller: Caller, of: Any, curves: Iterable[Values], summary: str) -> None:
    """Give a record these curves, each in place of the one of its property, in one edit. Raises TimelineRefused, StaleVersion."""
    noun = nouns.Target(type(of).__name__.lower(), str(of.pk))
    with editing(caller, project_of(of).pk, summary) as edit:
        of = find(caller.context, noun.type, noun.id, field="target_id")
        for data in curves:
            read = timeline_rows.read("automation", data, target=noun)
            there = of_target(caller.context, "automation", of).filter(property=read.noun.property).first()
            if there is not None:
                edit.change(there, _columns(read.columns))
            else:
                edit.create(AutomationCurve(**caller.stamp(), **_place(of), **_columns(read.columns)))


def of_target(context: Context, kind: str, of: Any) -> Any:
    """The stacks or curves of a record."""
    return rows_of(context, kind).filter(**_place(of))


def remove_all_of_target(caller: Caller, kind: str, of: Any) -> None:
    """Take every stack or curve of a record away, in one edit."""
    with editing(caller, project_of(of).pk, f"remove {KINDS[kind].words}") as edit:
        for row in of_target(caller.context, kind, of):
            edit.delete(row)


def _place(of: Any) -> dict[str, Any]:
    """The columns that say what a stack or a curve is of."""
    if isinstance(of, Clip):
        return {"sequence": of.track.sequence, "track": None, "clip": of}
    if isinstance(of, Track):
        return {"sequence": of.sequence, "track": of, "clip": None}
    return {"sequence": of, "track": None, "clip": None}


def _refuse_second(context: Context, kind: str, of: Any, read: CheckedRecord) -> None:
    there = of_target(context, kind, of)
    if kind == "automation":
        there = there.filter(property=read.noun.property)
    if found := there.first():
        place = Place(kind, str(found.pk))
        what = f"curve of its {read.noun.property}" if kind == "automation" else "filter stack"
        raise refuse(DuplicateRecord, place, "target_id", f"has a {what} already. Change that one.")


def _refuse_more(kind: Kind, parent: Any) -> None:
    there = kind.model._default_manager.filter(**{kind.parent: parent}).count()
    if there >= kind.most:
        place = Place(kind.parent, str(parent.pk))
        raise refuse(TooMany, place, f"{kind.name}s", f"has {there} already; at most {kind.most} may be.")


def _moved_to(context: Context, clip: Clip, track_id: Any) -> dict[str, Any]:
    """The column of another track of the same sequence."""
    if track_id in (None, str(clip.track_id)):
        return {}
    track = find(context, "track", track_id)
    if track.sequence_id != clip.track.sequence_id:
        raise NotFound(f"Track {track_id} is not in the clip's sequence. Choose one of its tracks.", field="track_id")
    return {"track_id": track.pk}


def _with(row: Any, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _columns(values: Values) -> dict[str, Any]:
    """A record's fields as its columns: ids of records are ids."""
    return {name: as_id(value) or value if name.endswith("_id") else value for name, value in values.items()}


def _refuse_contents(context: Context, kind: str, row: Any, read: CheckedRecord) -> None:
    """Refuse what a record cannot be among the others of its sequence, and with the media that there are."""
    if kind == "clip":
        _refuse_clip(context, row, read.noun)
    elif kind == "transition":
        _refuse_transition(context, row, read.noun)
    elif kind == "filter_stack":
        _refuse_artifacts(context, read)


def _refuse_clip(context: Context, row: Clip, clip: nouns.Clip) -> None:
    media = timeline_media.facts_of(
        context, [clip.content] if not isinstance(clip.content, nouns.Text | nouns.Vector) else []
    )
    track = nouns.Track(id=str(row.track_id), kind=row.track.kind, clips=(clip,))
    refuse_silent_pictures(track)
    check_clip(clip, track, {of: _as_it_may_become(facts) for of, facts in media.items()})
    if clip.mask_artifact_id:
        named = {clip.mask_artifact_id: (Place("clip", clip.id), "mask_artifact_id")}
        timeline_media.refuse_unknown_artifacts(context, named)


def _as_it_may_become(facts: MediaFacts) -> MediaFacts:
    """A medium that is still being ingested, or waits for its sync, may be cut before it can be rendered."""
    return replace(facts, fault="")


def _refuse_transition(context: Context, row: Transition, transition: nouns.Transition) -> None:
    """Refuse a transition to clips that are not there or have one already, and one that has nothing to blend."""
    ids = [id for id in map(as_id, (transition.from_clip_id, transition.to_clip_id)) if id]
    alone = replace(timeline_rows.with_clips(row.sequence, ids), transitions=(transition,))
    refuse_broken_links(alone)
    for name in ("from_clip_id", "to_clip_id"):
        if Transition.objects.filter(**{name: getattr(transition, name)}).exclude(pk=row.pk).exists():
            place = Place("transition", transition.id)
            raise refuse(DuplicateRecord, place, name, f"is {getattr(transition, name)!r}, as in another transition.")
    media = timeline_media.media_of(context, alone)
    lay_transitions(alone, {of: _as_it_may_become(facts) for of, facts in media.items()}, alone.timebase)


def _refuse_artifacts(context: Context, read: CheckedRecord) -> None:
    named: dict[str, tuple[Place, str]] = {}
    stack: nouns.FilterStack = read.noun
    for number, one in enumerate(stack.filters):
        at = Place("filter_stack", stack.id).entry("filters", "filter_index", number).into("params")
        for name in ("lut_artifact_id", "mask_artifact_id", "source_summary_id"):
            if one.params.get(name):
                named[one.params[name]] = (at, name)
    timeline_media.refuse_unknown_artifacts(context, named)
