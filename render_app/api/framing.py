"""`/video/visual-meta/by-clip`, `/video/visual-meta/reframe-suggestion`, `/video/focus/automation`: what is seen in a clip, and
keyframes that keep it in a frame."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from render_app.api.requests import IF_MATCH, caller_of
from render_app.core import reframe
from render_app.services import framing, seen_in_clips
from sessions_app.web.fields import NamedInput, Output


class ReframeInput(NamedInput):
    clip_id = serializers.UUIDField()
    target_aspect_ratio = serializers.ChoiceField(list(reframe.RATIOS))
    framing_style = serializers.ChoiceField(list(reframe.STYLES), default=reframe.CENTER)
    apply = serializers.BooleanField(
        default=False, help_text="Write the keyframes into the clip, in place of those of the same properties."
    )


class FocusInput(NamedInput):
    clip_id = serializers.UUIDField()
    apply = serializers.BooleanField(
        default=True,
        help_text="Write the keyframes into the clip, in place of those of the same properties. Nothing is written where nobody "
        "speaks or is seen.",
    )


class SuggestedKeyframe(Output):
    """Send it as it is to `/video/automation/clip/{clip_id}`."""

    time_ms = serializers.FloatField(help_text="After the clip's beginning, as it is played.")
    value = serializers.FloatField()
    interpolation = serializers.CharField(help_text="linear, or hold: the value jumps at the next one, a cut.")


class SuggestedCurve(Output):
    """One property of the clip over time."""

    property = serializers.CharField(help_text="position_x, position_y or scale.")
    target_type = serializers.CharField()
    target_id = serializers.UUIDField()
    keyframes = SuggestedKeyframe(many=True)


class Suggested(Output):
    """Keyframes; `meta.applied` says whether the clip has them now, `meta.shots` of each shot why it is not framed on a subject."""

    clip_id = serializers.UUIDField()
    automation = SuggestedCurve(many=True)
    meta = serializers.JSONField()


class SeenInClip(NamedView):
    """GET /video/visual-meta/by-clip/{clip_id}: frames and shots in ms after the clip's beginning."""

    @documented(
        responses=OpenApiTypes.OBJECT, operation_id="visual_meta_by_clip", summary="Shots and subjects of a clip"
    )
    def get(self, request: Request, clip_id: Any) -> Response:
        """The newest visual meta of what the clip shows; 404 where there is none."""
        return Response(seen_in_clips.of_clip(request.context, clip_id))  # type: ignore[attr-defined]


class SuggestReframe(NamedView):
    """POST /video/visual-meta/reframe-suggestion: keyframes that keep the main subject in a frame of another shape."""

    @documented(
        parameters=[IF_MATCH],
        request=ReframeInput,
        responses=Suggested,
        operation_id="visual_meta_reframe_suggestion",
        summary="Suggest how a clip fits another frame",
    )
    def post(self, request: Request) -> Response:
        """Applied on request alone; 404 where nothing was analyzed, 409 where the analysis has no shots."""
        sent, caller = ReframeInput.parse(request), caller_of(request)
        found = framing.suggest_reframe(
            caller.context, sent["clip_id"], sent["target_aspect_ratio"], sent["framing_style"]
        )
        return Response(framing.applied(caller, found, "reframe") if sent["apply"] else found)


class SuggestFocus(NamedView):
    """POST /video/focus/automation: keyframes that hold who is seen while somebody speaks."""

    @documented(
        parameters=[IF_MATCH],
        request=FocusInput,
        responses=Suggested,
        operation_id="video_focus_automation",
        summary="Suggest where a clip looks",
    )
    def post(self, request: Request) -> Response:
        """Written into the clip unless `apply` is false. Where the clip's sound or picture was not analyzed it is the middle, nothing is
        written, and `meta.shots` says why."""
        sent, caller = FocusInput.parse(request), caller_of(request)
        found = framing.suggest_focus(caller.context, sent["clip_id"])
        return Response(framing.applied(caller, found, "focus") if sent["apply"] else found)


def urls() -> list[URLPattern]:
    """Look, suggest."""
    return [
        path("visual-meta/by-clip/<uuid:clip_id>", SeenInClip.as_view(), name="video-seen-in-clip"),
        path("visual-meta/reframe-suggestion", SuggestReframe.as_view(), name="video-reframe-suggestion"),
        path("focus/automation", SuggestFocus.as_view(), name="video-focus-automation"),
    ]
