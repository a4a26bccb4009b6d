"""`/video/multicam/sessions`: recording sessions with their angles, their alignment, and the automatic cut."""

from typing import Any

from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from media_app.api.engines import EngineJob
from media_app.api.named import PARAMETERS, WAIT, NamedView, documented, wait_for, wait_of
from media_app.models import MediaAsset, MediaJob
from render_app.api.requests import caller_of
from render_app.core.autocut.reasons import EXCEPTIONS
from render_app.core.catalogue import cut_styles
from render_app.services import autocut, multicam, who_speaks
from render_app.services.multicam import Multicam
from sessions_app.models import RecordingSession, camera_label, project_slug
from sessions_app.web.fields import Input, NamedInput, Number, Output, Text
from sessions_app.web.paging import SnakePages

_SESSION = "multicam/sessions/<uuid:session_id>"


class AngleInput(Input):
    """A registry asset as an angle."""

    asset_id = serializers.UUIDField()
    role = Text(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="Its name; one called wide shows everybody.",
    )
    camera_label = Text(max_length=1, required=False, allow_blank=True, default="", validators=[camera_label])
    offset_ms = Number(required=False, allow_null=True, help_text="Not taken as it is: the sound decides.")


class MulticamInput(NamedInput):
    """A new session. Its tracks are ready assets of the registry; without any, cameras are uploaded to `/v2/sessions/{id}`."""

    title = Text(max_length=200, required=False, default="Multicam session")
    date = serializers.DateField(required=False, help_text="Left out: today.")
    project_id = Text(max_length=64, required=False, default="multicam", validators=[project_slug])
    tracks = AngleInput(many=True, required=False, default=list, max_length=26)  # type: ignore[call-arg]
    base_asset_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class AlignInput(NamedInput):
    force = serializers.BooleanField(default=False, help_text="Compute it again, and put aside a decision that stands.")


class AutoCutInput(NamedInput):
    """How the cut is wanted."""

    preset = serializers.ChoiceField(list(cut_styles()), default=autocut.DEFAULT_STYLE)
    min_shot_ms = Number(min_value=200, max_value=600_000, required=False, allow_null=True, default=None)
    max_shot_ms = Number(min_value=400, max_value=3_600_000, required=False, allow_null=True, default=None)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    keep_changes = serializers.BooleanField(default=True, help_text="Keep the shots that a person has changed.")


class TrackOutput(Output):
    """An angle. `offset_ms`: where it begins on the base's clock, as decided or else as computed."""

    asset_id = serializers.UUIDField()
    camera_label = serializers.CharField(help_text="B, and B.2 for its second clip.")
    role = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.CharField()
    offset_ms = serializers.FloatField(allow_null=True)
    confidence = serializers.FloatField(allow_null=True, help_text="How likely the offset is right, 0 to 1.")


class MulticamOutput(Output):
    """A recording session."""

    id = serializers.UUIDField()
    tenant_id = serializers.CharField()
    env = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    project_id = serializers.CharField()
    base_asset_id = serializers.UUIDField(allow_null=True)
    tracks = TrackOutput(many=True)
    created_at = serializers.DateTimeField()

    def to_representation(self, session: RecordingSession) -> dict[str, Any]:
        """The session with its angles."""
        return session_json(multicam.of_session(session))


class AlignMeta(Output):
    confidences = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text="Asset → 0 to 1.")
    cache_hit = serializers.BooleanField()
    method = serializers.CharField()
    run = serializers.IntegerField()
    decided = serializers.BooleanField(help_text="Whether a person has approved or corrected it.")


class AlignOutput(Output):
    """Where each angle begins on the base's clock."""

    session_id = serializers.UUIDField()
    base_asset_id = serializers.UUIDField(allow_null=True)
    offsets_ms = serializers.DictField(child=serializers.FloatField(allow_null=True), help_text="Asset → ms.")
    tracks = TrackOutput(many=True)
    meta = AlignMeta()


class SpeakersInput(NamedInput):
    pass


class SpeakersOutput(Output):
    """Who speaks in a session: the words, events and captions of its recordings have the speakers from now on."""

    speaker_source = serializers.CharField(help_text="mic: speakers are the microphones that they stand at.")
    sync_version = serializers.IntegerField(help_text="The decided sync by which they were found.")
    turns = serializers.IntegerField(help_text="Stretches of speech, of one person or of several.")
    speech_share = serializers.DictField(
        child=serializers.FloatField(), help_text="Microphone → its share of the speech, 0 to 1."
    )
    uncertain_share = serializers.FloatField(
        help_text="Of the speech, where level and lag name different people, 0 to 1."
    )


class AutoCutShot(Output):
    """A shot on the master's clock, and why it was chosen."""

    start_ms = serializers.FloatField()
    end_ms = serializers.FloatField()
    angle = serializers.CharField()
    reason = serializers.CharField()
    code = serializers.CharField()
    speaker_id = serializers.CharField(allow_null=True, help_text="The microphone of who speaks.")
    exceptions = serializers.ListField(
        child=serializers.ChoiceField(list(EXCEPTIONS)),
        help_text="Rules that could not be kept here; the reason says what stood in the way.",
    )


class AutoCutMeta(Output):
    speaker_source = serializers.CharField(help_text="mic: speakers are the microphones that they stand at.")
    speech_share = serializers.DictField(child=serializers.FloatField())
    uncertain_share = serializers.FloatField(help_text="Of the speech, where level and lag name different people.")
    wide = serializers.ListField(child=serializers.CharField())
    kept = serializers.IntegerField(help_text="Shots that a person had chosen.")
    preset = serializers.CharField()
    seed = serializers.IntegerField()
    version = serializers.CharField()


class AutoCutCaptions(Output):
    """Whether the cut has captions: they are read at `/video/projects/{id}/captions/srt`, and an export can have them."""

    state = serializers.ChoiceField(["ready", "listening", "unavailable"])
    message = serializers.CharField()
    word_count = serializers.IntegerField()
    transcript_ids = serializers.ListField(child=serializers.UUIDField())


class AutoCutOutput(Output):
    """The cut, written into a project of the session."""

    project_id = serializers.UUIDField()
    sequence_id = serializers.UUIDField()
    revision = serializers.IntegerField()
    shots = AutoCutShot(many=True)
    captions = AutoCutCaptions()
    meta = AutoCutMeta()


def session_json(found: Multicam) -> dict[str, Any]:
    """A session as the answer has it."""
    session = found.session
    own = {name: getattr(session, name) for name in ("tenant_id", "env", "title", "status", "project_id", "created_at")}
    base = found.base
    return {"id": str(session.pk), **own, "base_asset_id": str(base.pk) if base else None, "tracks": _tracks(found)}


def _tracks(found: Multicam) -> list[dict[str, Any]]:
    return [_track(found, one) for one in found.assets]


def _track(found: Multicam, asset: MediaAsset) -> dict[str, Any]:
    return {
        "asset_id": str(asset.pk),
        "camera_label": asset.camera_key,
        "role": found.session.camera_names.get(asset.camera_label, ""),
        "kind": asset.kind,
        "status": asset.status,
        "offset_ms": found.offset_ms(asset),
        "confidence": found.confidence(asset),
    }


class MulticamSessions(NamedView, ListAPIView):
    """GET/POST /video/multicam/sessions: list the recording sessions, or make one of registry assets."""

    queryset = RecordingSession.objects.none()
    serializer_class = MulticamOutput
    pagination_class = SnakePages

    def get_queryset(self) -> Any:
        """The tenant's; none while the schema is drawn."""
        context = getattr(self.request, "context", None)
        return multicam.all_of(context) if context else self.queryset

    @extend_schema(parameters=PARAMETERS, operation_id="video_multicam_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The sessions, the newest first."""
        return self.list(request, *args, **kwargs)

    @documented(request=MulticamInput, responses={201: MulticamOutput}, operation_id="video_multicam_make")
    def post(self, request: Request) -> Response:
        """A new session; with tracks its sync starts at once."""
        sent = MulticamInput.parse(request)
        tracks = tuple(multicam.TrackWish(one["asset_id"], one["role"], one["camera_label"]) for one in sent["tracks"])
        day = sent.get("date") or timezone.localdate()
        wish = multicam.SessionWish(sent["title"], day, sent["project_id"], tracks, sent["base_asset_id"])
        session = multicam.create(request.context, wish)  # type: ignore[attr-defined]
        return Response(session_json(multicam.of_session(session)), status=201)


class MulticamSession(NamedView):
    """GET /video/multicam/sessions/{id}: one session with its angles."""

    @documented(responses=MulticamOutput, operation_id="video_multicam_read")
    def get(self, request: Request, session_id: Any) -> Response:
        """Its angles and where they lie."""
        return Response(session_json(multicam.read(request.context, session_id)))  # type: ignore[attr-defined]


class AlignSession(NamedView):
    """POST /video/multicam/sessions/{id}/align: its sync, or the job that computes it."""

    rate_scope = "work"

    @documented(
        request=AlignInput,
        responses={200: AlignOutput, 202: EngineJob},
        parameters=[WAIT],
        operation_id="video_multicam_align",
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """What was computed before is answered at once."""
        seconds, sent = wait_of(request), AlignInput.parse(request)
        context = request.context  # type: ignore[attr-defined]
        found = multicam.align(context, session_id, force=sent["force"])
        if isinstance(found, Multicam):
            return Response(_alignment(found, cache_hit=True))
        wait_for(found, seconds)
        done = multicam.read(context, session_id)
        if found.status != MediaJob.Status.COMPLETED or done.result is None:
            return Response(EngineJob(found).data, status=202)
        return Response(_alignment(done, cache_hit=False))


def _alignment(found: Multicam, *, cache_hit: bool) -> dict[str, Any]:
    assert found.result
    base = found.base
    return {
        "session_id": str(found.session.pk),
        "base_asset_id": str(base.pk) if base else None,
        "offsets_ms": {str(one.pk): found.offset_ms(one) for one in found.assets},
        "tracks": _tracks(found),
        "meta": {
            "confidences": {str(one.pk): found.confidence(one) for one in found.assets},
            "cache_hit": cache_hit,
            "method": found.result.method,
            "run": found.result.run,
            "decided": found.result.decided,
        },
    }


class AutoCutSession(NamedView):
    """POST /video/multicam/sessions/{id}/auto-cut: cut a decided session by who speaks."""

    rate_scope = "work"

    @documented(
        request=AutoCutInput,
        responses={201: AutoCutOutput, 202: EngineJob},
        parameters=[WAIT],
        operation_id="video_multicam_auto_cut",
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """The job that writes the session's cut; `?wait=SECONDS` waits for it."""
        seconds, sent = wait_of(request), AutoCutInput.parse(request)
        job = autocut.start(caller_of(request), session_id, autocut.AutoCut(**sent))
        wait_for(job, seconds)
        if job.status != MediaJob.Status.COMPLETED:
            return Response(EngineJob(job).data, status=202)
        result = {name: value for name, value in (job.result_json or {}).items() if name in AutoCutOutput().fields}
        return Response(result, status=201)


class SessionSpeakers(NamedView):
    """POST /video/multicam/sessions/{id}/speakers: find who speaks in a decided session by its microphones."""

    rate_scope = "work"

    @documented(
        request=SpeakersInput,
        responses={200: SpeakersOutput, 201: SpeakersOutput, 202: EngineJob},
        parameters=[WAIT],
        operation_id="video_multicam_speakers",
    )
    def post(self, request: Request, session_id: Any) -> Response:
        """What is known by the sync that stands (200), else the job that listens to every microphone; `?wait=SECONDS` waits for it.
        It is also done by itself once a sync is decided, and by every automatic cut."""
        seconds, _ = wait_of(request), SpeakersInput.parse(request)
        job = who_speaks.start(request.context, session_id)  # type: ignore[attr-defined]
        there = job.status == MediaJob.Status.COMPLETED
        wait_for(job, seconds)
        if job.status != MediaJob.Status.COMPLETED:
            return Response(EngineJob(job).data, status=202)
        result = {name: value for name, value in (job.result_json or {}).items() if name in SpeakersOutput().fields}
        return Response(result, status=200 if there else 201)


def urls() -> list[URLPattern]:
    """Sessions, alignment, speakers, cut."""
    return [
        path("multicam/sessions", MulticamSessions.as_view(), name="video-multicam-sessions"),
        path(_SESSION, MulticamSession.as_view(), name="video-multicam-session"),
        path(f"{_SESSION}/align", AlignSession.as_view(), name="video-multicam-align"),
        path(f"{_SESSION}/speakers", SessionSpeakers.as_view(), name="video-multicam-speakers"),
        path(f"{_SESSION}/auto-cut", AutoCutSession.as_view(), name="video-multicam-auto-cut"),
    ]
