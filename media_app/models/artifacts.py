"""The files that Studio makes, what they were made from, and the objects that are to be deleted."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from media_app.core import kinds
from media_app.models.assets import MediaAsset, validate_object
from sessions_app.models import TenantModel, TenantQuerySet


def kind_choices() -> list[tuple[str, str]]:
    """Every kind with its label. A function, so that a new kind needs no migration."""
    return [(kind.name, kind.label) for kind in kinds.ALL]


class DerivedMediaQuerySet(TenantQuerySet):
    def shown(self) -> Self:
        return self.listed().defer("meta").order_by("kind", "variant")

    def listed(self) -> Self:
        """Without those that are kept for Studio's own work."""
        return self.exclude(kind__in=kinds.OWN)

    def stored(self) -> Self:
        """Those whose files take space of their own: kept still, and not the original of their asset, as a rendered film is."""
        return self.filter(expired_at=None).exclude(key=F("asset__original_key"))

    def register(
        self, asset: MediaAsset, kind: kinds.Kind, variant: str, input_ref: str, **facts: object
    ) -> "DerivedMedia":
        """The row of a stored file, in the caller's transaction; one of the same kind, variant and input is overwritten."""
        defaults = {**asset.context.stamp(), "expired_at": None, **facts}
        row: Any = self.update_or_create(
            asset=asset, kind=kind.name, variant=variant, input_ref=input_ref, defaults=defaults
        )[0]
        return row

    def made_from(self, parent: "MediaAsset | DerivedMedia") -> Self:
        """Every file that `parent` went into: those of an asset itself, and those that name it as a source."""
        if isinstance(parent, MediaAsset):
            named = ArtifactSource.objects.filter(source_asset=parent).values("artifact")
            return self.filter(Q(asset=parent) | Q(pk__in=named))
        return self.filter(pk__in=ArtifactSource.objects.filter(source_artifact=parent).values("artifact"))


class DerivedMedia(TenantModel):
    """A file that Studio made from an asset: the registry calls it an artifact."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="derivatives")
    kind = models.CharField(max_length=30, choices=kind_choices)
    variant = models.CharField(
        max_length=64,
        blank=True,
        help_text="Distinguishes files of one kind: 20 and 1000 peaks/s, the frames of a grab.",
    )
    input_ref = models.CharField(max_length=600, help_text="What went in: the original's key.")
    cache_key = models.CharField(
        max_length=64, blank=True, help_text="Digest of all that went in: asked for twice, made once."
    )
    start_ms = models.FloatField(null=True, blank=True, help_text="The stretch of the asset it was made from.")
    end_ms = models.FloatField(null=True, blank=True)
    track_label = models.CharField(max_length=64, blank=True)
    created_by_job = models.ForeignKey(
        "media_app.MediaJob", null=True, blank=True, on_delete=models.SET_NULL, related_name="artifacts"
    )
    key = models.CharField(max_length=500, unique=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256.")
    expired_at = models.DateTimeField(null=True, blank=True, help_text="When the lifecycle policy deleted the file.")
    withheld = models.CharField(
        max_length=300,
        blank=True,
        help_text="Why it is not handed out: it shows another asset, whose faces are to be hidden.",
    )
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    objects = DerivedMediaQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name_plural = "derived media"
        ordering = ["asset", "kind", "variant"]
        indexes = [models.Index(fields=["cache_key"], name="artifact_cache_key", condition=~Q(cache_key=""))]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "kind", "variant", "input_ref"], name="one_derivative_per_asset_kind_and_input"
            ),
            models.UniqueConstraint(
                fields=["asset", "kind", "variant", "cache_key"],
                condition=~Q(cache_key=""),
                name="one_artifact_per_cache_key",
            ),
            models.CheckConstraint(
                condition=Q(start_ms__isnull=True, end_ms__isnull=True)
                | Q(start_ms__isnull=False, start_ms__gte=0, end_ms__isnull=True)
                | Q(start_ms__isnull=False, start_ms__gte=0, end_ms__gte=F("start_ms")),
                name="artifact_ends_after_start",
                violation_error_message="start_ms is 0 or later, and end_ms is not before it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.variant}".strip() + f" of {self.asset.short_name}"

    @property
    def begins_ms(self) -> float:
        """Where its own clock begins on its asset's: what is at 0 in it is at this time in the recording."""
        return self.start_ms or 0.0


class ArtifactSourceQuerySet(TenantQuerySet):
    def record(self, artifact: DerivedMedia, sources: Iterable[MediaAsset | DerivedMedia], role: str = "") -> None:
        """In the caller's transaction: name what `artifact` was made from. Repeated calls add nothing."""
        rows = []
        for source in sources:
            asset = source if isinstance(source, MediaAsset) else None
            made = source if isinstance(source, DerivedMedia) else None
            key = asset.original_key if asset is not None else source.key  # type: ignore[union-attr]
            rows.append(
                self.model(
                    **artifact.context.stamp(),
                    artifact=artifact,
                    source_asset=asset,
                    source_artifact=made,
                    role=role,
                    key=key,
                    checksum=source.checksum,
                )
            )
        self.bulk_create(rows, ignore_conflicts=True)


class ArtifactSource(TenantModel):
    """One file that an artifact was made from, next to the original of its own asset: music, a transcript, the clips of a render.

    Key and checksum stay when the source is removed, and still say which file it was."""

    artifact = models.ForeignKey(DerivedMedia, on_delete=models.CASCADE, related_name="sources")
    source_asset = models.ForeignKey(
        MediaAsset, null=True, blank=True, on_delete=models.SET_NULL, related_name="used_in"
    )
    source_artifact = models.ForeignKey(
        DerivedMedia, null=True, blank=True, on_delete=models.SET_NULL, related_name="used_in"
    )
    role = models.CharField(max_length=30, blank=True, help_text="music, transcript, mask …")
    key = models.CharField(max_length=500, help_text="The storage key of what went in.")
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what went in.")

    objects = ArtifactSourceQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["artifact", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["artifact", "key"], name="one_row_per_artifact_and_source"),
            models.CheckConstraint(
                condition=Q(source_asset__isnull=True) | Q(source_artifact__isnull=True), name="source_is_one_file"
            ),
            models.CheckConstraint(
                condition=Q(source_artifact__isnull=True) | ~Q(source_artifact=F("artifact")),
                name="source_is_another_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role or 'source'} {self.key}"

    def clean(self) -> None:
        super().clean()
        source = self.source_asset or self.source_artifact
        if source is not None and source.context != self.context:
            raise ValidationError("A source lies in the tenant and env of its artifact.")


class PendingDeletion(models.Model):
    """An object that is to be deleted from the store at `due_at`, unless a row points to it then.

    Written with the change that orphans the object; and before an object is stored, removed by the change that points a
    row to it. So a crash anywhere in between leaves nothing behind."""

    key = models.CharField(max_length=500, unique=True)
    due_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key
