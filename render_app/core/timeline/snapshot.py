"""SequenceSnapshot: a whole sequence as JSON, with its tracks, their clips, transitions, filter stacks and automation.

`read` takes what `written` gives, and the same value comes back. An id that is left out is the record's number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from render_app.core.timeline import build, nouns, records, writing
from render_app.core.timeline.fields import Clamped, Id, Reading, refuse_unknown
from render_app.core.timeline.links import refuse_broken_links
from render_app.core.timeline.refusals import Contradiction, Place, TooMany, UnknownValue, WrongType, refuse, shown

#: What the answers of the API have besides: taken back without a look, so that an answer can be sent as it came.
BOOKKEEPING = frozenset(
    (
        "tenant_id",
        "env",
        "user_id",
        "created_by",
        "created_at",
        "updated_at",
        "revision",
        "clamped",
        "warnings",
        "end_ms",
    )
)
#: What the answer of a clip has besides of its words or shapes as they are drawn.
DRAWN = ("layout_hash", "variant_axes", "tracking", "boolean_ops")


def sent_back(data: Mapping[str, Any]) -> frozenset[str]:
    """The names of a record that say nothing new; a clip's of how it is drawn only in an answer that is sent as it came."""
    return BOOKKEEPING.union(DRAWN) if "layout_hash" in data else BOOKKEEPING


#: The lists of a sequence → how many records they may have.
_LISTS = {
    "tracks": records.MOST_TRACKS,
    "transitions": records.MOST_TRANSITIONS,
    "filter_stacks": records.MOST_CLIPS,
    "automation": records.MOST_CLIPS,
}
_TARGETED = ("id", "target_type", "target_id")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sequence that was read, and the numbers in it that were clamped."""

    sequence: nouns.Sequence
    clamped: tuple[Clamped, ...] = ()


def read(data: Any) -> Snapshot:
    """A sequence from its JSON. Raises TimelineRefused and NotAllowed, naming the record and the field."""
    reading = Reading()
    place, own, rest = _parts("sequence", data, "0", ("id", "project_id", *_LISTS))
    made = build.sequence(own, place, reading)
    lists = {name: tuple(_rows(rest, name, place)) for name in _LISTS}
    sequence = replace(
        made,
        project_id=_optional_id(rest.get("project_id"), "project_id", place),
        tracks=tuple(_track(row, str(number), place, reading) for number, row in lists["tracks"]),
        transitions=tuple(_transition(row, str(number), place, reading) for number, row in lists["transitions"]),
        filter_stacks=tuple(_stack(row, str(number), reading) for number, row in lists["filter_stacks"]),
        automation=tuple(_curve(row, str(number), reading) for number, row in lists["automation"]),
    )
    refuse_broken_links(sequence)
    return Snapshot(sequence, reading.clamped)


def _track(data: Any, number: str, sequence: Place, reading: Reading) -> nouns.Track:
    place, own, rest = _parts("track", data, number, ("id", "sequence_id", "clips"))
    _refuse_elsewhere(rest, "sequence_id", sequence, place)
    made = build.track(own, place, reading)
    clips = tuple(_clip(row, f"{place.id}.{at}", place, reading) for at, row in _rows(rest, "clips", place))
    return replace(made, clips=clips)


def _clip(data: Any, number: str, track: Place, reading: Reading) -> nouns.Clip:
    place, own, rest = _parts("clip", data, number, ("id", "track_id"))
    _refuse_elsewhere(rest, "track_id", track, place)
    return build.clip(own, place, reading)


def _transition(data: Any, number: str, sequence: Place, reading: Reading) -> nouns.Transition:
    place, own, rest = _parts("transition", data, number, ("id", "sequence_id"))
    _refuse_elsewhere(rest, "sequence_id", sequence, place)
    return build.transition(own, place, reading)


def _stack(data: Any, number: str, reading: Reading) -> nouns.FilterStack:
    place, own, rest = _parts("filter_stack", data, number, _TARGETED)
    target = _target(rest, place)
    return build.filter_stack(own, target, build.of_target(place.kind, place.id, target), reading)


def _curve(data: Any, number: str, reading: Reading) -> nouns.Automation:
    place, own, rest = _parts("automation", data, number, _TARGETED)
    target = _target(rest, place)
    return build.automation(own, target, build.of_target(place.kind, place.id, target), reading)


def _parts(kind: str, data: Any, number: str, held: tuple[str, ...]) -> tuple[Place, dict[str, Any], dict[str, Any]]:
    """Where a record stands, its own fields, and what it says of its place and of what it holds."""
    if not isinstance(data, Mapping):
        raise refuse(WrongType, Place(kind, number), kind, f"must be an object, not {shown(data)}.")
    id = data.get("id")
    place = Place(kind, number if id is None else Id(name="id").read(id, Place(kind, number), Reading()))
    known = [one.name for one in build.FIELDS[kind]]
    refuse_unknown([*known, *held, *sent_back(data)], data, place, listed=[*held, *known])
    own = {name: value for name, value in data.items() if name in known}
    return place, own, {name: value for name, value in data.items() if name in held}


def _rows(rest: Mapping[str, Any], name: str, place: Place) -> Iterator[tuple[int, Any]]:
    """The records of a list, numbered."""
    rows = rest.get(name, ())
    if not isinstance(rows, list | tuple):
        raise refuse(WrongType, place, name, f"must be a list, not {shown(rows)}.")
    most = _LISTS.get(name, records.MOST_CLIPS)
    if len(rows) > most:
        raise refuse(TooMany, place, name, f"has {len(rows)} records; at most {most} are allowed.")
    return iter(enumerate(rows))


def _target(rest: Mapping[str, Any], place: Place) -> nouns.Target:
    kind = rest.get("target_type")
    if not isinstance(kind, str) or kind not in records.TARGETS:
        choices = ", ".join(records.TARGETS)
        raise refuse(UnknownValue, place, "target_type", f"must be one of {choices}, not {shown(kind)}.")
    return nouns.Target(kind, Id(name="target_id").read(rest.get("target_id"), place, Reading()))


def _optional_id(value: Any, name: str, place: Place) -> str | None:
    return None if value is None else Id(name=name).read(value, place, Reading())


def _refuse_elsewhere(rest: Mapping[str, Any], name: str, parent: Place, place: Place) -> None:
    """Refuse a record that says it lies in another than the one that holds it."""
    if rest.get(name) not in (None, parent.id):
        raise refuse(Contradiction, place, name, f"is {shown(rest[name])}, and the record lies in {parent.id}.")


def written(sequence: nouns.Sequence) -> dict[str, Any]:
    """A sequence as JSON, every field of it."""
    place = {"sequence_id": sequence.id}
    return {
        "id": sequence.id,
        "project_id": sequence.project_id,
        **writing.sequence(sequence),
        "tracks": [_track_written(one, place) for one in sequence.tracks],
        "transitions": [{"id": one.id, **place, **writing.transition(one)} for one in sequence.transitions],
        "filter_stacks": [{**_targeted(one), **writing.filter_stack(one)} for one in sequence.filter_stacks],
        "automation": [{**_targeted(one), **writing.automation(one)} for one in sequence.automation],
    }


def _track_written(track: nouns.Track, place: dict[str, str]) -> dict[str, Any]:
    clips = [{"id": clip.id, "track_id": track.id, **writing.clip(clip)} for clip in track.clips]
    return {"id": track.id, **place, **writing.track(track), "clips": clips}


def _targeted(one: nouns.FilterStack | nouns.Automation) -> dict[str, str]:
    return {"id": one.id, "target_type": one.target.type, "target_id": one.target.id}
