"""The nouns of a timeline → their own fields as JSON, every one of them: what `build` reads."""

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import format_rate
from render_app.core.timeline import nouns
from render_app.core.timeline.edges import plain_number
from render_app.core.timeline.kept import readable

Values = dict[str, Any]


def sequence(one: nouns.Sequence) -> Values:
    """A sequence's own fields."""
    return {
        "name": one.name,
        "duration_ms": _ms(one.duration_ms),
        "timebase": format_rate(one.timebase),
        "meta": dict(one.meta),
    }


def track(one: nouns.Track) -> Values:
    """A track's own fields."""
    return {
        **_same(one, ("kind", "order", "muted", "hidden", "audio_role", "volume_db")),
        "ducking": asdict(one.ducking) if one.ducking else None,
        "meta": dict(one.meta),
    }


#: The fields of a clip that are written as they are.
_PLAIN = (
    *("keep_pitch", "optical_flow", "volume_db", "opacity", "blend_mode", "scale_mode", "scale", "rotation"),
    "mask_artifact_id",
)


def clip(one: nouns.Clip) -> Values:
    """A clip's own fields."""
    return {
        **_content(one.content),
        "in_ms": _ms(one.in_ms),
        "out_ms": _ms(one.out_ms),
        "start_ms_on_timeline": _ms(one.start_ms),
        "speed": plain_number(one.speed),
        "slowmo_quality": one.slowmo_quality or None,
        "stabilise": asdict(one.stabilise) if one.stabilise else None,
        "fade_in_ms": _ms(one.fade_in_ms),
        "fade_out_ms": _ms(one.fade_out_ms),
        "position": asdict(one.position),
        "crop": asdict(one.crop),
        **_same(one, _PLAIN),
        "meta": dict(one.meta),
    }


def transition(one: nouns.Transition) -> Values:
    """A transition's own fields."""
    return {
        **_same(one, ("type", "from_clip_id", "to_clip_id")),
        "duration_ms": _ms(one.duration_ms),
        "meta": dict(one.meta),
    }


def filter_stack(one: nouns.FilterStack) -> Values:
    """A stack's own fields."""
    return {"filters": [{"type": row.type, "params": dict(row.params), "enabled": row.enabled} for row in one.filters]}


def automation(one: nouns.Automation) -> Values:
    """A curve's own fields."""
    keyframes = [
        {"time_ms": _ms(row.time_ms), "value": row.value, "interpolation": row.interpolation} for row in one.keyframes
    ]
    return {"property": one.property, "keyframes": keyframes}


def as_sent(whole: Any, sent: Any) -> Any:
    """A record with all its fields, but with its numbers as they were sent, before they were clamped."""
    if isinstance(whole, Mapping) and isinstance(sent, Mapping):
        return {name: as_sent(value, sent[name]) if name in sent else value for name, value in whole.items()}
    if isinstance(whole, list) and isinstance(sent, list | tuple) and len(whole) == len(sent):
        return [as_sent(one, other) for one, other in zip(whole, sent, strict=True)]
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (whole, sent))
    return readable(sent) if numbers else whole


def _content(content: nouns.Content) -> Values:
    """The six fields that say what a clip shows; those that do not apply are null."""
    empty = dict.fromkeys(("asset_id", "artifact_id", "session_id", "camera_label", "text", "vector"))
    if isinstance(content, nouns.MediaReference | nouns.CameraReference):
        return {**empty, **asdict(content)}
    if isinstance(content, nouns.Text):
        return {**empty, "text": {**asdict(content), "variation": dict(content.variation)}}
    shapes = [{**asdict(shape), "points": [list(pair) for pair in shape.points]} for shape in content.shapes]
    ops = [{**asdict(op), "shapes": list(op.shapes)} for op in content.boolean_ops]
    return {**empty, "vector": {"shapes": shapes, "boolean_ops": ops}}


def _same(one: Any, names: tuple[str, ...]) -> Values:
    return {name: getattr(one, name) for name in names}


def _ms(value: Fraction | None) -> float | int | None:
    return None if value is None else plain_number(value)
