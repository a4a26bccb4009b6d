"""Sequences with their tracks, clips, transitions, filter stacks and curves. The columns have the names of the fields in
`core/timeline/records.py`, which say what each of them means.

Numbers are kept as they were sent; what reads them clamps them. References to media are kept when the media go, so that the
clip is refused by name and not shown as something else.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from media_app.models import DerivedMedia, MediaAsset
from media_app.models.assets import validate_object
from render_app.models.projects import OwnedModel, VideoProject
from sessions_app.models import RecordingSession


def media_reference(to: Any) -> models.ForeignKey:
    """A reference that stays when the record that it names is deleted."""
    return models.ForeignKey(
        to, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )


class TimelineRecord(OwnedModel):
    """A record of a project's timeline."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Sequence(TimelineRecord):
    """A timeline of a project."""

    project = models.ForeignKey(VideoProject, on_delete=models.CASCADE, related_name="sequences")
    name = models.CharField(max_length=200, blank=True)
    duration_ms = models.FloatField(null=True, blank=True)
    timebase = models.CharField(max_length=30, help_text="Exact: 30000/1001.")
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(duration_ms__isnull=True) | Q(duration_ms__gt=0), name="sequence_has_a_length"
            ),
            models.CheckConstraint(condition=~Q(timebase=""), name="sequence_has_a_timebase"),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'Sequence'} of {self.project}"


class Track(TimelineRecord):
    """Clips of one kind in a sequence."""

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="tracks")
    kind = models.CharField(max_length=5, choices=Kind)
    order = models.IntegerField(default=0, help_text="Higher is nearer.")
    muted = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)
    audio_role = models.CharField(max_length=20, default="generic")
    ducking = models.JSONField(null=True, blank=True)
    volume_db = models.FloatField(default=0)
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    class Meta:
        ordering = ["order", "created_at", "pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["video", "audio"]), name="track_is_video_or_audio")]

    def __str__(self) -> str:
        return f"{self.kind} track {self.order}"


class Clip(TimelineRecord):
    """A stretch of a file, of a camera, of words or of shapes on a track."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="clips")
    asset = media_reference(MediaAsset)
    artifact = media_reference(DerivedMedia)
    session = media_reference(RecordingSession)
    camera_label = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001  (null: not of a camera)
    text = models.JSONField(null=True, blank=True)
    vector = models.JSONField(null=True, blank=True)
    in_ms = models.FloatField(default=0)
    out_ms = models.FloatField()
    start_ms_on_timeline = models.FloatField(default=0)
    speed = models.FloatField(default=1)
    keep_pitch = models.BooleanField(default=True)
    slowmo_quality = models.CharField(max_length=20, null=True, blank=True)  # noqa: DJ001  (as the API has it)
    optical_flow = models.BooleanField(default=False)
    stabilise = models.JSONField(null=True, blank=True)
    volume_db = models.FloatField(default=0)
    fade_in_ms = models.FloatField(default=0)
    fade_out_ms = models.FloatField(default=0)
    opacity = models.FloatField(default=1)
    blend_mode = models.CharField(max_length=20, default="normal")
    scale_mode = models.CharField(max_length=20, default="fit")
    scale = models.FloatField(default=1)
    rotation = models.FloatField(default=0)
    position = models.JSONField(default=dict, blank=True)
    crop = models.JSONField(default=dict, blank=True)
    mask_artifact = media_reference(DerivedMedia)
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    class Meta:
        ordering = ["start_ms_on_timeline", "created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(out_ms__gt=F("in_ms")), name="clip_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(speed__gt=0), name="clip_runs_forward"),
            models.CheckConstraint(condition=Q(start_ms_on_timeline__gte=0), name="clip_starts_in_its_sequence"),
            models.CheckConstraint(
                condition=Q(asset__isnull=False, session__isnull=True, text__isnull=True, vector__isnull=True)
                | Q(
                    session__isnull=False,
                    camera_label__isnull=False,
                    asset__isnull=True,
                    text__isnull=True,
                    vector__isnull=True,
                )
                | Q(text__isnull=False, asset__isnull=True, session__isnull=True, vector__isnull=True)
                | Q(vector__isnull=False, asset__isnull=True, session__isnull=True, text__isnull=True),
                name="clip_shows_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"clip at {self.start_ms_on_timeline:g} ms"


class Transition(TimelineRecord):
    """From one clip to another."""

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="transitions")
    type = models.CharField(max_length=30)
    duration_ms = models.FloatField()
    from_clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="transitions_out")
    to_clip = models.ForeignKey(Clip, on_delete=models.CASCADE, related_name="transitions_in")
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_clip=F("to_clip")), name="transition_joins_two_clips"),
            models.CheckConstraint(condition=Q(duration_ms__gt=0), name="transition_has_a_length"),
            models.UniqueConstraint(fields=["from_clip"], name="one_transition_out_of_a_clip"),
            models.UniqueConstraint(fields=["to_clip"], name="one_transition_into_a_clip"),
        ]

    def __str__(self) -> str:
        return f"{self.type}, {self.duration_ms:g} ms"


class OfTarget(TimelineRecord):
    """A record of a clip, of a track, or, without either, of the sequence itself."""

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="%(class)ss")
    track = models.ForeignKey(Track, null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss")
    clip = models.ForeignKey(Clip, null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss")

    class Meta:
        abstract = True

    @property
    def target_type(self) -> str:
        """What it is of."""
        return "clip" if self.clip_id else "track" if self.track_id else "sequence"

    @property
    def target_id(self) -> uuid.UUID:
        """Whose it is."""
        found: uuid.UUID = self.clip_id or self.track_id or self.sequence_id
        return found


class FilterStack(OfTarget):
    """The filters of a record, in order."""

    filters = models.JSONField(default=list)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(track__isnull=True) | Q(clip__isnull=True), name="stack_has_one_target"),
            models.UniqueConstraint(fields=["clip"], name="one_stack_per_clip"),
            models.UniqueConstraint(fields=["track"], name="one_stack_per_track"),
            models.UniqueConstraint(
                fields=["sequence"], condition=Q(track__isnull=True, clip__isnull=True), name="one_stack_per_sequence"
            ),
        ]

    def __str__(self) -> str:
        return f"filters of a {self.target_type}"


class AutomationCurve(OfTarget):
    """One property of a record over time."""

    property = models.CharField(max_length=30)
    keyframes = models.JSONField(default=list)

    class Meta:
        ordering = ["property", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(track__isnull=True) | Q(clip__isnull=True), name="curve_has_one_target"),
            models.UniqueConstraint(fields=["clip", "property"], name="one_curve_per_clip_and_property"),
            models.UniqueConstraint(fields=["track", "property"], name="one_curve_per_track_and_property"),
            models.UniqueConstraint(
                fields=["sequence", "property"],
                condition=Q(track__isnull=True, clip__isnull=True),
                name="one_curve_per_sequence_and_property",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.property} of a {self.target_type}"
