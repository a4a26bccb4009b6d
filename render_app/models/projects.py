"""Video projects, and the edits that can be undone."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from media_app.models.assets import validate_object, validate_tags
from media_app.models.lookups import HasElement
from sessions_app.models import RecordingSession, TenantModel, TenantQuerySet


class OwnedModel(TenantModel):
    """A record with the person who made it: as the client named them, and the account that was signed in."""

    user_id = models.CharField(max_length=150, blank=True, help_text="The user, as the client named them.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text="The account that was signed in.",
    )  # fmt: skip

    class Meta:
        abstract = True


class VideoProjectQuerySet(TenantQuerySet):
    def tagged(self, tag: str) -> Self:
        """Those that have this tag."""
        return self.filter(HasElement("tags", tag))


class VideoProject(OwnedModel):
    """A film in the making: its sequences, and how it is rendered. Every change of anything in it counts `revision` up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(
        RecordingSession, null=True, blank=True, on_delete=models.SET_NULL, related_name="projects",
        help_text="The session whose edit it is.",
    )  # fmt: skip
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True, validators=[validate_tags])
    render_profile = models.CharField(max_length=40)
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])
    revision = models.PositiveIntegerField(default=1, help_text="Its ETag: whoever changes it must have seen the last.")
    position = models.PositiveIntegerField(
        default=0, help_text="How many of its edits are in force; the rest were undone."
    )

    objects = VideoProjectQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-created_at", "pk"]
        indexes = [models.Index(fields=["tenant_id", "env", "-created_at"], name="newest_projects_of_a_tenant")]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="project_has_a_title")]

    def __str__(self) -> str:
        return str(self.title)


class ProjectEdit(TenantModel):
    """One change of a project: each record before and after. Undo writes what was before, redo what was after."""

    project = models.ForeignKey(VideoProject, on_delete=models.CASCADE, related_name="edits")
    position = models.PositiveIntegerField(help_text="Counts the project's edits from 1.")
    summary = models.CharField(max_length=100, help_text="What it did, such as “change clip”.")
    actor = models.CharField(max_length=150, blank=True, help_text="Who did it.")
    changes = models.JSONField(default=list, help_text="Model, id, values before and after; null: not there.")

    class Meta:
        ordering = ["project", "position"]
        constraints = [models.UniqueConstraint(fields=["project", "position"], name="one_edit_per_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.summary} of {self.project}"
