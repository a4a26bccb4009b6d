"""What of a document is not as its JSON Schema (draft 2020-12) says, as paths and sentences."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

Fault = tuple[str, str]


def schema_faults(schema: Mapping[str, Any], document: Any) -> list[Fault]:
    """Every fault as (path, sentence), by path."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 (slower to load than all else that a worker needs first)

    validator = Draft202012Validator(schema)
    found = [fault for error in validator.iter_errors(document) for fault in _sentences(error)]
    return sorted([*found, *_not_numbers(document)])


def _sentences(error: "ValidationError") -> Iterator[Fault]:
    """A fault of the schema as (path, sentence)."""
    path, rule, value = _path(error.absolute_path), error.schema, error.instance
    if error.validator == "additionalProperties":
        known = list(rule["properties"])
        for name in value:
            if name not in known:
                yield _inside(path, str(name)[:80]), f"there is no such field. Known here: {', '.join(known)}."
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                yield _inside(path, name), "is missing."
    else:
        yield path, _sentence(error)


def _sentence(error: "ValidationError") -> str:
    rule, value = error.schema, error.instance
    if error.validator in ("minimum", "maximum"):
        return f"must be from {rule['minimum']} to {rule.get('maximum', 'any number')}, not {_short(value)}."
    if error.validator == "enum":
        choices = ", ".join(json.dumps(choice) for choice in error.validator_value)
        return f"must be one of {choices}, not {_short(value)}."
    if error.validator == "type":
        wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
        return f"must be {' or '.join(wanted)}, not {_short(value)}."
    if error.validator == "oneOf" and "$comment" in rule:
        return str(rule["$comment"])
    return f"{_short(value)} is not allowed ({error.validator} {error.validator_value})."


def _path(parts: Any) -> str:
    """`outputs[1].crf`: where a fault lies."""
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _inside(path, str(part))
    return path


def _inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _not_numbers(value: Any, path: str = "") -> Iterator[Fault]:
    """NaN passes every comparison that a schema makes."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _not_numbers(inner, _inside(path, str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _not_numbers(inner, f"{path}[{number}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield path, "must be a finite number."


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
