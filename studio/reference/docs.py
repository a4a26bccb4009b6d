"""The API's description, and the page that people read it on."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from sessions_app.web.pages import account_page

JSON = "application/json"


class Schema(SpectacularAPIView):
    """GET /api/schema/: the OpenAPI description, as YAML or JSON. There is one version, whichever is asked for."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer = request.accepted_renderer
        kind = renderer.media_type + (f"; charset={renderer.charset}" if renderer.charset else "")
        headers = {"Content-Disposition": f'inline; filename="{self._get_filename(request, None)}"'}
        return HttpResponse(_written(renderer.format), content_type=kind, headers=headers)


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    """What the API is; the same for everybody until the process ends."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


@lru_cache(maxsize=2)
def _written(format: str) -> str | bytes:
    """The description as YAML or JSON, written once: that takes a second of processor."""
    renderer = next(one for one in Schema.renderer_classes if one.format == format)
    return renderer().render(_description(), renderer_context={})


@dataclass(frozen=True, slots=True)
class Documented:
    """One operation as the page shows it."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: tuple[dict[str, Any], ...]
    example: str
    fields: tuple[tuple[str, str, str, bool], ...]
    answers: tuple[tuple[str, str], ...]


@require_safe
def docs(request: HttpRequest) -> HttpResponseBase:
    """GET /api/docs/: every operation in groups, with its parameters, fields and an example. Anybody may read it."""
    return _inside(request) if request.user.is_authenticated else _draw(request)


def _draw(request: HttpRequest) -> HttpResponse:
    return render(request, "api_docs.html", {"groups": _groups()})


#: With the bar of whoever is signed in.
_inside = account_page(_draw)


@lru_cache(maxsize=1)
def _groups() -> list[tuple[str, str, list[Documented]]]:
    """Name, anchor and operations of each group that has any."""
    schema = _description()
    groups: dict[str, list[Documented]] = {tag["name"]: [] for tag in schema["tags"]}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_documented(schema, path, method, operation))
    return [(name, _anchor(name), found) for name, found in groups.items() if found]


def _documented(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> Documented:
    body = operation.get("requestBody", {}).get("content", {}).get(JSON, {})
    answers = operation.get("responses", {})
    example = body.get("example")
    return Documented(
        method=method.upper(),
        path=path,
        anchor=_anchor(operation["operationId"]),
        summary=operation["summary"],
        description=operation["description"],
        parameters=tuple(one for one in operation.get("parameters", ()) if one["in"] == "query"),
        example="" if example is None else json.dumps(example, indent=2, ensure_ascii=False),
        fields=_fields(schema, body.get("schema", {})),
        answers=tuple((code, _named(answer)) for code, answer in answers.items()),
    )


def _fields(schema: dict[str, Any], found: dict[str, Any]) -> tuple[tuple[str, str, str, bool], ...]:
    """Name, type, help and whether it is required, of each field of a body."""
    name = found.get("$ref", "").rpartition("/")[2]
    body = schema["components"]["schemas"].get(name, found)
    required = set(body.get("required", ()))
    return tuple(
        (field, _type(about), about.get("description", ""), field in required)
        for field, about in body.get("properties", {}).items()
        if not about.get("readOnly")
    )


def _type(about: dict[str, Any]) -> str:
    kind = about.get("format") or about.get("type") or ""
    return "one of " + ", ".join(map(str, about["enum"])) if "enum" in about else str(kind)


def _named(answer: dict[str, Any]) -> str:
    kinds = answer.get("content", {})
    reference = kinds.get(JSON, {}).get("schema", {}).get("$ref", "")
    return reference.rpartition("/")[2] or answer.get("description", "") or ", ".join(kinds)


def _anchor(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").split())
