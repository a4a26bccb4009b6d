"""The files that somebody gave us."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.functional import cached_property

from media_app.core.files import keys
from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet, camera_label

if TYPE_CHECKING:
    from media_app.models.artifacts import DerivedMedia
    from media_app.models.jobs import MediaJob


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
