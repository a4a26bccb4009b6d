"""The fields of a timeline's records as serializers, for the API's description: every field with its unit and clamps.

Nothing is checked by them: `core/timeline` reads what is sent, and names the record and the field that it refuses.
"""

from collections.abc import Callable, Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from render_app.api import bounds
from render_app.core.timeline import fields as kinds
from render_app.core.timeline.fields import REQUIRED, Field
from sessions_app.web.fields import NamedInput, Output


@extend_schema_field({"type": "object", "additionalProperties": {}})
class AnyObject(serializers.JSONField):
    """An object of the client's own names."""


@extend_schema_field({"oneOf": [{"type": "string", "pattern": r"^\d+(/\d+)?$"}, {"type": "integer"}]})
class ExactRate(serializers.CharField):
    """Frames per second: "30000/1001", "25/1" or 25."""


def record(
    title: str, about: str, fields: Iterable[Field], more: dict[str, serializers.Field], show: Callable[[Any, Any], Any]
) -> type[Output]:
    """What an answer has of a record; `show` makes it of a row."""
    own = {one.name: serializer(one, title, answered=True) for one in fields}
    return type(title, (Output,), {"__doc__": about, **more, **own, "to_representation": show})


def body(title: str, about: str, fields: Iterable[Field], *, partial: bool = False) -> type[NamedInput]:
    """What a request sends of a record; of a change nothing is required."""
    sent = {
        one.name: serializer(one, title.removesuffix("Change").removesuffix("Input"), partial=partial) for one in fields
    }
    return type(title, (NamedInput,), {"__doc__": about, **sent})


def serializer(one: Field, title: str, *, answered: bool = False, partial: bool = False) -> serializers.Field:
    """A field with its type, unit, range and default in its help."""
    options: dict[str, Any] = {"help_text": _help(one), "allow_null": one.nullable or one.default is None}
    options["required"] = answered or (one.default is REQUIRED and not partial)
    for kind, make in _MADE.items():
        if isinstance(one, kind):
            made: serializers.Field = make(one, title, options)
            return made
    raise TypeError(f"{type(one).__name__} has no serializer.")


def _number(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    whole = one.whole or one.odd
    return _annotated(serializers.IntegerField if whole else serializers.FloatField, bounds.number(one), options)


def _words(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    options["allow_blank"] = not getattr(one, "filled", True)
    return _annotated(serializers.CharField, bounds.words(one), options)


def _choice(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    return _annotated(serializers.CharField, bounds.choice(one), options)


def _numbers(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    child = _annotated(serializers.FloatField, bounds.between(one.low, one.high), {})
    return serializers.DictField(child=child, **options)


def _annotated(kind: type[serializers.Field], schema: dict[str, Any], options: dict[str, Any]) -> serializers.Field:
    """A field of a kind, described by a schema of its own."""
    made: type[serializers.Field] = type(kind.__name__, (kind,), {})
    return extend_schema_field(schema)(made)(**options)  # type: ignore[no-any-return]


def _list(child: Any) -> Any:
    return lambda one, title, options: serializers.ListField(child=child(), **options)


def _pairs(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    number = _annotated(serializers.FloatField, bounds.between(one.low, one.high), {})
    pair = serializers.ListField(child=number, min_length=2, max_length=2)
    return serializers.ListField(child=pair, **options)


def _group(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    return _nested(f"{title}{_titled(one.name)}", one.fields)(**options)


def _many(one: Any, title: str, options: dict[str, Any]) -> serializers.Field:
    return _nested(_ENTRIES.get(one.name, f"{title}{_titled(one.name)}"), one.fields)(many=True, **options)


#: What the entries of a list are called, which several records have.
_ENTRIES = {"filters": "Filter", "keyframes": "Keyframe", "tracks": "MotionTrack"}


_made: dict[str, type[serializers.Serializer]] = {}


def _nested(title: str, fields: tuple[Field, ...]) -> type[serializers.Serializer]:
    """One serializer of each title: the schema has each component once."""
    if title not in _made:
        inner = {one.name: serializer(one, title) for one in fields}
        _made[title] = type(title, (serializers.Serializer,), {"__doc__": "", **inner})
    return _made[title]


_MADE: dict[type[Field], Any] = {
    kinds.Number: _number,
    kinds.Flag: lambda one, title, options: serializers.BooleanField(**options),
    kinds.Choice: _choice,
    kinds.Words: _words,
    kinds.Id: _words,
    kinds.Rate: lambda one, title, options: ExactRate(**options),
    kinds.Whole: lambda one, title, options: AnyObject(**options),
    kinds.Object: lambda one, title, options: AnyObject(**options),
    kinds.Numbers: _numbers,
    kinds.Pairs: _pairs,
    kinds.Ids: _list(serializers.CharField),
    kinds.Tags: _list(serializers.CharField),
    kinds.Group: _group,
    kinds.Many: _many,
}


def _help(one: Field) -> str:
    """What a field says, its range, its choices and its default, as one sentence after another."""
    said = [one.help] if one.help else []
    if isinstance(one, kinds.Number):
        said.append(_range(one))
    if isinstance(one, kinds.Choice):
        said.append(f"One of {', '.join(one.choices)}.")
    if isinstance(one.default, bool | int | float | str) and one.default != "":
        said.append(f"Left out: {str(one.default).lower()}.")
    return " ".join(said)


def _range(one: kinds.Number) -> str:
    unit = f" {one.unit}" if one.unit else ""
    low = f"Above {one.above:g}" if one.above is not None and one.above >= one.low else f"{one.low:g}"
    return f"{low} to {one.high:g}{unit}; {'another is refused' if one.strict else 'beyond it is clamped'}."


def _titled(name: str) -> str:
    return name.title().replace("_", "")
