"""`/v2/webhooks`: addresses, the events that they are notified of, and their messages."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from media_app.api.assets import JobOutput
from media_app.models import MediaJob, MediaJobAttempt, Webhook
from media_app.services import webhooks
from sessions_app.api import NO_CONTENT
from sessions_app.web.fields import Input, Text


class WebhookInput(Input):
    """In a PATCH every field may be left out."""

    url = Text(max_length=2000, help_text="https, on the public internet.")
    events = serializers.ListField(
        child=serializers.ChoiceField(Webhook.Event.choices), allow_empty=False, max_length=10, required=False,
        default=Webhook.Event.values, help_text="Left out: all.",
    )  # fmt: skip
    sessionId = serializers.UUIDField(
        source="session_id", required=False, allow_null=True, help_text="Only of this session. Null: of all."
    )
    description = Text(max_length=200, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class WebhookOutput(serializers.ModelSerializer):
    """An address that is notified of events."""

    events = serializers.ListField(child=serializers.ChoiceField(Webhook.Event.choices))
    sessionId = serializers.UUIDField(source="session_id", allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = ("id", "url", "events", "sessionId", "description", "active", "createdAt")


class WebhookSecretOutput(WebhookOutput):
    """A webhook with the secret that signs its messages, shown when it is made and when it is changed."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookOutput.Meta):
        fields = (*WebhookOutput.Meta.fields, "secret")

    def get_secret(self, webhook) -> str:
        return webhooks.secret_of(webhook)


class AttemptOutput(serializers.ModelSerializer):
    number = serializers.IntegerField(source="attempt_no")
    startedAt = serializers.DateTimeField(source="started_at")
    finishedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    errorMessage = serializers.CharField(source="error_message")

    class Meta:
        model = MediaJobAttempt
        fields = ("number", "outcome", "startedAt", "finishedAt", "errorMessage")


class DeliveryOutput(JobOutput):
    """One message and every try to deliver it."""

    eventId = serializers.CharField(source="input_json.message.id")
    event = serializers.CharField(source="input_json.message.event")
    createdAt = serializers.DateTimeField(source="created_at")
    nextTryAt = serializers.DateTimeField(source="run_after")
    tries = AttemptOutput(source="attempt_rows", many=True)

    class Meta(JobOutput.Meta):
        fields = ("id", "status", "eventId", "event", "createdAt", "nextTryAt", "errorCode", "errorMessage", "tries")


class Webhooks(ListAPIView):
    """GET/POST /v2/webhooks: list them, or add one. The secret is in the answer to POST, and nowhere else."""

    rate_scope = "webhook"
    queryset = Webhook.objects.none()
    serializer_class = WebhookOutput
    filter_backends = ()

    def get_queryset(self):
        context = getattr(self.request, "context", None)
        return webhooks.listed(context).order_by("-created_at", "-pk") if context else self.queryset

    @extend_schema(request=WebhookInput, responses={201: WebhookSecretOutput})
    def post(self, request):
        webhook = webhooks.create_webhook(request.context, **WebhookInput.parse(request))
        return Response(WebhookSecretOutput(webhook).data, status=201)


class OneWebhook(APIView):
    """GET/PATCH/DELETE /v2/webhooks/{id}."""

    rate_scope = "webhook"

    @extend_schema(responses=WebhookOutput)
    def get(self, request, webhook_id):
        return Response(WebhookOutput(webhooks.get_webhook(request.context, webhook_id)).data)

    @extend_schema(request=WebhookInput(partial=True), responses=WebhookOutput)
    def patch(self, request, webhook_id):
        changes = WebhookInput.parse(request, partial=True)
        return Response(WebhookOutput(webhooks.update_webhook(request.context, webhook_id, changes)).data)

    @extend_schema(responses={204: NO_CONTENT})
    def delete(self, request, webhook_id):
        webhooks.remove_webhook(request.context, webhook_id)
        return Response(status=204)


class WebhookSecret(APIView):
    """POST /v2/webhooks/{id}/secret: sign with a new secret from now on."""

    rate_scope = "webhook"

    @extend_schema(request=None, responses=WebhookSecretOutput)
    def post(self, request, webhook_id):
        return Response(WebhookSecretOutput(webhooks.new_secret(request.context, webhook_id)).data)


class WebhookPing(APIView):
    """POST /v2/webhooks/{id}/ping: send a message that says nothing, to see whether it arrives."""

    rate_scope = "webhook"

    @extend_schema(request=None, responses={202: DeliveryOutput})
    def post(self, request, webhook_id):
        return Response(DeliveryOutput(webhooks.ping(request.context, webhook_id)).data, status=202)


class Deliveries(ListAPIView):
    """GET /v2/webhooks/{id}/deliveries: the messages, newest first, with every try."""

    queryset = MediaJob.objects.none()
    serializer_class = DeliveryOutput
    filter_backends = ()

    def get_queryset(self):
        context = getattr(self.request, "context", None)
        if context is None:
            return self.queryset
        webhook = webhooks.get_webhook(context, self.kwargs["webhook_id"])
        return webhooks.deliveries(webhook).prefetch_related("attempt_rows").order_by("-created_at", "-pk")
