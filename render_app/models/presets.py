"""Filters and motions that a tenant keeps, to copy them onto timelines. The built-in ones are tables of the catalogue."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from media_app.models.assets import validate_object, validate_tags
from media_app.models.lookups import HasElement
from render_app.models.projects import OwnedModel
from sessions_app.models import TenantQuerySet


class PresetQuerySet(TenantQuerySet):
    def tagged(self, tag: str) -> Self:
        """Those that have this tag."""
        return self.filter(HasElement("tags", tag))


class Preset(OwnedModel):
    """Something to copy, with a name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    tags = models.JSONField(default=list, blank=True, validators=[validate_tags])
    meta = models.JSONField(default=dict, blank=True, validators=[validate_object])

    objects = PresetQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        abstract = True
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return str(self.name)


class FilterPreset(Preset):
    """Filters to copy into a stack."""

    filters = models.JSONField(default=list)

    class Meta(Preset.Meta):
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="filter_preset_has_a_name")]


class MotionPreset(Preset):
    """Curves to copy onto a clip."""

    duration_ms = models.FloatField()
    tracks = models.JSONField(default=list)

    class Meta(Preset.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="motion_preset_has_a_name"),
            models.CheckConstraint(condition=Q(duration_ms__gt=0), name="motion_preset_has_a_length"),
        ]
