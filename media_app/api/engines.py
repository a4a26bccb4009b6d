"""The routes of the engines, one like the other: ask, wait or come back, read what was made. snake_case, as the seed has them."""

import time
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from functools import cache, wraps
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app import engines
from media_app.api.engine_inputs import EngineInput, source_fields, subjects_of
from media_app.api.named import WAIT, NamedView, documented, wait_for, wait_of
from media_app.api.records import ArtifactRecord
from media_app.core.kinds import JSON
from media_app.engines import runner
from media_app.engines.base import By, Engine
from media_app.models import DerivedMedia, MediaJob
from media_app.services import documents, speakers
from media_app.services.cancel import cancel
from sessions_app.errors import NotFound
from sessions_app.tenancy import user_named
from sessions_app.web.auth import body_of as body_of_request
from sessions_app.web.fields import Number, Output, Text

#: Engines whose artifacts are also changed at the address where they are read: those addresses have a file of their own.
CHANGED_BY_HAND = frozenset({"regions"})
#: What every engine answers.
ASKED = (
    "200 with the artifact where it is there already, 201 where it was made within `?wait=` seconds, else 202 with the job to look at. "
    "The same question is computed once."
)


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
    cancel_requested = serializers.BooleanField(
        help_text="Whether somebody asked for it to stop; a worker does so within 2 s."
    )
    result = serializers.JSONField(source="result_json", allow_null=True)
    error_code = serializers.CharField()
    error_message = serializers.CharField()
    user_id = serializers.SerializerMethodField(
        help_text="The user who asked for it, as the client named them; empty for Studio's own work."
    )

    def get_user_id(self, job: MediaJob) -> str:
        """The user who asked first."""
        return str(job.input_json.get("user_id") or "")


class OneJob(NamedView):
    """GET /jobs/{id}: how far a job of this tenant is."""

    tenant_optional = True

    @documented(responses=JobState)
    def get(self, request: Request, job_id: str) -> Response:
        """How far a job is, and what it ended with."""
        return Response(JobState(job_of(request, job_id)).data)


class CancelJob(NamedView):
    """POST /jobs/{id}/cancel: stop a job of this tenant, of any type."""

    tenant_optional = True

    @documented(request=None, responses=JobState, operation_id="job_cancel")
    def post(self, request: Request, job_id: str) -> Response:
        """A waiting job is canceled at once; a running one says `cancel_requested`, and is CANCELLED within 2 s with nothing kept of
        it. 409 `wrong_status` for one that has ended."""
        return Response(JobState(cancel(job_of(request, job_id))).data)


def job_of(request: Request, job_id: str) -> MediaJob:
    """Raises NotFound, also for a job of another tenant."""
    job: MediaJob | None = MediaJob.objects.in_tenant(request.context).filter(pk=job_id).first()  # type: ignore[attr-defined]
    if job is None:
        raise NotFound(f"There is no job {job_id} here. Check the id.")
    return job


class EngineView(NamedView):
    """One engine's route; `engine` and `body` are set for each."""

    engine: Engine
    body: type[EngineInput]
    rate_scope = "work"

    def post(self, request: Request) -> Response:
        """Ask for the artifact: 200 when it is there, else 202 with the job; `?wait=SECONDS` waits for it, and answers 201."""
        seconds, asked = wait_of(request), self.body.parse(request)
        context = request.context  # type: ignore[attr-defined]
        subjects, one = subjects_of(context, self.engine, asked)
        params = self.engine.params(**asked)
        for subject in subjects:
            runner.refuse(self.engine, subject, params)
        by = by_of(request)
        found = [runner.request(self.engine, subject, params, by) for subject in subjects]
        ends = time.monotonic() + seconds
        parts = [self.part_of(each, ends) for each in found]
        return answer_of_one(parts[0]) if one else answer_of_all(parts)

    def part_of(self, found: DerivedMedia | MediaJob, ends: float) -> "Part":
        """The artifacts, should they be there by then; else the job."""
        if isinstance(found, DerivedMedia):
            rows = list(runner.cached(self.engine, found.asset, found.cache_key))
            return Part(200, engine_answer(self.engine, rows, cache_hit=True))
        wait_for(found, max(0.0, ends - time.monotonic()))
        rows = list(made_by(found))
        if not rows:
            return Part(202, dict(EngineJob(found).data))
        return Part(201, engine_answer(self.engine, rows, cache_hit=False))

    def get(self, request: Request, artifact_id: str) -> Response:
        """One artifact that this engine made: a document as it is stored, another file by its record."""
        rows = DerivedMedia.objects.in_tenant(request.context)  # type: ignore[attr-defined]
        row = rows.filter(pk=artifact_id, kind=self.engine.produces.name).first()
        if row is None:
            raise NotFound(f"There is no artifact {artifact_id} here. Check the id.")
        return Response(stored_document(row) if row.content_type == JSON else ArtifactRecord(row).data)


def by_of(request: Request) -> By:
    """In whose name a request asks. Raises InvalidInput."""
    return By(user_named(request, body_of_request(request)), request.user.get_username())


@dataclass(frozen=True, slots=True)
class Part:
    """What is answered for one recording or artifact, and the status that it has by itself."""

    status: int
    body: dict[str, Any]


def answer_of_one(part: Part) -> Response:
    """The artifact, or where to look for it."""
    return Response(part.body, status=part.status)


def answer_of_all(parts: list[Part]) -> Response:
    """The results in the order asked for; while one is being made, also where its state is read."""
    waiting = next((part.body for part in parts if part.status == 202), {})
    made = [part.body for part in parts if part.status != 202]
    body = {
        **waiting,
        "results": [part.body for part in parts],
        "artifact_ids": [artifact["id"] for body in made for artifact in body["artifacts"]],
    }
    return Response(body, status=max(part.status for part in parts))


def answer_of(row: DerivedMedia, *, cache_hit: bool) -> dict[str, Any]:
    """An artifact, and whether it was there already."""
    shown: dict[str, Any] = ArtifactRecord(row).data
    return {**shown, "meta": {**shown["meta"], "cache_hit": cache_hit}}


def engine_answer(engine: Engine, rows: list[DerivedMedia], *, cache_hit: bool) -> dict[str, Any]:
    """The artifacts of one question: the first as the answer itself, under the names that the seed has for its parts."""
    artifacts = [answer_of(row, cache_hit=cache_hit) for row in rows]
    document = stored_document(rows[0]) if engine.answers else {}
    repeated = {name: document.get(name) for name in engine.answers}
    return {
        **artifacts[0], "artifact_id": artifacts[0]["id"], engine.answer_id: artifacts[0]["id"],
        "artifact_ids": [artifact["id"] for artifact in artifacts], "artifacts": artifacts, **repeated,
    }  # fmt: skip


def stored_document(row: DerivedMedia) -> dict[str, Any]:
    """A JSON artifact, parsed, with who speaks where that is known, and the meta of its row. Raises NotFound as `documents.read`."""
    body = speakers.with_speakers(row, documents.read(row))
    meta = body.get("meta")
    return {**body, "meta": {**(meta if isinstance(meta, dict) else {}), **row.meta}}


def made_by(job: MediaJob) -> QuerySet[DerivedMedia]:
    """The artifacts that a job ended with."""
    rows = DerivedMedia.objects.filter(pk__in=(job.result_json or {}).get("artifact_ids", []))
    return rows.order_by("variant")


#: Annotation → the field that reads it. A number's bounds stand in its dataclass field's metadata as `min`, `max`.
_FIELDS: dict[Any, Callable[..., serializers.Field]] = {
    bool: serializers.BooleanField,
    int: lambda **o: serializers.IntegerField(**_bounds(o)),
    float: lambda **o: Number(**_bounds(o)),
    str: lambda **o: Text(max_length=1000, allow_blank=True, **o),
    list: lambda **o: serializers.ListField(child=serializers.JSONField(), max_length=10_000, **o),
    dict: lambda **o: serializers.JSONField(**o),
}


def _bounds(options: dict[str, Any]) -> dict[str, Any]:
    bounds = {f"{name}_value": options.pop(name) for name in ("min", "max") if name in options}
    return options | bounds


@cache
def body_of(engine: Engine) -> type[EngineInput]:
    """The serializer of an engine's request, from its parameters' annotations."""
    hints = get_type_hints(engine.params)
    declared = {one.name: _field(one, hints[one.name]) for one in fields(engine.params)}  # type: ignore[arg-type]
    return type(f"{_title(engine)}EngineInput", (EngineInput,), {**source_fields(engine), **declared})


@cache
def answer_type(engine: Engine) -> type[ArtifactRecord]:
    """The serializer of an engine's answer, for the schema: the artifact's record, and what the seed names besides."""
    named = {engine.answer_id: serializers.UUIDField(), "artifact_id": serializers.UUIDField()}
    repeated = {name: serializers.JSONField() for name in engine.answers}
    lists = {
        "artifact_ids": serializers.ListField(child=serializers.UUIDField()),
        "artifacts": ArtifactRecord(many=True),
    }
    return type(f"{_title(engine)}EngineAnswer", (ArtifactRecord,), {**named, **lists, **repeated})


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
    """Each engine's routes, and where jobs are read and canceled."""
    found = [
        path("jobs/<uuid:job_id>", OneJob.as_view(), name="job-state"),
        path("jobs/<uuid:job_id>/cancel", CancelJob.as_view(), name="job-cancel"),
    ]
    for module in engines.modules().values():
        if module.ENGINE.route:
            found += _routes(module.ENGINE, " ".join((module.__doc__ or "").split()))
    return found


def _own(method: Callable[..., Response]) -> Callable[..., Response]:
    """The method as a function of its own: its description for the schema is kept in it."""

    @wraps(method)
    def called(self: EngineView, request: Request, *args: Any, **kwargs: Any) -> Response:
        return method(self, request, *args, **kwargs)

    return called


def _routes(engine: Engine, about: str) -> list[URLPattern]:
    """`about`: what the engine does, in sentences: the API reference has them where it has none of its own."""
    body = body_of(engine)
    answer = answer_type(engine)
    ask = documented(
        parameters=[WAIT],
        request=body,
        responses={200: answer, 201: answer, 202: EngineJob},
        summary=engine.label,
        description=f"{about} {ASKED}",
    )
    read = documented(
        responses=OpenApiTypes.OBJECT if engine.produces.content_type == JSON else ArtifactRecord,
        operation_id=f"{engine.name}_read",
        summary=f"Get the result of {engine.label[:1].lower()}{engine.label[1:]}",
    )
    traits = {"engine": engine, "body": body, "__doc__": f"POST /{engine.route}: {engine.label}."}
    methods = {"post": ask(_own(EngineView.post)), "get": read(_own(EngineView.get))}
    view: type[EngineView] = type(_title(engine), (EngineView,), {**traits, **methods})
    asked = path(engine.route, view.as_view(http_method_names=["post", "options"]), name=f"engine-{engine.name}")
    if engine.name in CHANGED_BY_HAND:
        return [asked]
    return [
        asked,
        path(
            f"{engine.reads or engine.route}/<uuid:artifact_id>",
            view.as_view(http_method_names=["get", "options"]),
            name=f"engine-{engine.name}-read",
        ),
    ]
