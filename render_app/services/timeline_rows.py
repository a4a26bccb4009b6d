"""The rows of a timeline as JSON and as values, and a whole sequence of them."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from render_app.core.timeline import build, nouns, snapshot, writing
from render_app.core.timeline.fields import Clamped, Reading
from render_app.core.timeline.refusals import NEW, Place
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record's fields that were checked: as values, as the columns that keep them, and what was clamped."""

    noun: Any
    columns: Values
    clamped: tuple[Clamped, ...]


def as_id(text: Any) -> uuid.UUID | None:
    """The id that a text is; None for one that is none."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def own_fields(kind: str, row: models.Model) -> Values:
    """A row's own fields as JSON, by the names of the field table."""
    return {one.name: _plain(getattr(row, one.name)) for one in build.FIELDS[kind]}


def read(kind: str, data: Mapping[str, Any], id: str = NEW, target: nouns.Target | None = None) -> CheckedRecord:
    """Check a record's fields. Raises TimelineRefused, NotAllowed."""
    reading = Reading()
    place = build.of_target(kind, id, target) if target else Place(kind, id)
    noun = _READERS[kind](data, target, place, reading)
    columns = writing.as_sent(_WRITERS[kind](noun), data)
    return CheckedRecord(noun, columns, reading.clamped)


_Reader = Callable[[Mapping[str, Any], Any, Place, Reading], Any]
_READERS: dict[str, _Reader] = {
    "sequence": lambda data, _, place, reading: build.sequence(data, place, reading),
    "track": lambda data, _, place, reading: build.track(data, place, reading),
    "clip": lambda data, _, place, reading: build.clip(data, place, reading),
    "transition": lambda data, _, place, reading: build.transition(data, place, reading),
    "filter_stack": build.filter_stack,
    "automation": build.automation,
}
_WRITERS: dict[str, Callable[[Any], Values]] = {
    "sequence": writing.sequence,
    "track": writing.track,
    "clip": writing.clip,
    "transition": writing.transition,
    "filter_stack": writing.filter_stack,
    "automation": writing.automation,
}


def target_of(row: FilterStack | AutomationCurve) -> nouns.Target:
    """What a stack or a curve is of."""
    return nouns.Target(row.target_type, str(row.target_id))


def noun_of(kind: str, row: models.Model) -> CheckedRecord:
    """A row as its value. Raises TimelineRefused for one that a later version of Studio would not take."""
    target = target_of(row) if isinstance(row, FilterStack | AutomationCurve) else None
    return read(kind, own_fields(kind, row), str(row.pk), target)


def snapshot_json(sequence: Sequence) -> Values:
    """A sequence with everything in it, as SequenceSnapshot has it."""
    here = {"sequence_id": str(sequence.pk)}
    return {
        **_record("sequence", sequence, project_id=str(sequence.project_id)),
        "tracks": _tracks(sequence, Clip.objects.filter(track__sequence=sequence)),
        "transitions": [_record("transition", one, **here) for one in Transition.objects.filter(sequence=sequence)],
        "filter_stacks": [_targeted("filter_stack", one) for one in FilterStack.objects.filter(sequence=sequence)],
        "automation": [_targeted("automation", one) for one in AutomationCurve.objects.filter(sequence=sequence)],
    }


def with_clips(sequence: Sequence, ids: Iterable[uuid.UUID]) -> nouns.Sequence:
    """A sequence with its tracks and no other clips than these. Raises TimelineRefused."""
    clips = Clip.objects.filter(track__sequence=sequence, pk__in=ids)
    return snapshot.read({**_record("sequence", sequence), "tracks": _tracks(sequence, clips)}).sequence


def _tracks(sequence: Sequence, clips: "models.QuerySet[Clip]") -> list[Values]:
    """The tracks of a sequence with these clips in them."""
    of: dict[Any, list[Values]] = {}
    for clip in clips:
        of.setdefault(clip.track_id, []).append(_record("clip", clip, track_id=str(clip.track_id)))
    here = {"sequence_id": str(sequence.pk)}
    return [
        {**_record("track", one, **here), "clips": of.get(one.pk, [])}
        for one in Track.objects.filter(sequence=sequence)
    ]


def _record(kind: str, row: models.Model, **place: str) -> Values:
    return {"id": str(row.pk), **place, **own_fields(kind, row)}


def _targeted(kind: str, row: FilterStack | AutomationCurve) -> Values:
    return _record(kind, row, target_type=row.target_type, target_id=str(row.target_id))


def _plain(value: Any) -> Any:
    return str(value) if hasattr(value, "hex") and not isinstance(value, float | int) else value
