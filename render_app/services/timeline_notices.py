"""A whole sequence, with all that a person should know before it is rendered."""

from typing import Any

from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.media import Notice, check_media
from render_app.core.timeline.nouns import Sequence
from render_app.core.timeline.refusals import TimelineRefused
from render_app.models import Sequence as SequenceRow
from render_app.services import timeline_media, timeline_rows
from sessions_app.core.tenant import Context


def whole(row: SequenceRow) -> dict[str, Any]:
    """The sequence as a snapshot with what was clamped and what is noticed, or why it cannot be rendered."""
    data = timeline_rows.snapshot_json(row)
    try:
        read = snapshot.read(data)
    except TimelineRefused as refused:
        return {**data, "clamped": [], "warnings": [as_warning(refused)]}
    warnings = notices(row.context, read.sequence)
    return {**data, "clamped": [one.as_json for one in read.clamped], "warnings": warnings}


def notices(context: Context, sequence: Sequence) -> list[dict[str, Any]]:
    """What a person should know of a sequence; where it cannot be rendered, why, and by which record."""
    media = timeline_media.media_of(context, sequence)
    found: list[Notice] = []
    try:
        found += check_media(sequence, media)
        found += (one.notice for one in lay_transitions(sequence, media, sequence.timebase) if one.notice)
    except TimelineRefused as refused:
        return [*(one.as_json for one in found), as_warning(refused)]
    return [one.as_json for one in found]


def as_warning(refused: TimelineRefused) -> dict[str, Any]:
    """A refusal as a notice lists it."""
    return {"code": refused.code, "message": refused.message, **refused.details}
