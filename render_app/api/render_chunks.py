"""`/video/render/chunks` and the jobs of chunks: a film rendered window by window, side by side, and joined."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import WAIT, NamedView, documented, wait_of
from render_app.api.described import AnyObject, body
from render_app.api.renders import (
    RenderPlan,
    RenderResult,
    RenderStarted,
    VideoRenderJob,
    asked,
    fields_of,
    rendered,
    shown,
)
from render_app.core.plan import asked as wishes
from render_app.services import render_chunks
from render_app.services.render_chunks import Chunked
from sessions_app.web.fields import Output

ChunksInput = body("ChunksInput", "A render, and how it is cut into chunks.", wishes.CHUNKS)
SegmentsInput = body("SegmentsInput", "A render, and those of its chunks that are to be rendered.", wishes.SEGMENTS)
StitchInput = body("StitchInput", "A render, and the chunks that it is joined of.", wishes.STITCH)


class RenderSegment(Output):
    """One chunk: a window of a sequence."""

    id = serializers.UUIDField(help_text="The same for the same pictures.")
    tenant_id = serializers.CharField()
    env = serializers.CharField()
    project_id = serializers.CharField(allow_null=True)
    sequence_id = serializers.CharField()
    segment_index = serializers.IntegerField()
    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    overlap_ms = serializers.FloatField()
    profile = serializers.CharField()
    cache_key = serializers.CharField(help_text="A digest of what the window sees.")
    frames = serializers.IntegerField()
    artifact_id = serializers.UUIDField(allow_null=True, help_text="The chunk, where it is rendered already.")
    plan = serializers.SerializerMethodField(help_text="Of a dry run alone; else null.")

    @extend_schema_field(RenderPlan)
    def get_plan(self, segment: dict[str, Any]) -> RenderPlan | None:
        """The commands of the chunk."""
        return segment.get("plan")


class ChunkPlan(Output):
    """A film in chunks."""

    segments = RenderSegment(many=True)
    meta = AnyObject(help_text="segment_count, missing: how many are not rendered yet, frames, stage_timeout, clamped.")


class ChunkJobs(Output):
    """Chunks under way."""

    segments = RenderSegment(many=True)
    jobs = VideoRenderJob(many=True, help_text="Of those that were not rendered yet.")
    render_job_id = serializers.UUIDField(allow_null=True, help_text="The job that joins them, where all are there.")


class PlanChunks(NamedView):
    """POST /video/render/chunks/plan: the chunks of a render, and nothing else."""

    @documented(request=ChunksInput, responses=ChunkPlan)
    def post(self, request: Request) -> Response:
        """One after another, from its beginning to its end."""
        chunked = render_chunks.segments_of(request.context, fields_of(request, wishes.CHUNKS))  # type: ignore[attr-defined]
        return Response(_planned(request, chunked))


class SegmentJobs(NamedView):
    """POST /video/render/jobs/segments: render chunks."""

    @documented(request=SegmentsInput, responses={200: ChunkPlan, 201: ChunkJobs})
    def post(self, request: Request) -> Response:
        """A job for each that is not rendered yet; with dry_run, their plans."""
        fields = fields_of(request, wishes.SEGMENTS)
        chunked = render_chunks.segments_of(request.context, fields)  # type: ignore[attr-defined]
        if fields.get("dry_run"):
            return Response(_planned(request, chunked, whole=True))
        return Response(_begun(request, chunked, render_chunks.start(asked(request), chunked, None)), status=201)


class ChunkedJobs(NamedView):
    """POST /video/render/jobs/chunked: render a film in chunks."""

    @documented(request=ChunksInput, responses={201: ChunkJobs})
    def post(self, request: Request) -> Response:
        """A job for each chunk that is not rendered yet; the last one that ends has them joined."""
        fields = fields_of(request, wishes.CHUNKS)
        chunked = render_chunks.segments_of(request.context, fields)  # type: ignore[attr-defined]
        return Response(_begun(request, chunked, render_chunks.start(asked(request), chunked, fields)), status=201)


class StitchChunks(NamedView):
    """POST /video/render/chunks/stitch: join rendered chunks into the film."""

    @documented(request=StitchInput, parameters=[WAIT], responses={200: RenderResult, 202: RenderStarted})
    def post(self, request: Request) -> Response:
        """409 chunks_missing when some are not rendered."""
        seconds = wait_of(request)
        plan = render_chunks.stitched(request.context, fields_of(request, wishes.STITCH))  # type: ignore[attr-defined]
        return rendered(request, plan, seconds)


def _segments(request: Request, chunked: Chunked, *, whole: bool = False) -> list[dict[str, Any]]:
    context = request.context  # type: ignore[attr-defined]
    return [
        {**render_chunks.segment_json(context, chunked, one), "plan": one.plan.as_json if whole else None}
        for one in chunked.segments
    ]


def _planned(request: Request, chunked: Chunked, *, whole: bool = False) -> dict[str, Any]:
    plans = [one.plan for one in chunked.segments]
    meta = {
        "segment_count": len(plans),
        "missing": len(chunked.missing),
        "frames": sum(plan.expected.frames for plan in plans),
        "stage_timeout": plans[0].meta["stage_timeout"],
        "clamped": plans[0].meta["clamped"],
    }
    return {"segments": RenderSegment(_segments(request, chunked, whole=whole), many=True).data, "meta": meta}


def _begun(request: Request, chunked: Chunked, begun: render_chunks.Begun) -> dict[str, Any]:
    return {
        "segments": RenderSegment(_segments(request, chunked), many=True).data,
        "jobs": [shown(job) for job in begun.jobs],
        "render_job_id": str(begun.film.pk) if begun.film else None,
    }


def urls() -> list[Any]:
    """The addresses of chunks; before those of one job, whose ids they are not."""
    return [
        path("render/chunks/plan", PlanChunks.as_view(), name="video-render-chunks-plan"),
        path("render/chunks/stitch", StitchChunks.as_view(), name="video-render-chunks-stitch"),
        path("render/jobs/segments", SegmentJobs.as_view(), name="video-render-jobs-segments"),
        path("render/jobs/chunked", ChunkedJobs.as_view(), name="video-render-jobs-chunked"),
    ]
