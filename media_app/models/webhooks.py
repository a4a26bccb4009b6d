"""Addresses that are notified of events."""

import uuid

from django.db import models

from sessions_app.models import RecordingSession, TenantModel


class Webhook(TenantModel):
    """An address that is notified of events: those of one session, or all of its tenant."""

    class Event(models.TextChoices):
        SESSION_STATUS = "session.status_changed"
        JOB_FAILED = "job.failed"
        EXPORT_COMPLETED = "export.completed"
        EXPORT_FAILED = "export.failed"
        RENDER_COMPLETED = "render.completed"
        RENDER_FAILED = "render.failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    session = models.ForeignKey(
        RecordingSession, null=True, blank=True, on_delete=models.CASCADE, related_name="webhooks"
    )
    description = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    is_inline = models.BooleanField(
        default=False, editable=False, help_text="Named with one piece of work: notified of that alone, and in no list."
    )
    generation = models.PositiveIntegerField(
        default=1, editable=False, help_text="Counts its secrets, of which none is stored."
    )

    def __str__(self) -> str:
        return self.description or self.url
