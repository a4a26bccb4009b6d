"""`/v2/sessions`: shoots."""

import django_filters
from django.db.models import Q
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions_app import services
from sessions_app.models import RecordingSession, camera_key, project_slug, validate_camera_names
from sessions_app.web.fields import Input, Output, Text


class SessionInput(Input):
    """What a person says of a shoot. In a PATCH every field may be left out."""

    title = Text(max_length=200)
    date = serializers.DateField()
    location = Text(max_length=200, required=False, allow_blank=True)
    notes = Text(max_length=10_000, required=False, allow_blank=True)
    projectId = Text(source="project_id", max_length=64, validators=[project_slug])
    cameraNames = serializers.DictField(
        source="camera_names",
        child=Text(max_length=100),
        required=False,
        validators=[validate_camera_names],
        help_text='Label → name, all of them: {"A": "Wide"}.',
    )
    preferredMaster = Text(
        source="preferred_master", max_length=8, required=False, allow_blank=True, validators=[camera_key]
    )
    mezzanines = serializers.BooleanField(
        required=False,
        help_text="Whether its recordings get edit-ready copies (ProRes or DNxHR) where this server makes them; true unless said. "
        "Of recordings that are not ingested yet.",
    )


class SessionOutput(Output, serializers.ModelSerializer):
    """A shoot, as lists show it."""

    projectId = serializers.CharField(source="project_id")
    statusReason = serializers.CharField(source="status_reason")
    cameraNames = serializers.DictField(source="camera_names", child=serializers.CharField())
    preferredMaster = serializers.CharField(source="preferred_master")
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")

    class Meta:
        model = RecordingSession
        fields: tuple[str, ...] = (
            "id", "title", "date", "location", "notes", "projectId", "status", "statusReason", "cameraNames", "preferredMaster",
            "mezzanines", "createdAt", "updatedAt",
        )  # fmt: skip


class SessionFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=RecordingSession.Status.choices)
    projectId = django_filters.CharFilter(field_name="project_id")
    dateFrom = django_filters.DateFilter(field_name="date", lookup_expr="gte")
    dateTo = django_filters.DateFilter(field_name="date", lookup_expr="lte")
    search = django_filters.CharFilter(method="find", help_text="In title, location and notes.")

    def find(self, queryset, name, value):
        value = value.replace("\x00", "")
        return queryset.filter(Q(title__icontains=value) | Q(location__icontains=value) | Q(notes__icontains=value))


class Sessions(ListAPIView):
    """GET/POST /v2/sessions: list them, or begin one."""

    queryset = RecordingSession.objects.none()
    serializer_class = SessionOutput
    filterset_class = SessionFilter

    def get_queryset(self):
        context = getattr(self.request, "context", None)
        return RecordingSession.objects.in_tenant(context) if context else self.queryset

    @extend_schema(request=SessionInput, responses={201: SessionOutput})
    def post(self, request):
        session = services.create_session(request.context, **SessionInput.parse(request))
        return Response(SessionOutput(session).data, status=201)


class SessionChange(APIView):
    """PATCH of /v2/sessions/{id}. Reading and removing one need its files: see media_app.api."""

    @extend_schema(request=SessionInput(partial=True), responses=SessionOutput)
    def patch(self, request, session_id):
        changes = SessionInput.parse(request, partial=True)
        return Response(SessionOutput(services.update_session(request.context, session_id, changes)).data)


NO_CONTENT = OpenApiResponse(description="Gone.")
