"""When each camera started, how sure we are, and who approved it."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet, camera_key
from sync_app.core.standing import Decided
from sync_app.core.synced import (
    MANUAL,
    SyncedCamera,
    SyncedSegment,
    camera_order,
    coverage_from,
    first_chapter,
    segments_from,
)


class SyncResultQuerySet(TenantQuerySet):
    def current(self) -> Self:
        return self.filter(superseded_at__isnull=True)


class SyncResult(TenantModel):
    """One run of the sync over one set of recordings. Of a session's results one is current; the others are its history."""

    class Method(models.TextChoices):
        XCORR = "xcorr"
        FINGERPRINT = "fingerprint"
        HYBRID = "hybrid"

    class OperatorStatus(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        CORRECTED = "corrected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(RecordingSession, on_delete=models.CASCADE, related_name="sync_results")
    run = models.PositiveIntegerField(help_text="Counts the session's runs from 1.")
    version = models.PositiveIntegerField(
        default=1, help_text="Counts the changes to this result: who saves must have seen the last."
    )
    superseded_at = models.DateTimeField(
        null=True, blank=True, help_text="When a later run, or other files, took over."
    )

    master_camera = models.CharField(max_length=8, validators=[camera_key])
    offsets_ms = models.JSONField(default=dict, help_text="Label → ms on the master's clock; null: not found.")
    confidence = models.JSONField(default=dict, blank=True, help_text="Label → standard score; the master has none.")
    probability = models.JSONField(default=dict, blank=True)
    classification = models.JSONField(default=dict, blank=True)
    drift_ppm = models.JSONField(default=dict, blank=True)
    warnings = models.JSONField(default=dict, blank=True)
    method = models.CharField(max_length=20, choices=Method, default=Method.XCORR)
    details = models.JSONField(default=dict, blank=True, help_text="Drift errors, pieces, pairs, sound quality.")
    inputs = models.JSONField(default=dict, blank=True, help_text="Label → the sound that was compared, by checksum.")
    debug_artifacts = models.JSONField(default=dict, blank=True, help_text="Label → keys of the curve and its plot.")
    computed_at = models.DateTimeField()

    operator_status = models.CharField(max_length=20, choices=OperatorStatus, default=OperatorStatus.PENDING)
    operator_offsets_ms = models.JSONField(null=True, blank=True)
    operator_segments = models.JSONField(
        null=True,
        blank=True,
        help_text="Label → the segments that a person set; others move with their camera's offset.",
    )
    decided_by = models.CharField(max_length=150, blank=True)
    decision_notes = models.TextField(blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    objects = SyncResultQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-run"]
        constraints = [
            models.UniqueConstraint(fields=["session", "run"], name="one_result_per_session_and_run"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(superseded_at__isnull=True), name="one_current_result_per_session"
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.run} of {self.session}"

    @property
    def decided(self) -> bool:
        """Whether a person approved or corrected it."""
        return bool(self.operator_status != self.OperatorStatus.PENDING)

    @property
    def by_hand(self) -> bool:
        """Whether nothing was computed: a person places the cameras."""
        return bool(self.details.get("by_hand"))

    @property
    def final_offsets(self) -> dict[str, float | None] | None:
        """What the edit works with: nothing before a person has decided."""
        if not self.decided:
            return None
        return self.operator_offsets_ms if self.operator_offsets_ms is not None else self.offsets_ms

    @property
    def camera_keys(self) -> list[str]:
        return sorted(self.offsets_ms, key=camera_order)

    @property
    def cameras(self) -> list[SyncedCamera]:
        """Every camera, the master too."""
        return [self.camera(key) for key in self.camera_keys]

    @property
    def others(self) -> list[SyncedCamera]:
        """Every camera but the master."""
        return [camera for camera in self.cameras if not camera.is_master]

    @property
    def cautions(self) -> list[tuple[str, str]]:
        """(camera key, warning); the key is empty for a warning about the whole session."""
        return [
            (key if key in self.offsets_ms else "", warning)
            for key, warnings in self.warnings.items()
            for warning in warnings
        ]

    @property
    def scores(self) -> list[float | None]:
        """The standard score of every camera but the master, for lists that leave other columns out of their query."""
        return list(self.confidence.values())

    def computed_ms(self, key: str) -> float | None:
        """The offset that was computed for a camera, for lists that leave all other columns out of their query."""
        return self.offsets_ms.get(key)

    def camera(self, key: str) -> SyncedCamera:
        """All about one camera. No other code takes the columns apart.

        Where a list left `details` out of its query, the camera has no segments, coverage, drift error or `heard`.
        """
        details = {} if "details" in self.get_deferred_fields() else self.details
        continues = details.get("continues") or {}
        is_master = first_chapter(key, continues) == self.master_camera

        def detail(name: str) -> Any:
            return (details.get(name) or {}).get(key)

        return SyncedCamera(
            key=key,
            is_master=is_master,
            offset_ms=self.offsets_ms.get(key),
            final_offset_ms=(self.final_offsets or {}).get(key),
            confidence=self.confidence.get(key),
            probability=self.probability.get(key),
            classification="" if is_master else self.classification.get(key) or MANUAL,
            drift_ppm=0.0 if is_master else self.drift_ppm.get(key),
            drift_error_ppm=detail("drift_error_ppm"),
            # Results of older versions call their segments pieces.
            segments=segments_from(detail("segments") or detail("pieces") or ()),
            coverage=coverage_from(detail("coverage") or ()),
            warnings=tuple(self.warnings.get(key) or ()),
            heard=detail("heard"),
            final_segments=self._final_segments(key),
            continues=continues.get(key, ""),
            witnesses=tuple(detail("witnesses") or ()),
        )

    def _final_segments(self, key: str) -> tuple[SyncedSegment, ...] | None:
        """The segments that a person set, which lists leave out of their query."""
        if "operator_segments" in self.get_deferred_fields() or not self.decided:
            return None
        rows = (self.operator_segments or {}).get(key)
        return None if rows is None else segments_from(rows)


class SyncDecisionQuerySet(TenantQuerySet):
    def with_result(self) -> Self:
        """With the result that each decided on: its offsets and recordings, and whether it still counts."""
        unread = (
            "details",
            "operator_segments",
            "debug_artifacts",
            "confidence",
            "probability",
            "classification",
            "drift_ppm",
            "warnings",
        )
        return self.select_related("result").defer(*(f"result__{name}" for name in unread))


class SyncDecision(TenantModel):
    """What a person decided about a session's sync, and when. Rows are only added."""

    class Action(models.TextChoices):
        APPROVED = "approved"
        CORRECTED = "corrected"
        NEEDS_WORK = "needs-work"

    session = models.ForeignKey(RecordingSession, on_delete=models.CASCADE, related_name="sync_decisions")
    result = models.ForeignKey(SyncResult, on_delete=models.CASCADE, related_name="decisions")
    action = models.CharField(max_length=20, choices=Action)
    actor = models.CharField(max_length=150, help_text="The account that acted.")
    decided_by = models.CharField(max_length=150, help_text="The person, as the caller named them.")
    offsets_before = models.JSONField(null=True, blank=True)
    offsets_after = models.JSONField(null=True, blank=True, help_text="None where the sync needs work.")
    segments_before = models.JSONField(null=True, blank=True, help_text="Label → segments, where a clip has several.")
    segments_after = models.JSONField(null=True, blank=True)
    notes = models.TextField(blank=True)

    objects = SyncDecisionQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} by {self.decided_by}"

    @property
    def stale(self) -> bool:
        """Whether the recordings or the sync changed since."""
        return self.result.superseded_at is not None

    @property
    def decided(self) -> Decided | None:
        """What was decided, and of which recordings; None where the sync was sent back."""
        if self.offsets_after is None:
            return None
        return Decided(self.result.master_camera, self.result.inputs, self.result.offsets_ms, self.offsets_after)
