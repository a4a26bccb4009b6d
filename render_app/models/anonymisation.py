"""Faces that are to be hidden in an asset: from the request to the person who cleared what was doubtful."""

import uuid

from django.db import models
from django.db.models import Q

from media_app.models import DerivedMedia, MediaAsset
from render_app.models.projects import OwnedModel


class Anonymisation(OwnedModel):
    """A request to hide the faces of an asset. The asset is withheld until it is cleared."""

    class Status(models.TextChoices):
        SCANNING = "scanning"
        DOUBTFUL = "doubtful"
        CLEARED = "cleared"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="anonymisations")
    clip_id = models.UUIDField(null=True, blank=True, help_text="The one clip; null: every clip that shows the asset.")
    preset = models.CharField(max_length=20)
    status = models.CharField(max_length=10, choices=Status, default=Status.SCANNING)
    cache_key = models.CharField(max_length=64, help_text="Of the scan that it waits for, or was made with.")
    scan_version = models.CharField(
        max_length=20,
        blank=True,
        default="",
        help_text="Version of the face scan that it rests on, or that was in use when a person decided about an older one; empty: not known.",
    )
    summary = models.ForeignKey(DerivedMedia, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    doubtful_ranges = models.JSONField(default=list, blank=True)
    clip_ids = models.JSONField(default=list, blank=True, help_text="The clips that got the filter.")
    cleared_by = models.CharField(max_length=150, blank=True, help_text="The person; empty where nothing was doubtful.")
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="cleared") | Q(cleared_at__isnull=False), name="cleared_at_some_time"
            )
        ]

    def __str__(self) -> str:
        return f"faces of {self.asset}: {self.status}"
