"""Changes of a project: each counts its revision up and is kept, with every record before and after, to be undone and redone."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import Q

from render_app.models import AutomationCurve, Clip, FilterStack, ProjectEdit, Sequence, Track, Transition, VideoProject
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StaleVersion, WrongStatus
from sessions_app.models import RecordingSession

#: How far back a project can be undone.
MOST_EDITS = 200
#: What an edit consists of, in the order in which rows can be made.
MODELS: dict[str, type[models.Model]] = {
    model.__name__: model for model in (VideoProject, Sequence, Track, Clip, Transition, FilterStack, AutomationCurve)
}
#: Counters of the project itself, which no undo takes back.
_COUNTERS = ("revision", "position", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who changes a project: the user as named, and the revision that they have seen; None changes it whatever it is."""

    context: Context
    user_id: str = ""
    revision: int | None = None

    def stamp(self) -> dict[str, Any]:
        """The columns of a record that they make."""
        return {**self.context.stamp(), "user_id": self.user_id, "created_by": self.context.user}


@dataclass(slots=True)
class Edit:
    """The rows that a transaction changes."""

    project: VideoProject
    changes: list[dict[str, Any]] = field(default_factory=list)

    def create(self, row: models.Model) -> None:
        """Store a new row."""
        row.save(force_insert=True)
        self._note(row, None, kept(row))

    def change(self, row: models.Model, values: dict[str, Any]) -> None:
        """Store a row's new values."""
        before = kept(row)
        for name, value in values.items():
            setattr(row, name, value)
        after = kept(row)
        if after != before:
            row.save(update_fields=[*values, "updated_at"])
            self._note(row, before, after)

    def delete(self, row: models.Model) -> None:
        """Take a row away, with the rows that stand on it."""
        for one in (*reversed(list(standing_on(row))), row):
            self._note(one, kept(one), None)
        row.delete()

    def _note(self, row: models.Model, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        self.changes.append({"model": type(row).__name__, "id": str(row.pk), "before": before, "after": after})


@contextmanager
def editing(caller: Caller, project_id: uuid.UUID, summary: str) -> Iterator[Edit]:
    """One transaction that changes a project. Raises NotFound, StaleVersion."""
    with transaction.atomic():
        edit = Edit(locked(caller, project_id))
        yield edit
        if edit.changes:
            _log_edit(caller, edit, summary)


def locked(caller: Caller, project_id: uuid.UUID) -> VideoProject:
    """The project, held until the transaction ends. Raises NotFound, StaleVersion."""
    rows = VideoProject.objects.in_tenant(caller.context).select_for_update()
    project: VideoProject | None = rows.filter(pk=project_id).first()
    if project is None:
        raise NotFound(f"There is no project {project_id} here. Check the id.", field="project_id")
    if caller.revision is not None and caller.revision != project.revision:
        raise StaleVersion(
            f"The project is at revision {project.revision}, and you have seen {caller.revision}. Read it again, then repeat this.",
            field="If-Match",
            details={"revision": project.revision},
        )
    return project


def _log_edit(caller: Caller, edit: Edit, summary: str) -> None:
    """Count the project up and keep the edit; what had been undone cannot be redone any more."""
    project = edit.project
    project.edits.filter(Q(position__gt=project.position) | Q(position__lte=project.position - MOST_EDITS)).delete()
    project.position += 1
    ProjectEdit.objects.create(
        **caller.context.stamp(),
        project=project,
        position=project.position,
        summary=summary,
        actor=caller.context.actor[:150],
        changes=edit.changes,
    )
    _count_up(project)


def undo(caller: Caller, project_id: uuid.UUID) -> VideoProject:
    """Take the last edit back. Raises NotFound, StaleVersion, WrongStatus where there is none."""
    with transaction.atomic():
        project = locked(caller, project_id)
        edit = _edit_at(project, project.position, "undo")
        for change in reversed(edit.changes):
            _write(change["model"], change["id"], change["before"])
        return _moved(project_id, project.position - 1)


def redo(caller: Caller, project_id: uuid.UUID) -> VideoProject:
    """Make the edit that was taken back last once more. Raises NotFound, StaleVersion, WrongStatus where there is none."""
    with transaction.atomic():
        project = locked(caller, project_id)
        edit = _edit_at(project, project.position + 1, "redo")
        for change in sorted(edit.changes, key=_order):
            _write(change["model"], change["id"], change["after"])
        return _moved(project_id, project.position + 1)


def _order(change: dict[str, Any]) -> int:
    """Rows that go first, from the last model to the first; then rows that come, from the first to the last."""
    number = list(MODELS).index(change["model"])
    return -len(MODELS) - number if change["after"] is None else number


def _edit_at(project: VideoProject, position: int, verb: str) -> ProjectEdit:
    edit = project.edits.filter(position=position).first()
    if edit is None:
        raise WrongStatus(f"There is nothing to {verb}.", details={"revision": project.revision})
    return edit


def _moved(project_id: uuid.UUID, position: int) -> VideoProject:
    project = VideoProject.objects.get(pk=project_id)
    project.position = position
    _count_up(project)
    return project


def _count_up(project: VideoProject) -> None:
    project.revision += 1
    project.save(update_fields=["revision", "position", "updated_at"])


def _write(model_name: str, id: str, values: dict[str, Any] | None) -> None:
    """Bring a row to what it was: there with these values, or not there."""
    model = MODELS[model_name]
    rows = model._default_manager.filter(pk=id)
    if values is None:
        rows.delete()
        return
    found = {one.attname: one.to_python(values[one.attname]) for one in _columns(model) if one.attname in values}
    found |= _without_the_gone(values)
    if not rows.exists():
        model._default_manager.bulk_create([model(pk=uuid.UUID(id), **found)])
    # Again, since a row that is made gets the times of now.
    rows.update(**found)


def _without_the_gone(values: dict[str, Any]) -> dict[str, Any]:
    """Null for an account or a session that was deleted meanwhile, as it would be had the row stayed."""
    gone: dict[str, Any] = {}
    account = values.get("created_by_id")
    if account is not None and not get_user_model().objects.filter(pk=account).exists():
        gone["created_by_id"] = None
    # A clip keeps the name of its session; a project does not.
    session = values.get("session_id")
    if session is not None and "render_profile" in values and not RecordingSession.objects.filter(pk=session).exists():
        gone["session_id"] = None
    return gone


def standing_on(row: models.Model) -> Iterable[models.Model]:
    """The rows of a timeline that go with a row, from the first model to the last."""
    if isinstance(row, Sequence):
        of_clip = Q(sequence=row)
        yield from Track.objects.filter(sequence=row)
        yield from Clip.objects.filter(track__sequence=row)
        yield from Transition.objects.filter(sequence=row)
    elif isinstance(row, Track):
        of_clip = Q(track=row) | Q(clip__track=row)
        yield from Clip.objects.filter(track=row)
        yield from Transition.objects.filter(Q(from_clip__track=row) | Q(to_clip__track=row))
    elif isinstance(row, Clip):
        of_clip = Q(clip=row)
        yield from Transition.objects.filter(Q(from_clip=row) | Q(to_clip=row))
    else:
        return
    yield from FilterStack.objects.filter(of_clip)
    yield from AutomationCurve.objects.filter(of_clip)


def kept(row: models.Model) -> dict[str, Any]:
    """A row's columns as JSON, without its id and the project's counters."""
    return {
        one.attname: _plain(getattr(row, one.attname))
        for one in _columns(type(row))
        if not (isinstance(row, VideoProject) and one.name in _COUNTERS)
    }


def _columns(model: type[models.Model]) -> list[Any]:
    return [one for one in model._meta.concrete_fields if not one.primary_key and one.name != "updated_at"]


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
