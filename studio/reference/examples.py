"""An example of a body, drawn from its schema: for every operation that has none of its own."""

from collections.abc import Mapping
from typing import Any

#: What fields of these names hold in an example; others show what their type allows.
_BY_NAME: dict[str, Any] = {
    "tenant_id": "t_club", "env": "prod", "title": "Tuesday lesson", "name": "Tuesday lesson", "project_id": "lessons",
    "camera_label": "B", "message": "The recording has no sound.", "checksum": "9f2c…", "url": "https://studio.example/…",
    "content_type": "application/json", "user_id": "maya", "date": "2026-02-03",
}  # fmt: skip
_ID, _MOMENT = "0b5f9c2e-6a1d-4c3b-9e57-000000000001", "2026-02-03T18:30:00Z"
_BY_FORMAT = {"uuid": _ID, "date-time": _MOMENT, "date": "2026-02-03", "uri": "https://studio.example/…"}
#: Deeper than this, an object is shown empty: some contain themselves.
_DEEPEST = 6


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], *, sent: bool = False, depth: int = 0) -> Any:
    """A value that the schema allows; of what is `sent`, only the fields that must be there."""
    schema = _resolved(schema, components)
    for given in ("example", "const", "default"):
        if schema.get(given) is not None:
            return schema[given]
    if examples := schema.get("examples"):
        return examples[0]
    if schema.get("enum"):
        return schema["enum"][0]
    for joined in ("oneOf", "anyOf"):
        if schema.get(joined):
            return example_of(schema[joined][0], components, sent=sent, depth=depth)
    kind = _type_of(schema)
    if kind == "object":
        return {} if depth > _DEEPEST else _object(schema, components, sent, depth)
    if kind == "array":
        return [] if depth > _DEEPEST else [example_of(schema.get("items", {}), components, sent=sent, depth=depth + 1)]
    return _plain(kind, schema)


def _resolved(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without references, and with what all of its parts say."""
    if "$ref" in schema:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return _resolved(components[schema["$ref"].rpartition("/")[2]], components) | rest
    out = {name: value for name, value in schema.items() if name != "allOf"}
    for part in schema.get("allOf", ()):
        found = _resolved(part, components)
        out = found | out | {"properties": found.get("properties", {}) | out.get("properties", {})}
    return out


def _type_of(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type", "object" if "properties" in schema else "")
    kinds = [kind] if isinstance(kind, str) else [one for one in kind if one != "null"]
    return str(kinds[0]) if kinds else ""


def _object(schema: Mapping[str, Any], components: Mapping[str, Any], sent: bool, depth: int) -> dict[str, Any]:
    fields = schema.get("properties", {})
    shown = schema.get("required", ()) if sent else fields
    return {
        name: _field(name, fields[name], components, sent=sent, depth=depth + 1) for name in shown if name in fields
    }


def _field(name: str, schema: Mapping[str, Any], components: Mapping[str, Any], *, sent: bool, depth: int) -> Any:
    if _type_of(_resolved(schema, components)) == "string" and "enum" not in schema and name in _BY_NAME:
        return _BY_NAME[name]
    return example_of(schema, components, sent=sent, depth=depth)


def _plain(kind: str, schema: Mapping[str, Any]) -> Any:
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        return int(least) if kind == "integer" else float(least)
    if kind == "boolean":
        return False
    if kind == "string":
        return _BY_FORMAT.get(schema.get("format", ""), "")
    return None
