"""What the schema says of a timeline's values: ranges, choices, lengths, and of each filter its own parameters.

A request is described with its bounds. An answer shows numbers as they were sent, so that a clamped one may lie outside: there the
bounds are left out, and `x-clamped` says them.
"""

from typing import Any

from render_app.core import catalogue
from render_app.core.catalogue import FilterType
from render_app.core.timeline.fields import Choice, Field, Number, Words

Schema = dict[str, Any]
#: Of requests alone; and choices, which are put in place when the tools have named the enums of models.
_REQUEST, _ENUM = "x-request", "x-enum"
#: The components that the filters of a stack are, as a request and as an answer have them.
_FILTERS = ("FilterRequest", "Filter")


def number(one: Number) -> Schema:
    """A number with its range and its unit."""
    found = between(one.low, one.high, strict=one.strict)
    if one.above is not None and one.above >= one.low:
        found[_REQUEST] |= {"minimum": one.above, "exclusiveMinimum": True}
    if one.whole or one.odd:
        del found["format"]
        found["type"] = "integer"
    return found | ({"x-unit": one.unit} if one.unit else {})


def between(low: float, high: float, *, strict: bool = False) -> Schema:
    """A number of a range; one beyond it is clamped, or with `strict` refused."""
    clamped = {} if strict else {"x-clamped": {"minimum": low, "maximum": high}}
    return {"type": "number", "format": "double", **clamped, _REQUEST: {"minimum": low, "maximum": high}}


def words(one: Field) -> Schema:
    """Text, with how long it may be and what form it has."""
    most = one.most if isinstance(one, Words) else getattr(one, "MOST", 0)
    pattern = {"pattern": f"^(?:{one.pattern})$"} if isinstance(one, Words) and one.pattern else {}
    filled = {"minLength": 1} if getattr(one, "filled", True) and one.default != "" else {}
    return {"type": "string", _REQUEST: {"maxLength": most, **filled, **pattern}}


def choice(one: Choice) -> Schema:
    """One of a few words."""
    nothing = [None] if one.nullable or one.default is None else []
    return {"type": "string", _ENUM: [*one.choices, *nothing]}


def describe(result: Schema, **_: Any) -> Schema:
    """Give requests their bounds, and each filter a component with its own parameters (a hook of drf-spectacular)."""
    components = result["components"]["schemas"]
    for name in (one for one in _FILTERS if one in components):
        parts = {f"{name}_{kind.name}": _filter(kind) for kind in catalogue.filters().values()}
        refs = {one.removeprefix(f"{name}_"): f"#/components/schemas/{one}" for one in parts}
        components |= parts
        components[name] = {
            "oneOf": [{"$ref": ref} for ref in refs.values()],
            "discriminator": {"propertyName": "type", "mapping": refs},
        }
    for name, schema in components.items():
        _place_bounds(schema, request="Request" in name)
    return result


def _filter(kind: FilterType) -> Schema:
    """One type of filter with its parameters."""
    params = {one.name: _param(one) for one in kind.params}
    return {
        "type": "object",
        "description": kind.description,
        "properties": {
            "type": {"type": "string", "enum": [kind.name]},
            "params": {"type": "object", "properties": params, _REQUEST: {"additionalProperties": False}},
            "enabled": {"type": "boolean", "description": "Left out: true."},
        },
        "required": ["type"],
    }


def _param(one: Field) -> Schema:
    schema = number(one) if isinstance(one, Number) else words(one)
    given = {"default": one.default} if isinstance(one.default, int | float) else {}
    nullable = {"nullable": True} if one.nullable or one.default is None else {}
    return {**schema, "description": one.help, **given, **nullable}


def _place_bounds(schema: Any, *, request: bool) -> None:
    """Put bounds where they belong, and choices in their place."""
    if isinstance(schema, list):
        for one in schema:
            _place_bounds(one, request=request)
    elif isinstance(schema, dict):
        if bounds := schema.pop(_REQUEST, None):
            schema.update(bounds if request else {})
        if choices := schema.pop(_ENUM, None):
            schema["enum"] = choices
        for one in schema.values():
            _place_bounds(one, request=request)
