"""SequenceSnapshot: a whole sequence as JSON, with its tracks, their clips, transitions, filter stacks and automation.

`read` takes what `written` gives, and the same value comes back. An id that is left out is the record's number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import format_rate
from render_app.core.timeline import build, nouns, records
from render_app.core.timeline.edges import plain_number
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
    return Snapshot(sequence, tuple(reading.clamped))


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
    refuse_unknown([*known, *held, *BOOKKEEPING], data, place, listed=[*held, *known])
    own = {name: value for name, value in data.items() if name in known}
    return place, own, {name: value for name, value in data.items() if name in held}


def _rows(rest: Mapping[str, Any], name: str, place: Place) -> Iterator[tuple[int, Any]]:
    """The records of a list, numbered."""
    rows = rest.get(name, ())
    if not isinstance(rows, list | tuple):
        raise refuse(WrongType, place, name, f"must be a list, not {shown(rows)}.")
    most = _LISTS.get(name, records.MOST_CLIPS)
    if len(rows) > most:
        raise refuse(TooMany, place, name, f"has {len(rows)} records; at most {most} may be.")
    return iter(enumerate(rows))


def _target(rest: Mapping[str, Any], place: Place) -> nouns.Target:
    kind = rest.get("target_type")
    if not isinstance(kind, str) or kind not in records.TARGETS:
        choices = ", ".join(records.TARGETS)
        raise refuse(UnknownValue, place, "target_type", f"must be one of {choices}, not {shown(kind)}.")
    return nouns.Target(kind, Id(name="target_id").read(rest.get("target_id"), place, Reading()))


def _optional_id(value: Any, name: str, place: Place) -> str | None:
    return None if value is None else Id(name=name).read(value, place, Reading())


def _refuse_elsewhere(rest: Mapping[str, Any], name: str, holder: Place, place: Place) -> None:
    """Refuse a record that says it lies in another than the one that holds it."""
    if rest.get(name) not in (None, holder.id):
        raise refuse(Contradiction, place, name, f"is {shown(rest[name])}, and the record lies in {holder.id}.")


def written(sequence: nouns.Sequence) -> dict[str, Any]:
    """A sequence as JSON, every field of it."""
    return {
        "id": sequence.id,
        "project_id": sequence.project_id,
        "name": sequence.name,
        "duration_ms": _ms(sequence.duration_ms),
        "timebase": format_rate(sequence.timebase),
        "meta": dict(sequence.meta),
        "tracks": [_track_written(one, sequence) for one in sequence.tracks],
        "transitions": [_transition_written(one, sequence) for one in sequence.transitions],
        "filter_stacks": [_stack_written(one) for one in sequence.filter_stacks],
        "automation": [_curve_written(one) for one in sequence.automation],
    }


def _track_written(track: nouns.Track, sequence: nouns.Sequence) -> dict[str, Any]:
    own = {name: getattr(track, name) for name in ("kind", "order", "muted", "hidden", "audio_role", "volume_db")}
    return {
        "id": track.id,
        "sequence_id": sequence.id,
        **own,
        "ducking": asdict(track.ducking) if track.ducking else None,
        "meta": dict(track.meta),
        "clips": [_clip_written(clip, track) for clip in track.clips],
    }


#: The fields of a clip that are written as they are.
_PLAIN = (
    *("keep_pitch", "optical_flow", "volume_db", "opacity", "blend_mode", "scale_mode", "scale", "rotation"),
    "mask_artifact_id",
)


def _clip_written(clip: nouns.Clip, track: nouns.Track) -> dict[str, Any]:
    return {
        "id": clip.id,
        "track_id": track.id,
        **_content_written(clip.content),
        "in_ms": _ms(clip.in_ms),
        "out_ms": _ms(clip.out_ms),
        "start_ms_on_timeline": _ms(clip.start_ms),
        "speed": plain_number(clip.speed),
        "slowmo_quality": clip.slowmo_quality or None,
        "stabilise": asdict(clip.stabilise) if clip.stabilise else None,
        "fade_in_ms": _ms(clip.fade_in_ms),
        "fade_out_ms": _ms(clip.fade_out_ms),
        "position": asdict(clip.position),
        "crop": asdict(clip.crop),
        **{name: getattr(clip, name) for name in _PLAIN},
        "meta": dict(clip.meta),
    }


def _content_written(content: nouns.Content) -> dict[str, Any]:
    """The six fields that say what a clip shows; those that do not apply are null."""
    empty = dict.fromkeys(("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector"))
    if isinstance(content, nouns.MediaReference | nouns.CameraReference):
        return {**empty, **asdict(content)}
    if isinstance(content, nouns.Text):
        return {**empty, "text": {**asdict(content), "variation": dict(content.variation)}}
    shapes = [{**asdict(shape), "points": [list(pair) for pair in shape.points]} for shape in content.shapes]
    ops = [{**asdict(op), "shapes": list(op.shapes)} for op in content.boolean_ops]
    return {**empty, "vector": {"shapes": shapes, "boolean_ops": ops}}


def _transition_written(transition: nouns.Transition, sequence: nouns.Sequence) -> dict[str, Any]:
    return {
        "id": transition.id,
        "sequence_id": sequence.id,
        "type": transition.type,
        "duration_ms": _ms(transition.duration_ms),
        "from_clip_id": transition.from_clip_id,
        "to_clip_id": transition.to_clip_id,
        "meta": dict(transition.meta),
    }


def _stack_written(stack: nouns.FilterStack) -> dict[str, Any]:
    filters = [{"type": one.type, "params": dict(one.params), "enabled": one.enabled} for one in stack.filters]
    return {"id": stack.id, "target_type": stack.target.type, "target_id": stack.target.id, "filters": filters}


def _curve_written(curve: nouns.Automation) -> dict[str, Any]:
    keyframes = [
        {"time_ms": _ms(one.time_ms), "value": one.value, "interpolation": one.interpolation} for one in curve.keyframes
    ]
    target = {"target_type": curve.target.type, "target_id": curve.target.id}
    return {"id": curve.id, **target, "property": curve.property, "keyframes": keyframes}


def _ms(value: Fraction | None) -> float | int | None:
    return None if value is None else plain_number(value)
