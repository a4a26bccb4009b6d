"""Records as they are sent or stored → the nouns of a timeline. All that can be said of one record by itself is checked here.

Raises TimelineRefused and NotAllowed, which name the record and the field.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.catalogue import FilterType
from render_app.core.timeline import nouns, records
from render_app.core.timeline.edges import exact, plain_number
from render_app.core.timeline.fields import Field, Number, Reading, read_fields
from render_app.core.timeline.refusals import Contradiction, MissingField, OutOfRange, Place, refuse, shown

Values = dict[str, Any]


def clip(data: Mapping[str, Any], place: Place, reading: Reading) -> nouns.Clip:
    """A clip from its fields."""
    values = read_fields(records.CLIP, data, place, reading)
    content = _content(values, place)
    _refuse_times(values, content, place)
    _refuse_crop(values["crop"], place)
    stabilise = values.pop("stabilise")
    made = nouns.Clip(
        id=place.id,
        content=content,
        start_ms=values.pop("start_ms_on_timeline"),
        stabilise=nouns.Stabilise(**stabilise) if stabilise else None,
        position=nouns.Position(**values.pop("position")),
        crop=nouns.Crop(**values.pop("crop")),
        **values,
    )
    return _with_fades(made, place, reading)


def track(data: Mapping[str, Any], place: Place, reading: Reading) -> nouns.Track:
    """A track from its fields, still without clips."""
    values = read_fields(records.TRACK, data, place, reading)
    ducking = values.pop("ducking")
    if ducking and ducking["key_role"] == values["audio_role"]:
        raise refuse(Contradiction, place, "ducking.key_role", "is the track's own role; a track does not duck itself.")
    return nouns.Track(id=place.id, ducking=nouns.Ducking(**ducking) if ducking else None, **values)


def transition(data: Mapping[str, Any], place: Place, reading: Reading) -> nouns.Transition:
    """A transition from its fields."""
    values = read_fields(records.TRANSITION, data, place, reading)
    if values["from_clip_id"] == values["to_clip_id"]:
        raise refuse(Contradiction, place, "to_clip_id", "is the same as from_clip_id; a transition joins two clips.")
    if values["duration_ms"] is None:
        values["duration_ms"] = Fraction(catalogue.transitions()[values["type"]].duration_ms)
    return nouns.Transition(id=place.id, **values)


def sequence(data: Mapping[str, Any], place: Place, reading: Reading) -> nouns.Sequence:
    """A sequence from its own fields, still empty."""
    return nouns.Sequence(id=place.id, **read_fields(records.SEQUENCE, data, place, reading))


def filter_stack(data: Mapping[str, Any], target: nouns.Target, place: Place, reading: Reading) -> nouns.FilterStack:
    """A stack from its fields, each filter with all its parameters."""
    rows = read_fields(records.FILTER_STACK, data, place, reading)["filters"]
    made = (_filter(row, place.entry("filters", "filter_index", number), reading) for number, row in enumerate(rows))
    return nouns.FilterStack(place.id, target, tuple(made))


def automation(data: Mapping[str, Any], target: nouns.Target, place: Place, reading: Reading) -> nouns.Automation:
    """A curve from its fields, its values within the property's range."""
    values = read_fields(records.AUTOMATION, data, place, reading)
    moved = catalogue.properties()[values["property"]]
    if target.type not in moved.targets:
        message = f"{moved.name} moves a {' or a '.join(moved.targets)}, not a {target.type}."
        raise refuse(Contradiction, place, "property", message)
    value = Number(name="value", low=moved.low, high=moved.high)
    keyframes: list[nouns.Keyframe] = []
    for number, row in enumerate(values["keyframes"]):
        at = place.entry("keyframes", "keyframe_index", number)
        if keyframes and row["time_ms"] <= keyframes[-1].time_ms:
            raise refuse(OutOfRange, at, "time_ms", "must be after the one before; keyframes ascend.")
        keyframes.append(nouns.Keyframe(row["time_ms"], value.read(row["value"], at, reading), row["interpolation"]))
    if not keyframes:
        raise refuse(MissingField, place, "keyframes", "must have one keyframe at least.")
    return nouns.Automation(place.id, target, moved.name, tuple(keyframes))


def of_target(kind: str, id: str, target: nouns.Target) -> Place:
    """The place of a stack or a curve, which names its target too."""
    return Place(kind, id, inside={f"{target.type}_id": target.id})


def _content(values: Values, place: Place) -> nouns.Content:
    """What a clip shows, taken out of its values; exactly one of the four."""
    said = {
        name: values.pop(name) for name in ("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector")
    }
    kinds = [name for name in ("asset_id", "session_id", "text", "vector") if said[name] is not None]
    if len(kinds) != 1:
        wanted = "asset_id, session_id with camera_label, text or vector"
        fault = f"stands beside {kinds[1]}; send one" if kinds else "is missing; send one"
        raise refuse(
            Contradiction if kinds else MissingField, place, (kinds or ["asset_id"])[0], f"{fault} of {wanted}."
        )
    _refuse_parts(said, place)
    if kinds == ["asset_id"]:
        return nouns.MediaReference(said["asset_id"], said["artifact_id"])
    if kinds == ["session_id"]:
        return nouns.CameraReference(said["session_id"], said["camera_label"])
    return _text(said["text"]) if kinds == ["text"] else _vector(said["vector"], place)


def _refuse_parts(said: Values, place: Place) -> None:
    """Refuse a half of a pair without its other half."""
    if said["artifact_id"] is not None and said["asset_id"] is None:
        raise refuse(Contradiction, place, "artifact_id", "needs the asset_id that it belongs to.")
    if said["session_id"] is not None and said["camera_label"] is None:
        raise refuse(MissingField, place, "camera_label", "is missing: which camera of the session?")
    if said["camera_label"] is not None and said["session_id"] is None:
        raise refuse(Contradiction, place, "camera_label", "needs the session_id that it belongs to.")


def _text(values: Values) -> nouns.Text:
    return nouns.Text(**{**values, "box": nouns.Box(**values["box"])})


def _vector(values: Values, place: Place) -> nouns.Vector:
    inside = place.into("vector")
    shapes = tuple(
        nouns.Shape(**{**row, "id": row["id"] or f"shape_{number}"}) for number, row in enumerate(values["shapes"])
    )
    if not shapes:
        raise refuse(MissingField, inside, "shapes", "must have one shape at least.")
    known: list[str] = []
    for number, shape in enumerate(shapes):
        at = inside.entry("shapes", "shape_index", number)
        _refuse_id(shape.id, known, at)
        _refuse_shape(shape, at)
        known.append(shape.id)
    return nouns.Vector(shapes, _boolean_ops(values["boolean_ops"], known, inside))


def _boolean_ops(rows: tuple[Values, ...], known: list[str], inside: Place) -> tuple[nouns.BooleanOp, ...]:
    made = []
    for number, row in enumerate(rows):
        at = inside.entry("boolean_ops", "boolean_op_index", number)
        op = nouns.BooleanOp(row["op"], row["shapes"], row["id"] or f"op_{number}")
        _refuse_id(op.id, known, at)
        for one in op.shapes:
            if one not in known:
                raise refuse(OutOfRange, at, "shapes", f"names {shown(one)}, which is no shape or operation before it.")
        known.append(op.id)
        made.append(op)
    return tuple(made)


def _refuse_id(id: str, known: list[str], at: Place) -> None:
    if id in known:
        raise refuse(Contradiction, at, "id", f"{shown(id)} appears twice.")


def _refuse_shape(shape: nouns.Shape, at: Place) -> None:
    """Refuse a figure that has nothing to draw."""
    if shape.type in ("rect", "ellipse") and not (shape.width and shape.height):
        raise refuse(MissingField, at, "width" if not shape.width else "height", "must be above 0.")
    least = {"polygon": 3, "line": 2}.get(shape.type, 0)
    if len(shape.points) < least:
        raise refuse(MissingField, at, "points", f"must have {least} points at least.")
    if shape.type == "path" and not shape.d.strip():
        raise refuse(MissingField, at, "d", "is missing: a path's data, as in SVG.")


def _refuse_times(values: Values, content: nouns.Content, place: Place) -> None:
    """Refuse a clip without length, and one that begins before its content."""
    start, end = values["in_ms"], values["out_ms"]
    if end <= start:
        raise refuse(OutOfRange, place, "out_ms", f"must be above in_ms ({shown(start)}), not {shown(end)}.")
    if start < 0 and not isinstance(content, nouns.CameraReference):
        raise refuse(OutOfRange, place, "in_ms", f"must be 0 or more, not {shown(start)}.")


def _refuse_crop(crop: Values, place: Place) -> None:
    for first, second in (("left", "right"), ("top", "bottom")):
        if crop[first] + crop[second] >= 1:
            raise refuse(Contradiction, place.into("crop"), second, f"leaves nothing beside {first}: together below 1.")


def _with_fades(made: nouns.Clip, place: Place, reading: Reading) -> nouns.Clip:
    """The clip with fades that are no longer than it is."""
    # To the microsecond, so that it is a number that can be written.
    longest = Fraction(made.duration_ms * 1000 // 1, 1000)
    for name, wanted in (("fade_in_ms", made.fade_in_ms), ("fade_out_ms", made.fade_out_ms)):
        if wanted > longest:
            reading.clamp(place, name, plain_number(wanted), plain_number(longest))
    return replace(made, fade_in_ms=min(made.fade_in_ms, longest), fade_out_ms=min(made.fade_out_ms, longest))


def _filter(row: Values, place: Place, reading: Reading) -> nouns.Filter:
    kind = catalogue.filters()[row["type"]]
    inside = place.into("params")
    params = _within_window(kind, read_fields(kind.params, row["params"], inside, reading), inside, reading)
    if kind.apart and _nearer(params[kind.apart["low"]], params[kind.apart["high"]], kind.apart["least"]):
        message = f"must be {kind.apart['least']} above {kind.apart['low']} at least; nearer, the picture is all black."
        raise refuse(Contradiction, inside, kind.apart["high"], message)
    return nouns.Filter(kind.name, params, row["enabled"])


def _nearer(low: float, high: float, least: float) -> bool:
    """Whether two decimals, as they were written, are nearer to each other than a third."""
    return exact(high) - exact(low) < exact(least)


def _within_window(kind: FilterType, params: Values, place: Place, reading: Reading) -> Values:
    """The parameters with the larger side of the window brought down to what the filter takes."""
    if kind.window is None:
        return params
    sides = {name: params[name] for name in kind.window["fields"]}
    while sum(side // 2 for side in sides.values()) > kind.window["most"]:
        sides[max(sides, key=lambda name: sides[name])] -= 2
    for name, used in sides.items():
        if used != params[name]:
            reading.clamp(place, name, params[name], used)
    return {**params, **sides}


def motion(data: Mapping[str, Any], place: Place, reading: Reading) -> tuple[nouns.Automation, ...]:
    """The curves of a motion preset, each property once."""
    curves: list[nouns.Automation] = []
    target = nouns.Target("clip", "")
    read_fields(records.MOTION_PRESET, data, place, Reading())
    for number, row in enumerate(data["tracks"]):
        at = place.entry("tracks", "track_index", number)
        curve = automation(row, target, at, reading)
        if curve.property in [one.property for one in curves]:
            raise refuse(Contradiction, at, "property", f"{curve.property} appears twice.")
        curves.append(curve)
    return tuple(curves)


FIELDS: dict[str, tuple[Field, ...]] = {
    "sequence": records.SEQUENCE,
    "track": records.TRACK,
    "clip": records.CLIP,
    "transition": records.TRANSITION,
    "filter_stack": records.FILTER_STACK,
    "automation": records.AUTOMATION,
    "project": records.PROJECT,
    "filter_preset": records.FILTER_PRESET,
    "motion_preset": records.MOTION_PRESET,
}
