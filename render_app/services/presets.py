"""Presets of filters and of motions: the built-in ones and a tenant's own. Nothing applies them by itself; they are copied."""

from collections.abc import Mapping
from typing import Any

from render_app.core import catalogue
from render_app.core.timeline import build, nouns, records, writing
from render_app.core.timeline.fields import Clamped, Reading, read_fields
from render_app.core.timeline.refusals import NEW, Place
from render_app.models import FilterPreset, MotionPreset
from render_app.services.timeline_edits import Caller
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import Forbidden, NotFound

Row = FilterPreset | MotionPreset
BUILT_IN = "built_in"
MODELS: dict[str, type[Row]] = {"filter_preset": FilterPreset, "motion_preset": MotionPreset}
FIELDS = {"filter_preset": records.FILTER_PRESET, "motion_preset": records.MOTION_PRESET}


def all_of(context: Context, kind: str) -> list[Row]:
    """The built-in presets, then the tenant's by name."""
    return [*built_in(context, kind).values(), *MODELS[kind].objects.in_tenant(context).select_related("created_by")]


def find(context: Context, kind: str, id: str) -> Row:
    """A preset by its id, or a built-in one by its name. Raises NotFound."""
    if (known := built_in(context, kind).get(id)) is not None:
        return known
    row = MODELS[kind].objects.in_tenant(context).filter(pk=id).first() if as_id(id) else None
    if row is None:
        raise NotFound(f"There is no {kind.replace('_', ' ')} {id[:80]} here. Check the id.", field=f"{kind}_id")
    found: Row = row
    return found


def create(caller: Caller, kind: str, data: Mapping[str, Any]) -> tuple[Row, tuple[Clamped, ...]]:
    """A new preset of the tenant. Raises TimelineRefused, NotAllowed."""
    columns, clamped = _checked(kind, data, NEW)
    return MODELS[kind].objects.create(**caller.stamp(), **columns), clamped


def change(row: Row, kind: str, data: Mapping[str, Any]) -> tuple[Row, tuple[Clamped, ...]]:
    """A preset with other values; what is left out keeps its own. Raises Forbidden for a built-in one."""
    _refuse_built_in(row)
    own = {one.name: getattr(row, one.name) for one in FIELDS[kind]}
    columns, clamped = _checked(kind, {**own, **data}, str(row.pk))
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=[*columns, "updated_at"])
    return row, clamped


def remove(row: Row) -> None:
    """Take a preset away; what was copied of it stays. Raises Forbidden for a built-in one."""
    _refuse_built_in(row)
    row.delete()


def is_built_in(row: Row) -> bool:
    """Whether it is one of the catalogue's."""
    return row._state.adding


def public_id(row: Row) -> str:
    """What a client names it by: of a built-in one its name."""
    return row.name if is_built_in(row) else str(row.pk)


def _refuse_built_in(row: Row) -> None:
    if is_built_in(row):
        raise Forbidden(f"{row.name} is built in. Copy it under a name of your own.")


def _checked(kind: str, data: Mapping[str, Any], id: str) -> tuple[dict[str, Any], tuple[Clamped, ...]]:
    """A preset's columns, and the numbers that will be clamped where it is applied."""
    place, reading = Place(kind, id), Reading()
    values = read_fields(FIELDS[kind], data, place, Reading())
    if kind == "motion_preset":
        curves = build.motion(data, place, reading)
        whole = {"duration_ms": values["duration_ms"], "tracks": [writing.automation(one) for one in curves]}
    else:
        stack = build.filter_stack({"filters": data.get("filters", [])}, nouns.Target("clip", ""), place, reading)
        whole = writing.filter_stack(stack)
    said = {name: values[name] for name in ("name", "description", "meta")}
    return {**said, "tags": list(values["tags"]), **writing.as_sent(whole, data)}, reading.clamped


def built_in(context: Context, kind: str) -> dict[str, Row]:
    """The catalogue's presets by their names, unsaved."""
    made = _filter_presets(context) if kind == "filter_preset" else _motion_presets(context)
    return {row.name: row for row in made}


def _filter_presets(context: Context) -> list[Row]:
    return [
        FilterPreset(
            **context.stamp(),
            name=one.name,
            description=one.description,
            tags=[BUILT_IN],
            meta={"render_profiles": [one.profile]},
            filters=[{"type": row["type"], "params": row.get("params", {}), "enabled": True} for row in one.filters],
        )
        for one in catalogue.filter_presets().values()
    ]


def _motion_presets(context: Context) -> list[Row]:
    return [
        MotionPreset(
            **context.stamp(),
            name=one.name,
            description=one.description,
            tags=[BUILT_IN],
            meta={"label": one.label},
            duration_ms=one.duration_ms,
            tracks=[
                {"property": name, "keyframes": [_keyframe(*pair) for pair in of]} for name, of in one.tracks.items()
            ],
        )
        for one in catalogue.motions().values()
    ]


def _keyframe(time_ms: int, value: float) -> dict[str, Any]:
    return {"time_ms": time_ms, "value": value, "interpolation": "linear"}
