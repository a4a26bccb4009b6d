"""Files that somebody gave us, files that we made of them, and the work in between."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property

from media_app.core import keys
from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet, camera_label


class AngleCounter(models.Model):
    """The last version given to one camera of one project on one day. It only counts up, so that no key is used twice,
    even after a delete."""

    tenant_id = models.CharField(max_length=64)
    env = models.CharField(max_length=5)
    project_id = models.CharField(max_length=64)
    day = models.DateField()
    camera_label = models.CharField(max_length=1, validators=[camera_label])
    last_version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "env", "project_id", "day", "camera_label"], name="one_counter_per_angle"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.day} {self.camera_label}: v{self.last_version}"


class MediaAssetQuerySet(TenantQuerySet):
    def unsettled(self) -> Self:
        return self.filter(status__in=[MediaAsset.Status.UPLOADING, MediaAsset.Status.INGESTING])

    def comparable(self) -> Self:
        """Those whose sound the sync can listen to."""
        return self.filter(status=MediaAsset.Status.READY, has_audio=True)

    def same_file(self, filename: str, size_bytes: int) -> Self:
        """Those that are here already, by the name and size a client knows before it sends anything."""
        return self.filter(original_filename=filename, size_bytes=size_bytes).exclude(
            status=MediaAsset.Status.UPLOADING
        )


class MediaAsset(TenantModel):
    """One camera's (or recorder's) file in a shoot."""

    class Status(models.TextChoices):
        UPLOADING = "uploading"
        INGESTING = "ingesting"
        READY = "ready"
        FAILED = "failed"

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"
        IMAGE = "image"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(RecordingSession, on_delete=models.CASCADE, related_name="assets")
    camera_label = models.CharField(max_length=1, validators=[camera_label])
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADING)
    status_message = models.CharField(max_length=500, blank=True, help_text="Why it failed, and what to do about it.")
    warnings = models.JSONField(default=list, blank=True)

    original_filename = models.CharField(max_length=255)
    original_key = models.CharField(max_length=500, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the original.")
    project_id = models.CharField(max_length=64, help_text="As the session's was when the file came: keys never move.")
    shoot_date = models.DateField()
    version = models.PositiveIntegerField(default=1)

    kind = models.CharField(max_length=5, choices=Kind, default=Kind.OTHER)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    fps = models.CharField(max_length=20, blank=True, help_text="Exact: 30000/1001.")
    variable_frame_rate = models.BooleanField(default=False)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    codec = models.CharField(max_length=50, blank=True)
    has_audio = models.BooleanField(default=False)
    audio_codec = models.CharField(max_length=50, blank=True)
    sample_rate = models.PositiveIntegerField(null=True, blank=True)
    audio_channels = models.PositiveSmallIntegerField(null=True, blank=True)
    video_start_ms = models.FloatField(null=True, blank=True, help_text="First frame, after media time zero.")
    audio_start_ms = models.FloatField(null=True, blank=True, help_text="First sample, after media time zero.")
    timecode = models.CharField(max_length=20, blank=True)
    media_info = models.JSONField(default=dict, blank=True)

    objects = MediaAssetQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["camera_label"]
        constraints = [
            models.UniqueConstraint(fields=["session", "camera_label"], name="one_asset_per_session_and_camera"),
            models.UniqueConstraint(
                fields=["tenant_id", "env", "project_id", "shoot_date", "camera_label", "version"],
                name="one_asset_per_angle_version",
            ),
        ]

    def __str__(self) -> str:
        return f"Camera {self.camera_label}: {self.original_filename}"

    @property
    def resolution(self) -> str:
        return f"{self.width}x{self.height}" if self.width and self.height else ""

    @cached_property
    def files(self) -> "list[DerivedMedia]":
        """What was made of it, for those who show it; `cards.contents` asks once for those of a whole session."""
        return list(self.derivatives.shown())

    @cached_property
    def under_way(self) -> "list[MediaJob]":
        """Its unfinished jobs, the newest first; `cards.contents` asks once for those of a whole session."""
        return list(self.jobs.under_way())

    def angle(self, version: int | None = None) -> keys.Angle:
        """What all keys of this camera have in common; derivatives of a later ingest carry a version of their own."""
        day = self.shoot_date if isinstance(self.shoot_date, date) else date.fromisoformat(self.shoot_date)
        return keys.Angle(self.tenant_id, self.env, self.project_id, day, self.camera_label, version or self.version)


class Upload(TenantModel):
    """Bytes on their way to one version of an asset. The asset changes only when they have all arrived."""

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETED = "completed"
        ABORTED = "aborted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="uploads")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    version = models.PositiveIntegerField()
    key = models.CharField(max_length=500, unique=True)
    store_upload_id = models.CharField(max_length=1024, blank=True, help_text="Empty: one PUT, no parts.")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the first and last MiB: cameras reuse names and sizes."
    )
    part_size = models.BigIntegerField(help_text="Fixed for good: a resume with another size would mix the parts up.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset"], condition=Q(state="open"), name="one_open_upload_per_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"


class DerivedMediaQuerySet(TenantQuerySet):
    def shown(self) -> Self:
        return self.defer("meta").order_by("kind", "variant")


class DerivedMedia(TenantModel):
    """A file that we made from an asset."""

    class Kind(models.TextChoices):
        MEZZANINE = "mezzanine"
        PROXY = "proxy"
        AUDIO_WAV = "audio-wav"
        WAVEFORM = "waveform"
        THUMBNAIL = "thumbnail"
        AUDIO_SEGMENT = "audio_segment"
        AUDIO_CLEAN = "audio_clean"
        FRAME = "frame"
        STEM = "stem"
        MASK = "mask"
        RENDER = "render"
        RENDER_SEGMENT = "render_segment"
        VISUAL_META = "visual_meta"
        VIDEO_REGION_SUMMARY = "video_region_summary"
        ASR_TRANSCRIPT = "asr_transcript"
        AUDIO_SEMANTIC_TIMELINE = "audio_semantic_timeline"
        AUDIO_VOICE_ENHANCED = "audio_voice_enhanced"
        BEAT_FEATURES = "beat_features"
        BARS = "bars"
        VIDEO_PROXY_360P = "video_proxy_360p"
        VIDEO_PROXY = "video_proxy"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="derivatives")
    kind = models.CharField(max_length=30, choices=Kind)
    variant = models.CharField(max_length=20, blank=True, help_text="Tells two of one kind apart: 20 and 1000 peaks/s.")
    input_ref = models.CharField(max_length=600, help_text="What went in: the original's key.")
    key = models.CharField(max_length=500, unique=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256.")
    expired_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when the lifecycle policy has taken the file."
    )
    meta = models.JSONField(default=dict, blank=True)

    objects = DerivedMediaQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "derived media"
        ordering = ["asset", "kind", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind", "variant", "input_ref"], name="one_derivative_per_asset_kind_and_input"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.variant}".strip() + f" of camera {self.asset.camera_label}"


class DoomedObject(models.Model):
    """An object that is to go from the store at `due_at`, should no row point to it then.

    Written with the change that orphans the object; and before an object is stored, taken back by the change that points a
    row to it. So a crash anywhere in between leaves nothing behind."""

    key = models.CharField(max_length=500, unique=True)
    due_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class MediaJobQuerySet(TenantQuerySet):
    def due(self) -> Self:
        return self.filter(status=MediaJob.Status.PENDING, run_after__lte=Now()).order_by(*MediaJob.LINE)

    def abandoned(self) -> Self:
        """Claimed by a worker that has stopped giving signs of life."""
        return self.filter(status=MediaJob.Status.PROCESSING, lease_until__lt=Now())

    def held_from(self, place: str) -> Self:
        """Claimed by processes of one machine (`jobs.holder`)."""
        return self.filter(status=MediaJob.Status.PROCESSING, holder__startswith=place)

    def unfinished(self) -> Self:
        return self.filter(status__in=MediaJob.UNFINISHED)

    def under_way(self) -> Self:
        """As `unfinished`, for those who show them: without what went in."""
        return self.unfinished().defer(*MediaJob.BULKY)


class MediaJob(TenantModel):
    """One piece of work in the background. The row is the truth: whoever holds its lease runs it."""

    class Status(models.TextChoices):
        PENDING = "PENDING"
        PROCESSING = "PROCESSING"
        COMPLETED = "COMPLETED"
        FAILED = "FAILED"
        DEAD = "DEAD"
        CANCELLED = "CANCELLED"

    class Kind(models.TextChoices):
        """What the work needs most: the network and the disk, processors for minutes, or processors for hours."""

        IO = "io"
        CPU = "cpu"
        RENDER = "render"

    UNFINISHED = (Status.PENDING, Status.PROCESSING)
    #: Who goes first.
    LINE = ("-priority", "turn", "created_at")
    #: What nobody reads who only wants to know how far it is.
    BULKY = ("input_json", "result_json")
    ENDED_BADLY = (Status.FAILED, Status.DEAD)
    ENDED = (Status.COMPLETED, *ENDED_BADLY, Status.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CPU)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    priority = models.IntegerField(default=0, help_text="Higher runs first.")
    turn = models.DateTimeField(
        default=timezone.now, help_text="Place in the line; a tenant's waiting jobs stand an hour apart in it."
    )
    attempts = models.PositiveIntegerField(default=0)
    max_attempts = models.PositiveIntegerField(default=3)
    run_after = models.DateTimeField(default=timezone.now)
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.CharField(max_length=120, blank=True)
    holder = models.CharField(
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
        max_length=200, blank=True, help_text="Of two unfinished jobs with one key, one is made."
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
                models.F("priority").desc(), "turn", "created_at", name="job_line", condition=Q(status="PENDING")
            ),
            models.Index(
                "kind",
                models.F("priority").desc(),
                "turn",
                "created_at",
                name="job_line_of_kind",
                condition=Q(status="PENDING"),
            ),
            models.Index(
                fields=["tenant_id", "kind", "priority", "-turn"],
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
    """One try at a job: exactly what was run, and what it said."""

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
    stdout_tail = models.TextField(blank=True, help_text="The end of what it says, until the whole lies in the store.")
    stderr_tail = models.TextField(blank=True)
    stdout_bytes = models.BigIntegerField(default=0, help_text="How much it has said.")
    stderr_bytes = models.BigIntegerField(default=0)
    error_message = models.TextField(blank=True)
    scratch_manifest_json = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["attempt_no"]
        constraints = [models.UniqueConstraint(fields=["job", "attempt_no"], name="one_row_per_attempt")]
        indexes = [models.Index(fields=["finished_at"], name="attempt_ended")]

    def __str__(self) -> str:
        return f"attempt {self.attempt_no}: {self.outcome}"


class Webhook(TenantModel):
    """An address that is told of events: of one session, or of all in its tenant."""

    class Event(models.TextChoices):
        SESSION_STATUS = "session.status_changed"
        JOB_FAILED = "job.failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(max_length=2000)
    events = models.JSONField(default=list)
    session = models.ForeignKey(
        RecordingSession, null=True, blank=True, on_delete=models.CASCADE, related_name="webhooks"
    )
    description = models.CharField(max_length=200, blank=True)
    active = models.BooleanField(default=True)
    generation = models.PositiveIntegerField(
        default=1, editable=False, help_text="Counts its secrets; none of them is stored."
    )

    def __str__(self) -> str:
        return self.description or self.url


class Worker(models.Model):
    """A worker process, by its last sign of life. Its machine's scratch disk as it saw it, in bytes."""

    name = models.CharField(max_length=120, primary_key=True)
    host = models.CharField(max_length=100)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    scratch_free = models.BigIntegerField(default=0)
    scratch_total = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
