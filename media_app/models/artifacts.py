"""The files that we make, and those that are to be deleted."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from media_app.models.assets import MediaAsset
from sessions_app.models import TenantModel, TenantQuerySet


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


class PendingDeletion(models.Model):
    """An object that is to go from the store at `due_at`, should no row point to it then.

    Written with the change that orphans the object; and before an object is stored, taken back by the change that points a
    row to it. So a crash anywhere in between leaves nothing behind."""

    key = models.CharField(max_length=500, unique=True)
    due_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
