"""What is made for an audience."""

import uuid

from django.db import models

from media_app.models import MediaAsset, MediaJob
from sessions_app.models import TenantModel


class Production(TenantModel):
    """A recording on its way to an audience: mastered where it shall be, then packaged for streaming."""

    class Status(models.TextChoices):
        PENDING_MEDIA = "pending_media"
        QUEUED = "queued"
        PROCESSING = "processing"
        COMPLETED = "completed"
        FAILED = "failed"

    #: The whole state machine: from → where it may go. A failed one goes back when a person retries its job.
    MOVES = {
        Status.PENDING_MEDIA: {Status.QUEUED, Status.FAILED},
        Status.QUEUED: {Status.PROCESSING, Status.COMPLETED, Status.FAILED},
        Status.PROCESSING: {Status.PROCESSING, Status.QUEUED, Status.COMPLETED, Status.FAILED},
        Status.FAILED: {Status.PENDING_MEDIA, Status.QUEUED},
        Status.COMPLETED: set(),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="productions")
    music = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    preset = models.CharField(max_length=100, blank=True, help_text="Empty: the sound stays as it was recorded.")
    overrides = models.JSONField(default=dict, blank=True)
    packager = models.CharField(max_length=40)
    status = models.CharField(max_length=20, choices=Status)
    job = models.ForeignKey(
        MediaJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="productions",
        help_text="What works on it now, or what it failed in.",
    )  # fmt: skip
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    master_key = models.CharField(max_length=500, blank=True)
    master_json = models.JSONField(default=dict, blank=True, help_text="What was measured before and after mastering.")
    package_json = models.JSONField(default=dict, blank=True, help_text="What the packager made.")
    size_bytes = models.BigIntegerField(
        null=True, blank=True, help_text="Of its package; null while there is none, or none that was measured."
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.asset} {self.status}"

    def may_move_to(self, status: str) -> bool:
        return self.Status(status) in self.MOVES[self.Status(self.status)]
