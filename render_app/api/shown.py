"""What answers show of timelines' records and presets."""

from typing import Any

from django.db import models
from rest_framework import serializers

from render_app.core import catalogue
from render_app.core.timeline import nouns, records
from render_app.core.timeline.edges import plain_number
from render_app.core.timeline.refusals import TimelineRefused
from render_app.core.timeline.snapshot import DRAWN
from render_app.models import Clip, Sequence, Track, Transition, VideoProject
from render_app.services import presets, render_drawings, timeline_rows
from sessions_app.web.fields import Output

#: The fields of every record besides its own.
STAMP: dict[str, serializers.Field] = {
    "tenant_id": serializers.CharField(),
    "env": serializers.CharField(),
    "user_id": serializers.CharField(help_text="The user, as the client named them."),
    "created_by": serializers.CharField(allow_null=True, help_text="The account that was signed in; null for none."),
    "created_at": serializers.DateTimeField(),
    "updated_at": serializers.DateTimeField(),
}


class ClampedNumber(Output):
    """A number that lies outside its range, and what is used instead."""

    field = serializers.CharField(help_text="Its path in the record: filters[0].params.gamma.")
    to = serializers.FloatField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """`from` is no name that a class can have."""
        return {**super().get_fields(), "from": serializers.FloatField()}


CLAMPED = {
    "clamped": ClampedNumber(many=True, help_text="Numbers outside their range; they are kept as they were sent.")
}


def record(kind: str, row: Any) -> dict[str, Any]:
    """A record of a timeline as JSON."""
    own = timeline_rows.own_fields(kind, row)
    return {"id": str(row.pk), **place(row), **_held(row), **own, **_found(kind, row), **_stamp(row)}


def project(row: VideoProject) -> dict[str, Any]:
    """A project as JSON."""
    session = str(row.session_id) if row.session_id else None
    own = {one.name: getattr(row, one.name) for one in records.PROJECT if one.name != "session_id"}
    sequences = [str(one.pk) for one in row.sequences.all()]
    return {
        "id": str(row.pk),
        **own,
        "session_id": session,
        "sequences": sequences,
        "revision": row.revision,
        **_stamp(row),
    }


def preset(kind: str, row: presets.Row) -> dict[str, Any]:
    """A preset as JSON; the id of a built-in one is its name, and it has no dates."""
    names = [one.name for one in presets.FIELDS[kind]]
    own = {name: getattr(row, name) for name in names}
    return {"id": presets.public_id(row), "built_in": presets.is_built_in(row), **own, **_stamp(row)}


def place(row: models.Model) -> dict[str, str]:
    """What a record lies in, or what it is of."""
    if isinstance(row, Sequence):
        return {"project_id": str(row.project_id)}
    if isinstance(row, Track | Transition):
        return {"sequence_id": str(row.sequence_id)}
    if isinstance(row, Clip):
        return {"track_id": str(row.track_id)}
    return {"target_type": row.target_type, "target_id": str(row.target_id)}  # type: ignore[attr-defined]


def _held(row: models.Model) -> dict[str, Any]:
    """What a record holds."""
    return {"tracks": [str(one.pk) for one in row.tracks.all()]} if isinstance(row, Sequence) else {}


def _found(kind: str, row: models.Model) -> dict[str, Any]:
    """What follows from a record's fields."""
    try:
        read = timeline_rows.noun_of(kind, row)
    except TimelineRefused:
        # A later version of Studio may know fewer words; the record is shown all the same, to be mended.
        return {"clamped": []}
    clamped = {"clamped": [one.as_json for one in read.clamped]}
    return clamped | _of_clip(row, read.noun) if isinstance(row, Clip) else clamped


def _of_clip(row: Clip, clip: nouns.Clip) -> dict[str, Any]:
    """When a clip ends, and how its words or shapes are drawn at its project's profile."""
    drawn = None
    if isinstance(clip.content, nouns.Text | nouns.Vector):
        profile = catalogue.profiles()[row.track.sequence.project.render_profile]
        drawn = render_drawings.overlay_of(row.context, clip, profile)
    return {"end_ms": plain_number(clip.end_ms), **{name: (drawn or {}).get(name) for name in DRAWN}}


def _stamp(row: Any) -> dict[str, Any]:
    account = row.created_by.get_username() if row.created_by is not None else None
    return {
        **{name: getattr(row, name) for name in ("tenant_id", "env", "user_id")},
        "created_by": account,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
