"""`/video/projects/{id}/undo` and `/redo`, and a whole sequence as a snapshot."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from render_app.api import described, shown
from render_app.api.requests import IF_MATCH, caller_of, with_revision
from render_app.api.resource import RESOURCES, answered
from render_app.core.timeline import build
from render_app.models import VideoProject
from render_app.services import timeline_edits, timeline_notices, timelines
from sessions_app.web.fields import NamedInput, Output

_PROJECT = answered(RESOURCES[0])


class Undo(NamedView):
    """POST /video/projects/{id}/undo: take the last change of a project back; 409 when there is none."""

    @documented(request=NamedInput, responses=_PROJECT, parameters=[IF_MATCH])
    def post(self, request: Request, project_id: Any) -> Response:
        """The project as it was before the last change, at a new revision."""
        return _answer(timeline_edits.undo(caller_of(request), project_id))


class Redo(NamedView):
    """POST /video/projects/{id}/redo: make the change that was taken back last once more; 409 when there is none."""

    @documented(request=NamedInput, responses=_PROJECT, parameters=[IF_MATCH])
    def post(self, request: Request, project_id: Any) -> Response:
        """The project as it was before the undo, at a new revision."""
        return _answer(timeline_edits.redo(caller_of(request), project_id))


def _answer(project: VideoProject) -> Response:
    return with_revision(Response(shown.project(project)), project.revision)


class NoticeOutput(Output):
    """What a person should know of a record; its id stands beside it: clip_id, transition_id …"""

    code = serializers.CharField(help_text="media_gap, no_picture, no_sound, transition_clamped, or why it is refused.")
    message = serializers.CharField()


def _nested(kind: str, title: str, **more: serializers.Field) -> type[Output]:
    """A record inside a snapshot."""
    own = {one.name: described.serializer(one, title, answered=True) for one in build.FIELDS[kind]}
    return type(f"{title}Snapshot", (Output,), {"__doc__": "", "id": serializers.CharField(), **own, **more})


_OF = {"target_type": serializers.CharField(), "target_id": serializers.CharField()}
_IN_SEQUENCE = {"sequence_id": serializers.CharField()}
_ClipSnapshot = _nested("clip", "Clip", track_id=serializers.CharField())
_TrackSnapshot = _nested("track", "Track", **_IN_SEQUENCE, clips=_ClipSnapshot(many=True))
SequenceSnapshot = _nested(
    "sequence",
    "Sequence",
    project_id=serializers.CharField(allow_null=True),
    tracks=_TrackSnapshot(many=True),
    transitions=_nested("transition", "Transition", **_IN_SEQUENCE)(many=True),
    filter_stacks=_nested("filter_stack", "FilterStack", **_OF)(many=True),
    automation=_nested("automation", "ParameterAutomation", **_OF)(many=True),
    clamped=shown.ClampedNumber(many=True),
    warnings=NoticeOutput(many=True),
)


class Snapshot(NamedView):
    """GET /video/sequences/{id}/snapshot: the sequence with everything in it, as a render takes it."""

    @documented(responses=SequenceSnapshot)
    def get(self, request: Request, sequence_id: Any) -> Response:
        """The sequence, the numbers that will be clamped, and what a person should know of it."""
        row = timelines.find(request.context, "sequence", sequence_id)  # type: ignore[attr-defined]
        return with_revision(Response(timeline_notices.whole(row)), row.project.revision)


def urls() -> list[URLPattern]:
    """The addresses of a project's history and of snapshots."""
    return [
        path("projects/<uuid:project_id>/undo", Undo.as_view(), name="video-undo"),
        path("projects/<uuid:project_id>/redo", Redo.as_view(), name="video-redo"),
        path("sequences/<uuid:sequence_id>/snapshot", Snapshot.as_view(), name="video-snapshot"),
    ]
