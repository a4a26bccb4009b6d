"""Video projects: found, made, described, removed."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from render_app.core.timeline import records
from render_app.core.timeline.fields import Reading, read_fields
from render_app.core.timeline.refusals import NEW, Place
from render_app.models import VideoProject
from render_app.services.timeline_edits import Caller, editing, locked
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound
from sessions_app.services import get_session


def create(caller: Caller, data: Mapping[str, Any]) -> VideoProject:
    """A new project, still without sequences. Raises TimelineRefused, NotAllowed, NotFound for another's session."""
    values = _values(caller.context, data, NEW)
    project: VideoProject = VideoProject.objects.create(**caller.stamp(), **values)
    return project


def change(caller: Caller, project: VideoProject, data: Mapping[str, Any]) -> VideoProject:
    """A project with other values; what is left out keeps its own."""
    with editing(caller, project.pk, "change project") as edit:
        own = {one.name: _plain(getattr(edit.project, one.name)) for one in records.PROJECT}
        edit.change(edit.project, _values(caller.context, {**own, **data}, str(project.pk)))
    return edit.project


def remove(caller: Caller, project: VideoProject) -> None:
    """Take a project away with its sequences and its history."""
    with transaction.atomic():
        locked(caller, project.pk).delete()


def _values(context: Context, data: Mapping[str, Any], id: str) -> dict[str, Any]:
    values = read_fields(records.PROJECT, data, Place("project", id), Reading())
    session_id = values.pop("session_id")
    values["tags"] = list(values["tags"])
    values["session_id"] = None
    if session_id is not None:
        values["session_id"] = _session(context, session_id)
    return values


def _session(context: Context, session_id: str) -> Any:
    try:
        return get_session(context, session_id).pk
    except (ValueError, NotFound, ValidationError):
        raise NotFound("This session does not exist here. Check the id.", field="session_id") from None


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | dict | list) else str(value)
