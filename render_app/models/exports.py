"""Exports: switch points on their way to files."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from media_app.models import MediaJob, Webhook
from render_app.models.projects import OwnedModel, VideoProject
from sessions_app.models import RecordingSession, TenantQuerySet


class ExportQuerySet(TenantQuerySet):
    def stored(self) -> Self:
        """Those whose files are kept."""
        return self.filter(outcome=Export.Outcome.COMPLETED)

    def expiring(self, now) -> Self:
        """Those whose files have been kept as long as they were to be."""
        return self.filter(outcome=Export.Outcome.COMPLETED, expires_at__lte=now)

    def in_state(self, status: str) -> Self:
        """Those of a status, in the words of the API."""
        if status in Export.Outcome.values:
            return self.filter(outcome=status)
        processing = Q(job__status=MediaJob.Status.PROCESSING)
        return self.filter(Q(outcome=""), processing if status == Export.PROCESSING else ~processing)


class Export(OwnedModel):
    """An edit made into files. Its id is that of its job, which may be purged before it."""

    class Outcome(models.TextChoices):
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    QUEUED, PROCESSING = "queued", "processing"
    STATUSES = (QUEUED, PROCESSING, *Outcome.values)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    job = models.ForeignKey(MediaJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="exports")
    session = models.ForeignKey(
        RecordingSession, null=True, blank=True, on_delete=models.CASCADE, related_name="exports"
    )
    project = models.ForeignKey(VideoProject, null=True, blank=True, on_delete=models.SET_NULL, related_name="exports")
    request_json = models.JSONField(default=dict, help_text="What was asked for.")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, help_text="Empty until its job has ended.")
    files_json = models.JSONField(default=list, blank=True, help_text="What was made, as measured in the files.")
    size_bytes = models.BigIntegerField(default=0, help_text="Of its files together.")
    warnings_json = models.JSONField(default=list, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    webhook = models.ForeignKey(
        Webhook, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The address that was named with it.",
    )  # fmt: skip
    idempotency_key = models.CharField(max_length=200, blank=True)
    expires_after_days = models.PositiveIntegerField(default=30)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When its files are deleted.")

    objects = ExportQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "pk"]
        indexes = [
            models.Index(fields=["tenant_id", "env", "-created_at"], name="newest_exports_of_a_tenant"),
            models.Index(fields=["expires_at"], name="exports_to_expire", condition=Q(outcome="completed")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "env", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="one_export_per_idempotency_key",
            )
        ]

    def __str__(self) -> str:
        return f"export of {self.session or self.project or 'assets'}: {self.status}"

    @property
    def status(self) -> str:
        """In the words of the API."""
        if self.outcome:
            return self.outcome
        working = self.job is not None and self.job.status == MediaJob.Status.PROCESSING
        return self.PROCESSING if working else self.QUEUED

    @property
    def keys(self) -> list[str]:
        """Its files' places in the store."""
        return [file["key"] for file in self.files_json]
