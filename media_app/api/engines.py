"""The routes of the engines, one like the other: ask, wait or come back, read what was made. snake_case, as the seed has them."""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django.db.models import QuerySet
from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app import engines
from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from media_app.api.records import ArtifactRecord
from media_app.engines import runner
from media_app.engines.base import Engine
from media_app.models import DerivedMedia, MediaJob
from media_app.services.registry import find_asset
from sessions_app.errors import NotFound
from sessions_app.web.fields import NamedInput, Output, Text


class EngineInput(NamedInput):
    """What every engine is asked with."""

    asset_id = serializers.UUIDField(help_text="The recording to work on.")


class EngineJob(Output):
    """Work that takes long: look at `status_url` until it has ended."""

    job_id = serializers.UUIDField(source="pk")
    status = serializers.CharField()
    status_url = serializers.SerializerMethodField()

    def get_status_url(self, job: MediaJob) -> str:
        """Where the job's state is read."""
        return f"/jobs/{job.pk}?tenant_id={job.tenant_id}&env={job.env}"


class JobState(Output):
    """A job of any type."""

    id = serializers.UUIDField(source="pk")
    type = serializers.CharField()
    status = serializers.CharField()
    progress_percent = serializers.FloatField()
    progress_step = serializers.CharField()
    eta_seconds = serializers.FloatField(allow_null=True)
    result = serializers.JSONField(source="result_json", allow_null=True)
    error_code = serializers.CharField()
    error_message = serializers.CharField()


class OneJob(NamedView):
    """GET /jobs/{id}: how far a job of this tenant is."""

    tenant_optional = True

    @documented(responses=JobState)
    def get(self, request: Request, job_id: str) -> Response:
        """How far a job is, and what it ended with."""
        job = MediaJob.objects.in_tenant(request.context).filter(pk=job_id).first()  # type: ignore[attr-defined]
        if job is None:
            raise NotFound(f"There is no job {job_id} here. Check the id.")
        return Response(JobState(job).data)


class EngineView(NamedView):
    """One engine's route; `engine` and `body` are set for each."""

    engine: Engine
    body: type[EngineInput]

    def post(self, request: Request) -> Response:
        """Ask for the artifact: 200 when it is there, else 202 with the job; `?wait=SECONDS` waits for it."""
        seconds, asked = wait_of(request), self.body.parse(request)
        asset = find_asset(request.context, asked.pop("asset_id"))  # type: ignore[attr-defined]
        found = runner.request(self.engine, asset, self.engine.params(**asked))
        if isinstance(found, DerivedMedia):
            return Response(answer_of(found, cache_hit=True))
        return _after(found, seconds)

    def get(self, request: Request, artifact_id: str) -> Response:
        """One artifact that this engine made."""
        rows = DerivedMedia.objects.in_tenant(request.context)  # type: ignore[attr-defined]
        row = rows.filter(pk=artifact_id, kind=self.engine.produces.name).first()
        if row is None:
            raise NotFound(f"There is no such artifact {artifact_id} here. Check the id.")
        return Response(ArtifactRecord(row).data)


def answer_of(row: DerivedMedia, *, cache_hit: bool) -> dict[str, Any]:
    """An artifact, and whether it was there already."""
    shown: dict[str, Any] = ArtifactRecord(row).data
    return {**shown, "meta": {**shown["meta"], "cache_hit": cache_hit}}


def made_by(job: MediaJob) -> QuerySet[DerivedMedia]:
    """The artifacts that a job ended with."""
    return DerivedMedia.objects.filter(pk__in=(job.result_json or {}).get("artifact_ids", []))


def _after(job: MediaJob, seconds: float) -> Response:
    """The artifact, should the job be done within so many seconds; else where to look."""
    wait_for(job, seconds)
    row = made_by(job).order_by("created_at").last()
    if row is None:
        return Response(EngineJob(job).data, status=202)
    return Response(answer_of(row, cache_hit=False))


#: Annotation → the field that reads it. A number's bounds stand in its dataclass field's metadata as `min`, `max`.
_FIELDS: dict[Any, Callable[..., serializers.Field]] = {
    bool: serializers.BooleanField,
    int: lambda **o: serializers.IntegerField(**_bounds(o)),
    float: lambda **o: serializers.FloatField(**_bounds(o)),
    str: lambda **o: Text(max_length=1000, allow_blank=True, **o),
    list: lambda **o: serializers.ListField(child=serializers.JSONField(), max_length=10_000, **o),
    dict: lambda **o: serializers.JSONField(**o),
}


def _bounds(options: dict[str, Any]) -> dict[str, Any]:
    bounds = {f"{name}_value": options.pop(name) for name in ("min", "max") if name in options}
    return options | bounds


def body_of(engine: Engine) -> type[EngineInput]:
    """The serializer of an engine's request, from its parameters' annotations."""
    hints = get_type_hints(engine.params)
    declared = {one.name: _field(one, hints[one.name]) for one in fields(engine.params)}  # type: ignore[arg-type]
    return type(f"{_title(engine)}Input", (EngineInput,), declared)


def _field(one: "Field[Any]", hint: Any) -> serializers.Field:
    options: dict[str, Any] = dict(one.metadata)
    if one.default is not MISSING:
        options |= {"default": one.default, "required": False}
    elif one.default_factory is not MISSING:
        options |= {"default": one.default_factory, "required": False}
    if isinstance(hint, UnionType):
        [hint] = [part for part in get_args(hint) if part is not type(None)]
        options["allow_null"] = True
    if get_origin(hint) is Literal:
        return serializers.ChoiceField(choices=get_args(hint), **options)
    return _FIELDS[get_origin(hint) or hint](**options)


def _title(engine: Engine) -> str:
    return engine.name.title().replace("_", "")


def urls() -> list[URLPattern]:
    """Each engine's routes, and where jobs are read."""
    found = [path("jobs/<uuid:job_id>", OneJob.as_view(), name="job-state")]
    for module in engines.modules().values():
        if module.ENGINE.route:
            found += _routes(module.ENGINE)
    return found


def _routes(engine: Engine) -> list[URLPattern]:
    body = body_of(engine)
    ask = documented(
        parameters=[WAIT], request=body, responses={200: ArtifactRecord, 202: EngineJob}, summary=engine.label
    )
    read = documented(responses=ArtifactRecord, operation_id=f"{engine.name}_read")
    traits = {"engine": engine, "body": body, "__doc__": f"POST /{engine.route}: {engine.label}."}
    view: type[EngineView] = type(
        _title(engine), (EngineView,), {**traits, "post": ask(EngineView.post), "get": read(EngineView.get)}
    )
    return [
        path(engine.route, view.as_view(http_method_names=["post", "options"]), name=f"engine-{engine.name}"),
        path(
            f"{engine.route}/<uuid:artifact_id>",
            view.as_view(http_method_names=["get", "options"]),
            name=f"engine-{engine.name}-read",
        ),
    ]
