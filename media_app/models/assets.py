"""The files that users upload or register."""

import uuid
from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from media_app.core.files import keys
from media_app.models.lookups import HasElement
from sessions_app.core.cameras import LABELS, camera_key
from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet, camera_label

if TYPE_CHECKING:
    from media_app.models.artifacts import DerivedMedia
    from media_app.models.jobs import MediaJob

MAX_TAGS, MAX_TAG = 50, 100
REPLACED = "Faces were to be hidden in the file before this one. Hide those of this one: POST /video/anonymise/faces."


def validate_tags(tags: object) -> None:
    if not isinstance(tags, list) or not all(isinstance(tag, str) and 0 < len(tag) <= MAX_TAG for tag in tags):
        raise ValidationError(f'Tags are a list of words, each of 1 to {MAX_TAG} characters: ["interview"].')
    if len(tags) > MAX_TAGS:
        raise ValidationError(f"There are {len(tags)} tags. Use at most {MAX_TAGS}.")


def validate_object(value: object) -> None:
    if not isinstance(value, dict):
        raise ValidationError('This must be a JSON object: {"name": "value"}.')


class AngleCounter(models.Model):
    """The last version given to one clip of one camera of one project on one day. It only counts up, so that no key is used
    twice, even after a delete."""

    tenant_id = models.CharField(max_length=64)
    env = models.CharField(max_length=5)
    project_id = models.CharField(max_length=64)
    day = models.DateField()
    camera_label = models.CharField(max_length=1, validators=[camera_label])
    clip = models.PositiveSmallIntegerField(default=1)
    last_version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "env", "project_id", "day", "camera_label", "clip"], name="one_counter_per_clip"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.day} {camera_key(self.camera_label, self.clip)}: v{self.last_version}"


class MediaAssetQuerySet(TenantQuerySet):
    def comparable(self) -> Self:
        """Those with sound that the sync can use, whatever becomes of their pictures."""
        return self.inspected().filter(has_audio=True)

    def inspected(self) -> Self:
        """Those whose file was read: what it holds is known, and its WAV and peaks are stored."""
        return self.filter(sound_ready_at__isnull=False)

    def same_file(self, filename: str, size_bytes: int) -> Self:
        """Files of a session that are stored already, by the name and size a client knows before it sends anything."""
        sent = Q(original_filename=filename, size_bytes=size_bytes) | Q(
            joined__filename=filename, joined__size_bytes=size_bytes
        )
        return self.filter(sent, session__isnull=False).exclude(status=MediaAsset.Status.UPLOADING)

    def tagged(self, tag: str) -> Self:
        return self.filter(HasElement("tags", tag))


class MediaAsset(TenantModel):
    """An uploaded file: one clip of a camera in a session, or a registry asset without a session."""

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

    #: Everything that an ingest finds in the file, and a replacement of the file takes back.
    FOUND_IN_FILE = (
        "kind", "duration_ms", "fps", "variable_frame_rate", "width", "height", "codec", "has_audio", "audio_codec",
        "sample_rate", "audio_channels", "video_start_ms", "audio_start_ms", "timecode", "timecode_rate",
        "timecode_source", "timecode_drop", "heard", "tracks", "keyframe_summary", "sound_ready_at", "picture_ready_at",
        "media_info", "checksum", "warnings", "chapter_warnings", "status_message", "device", "joined",
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        RecordingSession, null=True, blank=True, on_delete=models.CASCADE, related_name="assets"
    )
    camera_label = models.CharField(max_length=1, blank=True, validators=[camera_label])
    clip = models.PositiveSmallIntegerField(
        default=1, help_text="Counts the camera's recordings from 1; never renumbered."
    )
    continues = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="continued_by",
        help_text="The chapter before this one, where the camera split one recording into files.",
    )  # fmt: skip
    card_path = models.CharField(
        max_length=1000,
        blank=True,
        help_text="Where the file lay on its card, where the sender said so; some devices name folders.",
    )
    chapter_warnings = models.JSONField(
        default=list,
        blank=True,
        help_text="Those of its warnings that are about the recording that it is a chapter of.",
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.UPLOADING)
    status_message = models.CharField(max_length=500, blank=True, help_text="Why it failed, and what to do about it.")
    warnings = models.JSONField(default=list, blank=True)
    withheld = models.CharField(
        max_length=300, blank=True,
        help_text="Why its pictures are not handed out: people in them are to be hidden, and nobody has cleared that yet.",
    )  # fmt: skip

    faces_hidden_at = models.DateTimeField(
        null=True, blank=True,
        help_text="Since when a copy in which faces are hidden stands for its picture; the original is handed out no more.",
    )  # fmt: skip

    source_ref = models.CharField(max_length=200, blank=True, help_text="The client's own id for it.")
    source_uri = models.CharField(max_length=2000, blank=True, help_text="The address it was fetched from.")
    tags = models.JSONField(default=list, blank=True, validators=[validate_tags])
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object], help_text="The client's own facts.")
    user_id = models.CharField(max_length=150, blank=True, help_text="The user, as the client named them.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The account that was signed in.",
    )  # fmt: skip

    original_filename = models.CharField(max_length=255)
    original_key = models.CharField(max_length=500, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    checksum = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the original.")
    original_etag = models.CharField(
        max_length=200,
        blank=True,
        help_text="Of the stored object that was taken or last verified; another means other bytes.",
    )
    project_id = models.CharField(
        max_length=64, blank=True, help_text="As the session's was when the file came: keys never move."
    )
    shoot_date = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    last_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="The last version given to the keys of a registry asset."
    )

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
    heard = models.JSONField(
        null=True, blank=True, validators=[validate_object],
        help_text="The sound that sync compares: stream, channels, how (mix, channel or difference), reason.",
    )  # fmt: skip
    tracks = models.JSONField(
        default=list, blank=True, help_text="Every audio track: codec, channels, loudness, speech share, LTC."
    )
    timecode = models.CharField(max_length=20, blank=True, help_text="Timecode of the first frame.")
    timecode_rate = models.CharField(
        max_length=20, blank=True, help_text="Exact rate at which the timecode counts; empty: not known."
    )
    timecode_source = models.CharField(max_length=20, blank=True, help_text="Where it was read: tmcd, rtmd, ltc …")
    timecode_drop = models.BooleanField(default=False, help_text="Drop-frame counting.")
    keyframe_summary = models.JSONField(
        default=dict, blank=True, help_text="Count and longest distance; the index is a file of kind keyframes."
    )
    device = models.JSONField(
        default=dict, blank=True, help_text="What recorded it, as far as the file says: make, model, serial."
    )
    joined = models.JSONField(
        default=dict, blank=True,
        help_text="Where it was joined from the files of one take: what they were sent as, and name, track, channels and SHA-256 of each.",
    )  # fmt: skip
    sound_ready_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when it is known what the file holds, and its WAV and peaks are stored."
    )
    picture_ready_at = models.DateTimeField(null=True, blank=True, help_text="Since when its proxy is stored.")
    media_info = models.JSONField(default=dict, blank=True)

    objects = MediaAssetQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["camera_label", "clip"]
        indexes = [
            models.Index(fields=["tenant_id", "env", "-created_at"], name="asset_registry"),
            models.Index(
                fields=["tenant_id", "env", "source_ref"], name="asset_source_ref", condition=~Q(source_ref="")
            ),
            models.Index(fields=["original_key"], name="asset_withheld", condition=~Q(withheld="")),
            models.Index(
                fields=["original_key"], name="asset_faces_hidden", condition=Q(faces_hidden_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session", "camera_label", "clip"], name="one_asset_per_session_and_clip"),
            models.UniqueConstraint(
                fields=["tenant_id", "env", "project_id", "shoot_date", "camera_label", "clip", "version"],
                name="one_asset_per_clip_version",
            ),
            models.UniqueConstraint(fields=["continues"], name="one_chapter_continues_another"),
            models.CheckConstraint(
                condition=Q(session__isnull=True, camera_label="")
                | Q(session__isnull=False, camera_label__in=list(LABELS)),
                name="asset_label_in_session_only",
                violation_error_message="A file of a session needs a camera label, A to Z; one without a session has none.",
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=True) | Q(shoot_date__isnull=False) & ~Q(project_id=""),
                name="asset_of_session_has_place",
                violation_error_message="A file of a session needs a project and a day: its storage keys contain both.",
            ),
            models.CheckConstraint(
                condition=Q(clip=1) | Q(clip__gt=1, session__isnull=False),
                name="asset_clips_count_from_one",
                violation_error_message="Clips count from 1, and only a camera of a session has more than one.",
            ),
            models.CheckConstraint(
                condition=Q(continues__isnull=True) | Q(session__isnull=False) & ~Q(continues=F("id")),
                name="asset_continues_another",
                violation_error_message="A clip continues another clip of its session, never itself.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["uploading", "ingesting", "ready", "failed"]), name="asset_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Camera {self.camera_key}: {self.original_filename}" if self.camera_label else self.original_filename

    def clean(self) -> None:
        super().clean()
        if self.continues is not None and self.continues.session_id != self.session_id:
            raise ValidationError({"continues": "A clip continues a clip of the same session. Choose one of those."})

    @property
    def camera_key(self) -> str:
        """The key of this clip wherever something is listed by camera: B, B.2; empty for a registry asset."""
        return camera_key(self.camera_label, self.clip)

    @property
    def short_name(self) -> str:
        """What a sentence calls it: camera B.2, or the file's name for a registry asset."""
        return f"camera {self.camera_key}" if self.camera_label else self.original_filename

    @property
    def camera_name(self) -> str:
        """The camera's name in its session, where a person gave it one."""
        return self.session.camera_names.get(self.camera_label, "") if self.session is not None else ""

    @property
    def resolution(self) -> str:
        return f"{self.width}x{self.height}" if self.width and self.height else ""

    @property
    def inspected(self) -> bool:
        """Whether the file was read: what it holds is known, and its WAV and peaks are stored."""
        return self.sound_ready_at is not None

    @property
    def sound_ready(self) -> bool:
        return self.has_audio and self.inspected

    @property
    def picture_ready(self) -> bool:
        return self.picture_ready_at is not None

    @property
    def shows_nothing(self) -> bool:
        """Whether not even its own pages show its pictures: they are withheld, and there are none in which faces are hidden."""
        return bool(self.withheld) and self.faces_hidden_at is None

    @property
    def awaits_sound(self) -> bool:
        """Whether sync waits for it."""
        coming = self.status == self.Status.INGESTING and not self.inspected
        return coming or self.status == self.Status.UPLOADING

    @property
    def awaits_picture(self) -> bool:
        return self.kind == self.Kind.VIDEO and not self.picture_ready

    def update_status(self) -> None:
        """Set its status, unsaved, by what there is of it. A picture that failed has left its message."""
        if not self.inspected or (self.awaits_picture and not self.status_message):
            self.status = self.Status.INGESTING
        elif self.awaits_picture:
            self.status = self.Status.FAILED
        else:
            self.status, self.status_message = self.Status.READY, ""

    @cached_property
    def files(self) -> "list[DerivedMedia]":
        """The files made from it; `summaries.contents` reads those of a whole session at once."""
        return list(self.derivatives.shown())

    @cached_property
    def under_way(self) -> "list[MediaJob]":
        """Its unfinished jobs, the newest first; `summaries.contents` reads those of a whole session at once."""
        return list(self.jobs.under_way())

    def forget_file(self) -> None:
        """Reset everything that was found in the file, unsaved: another file takes its place. Faces that were to be hidden are to be
        hidden in that one too."""
        blank = MediaAsset(pk=self.pk)
        for name in self.FOUND_IN_FILE:
            setattr(self, name, getattr(blank, name))
        if self.withheld or self.faces_hidden_at:
            self.withheld, self.faces_hidden_at = REPLACED, None

    def location(self, version: int | None = None) -> keys.Location:
        """What all keys of this asset have in common; derivatives of a later ingest carry a version of their own."""
        if self.session_id is None:
            return keys.Registered(self.tenant_id, self.env, str(self.pk), version or self.version)
        return self.angle(version)

    def angle(self, version: int | None = None) -> keys.Angle:
        """The location of an asset in a session."""
        if self.shoot_date is None:
            raise ValueError("A registry asset is no angle. Use its location().")
        day = self.shoot_date if isinstance(self.shoot_date, date) else date.fromisoformat(self.shoot_date)
        return keys.Angle(
            self.tenant_id, self.env, self.project_id, day, self.camera_label, version or self.version, self.clip
        )
