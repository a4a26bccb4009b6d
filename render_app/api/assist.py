"""`/video/assist/highlights`: the stretches of recordings that stand out."""

from typing import Any

from django.urls import URLPattern, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.named import NamedView, documented
from render_app.core.highlights.choosing import PACINGS
from render_app.services import highlights
from sessions_app.errors import InvalidInput
from sessions_app.web.fields import NamedInput, Number, Output

#: The shortest and the longest film of highlights, ms.
_SHORTEST, _LONGEST = 1000, 3_600_000


class HighlightsInput(NamedInput):
    """A project, or recordings."""

    project_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="All recordings that its clips show, each as a whole."
    )
    asset_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, default=None, min_length=1,
        max_length=highlights.MOST,
    )  # fmt: skip
    target_duration_ms = Number(
        min_value=_SHORTEST, max_value=_LONGEST, default=30_000, help_text="They last so long together at most."
    )
    pacing = serializers.ChoiceField(
        list(PACINGS), default="medium", help_text="How long each is: 2 to 6, 4 to 12, 8 to 25 s."
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if bool(sent["project_id"]) == bool(sent["asset_ids"]):
            raise InvalidInput("Send project_id or asset_ids, one of them.", field="project_id")
        return sent


class HighlightTerm(Output):
    measured = serializers.FloatField(help_text="The mean: a share, dB of change, or a share of the picture.")
    deviation = serializers.FloatField(help_text="From the recording's median, in robust deviations.")


class OneHighlight(Output):
    """A stretch between two pauses. Its score is the mean deviation of the terms that tell anything."""

    asset_id = serializers.UUIDField()
    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    score = serializers.FloatField()
    terms = serializers.DictField(child=HighlightTerm())


class HighlightClip(Output):
    """As a track takes it."""

    asset_id = serializers.UUIDField()
    in_ms = serializers.FloatField()
    out_ms = serializers.FloatField()
    start_ms_on_timeline = serializers.FloatField()
    meta = serializers.DictField()


class HighlightTrack(Output):
    kind = serializers.CharField()
    meta = serializers.DictField()
    clips = HighlightClip(many=True)


class HighlightSource(Output):
    """What a recording was judged by."""

    asset_id = serializers.UUIDField()
    artifact_ids = serializers.DictField(child=serializers.UUIDField())
    terms = serializers.ListField(child=serializers.CharField())
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Terms that were not analyzed.")


class HighlightsOutput(Output):
    """The highlights in the order of their recordings, also as a track, and what they were chosen by."""

    project_id = serializers.UUIDField(allow_null=True)
    target_duration_ms = serializers.FloatField()
    duration_ms = serializers.FloatField()
    highlights = OneHighlight(many=True)
    tracks = HighlightTrack(many=True)
    sources = HighlightSource(many=True)
    warnings = serializers.ListField(child=serializers.CharField())
    meta = serializers.DictField(
        help_text="highlight_score_version, pacing, cache_key (of the question and the analyses), cache_hit: the same was asked before."
    )


class Highlights(NamedView):
    """POST /video/assist/highlights: find what stands out in recordings that were analyzed."""

    rate_scope = "work"

    @documented(request=HighlightsInput, responses=HighlightsOutput, operation_id="video_assist_highlights")
    def post(self, request: Request) -> Response:
        """409 names what was not analyzed yet; 422 where nothing stands out."""
        sent = HighlightsInput.parse(request)
        wish = highlights.Wish(
            sent["target_duration_ms"], sent["pacing"], sent["project_id"], sent["asset_ids"] or ()
        )  # fmt: skip
        return Response(highlights.find(request.context, wish))  # type: ignore[attr-defined]


def urls() -> list[URLPattern]:
    """The one route."""
    return [path("assist/highlights", Highlights.as_view(), name="video-assist-highlights")]
