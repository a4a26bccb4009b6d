"""`/video/render`: the plan of a render, the render itself, and its jobs."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import PARAMETERS, WAIT, NamedView, documented, wait_for, wait_of
from media_app.models import DerivedMedia, MediaJob
from media_app.services.registry import uri_of
from render_app.api.described import AnyObject, body
from render_app.api.plan_meta import PlanMeta
from render_app.core.plan import asked as wishes
from render_app.core.plan.compiling import Plan
from render_app.core.timeline.fields import Field
from render_app.services import render_requests, renders
from sessions_app.tenancy import user_named
from sessions_app.web.auth import body_of
from sessions_app.web.fields import NamedInput, Output
from sessions_app.web.paging import SnakePages

#: The job's status → what a render job calls it.
STATUSES = {
    MediaJob.Status.PENDING: "queued",
    MediaJob.Status.PROCESSING: "running",
    MediaJob.Status.COMPLETED: "succeeded",
    MediaJob.Status.FAILED: "failed",
    MediaJob.Status.DEAD: "failed",
    MediaJob.Status.CANCELLED: "cancelled",
}


RenderInput = body("RenderInput", "What is rendered, and how.", wishes.RENDER)


class ExpectedOutput(Output):
    """What must come out: counted when it has been rendered."""

    frames = serializers.IntegerField()
    duration_ms = serializers.FloatField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    fps = serializers.CharField(help_text="Exact: 30000/1001.")
    audio_samples = serializers.IntegerField(help_text="Of each channel.")


class PlannedChunk(Output):
    """A stretch of a long film's picture, or its sound: kept, and not made again as long as nothing changes in it."""

    kind = serializers.CharField(help_text="picture, or sound: all of it.")
    file = serializers.CharField(help_text="Its name beside the commands.")
    commands = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="The numbers, from 0, of the first and the last command that make it.",
    )
    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    key = serializers.CharField(help_text="A digest of all that its bytes follow from.")
    work = AnyObject(help_text="Frames and pixels that are read and encoded for it.")
    cached = serializers.BooleanField(help_text="It is there already: its commands do not run.")


class RenderPlan(Output):
    """The commands of a render, exactly as they run."""

    inputs = serializers.ListField(child=AnyObject(), help_text="The files; {input:0} in a command is the first.")
    filter_complex = serializers.CharField(help_text="The graph of the first command.")
    maps = serializers.ListField(child=serializers.CharField())
    output_args = serializers.ListField(child=serializers.CharField())
    commands = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="ffmpeg's arguments, in order; {output} is the film.",
    )
    files = AnyObject(help_text="Text files that lie next to them beforehand.")
    made = AnyObject(help_text="Other files that do, and of what each is made.")
    frames = serializers.ListField(
        child=serializers.IntegerField(), help_text="Frames of picture that each command makes."
    )
    expected = ExpectedOutput()
    measures = serializers.ListField(
        child=AnyObject(), help_text="What is found out after which command, for {measure:…} in later ones."
    )
    ffmpeg = serializers.CharField(
        required=False, help_text="The build that it is planned for: another makes other bytes of it."
    )
    chunks = PlannedChunk(many=True, required=False, help_text="Of a long film; empty for one that is made in one.")
    meta = PlanMeta()


class RenderResult(Output):
    """A finished render."""

    asset_id = serializers.UUIDField()
    artifact_id = serializers.UUIDField()
    uri = serializers.CharField()
    profile = serializers.CharField()
    cache_hit = serializers.BooleanField()
    plan_preview = RenderPlan()


class RenderStarted(Output):
    """Work that takes long: look at `status_url` until it has ended."""

    job_id = serializers.UUIDField()
    status = serializers.CharField()
    status_url = serializers.CharField()


class VideoRenderJob(Output):
    """A render that waits, runs or has ended."""

    id = serializers.UUIDField(
        source="pk", allow_null=True, help_text="Null where the film is kept and its job is not."
    )
    tenant_id = serializers.CharField()
    env = serializers.CharField()
    type = serializers.SerializerMethodField(help_text="render, or segment: a chunk of one.")
    status = serializers.SerializerMethodField(help_text="queued, running, succeeded, failed or cancelled.")
    progress = serializers.FloatField(source="progress_percent", help_text="Percent, by frames.")
    progress_step = serializers.CharField(help_text="Such as: frame 120 of 500.")
    plan_snapshot = serializers.SerializerMethodField(help_text="The plan; null in a list.")
    project_id = serializers.SerializerMethodField()
    result_asset_id = serializers.SerializerMethodField(help_text="The film, as an asset of the registry.")
    result_artifact_id = serializers.SerializerMethodField(help_text="The same, as a render artifact.")
    render_cache_key = serializers.SerializerMethodField()
    cache_hit = serializers.SerializerMethodField(help_text="It was there already.")
    error_code = serializers.CharField()
    error_message = serializers.CharField()
    created_at = serializers.DateTimeField()

    def get_type(self, job: MediaJob) -> str:
        """What of a film it makes."""
        return "segment" if job.type == renders.SEGMENT_TYPE else "render"

    def get_status(self, job: MediaJob) -> str:
        """In the words of renders."""
        return STATUSES[MediaJob.Status(job.status)]

    @extend_schema_field(RenderPlan)
    def get_plan_snapshot(self, job: MediaJob) -> Any:
        """The plan that it runs."""
        return job.input_json["plan"] if self.context.get("whole") else None

    def get_project_id(self, job: MediaJob) -> str | None:
        """Null for a sequence that was sent along."""
        return job.input_json.get("project_id")  # type: ignore[no-any-return]

    def get_result_asset_id(self, job: MediaJob) -> str | None:
        """Null until it has ended well."""
        return (job.result_json or {}).get("asset_id")

    def get_result_artifact_id(self, job: MediaJob) -> str | None:
        """Null until it has ended well."""
        return (job.result_json or {}).get("artifact_id")

    def get_render_cache_key(self, job: MediaJob) -> str:
        """A digest of the plan and of the bytes that go in."""
        return str(job.input_json.get("render_cache_key", ""))

    def get_cache_hit(self, job: MediaJob) -> bool:
        """Whether this request found it made."""
        return bool(self.context.get("cache_hit"))


def shown(job: MediaJob, *, cache_hit: bool = False) -> dict[str, Any]:
    """A job, whole."""
    answer: dict[str, Any] = VideoRenderJob(job, context={"whole": True, "cache_hit": cache_hit}).data
    return answer


class DryRun(NamedView):
    """POST /video/render/dry-run: the plan of a render, and nothing else."""

    @documented(request=RenderInput, responses=RenderPlan)
    def post(self, request: Request) -> Response:
        """The plan, exactly as a render runs it."""
        return Response(_plan(request).as_json)


class Render(NamedView):
    """POST /video/render: render a sequence."""

    @documented(request=RenderInput, parameters=[WAIT], responses={200: RenderResult, 202: RenderStarted})
    def post(self, request: Request) -> Response:
        """The film where the same was rendered before, or ends within `wait`; else its job."""
        seconds, plan = wait_of(request), _plan(request)
        return rendered(request, plan, seconds)


class RenderJobFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(
        choices=[(name, name) for name in dict.fromkeys(STATUSES.values())], method="with_status"
    )
    project_id = django_filters.UUIDFilter(method="of_project")

    def with_status(self, rows: Any, name: str, value: str) -> Any:
        """Jobs with a status, in the words of renders."""
        return rows.filter(status__in=[status for status, word in STATUSES.items() if word == value])

    def of_project(self, rows: Any, name: str, value: Any) -> Any:
        """Jobs of a project."""
        return rows.filter(input_json__project_id=str(value))


@extend_schema_view(get=extend_schema(parameters=PARAMETERS, operation_id="video_render_job_list"))
class RenderJobs(NamedView, ListAPIView):
    """GET/POST /video/render/jobs: list render jobs, or start one."""

    serializer_class = VideoRenderJob
    pagination_class = SnakePages
    filterset_class = RenderJobFilter

    def get_queryset(self) -> Any:
        """The tenant's; nothing while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return MediaJob.objects.none() if context is None else renders.jobs_of(context)

    @documented(
        request=RenderInput, responses={200: VideoRenderJob, 201: VideoRenderJob}, operation_id="video_render_job_make"
    )
    def post(self, request: Request) -> Response:
        """A new job, or the one that rendered the same before."""
        plan = _plan(request)
        found = renders.cached(request.context, plan)  # type: ignore[attr-defined]
        if found is not None:
            return Response(shown(found.created_by_job or renders.job_that_made(found, plan), cache_hit=True))
        return Response(shown(renders.start(asked(request), plan)), status=201)


class OneRenderJob(NamedView):
    """GET /video/render/jobs/{id}: one render job."""

    @documented(responses=VideoRenderJob, operation_id="video_render_job_read")
    def get(self, request: Request, render_job_id: Any) -> Response:
        """How far it is, with its plan."""
        return Response(shown(renders.find(request.context, render_job_id)))  # type: ignore[attr-defined]


class RunRenderJob(NamedView):
    """POST /video/render/jobs/{id}/run: hurry a waiting job, try a failed one again."""

    @documented(request=NamedInput, parameters=[WAIT], responses={200: VideoRenderJob, 202: VideoRenderJob})
    def post(self, request: Request, render_job_id: Any) -> Response:
        """202 with the job; 200 once it has ended within `wait`."""
        seconds = wait_of(request)
        job = renders.run_now(renders.find(request.context, render_job_id))  # type: ignore[attr-defined]
        wait_for(job, seconds)
        return Response(shown(job), status=202 if job.status in MediaJob.UNFINISHED else 200)


class CancelRenderJob(NamedView):
    """POST /video/render/jobs/{id}/cancel: stop a render."""

    @documented(request=NamedInput, responses=VideoRenderJob)
    def post(self, request: Request, render_job_id: Any) -> Response:
        """A waiting one ends at once, a running one within two seconds."""
        return Response(shown(renders.cancel(renders.find(request.context, render_job_id))))  # type: ignore[attr-defined]


def _plan(request: Request) -> Plan:
    return render_requests.plan_of(request.context, fields_of(request, wishes.RENDER))  # type: ignore[attr-defined]


def fields_of(request: Request, fields: Sequence[Field]) -> dict[str, Any]:
    """What a request says of a render. Raises TimelineRefused, NotAllowed."""
    sent = {name: value for name, value in body_of(request).items() if name not in NamedInput.OF_CALLER}
    return wishes.read(fields, sent)


def asked(request: Request) -> renders.Asked:
    """Who asks."""
    return renders.Asked(request.context, user_named(request, body_of(request)))  # type: ignore[attr-defined]


def rendered(request: Request, plan: Plan, seconds: float) -> Response:
    """The film of a plan, where it is there or ends within so many seconds; else its job."""
    found = renders.cached(request.context, plan)  # type: ignore[attr-defined]
    if found is not None:
        return Response(result(found, plan, cache_hit=True))
    job = renders.start(asked(request), plan)
    wait_for(job, seconds)
    made = renders.cached(job.context, plan) if job.status == MediaJob.Status.COMPLETED else None
    if made is not None:
        return Response(result(made, plan, cache_hit=False))
    return Response(started(job), status=202)


def result(row: DerivedMedia, plan: Plan, *, cache_hit: bool) -> dict[str, Any]:
    """A finished render."""
    return {
        "asset_id": str(row.asset_id),
        "artifact_id": str(row.pk),
        "uri": uri_of(row.key),
        "profile": plan.meta["render_profile"],
        "cache_hit": cache_hit,
        "plan_preview": plan.as_json,
    }


def started(job: MediaJob) -> dict[str, Any]:
    """Where to look for a job."""
    url = f"/video/render/jobs/{job.pk}?tenant_id={job.tenant_id}&env={job.env}"
    return {"job_id": str(job.pk), "status": STATUSES[MediaJob.Status(job.status)], "status_url": url}


def urls() -> list[Any]:
    """The addresses of renders."""
    one = "render/jobs/<uuid:render_job_id>"
    return [
        path("render/dry-run", DryRun.as_view(), name="video-render-dry-run"),
        path("render", Render.as_view(), name="video-render"),
        path("render/jobs", RenderJobs.as_view(), name="video-render-jobs"),
        path(one, OneRenderJob.as_view(), name="video-render-job"),
        path(f"{one}/run", RunRenderJob.as_view(), name="video-render-job-run"),
        path(f"{one}/cancel", CancelRenderJob.as_view(), name="video-render-job-cancel"),
    ]
