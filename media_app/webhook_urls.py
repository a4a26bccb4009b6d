from django.urls import path

from media_app import webhook_api as api

WEBHOOK = "webhooks/<uuid:webhook_id>"

urlpatterns = [
    path("webhooks", api.Webhooks.as_view(), name="webhooks"),
    path(WEBHOOK, api.OneWebhook.as_view(), name="webhook"),
    path(f"{WEBHOOK}/secret", api.WebhookSecret.as_view(), name="webhook-secret"),
    path(f"{WEBHOOK}/ping", api.WebhookPing.as_view(), name="webhook-ping"),
    path(f"{WEBHOOK}/deliveries", api.Deliveries.as_view(), name="webhook-deliveries"),
]
