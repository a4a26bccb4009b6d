"""`/video/presets`: filters and motions to copy. Built-in ones have their name as id, and stay as they are."""

from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import PARAMETERS, NamedView, documented
from render_app.api import described, shown
from render_app.api.requests import caller_of, fields_of
from render_app.models import FilterPreset
from render_app.services import presets
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import Output
from sessions_app.web.paging import SnakePages

#: Kind → its part of the address, its title in the schema, and what it is.
KINDS = {
    "filter_preset": ("filters", "FilterPreset", "Filters to copy into the stack of a clip, a track or a sequence."),
    "motion_preset": ("motion", "MotionPreset", "Curves to copy onto a clip."),
}
TAG = OpenApiParameter("tag", str, description="Those with this tag, exactly; built_in for the built-in ones.")
PROFILE = OpenApiParameter("render_profile", str, description="Those made for this profile.")


class _OfPreset(NamedView):
    """A view of one kind of preset."""

    kind: ClassVar[str]

    def answer(self, row: presets.Row, status: int = 200) -> Response:
        """A preset."""
        return Response(shown.preset(self.kind, row), status)


class Presets(_OfPreset, ListAPIView):
    """List the presets of one kind, or keep one."""

    pagination_class = SnakePages
    filter_backends = ()
    # What the tools that draw the schema look at; the list has built-in presets too.
    queryset = FilterPreset.objects.none()

    def get_queryset(self) -> Any:
        """Built-in presets, then the tenant's; nothing while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return self._asked_for(presets.all_of(context, self.kind)) if context else self.queryset

    def _asked_for(self, rows: list[presets.Row]) -> list[presets.Row]:
        query = self.request.query_params
        tag, profile = query.get("tag"), query.get("render_profile")
        tagged = [row for row in rows if not tag or tag in row.tags]
        return [row for row in tagged if not profile or profile in (row.meta.get("render_profiles") or ())]

    def post(self, request: Request) -> Response:
        """Keep a preset."""
        row, _ = presets.create(caller_of(request), self.kind, fields_of(request, {}, keep=("tracks",)))
        return self.answer(row, 201)


class OnePreset(_OfPreset):
    """Read, change or remove one preset."""

    def row(self, request: Request, ids: dict[str, Any]) -> presets.Row:
        """The preset that the address names."""
        return presets.find(request.context, self.kind, ids[f"{self.kind}_id"])  # type: ignore[attr-defined]

    def get(self, request: Request, **ids: Any) -> Response:
        """The preset."""
        return self.answer(self.row(request, ids))

    def patch(self, request: Request, **ids: Any) -> Response:
        """Other values; what is left out keeps its own."""
        row, _ = presets.change(self.row(request, ids), self.kind, fields_of(request, {}, keep=("tracks",)))
        return self.answer(row)

    def delete(self, request: Request, **ids: Any) -> Response:
        """Take it away; what was copied of it stays."""
        presets.remove(self.row(request, ids))
        return Response(status=204)


def urls() -> list[URLPattern]:
    """Two addresses for each kind of preset."""
    found = []
    for kind, (name, title, about) in KINDS.items():
        answer = _answered(kind, title, about)
        found.append(path(f"presets/{name}", _list_view(kind, answer), name=f"video-presets-{name}"))
        found.append(path(f"presets/{name}/<str:{kind}_id>", _own_view(kind, answer), name=f"video-preset-{name}"))
    return found


def _answered(kind: str, title: str, about: str) -> type[Output]:
    more: dict[str, serializers.Field] = {
        "id": serializers.CharField(help_text="Of a built-in one its name."),
        "built_in": serializers.BooleanField(),
        **shown.STAMP,
        "created_at": serializers.DateTimeField(allow_null=True, help_text="Null for a built-in one."),
        "updated_at": serializers.DateTimeField(allow_null=True),
    }
    show = {"filter_preset": _show_filters, "motion_preset": _show_motion}[kind]
    return described.record(title, about, presets.FIELDS[kind], more, show)


def _show_filters(_: Any, row: presets.Row) -> dict[str, Any]:
    return shown.preset("filter_preset", row)


def _show_motion(_: Any, row: presets.Row) -> dict[str, Any]:
    return shown.preset("motion_preset", row)


def _list_view(kind: str, answer: type[Output]) -> Any:
    name, title, about = KINDS[kind]
    sent = described.body(f"{title}Input", about, presets.FIELDS[kind])
    traits = {
        "kind": kind,
        "serializer_class": answer,
        "__doc__": f"GET/POST /video/presets/{name}: list presets, or keep one.",
    }
    view: Any = type(f"{title}s", (Presets,), traits)
    parameters = [*PARAMETERS, TAG, *([PROFILE] if kind == "filter_preset" else [])]
    described_view = extend_schema_view(
        get=extend_schema(parameters=parameters, operation_id=f"video_{kind}_list"),
        post=documented(request=sent, responses={201: answer}, operation_id=f"video_{kind}_make"),
    )
    return described_view(view).as_view()


def _own_view(kind: str, answer: type[Output]) -> Any:
    name, title, about = KINDS[kind]
    sent = described.body(f"{title}Change", about, presets.FIELDS[kind], partial=True)
    traits = {"kind": kind, "__doc__": f"GET/PATCH/DELETE /video/presets/{name}/{{id}}: one preset."}
    view: Any = type(f"One{title}", (OnePreset,), traits)
    described_view = extend_schema_view(
        get=documented(responses=answer, operation_id=f"video_{kind}_read"),
        patch=documented(request=sent, responses=answer, operation_id=f"video_{kind}_change"),
        delete=documented(responses={204: NO_CONTENT}, operation_id=f"video_{kind}_remove"),
    )
    return described_view(view).as_view()
