"""A whole sequence, with all that a person should know before it is rendered."""

from typing import Any

from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import Blend, lay_transitions
from render_app.core.timeline.media import Media, check_clip
from render_app.core.timeline.nouns import Clip, Sequence, Track
from render_app.core.timeline.refusals import TimelineRefused, UnknownMedia
from render_app.models import Sequence as SequenceRow
from render_app.services import timeline_media, timeline_rows


def whole(row: SequenceRow) -> dict[str, Any]:
    """The sequence as a snapshot with what was clamped and what is noticed, or why it cannot be rendered."""
    data = timeline_rows.snapshot_json(row)
    try:
        read = snapshot.read(data)
    except TimelineRefused as refused:
        return {**data, "clamped": [], "warnings": [as_warning(refused)]}
    media = timeline_media.media_of(row.context, read.sequence)
    _, warnings = looked_at(read.sequence, media)
    return {**data, "clamped": [one.as_json for one in read.clamped], "warnings": warnings}


def looked_at(sequence: Sequence, media: Media) -> tuple[tuple[Blend, ...], list[dict[str, Any]]]:
    """Where its transitions lie, none while one of them cannot be laid; and what a person should know of a sequence: of each
    clip that cannot be rendered, why, and what may surprise."""
    found = [one for track in sequence.tracks for clip in track.clips for one in _of_clip(clip, track, media)]
    try:
        blends = lay_transitions(sequence, media, sequence.timebase)
    except UnknownMedia:
        # It is among what the clips say.
        return (), found
    except TimelineRefused as refused:
        return (), [*found, as_warning(refused)]
    return blends, [*found, *(one.notice.as_json for one in blends if one.notice)]


def _of_clip(clip: Clip, track: Track, media: Media) -> list[dict[str, Any]]:
    try:
        return [one.as_json for one in check_clip(clip, track, media)]
    except TimelineRefused as refused:
        return [as_warning(refused)]


def as_warning(refused: TimelineRefused) -> dict[str, Any]:
    """A refusal as a notice lists it."""
    return {"code": refused.code, "message": refused.message, **refused.details}
