"""Background work: jobs, their attempts, and the workers."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from media_app.models.assets import MediaAsset
from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet


class MediaJobQuerySet(TenantQuerySet):
    def due(self) -> Self:
        return self.filter(status=MediaJob.Status.PENDING, run_after__lte=Now()).order_by(*MediaJob.QUEUE_ORDER)

    def abandoned(self) -> Self:
        """Claimed by a worker whose lease has run out."""
        return self.filter(status=MediaJob.Status.PROCESSING, lease_until__lt=Now())

    def held_on(self, host: str) -> Self:
        """Claimed by processes of one machine (`jobs.owner_process`)."""
        return self.filter(status=MediaJob.Status.PROCESSING, owner_process__startswith=host)

    def unfinished(self) -> Self:
        return self.filter(status__in=MediaJob.UNFINISHED)

    def under_way(self) -> Self:
        """As `unfinished`, for display: without inputs and results."""
        return self.unfinished().defer(*MediaJob.BULKY)


class MediaJob(TenantModel):
    """One background job. The row is the truth: whoever holds its lease runs it."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        PROCESSING = "PROCESSING"
        COMPLETED = "COMPLETED"
        FAILED = "FAILED"
        DEAD = "DEAD"
        CANCELLED = "CANCELLED"

    class Kind(models.TextChoices):
        """The scarcest thing that the work needs: network and disk, processors for minutes, or processors for hours."""

        IO = "io"
        CPU = "cpu"
        RENDER = "render"

    UNFINISHED = (Status.PENDING, Status.PROCESSING)
    #: The order in which due jobs are claimed.
    QUEUE_ORDER = ("-priority", "fair_share_at", "created_at")
    #: Large columns that a progress display does not need.
    BULKY = ("input_json", "result_json")
    ENDED_BADLY = (Status.FAILED, Status.DEAD)
    ENDED = (Status.COMPLETED, *ENDED_BADLY, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CPU)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    priority = models.IntegerField(default=0, help_text="Higher runs first.")
    fair_share_at = models.DateTimeField(
        default=timezone.now, help_text="Position in the queue; a tenant's waiting jobs are an hour apart."
    )
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    run_after = models.DateTimeField(default=timezone.now)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.CharField(max_length=120, blank=True)
    owner_process = models.CharField(
        max_length=160,
        blank=True,
        editable=False,
        help_text="The process that took it, as its machine knows it: boot, process namespace, user, number, start.",
    )
    lock_token = models.UUIDField(
        null=True, blank=True, help_text="Changes with each claim; a write without it is refused."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    dedupe_key = models.CharField(
        max_length=200, blank=True, help_text="Of two unfinished jobs with the same key, only one exists."
    )

    session = models.ForeignKey(RecordingSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    asset = models.ForeignKey(MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs")
    input_json = models.JSONField(default=dict, blank=True)
    result_json = models.JSONField(null=True, blank=True)
    progress_percent = models.FloatField(default=0)
    progress_step = models.CharField(max_length=120, blank=True)
    eta_seconds = models.FloatField(null=True, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    replay_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replays", editable=False
    )

    objects = MediaJobQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                models.F("priority").desc(),
                "fair_share_at",
                "created_at",
                name="job_queue",
                condition=Q(status="PENDING"),
            ),
            models.Index(
                "kind",
                models.F("priority").desc(),
                "fair_share_at",
                "created_at",
                name="job_queue_of_kind",
                condition=Q(status="PENDING"),
            ),
            models.Index(
                fields=["tenant_id", "kind", "priority", "-fair_share_at"],
                name="job_tenants_last",
                condition=Q(status="PENDING"),
            ),
            models.Index(fields=["lease_until"], name="job_leases", condition=Q(status="PROCESSING")),
            models.Index(fields=["status", "-created_at"], name="job_list"),
            models.Index(fields=["completed_at"], name="job_ended"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=Q(status__in=["PENDING", "PROCESSING"]) & ~Q(dedupe_key=""),
                name="one_unfinished_job_per_key",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "PROCESSING", "COMPLETED", "FAILED", "DEAD", "CANCELLED"]),
                name="job_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.status}"


class MediaJobAttempt(models.Model):
    """One attempt at a job: the exact commands, and their output."""

    class Outcome(models.TextChoices):
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"
        LOST = "lost"
        RETURNED = "returned"

    job = models.ForeignKey(MediaJob, on_delete=models.CASCADE, related_name="attempt_rows")
    tenant_id = models.CharField(max_length=64)
    env = models.CharField(max_length=5)
    attempt_no = models.PositiveIntegerField()
    worker = models.CharField(max_length=120)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    exit_code = models.IntegerField(null=True, blank=True)
    commands = models.JSONField(default=list, blank=True, help_text="Each program as it was run, argument by argument.")
    stdout_key = models.CharField(max_length=500, blank=True)
    stderr_key = models.CharField(max_length=500, blank=True)
    stdout_tail = models.TextField(blank=True, help_text="The end of the output, until all of it is in the store.")
    stderr_tail = models.TextField(blank=True)
    stdout_bytes = models.BigIntegerField(default=0, help_text="Bytes of output so far.")
    stderr_bytes = models.BigIntegerField(default=0)
    error_message = models.TextField(blank=True)
    scratch_manifest_json = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["attempt_no"]
        constraints = [models.UniqueConstraint(fields=["job", "attempt_no"], name="one_row_per_attempt")]
        indexes = [models.Index(fields=["finished_at"], name="attempt_ended")]

    def __str__(self) -> str:
        return f"attempt {self.attempt_no}: {self.outcome}"


class Worker(models.Model):
    """A worker process: when it last reported, and the size and free space of its scratch disk, in bytes."""

    name = models.CharField(max_length=120, primary_key=True)
    host = models.CharField(max_length=100)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    scratch_free = models.BigIntegerField(default=0)
    scratch_total = models.BigIntegerField(default=0)
    encoders = models.JSONField(
        null=True, editable=False, help_text="Each hardware encoder that was tried on its machine, and what came of it."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
