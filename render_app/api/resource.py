"""`/video`: projects, sequences, tracks, clips, transitions. One table has them all; each has GET, PATCH and DELETE by its own id,
and a project's revision is the ETag of everything in it.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import django_filters
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import PARAMETERS, NamedView, documented
from render_app.api import described, shown
from render_app.api.requests import IF_MATCH, caller_of, fields_of, with_revision
from render_app.core.timeline import build
from render_app.services import projects, timelines
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import NamedInput, Output
from sessions_app.web.paging import SnakePages


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of record at its addresses. `title` names it in the schema; `lookups`: query parameter → column, or the name of a
    method of its rows, such as `tagged`."""

    kind: str
    plural: str
    title: str
    about: str
    parent: str = ""
    parents: str = ""
    lookups: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """What its id is called."""
        return f"{self.kind}_id"

    @property
    def own_path(self) -> str:
        """Where one is."""
        return f"{self.plural}/<uuid:{self.id}>"

    @property
    def list_path(self) -> str:
        """Where they are listed and made."""
        return f"{self.parents}/<uuid:{self.parent}_id>/{self.plural}" if self.parent else self.plural


RESOURCES = (
    Resource(
        "project", "projects", "VideoProject", "A film in the making.",
        lookups=(("session_id", "session_id"), ("tag", "tagged"), ("render_profile", "render_profile")),
    ),
    Resource("sequence", "sequences", "Sequence", "A timeline of a project.", "project", "projects"),
    Resource(
        "track", "tracks", "Track", "Clips of one kind; a higher order is nearer.", "sequence", "sequences",
        lookups=(("kind", "kind"), ("audio_role", "audio_role")),
    ),
    Resource(
        "clip", "clips", "Clip",
        "A stretch of a file, of a camera, of words or of shapes: t_source = in_ms + (t - start_ms_on_timeline) * speed.",
        "track", "tracks", lookups=(("asset_id", "asset_id"), ("session_id", "session_id")),
    ),
    Resource(
        "transition", "transitions", "Transition", "From one clip of a track to another.", "sequence", "sequences",
        lookups=(("type", "type"),),
    ),
)  # fmt: skip


#: Made and listed at the address of what they are of (`targets`).
STACK = Resource(
    "filter_stack", "filter-stacks", "FilterStack", "The filters of a clip, a track or a sequence, in order."
)
CURVE = Resource(
    "automation",
    "automation",
    "ParameterAutomation",
    "One property of a clip, a track or a sequence over time; of each property one.",
)


class OfResource(NamedView):
    """A view of one kind of record."""

    resource: ClassVar[Resource]

    def show(self, row: Any) -> dict[str, Any]:
        """A record as the answer has it."""
        return shown.project(row) if self.resource.kind == "project" else shown.record(self.resource.kind, row)

    def answer(self, row: Any, status: int = 200) -> Response:
        """A record with its project's revision."""
        return with_revision(Response(self.show(row), status), timelines.project_of(row).revision)

    def found(self, request: Request, ids: dict[str, Any]) -> Any:
        """The record that the address names."""
        return timelines.find(request.context, self.resource.kind, ids[self.resource.id])  # type: ignore[attr-defined]


class Records(OfResource, ListAPIView):
    """List the records of one kind, or make one."""

    pagination_class = SnakePages

    def get_queryset(self) -> Any:
        """The tenant's records, or those of the parent; nothing while the schema is drawn."""
        kind, context = self.resource.kind, getattr(self.request, "context", None)
        if context is None:
            return timelines.KINDS[kind].model._default_manager.none()
        rows = timelines.rows_of(context, kind)
        parent = self.parent(self.request)
        return rows.filter(**{self.resource.parent: parent}) if parent is not None else rows

    def parent(self, request: Request) -> Any:
        """What the records lie in; None for projects."""
        name = self.resource.parent
        return timelines.find(request.context, name, self.kwargs[f"{name}_id"]) if name else None  # type: ignore[attr-defined]

    def post(self, request: Request, **ids: Any) -> Response:
        """Make a record."""
        caller, parent = caller_of(request), self.parent(request)
        data = fields_of(request, {name: str(value) for name, value in ids.items()})
        if parent is None:
            return self.answer(projects.create(caller, data), 201)
        row, _ = timelines.create(caller, self.resource.kind, parent, data)
        return self.answer(row, 201)


class OneRecord(OfResource):
    """Read, change or remove one record."""

    def get(self, request: Request, **ids: Any) -> Response:
        """The record."""
        return self.answer(self.found(request, ids))

    def patch(self, request: Request, **ids: Any) -> Response:
        """Other values; what is left out keeps its own."""
        caller, row = caller_of(request), self.found(request, ids)
        if self.resource.kind == "project":
            return self.answer(projects.change(caller, row, fields_of(request, {})))
        # A clip may move to another track; everything else stays where it is.
        place = {} if self.resource.kind == "clip" else shown.place(row)
        row, _ = timelines.change(caller, self.resource.kind, row, fields_of(request, place))
        return self.answer(row)

    def delete(self, request: Request, **ids: Any) -> Response:
        """Take it away with what stands on it."""
        caller, row = caller_of(request), self.found(request, ids)
        if self.resource.kind == "project":
            projects.remove(caller, row)
        else:
            timelines.remove(caller, self.resource.kind, row)
        return Response(status=204)


def urls() -> list[URLPattern]:
    """Two addresses for each kind of record."""
    found = []
    for one in RESOURCES:
        found.append(path(one.list_path, _list_view(one), name=f"video-{one.plural}"))
        found.append(path(one.own_path, _own_view(one), name=f"video-{one.kind}"))
    return [*found, *(path(one.own_path, _own_view(one), name=f"video-{one.kind}") for one in (STACK, CURVE))]


def _list_view(one: Resource) -> Any:
    sent = described.body(f"{one.title}Input", one.about, build.FIELDS[one.kind])
    traits = {
        "resource": one,
        "serializer_class": answered(one),
        "filterset_class": _filters(one),
        "__doc__": f"GET/POST /video/{one.list_path}: list {one.plural}, or make one.",
    }
    view: Any = type(f"{one.title}s", (Records,), traits)
    described_view = extend_schema_view(
        get=extend_schema(parameters=PARAMETERS, operation_id=f"video_{one.kind}_list"),
        post=documented(
            request=sent,
            responses={201: answered(one)},
            parameters=[IF_MATCH] if one.parent else [],
            operation_id=f"video_{one.kind}_make",
        ),
    )
    return described_view(view).as_view()


def _own_view(one: Resource) -> Any:
    sent = changed(one)
    answer, name = answered(one), f"video_{one.kind}"
    traits = {"resource": one, "__doc__": f"GET/PATCH/DELETE /video/{one.own_path}: one {one.kind}."}
    view: Any = type(f"One{one.title}", (OneRecord,), traits)
    described_view = extend_schema_view(
        get=documented(responses=answer, operation_id=f"{name}_read"),
        patch=documented(request=sent, responses=answer, parameters=[IF_MATCH], operation_id=f"{name}_change"),
        delete=documented(responses={204: NO_CONTENT}, parameters=[IF_MATCH], operation_id=f"{name}_remove"),
    )
    return described_view(view).as_view()


@cache
def changed(one: Resource) -> type[NamedInput]:
    """The serializer of a record's change, one for each kind."""
    fields = build.FIELDS[one.kind]
    return described.body(f"{one.title}Change", one.about, fields, partial=True)


@cache
def answered(one: Resource) -> type[Output]:
    """The serializer of a record's answer, one for each kind."""
    more = {"id": serializers.UUIDField(), **_PLACES[one.kind], **shown.STAMP}
    return described.record(one.title, one.about, build.FIELDS[one.kind], more, _shower(one))


def _shower(one: Resource) -> Any:
    if one.kind == "project":
        return lambda self, row: shown.project(row)
    return lambda self, row: shown.record(one.kind, row)


def _ids(help: str) -> serializers.Field:
    return serializers.ListField(child=serializers.UUIDField(), help_text=help)


_TARGET: dict[str, serializers.Field] = {
    "target_type": serializers.CharField(help_text="clip, track or sequence."),
    "target_id": serializers.UUIDField(),
}
_AXES = serializers.DictField(
    child=serializers.FloatField(), allow_null=True, help_text='Where a variable font stands: {"wght": 650}.'
)
_PLACES: dict[str, dict[str, serializers.Field]] = {
    "project": {
        "sequences": _ids("Their ids, in the order in which they were made."),
        "revision": serializers.IntegerField(help_text="Counts every change of anything in it; its ETag."),
    },
    "sequence": {
        "project_id": serializers.UUIDField(),
        "tracks": _ids("Their ids, from the farthest."),
        **shown.CLAMPED,
    },
    "track": {"sequence_id": serializers.UUIDField(), **shown.CLAMPED},
    "clip": {
        "track_id": serializers.UUIDField(),
        "end_ms": serializers.FloatField(help_text="When it ends on the timeline: start + (out_ms - in_ms) / speed."),
        "layout_hash": serializers.CharField(
            allow_null=True,
            help_text="Of its words or shapes as the project's profile draws them; the same layout is one file.",
        ),
        "variant_axes": _AXES,
        "tracking": serializers.FloatField(allow_null=True, help_text="1/1000 em, of its words with their preset."),
        "boolean_ops": serializers.ListField(
            child=described.AnyObject(), allow_null=True, help_text="Of its shapes, each with its id."
        ),
        **shown.CLAMPED,
    },
    "transition": {"sequence_id": serializers.UUIDField(), **shown.CLAMPED},
    "filter_stack": {**_TARGET, **shown.CLAMPED},
    "automation": {**_TARGET, **shown.CLAMPED},
}


def _filters(one: Resource) -> type[django_filters.FilterSet]:
    filters: dict[str, Any] = {name: _filter(name, column) for name, column in one.lookups}
    return type(f"{one.title}Filter", (django_filters.FilterSet,), filters)


def _filter(name: str, column: str) -> django_filters.Filter:
    if column == "tagged":
        return django_filters.CharFilter(
            method=lambda rows, _, value: rows.tagged(value), help_text="One tag, exactly."
        )
    made = django_filters.UUIDFilter if name.endswith("_id") else django_filters.CharFilter
    return made(field_name=column)
