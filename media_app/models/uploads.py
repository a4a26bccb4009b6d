"""Bytes on their way to an asset."""

import uuid

from django.db import models
from django.db.models import Q

from media_app.models.assets import MediaAsset
from sessions_app.models import TenantModel


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
    store_upload_id = models.CharField(max_length=1024, blank=True, help_text="Empty until it is begun in the store.")
    filename = models.CharField(max_length=255)
    card_path = models.CharField(max_length=1000, blank=True, help_text="Where the file lay on its card.")
    content_type = models.CharField(max_length=100)
    size_bytes = models.BigIntegerField()
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the first and last MiB: cameras reuse names and sizes."
    )
    part_size = models.BigIntegerField(
        help_text="Fixed for good: a resume with another size would mix the parts up. 0: one PUT of all bytes."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset"], condition=Q(state="open"), name="one_open_upload_per_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.state})"

    @property
    def in_one_piece(self) -> bool:
        """Whether the client sends it by one PUT; in the store it is a multipart upload of one part."""
        return not self.part_size

    @property
    def stored_part_size(self) -> int:
        return self.part_size or max(1, self.size_bytes)
