"""`/v2/sessions/{id}/cut`: which camera of a decided session is seen when, read and written as a whole."""

import math
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.core.time.timebase import format_rate
from render_app.api.requests import IF_MATCH, seen_of, with_revision
from render_app.core import catalogue
from render_app.core.autocut.changes import AUTO, PERSON
from render_app.core.cut import FOLLOW, MOST_POINTS, MOST_TITLES, Cut, Join, Sound, Switch, Title, kept
from render_app.core.timeline.edges import exact
from render_app.core.timeline.records import COLOR, MAX_MS
from render_app.services import cuts
from render_app.services.render_drawings import drawn_text
from render_app.services.timeline_edits import Caller
from sessions_app.services import get_session
from sessions_app.web.fields import Input, Number, Output, Text

#: Fields of a text clip that have another name here.
_CAMEL = {"text_preset": "textPreset", "outline_width": "outlineWidth"}
_PROJECT = OpenApiParameter(
    "projectId", OpenApiTypes.UUID, description="A project of this session. Left out: the session's latest cut."
)


class Ms(serializers.FloatField):
    """A time on the master's clock, which may begin before the master."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -MAX_MS, "max_value": MAX_MS, **options})

    def to_internal_value(self, data: Any) -> Fraction:  # type: ignore[override]
        value = super().to_internal_value(data)
        if not math.isfinite(value):
            raise serializers.ValidationError("This must be a number of milliseconds.")
        return kept(exact(value))


class CutTransitionInput(Input):
    type = serializers.ChoiceField(list(catalogue.transitions()))
    durationMs = Ms(min_value=1, max_value=60_000, help_text="Centered on the cut.")


class CutPointInput(Input):
    """From `atMs` on, `angle` is seen."""

    atMs = Ms(help_text="On the master's clock; kept on the frame that it falls on.")
    angle = Text(max_length=20, help_text="A camera's label: B is camera B with all its clips.")
    transition = CutTransitionInput(required=False, allow_null=True, default=None)


class CutRangeInput(Input):
    startMs = Ms()
    endMs = Ms()


class CutAudioInput(Input):
    source = Text(  # type: ignore[assignment]
        max_length=20, default=FOLLOW, help_text="A label, follow (the angle that is seen) or mix."
    )
    gainDb = serializers.FloatField(min_value=-96, max_value=24, default=0)

    def validate_gainDb(self, value: float) -> float:
        if not math.isfinite(value):
            raise serializers.ValidationError("This must be a number of decibels.")
        return value


class CutBoxInput(Input):
    """Shares of the frame."""

    x = Number(min_value=-1, max_value=1, default=0)
    y = Number(min_value=-1, max_value=1, default=0)
    width = Number(min_value=0.001, max_value=2, default=1)
    height = Number(min_value=0.001, max_value=2, default=1)


class CutStyleInput(Input):
    """How a title looks and where it stands, as a text clip of a timeline does. What is left out is the preset's, else as it comes."""

    textPreset = serializers.ChoiceField(
        list(catalogue.text_presets()), required=False, source="text_preset", help_text="A named style."
    )
    font = Text(
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="A font that ships, or the id of one in the registry.",
    )
    size = Number(min_value=4, max_value=1080, required=False, help_text="Of an em, in px of a frame of 1080 lines.")
    tracking = Number(min_value=-500, max_value=2000, required=False, help_text="Between letters, in 1/1000 em.")
    variation = serializers.DictField(
        child=Number(min_value=-10_000, max_value=10_000), required=False, help_text='Axes of a font: {"wght": 650}.'
    )
    fill = serializers.RegexField(f"^(?:{COLOR})$", required=False, help_text="#ff8800, or #ff880080 with alpha.")
    outline = serializers.RegexField(
        f"^(?:{COLOR})?$", required=False, allow_blank=True, help_text="A line around the letters; empty: none."
    )
    outlineWidth = Number(
        min_value=0, max_value=200, required=False, source="outline_width", help_text="In px of a frame of 1080 lines."
    )
    align = serializers.ChoiceField(["left", "center", "right"], required=False)
    box = CutBoxInput(required=False, help_text="Where it stands: its lines lie in the middle of the box's height.")


class CutTitleInput(Input):
    text = Text(max_length=5_000)
    startMs = Ms()
    endMs = Ms()
    style = CutStyleInput(  # type: ignore[assignment]
        required=False, allow_null=True, default=None, help_text="Left out: as the same words have it now."
    )


class CutInput(Input):
    """A whole cut. Points and titles outside the range are kept for a wider one."""

    projectId = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Left out: the session's latest cut, made if there is none.",
    )
    range = CutRangeInput()
    switchPoints = CutPointInput(many=True, allow_empty=False, max_length=MOST_POINTS)  # type: ignore[call-arg]
    audio = CutAudioInput(required=False, default=dict)
    titles = CutTitleInput(many=True, required=False, default=list, max_length=MOST_TITLES)  # type: ignore[call-arg]

    def validate_titles(self, titles: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if any(one["endMs"] <= one["startMs"] for one in titles):
            raise serializers.ValidationError("A title must end after it begins.")
        return titles


class CutTransitionOutput(Output):
    type = serializers.CharField()
    durationMs = serializers.FloatField(source="duration_ms")


class CutPointOutput(Output):
    atMs = serializers.FloatField(source="switch.at_ms")
    angle = serializers.CharField(source="switch.angle")
    transition = CutTransitionOutput(source="switch.join", allow_null=True)
    reason = serializers.CharField(
        source="choice.reason", allow_null=True, default=None, help_text="Why an automatic cut shows this camera."
    )
    chosenBy = serializers.ChoiceField(
        [AUTO, PERSON],
        source="choice.by",
        allow_null=True,
        default=None,
        help_text="person: cutting again keeps it. Null where the session was never cut automatically.",
    )


class CutRangeOutput(Output):
    startMs = serializers.FloatField(source="start_ms")
    endMs = serializers.FloatField(source="end_ms")


class CutAudioOutput(Output):
    source = serializers.CharField()  # type: ignore[assignment]
    gainDb = serializers.FloatField(source="gain_db")


class CutTitleOutput(Output):
    text = serializers.CharField()
    startMs = serializers.FloatField(source="start_ms")
    endMs = serializers.FloatField(source="end_ms")
    style = serializers.SerializerMethodField(  # type: ignore[assignment]
        help_text="What is not as it comes: textPreset, font, size, tracking, variation, fill, outline, outlineWidth, align, box."
    )

    def get_style(self, title: Title) -> dict[str, Any]:
        return {_CAMEL.get(name, name): value for name, value in (title.style or {}).items()}


class CutWarningOutput(Output):
    """What a person should know before the cut is rendered."""

    code = serializers.CharField()
    message = serializers.CharField()
    atMs = serializers.FloatField(source="at_ms", allow_null=True, help_text="Where, on the master's clock.")


class CutOutput(Output):
    """A cut as it is kept: a project whose sequence begins with the range. Its revision is the ETag."""

    sessionId = serializers.UUIDField(source="edit.session_id")
    projectId = serializers.UUIDField(source="project.pk", allow_null=True, default=None)
    revision = serializers.IntegerField(help_text="0 while no cut has been kept.")
    rate = serializers.SerializerMethodField(help_text="The frames per second of its grid, num/den.")
    range = CutRangeOutput(source="cut")
    switchPoints = CutPointOutput(source="points", many=True)
    audio = CutAudioOutput(source="cut.sound")
    titles = CutTitleOutput(source="cut.titles", many=True)
    warnings = CutWarningOutput(many=True)

    def get_rate(self, page: cuts.CutPage) -> str:
        return format_rate(page.rate)


class SessionCut(APIView):
    """GET/PUT /v2/sessions/{id}/cut: the session's cut, whole; 409 while nobody has decided its sync."""

    @extend_schema(parameters=[_PROJECT], responses=CutOutput)
    def get(self, request: Request, session_id: Any) -> Response:
        """The cut as it is kept; before there is one, its beginning, at revision 0."""
        asked = serializers.UUIDField(allow_null=True).run_validation(request.query_params.get("projectId") or None)
        return _answer(cuts.read(request.context, session_id, asked))  # type: ignore[attr-defined]

    @extend_schema(request=CutInput, responses=CutOutput, parameters=[IF_MATCH])
    def put(self, request: Request, session_id: Any) -> Response:
        """Keep a whole cut as one edit, which undo takes back."""
        sent = CutInput.parse(request)
        caller = Caller(request.context, request.user.get_username(), seen_of(request))  # type: ignore[attr-defined]
        return _answer(cuts.write(caller, session_id, _cut(sent), sent["projectId"]))


class TitlePictureInput(Input):
    """A title, and the frame that it is drawn for."""

    text = Text(max_length=5_000)
    style = CutStyleInput(required=False, allow_null=True, default=None)  # type: ignore[assignment]
    width = serializers.IntegerField(min_value=16, max_value=3840, default=1280, help_text="px")
    height = serializers.IntegerField(min_value=16, max_value=3840, default=720, help_text="px")


class TitlePicture(APIView):
    """POST /v2/sessions/{id}/cut/title: a title as an export of this size lays it over its picture."""

    @extend_schema(request=TitlePictureInput, responses={(200, "image/png"): OpenApiTypes.BINARY})
    def post(self, request: Request, session_id: Any) -> HttpResponse:
        """A PNG with alpha, as large as the frame. Nothing is kept."""
        get_session(request.context, session_id)  # type: ignore[attr-defined]
        sent = TitlePictureInput.parse(request)
        text = cuts.text_of(sent["text"], sent["style"] or {})
        png = drawn_text(request.context, text, (sent["width"], sent["height"]))  # type: ignore[attr-defined]
        return HttpResponse(png, content_type="image/png")


def _answer(page: cuts.CutPage) -> Response:
    return with_revision(Response(CutOutput(page).data), page.revision)


def _cut(sent: dict[str, Any]) -> Cut:
    """A request's body as a cut."""
    points = (Switch(one["atMs"], one["angle"], _join(one["transition"])) for one in sent["switchPoints"])
    titles = (Title(one["text"], one["startMs"], one["endMs"], one["style"]) for one in sent["titles"])
    audio = sent["audio"]
    sound = Sound(audio.get("source", FOLLOW), audio.get("gainDb", 0.0))
    return Cut(sent["range"]["startMs"], sent["range"]["endMs"], tuple(points), sound, tuple(titles))


def _join(sent: dict[str, Any] | None) -> Join | None:
    return Join(sent["type"], sent["durationMs"]) if sent else None
