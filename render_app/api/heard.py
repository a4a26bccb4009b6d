"""`GET /audio/semantic-timeline/by-clip/{clip_id}`: what is heard in a clip, on its own clock."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from render_app.services import heard_in_clips


class HeardInClip(NamedView):
    """GET /audio/semantic-timeline/by-clip/{clip_id}: events and beats in ms after the clip's beginning."""

    @documented(
        responses=OpenApiTypes.OBJECT, operation_id="semantic_timeline_by_clip", summary="Speech and music in a clip"
    )
    def get(self, request: Request, clip_id: str) -> Response:
        """That of the clip's own sound, else of a camera that the approved sync places beside it; 404 where there is neither."""
        return Response(heard_in_clips.of_clip(request.context, clip_id))  # type: ignore[attr-defined]


urls = [
    path("audio/semantic-timeline/by-clip/<uuid:clip_id>", HeardInClip.as_view(), name="semantic-timeline-by-clip"),
]
