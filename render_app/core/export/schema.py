"""What a request for an export may say, as JSON Schema (draft 2020-12): published, and held against every request."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from media_app.core.hearing.subtitles import FORMATS
from media_app.core.schema_faults import schema_faults
from media_app.core.sound import presets
from render_app.core import catalogue
from render_app.core.cut import MOST_POINTS
from render_app.core.export.refusals import ExportRefused
from render_app.core.plan.request import SOURCES
from render_app.core.plan.watermark import CORNERS

Schema = dict[str, Any]
ID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
MOST_OUTPUTS, MOST_MS = 8, 1_000_000_000
EXAMPLES: list[dict[str, Any]] = [
    {
        "sessionId": "0b5f9c2e-6a1d-4c3b-9e57-000000000001",
        "range": {"startMs": 0, "endMs": 60_000},
        "switchPoints": [
            {"atMs": 0, "angle": "A"},
            {"atMs": 4_200, "angle": "B", "transition": {"type": "crossfade", "durationMs": 500}},
        ],
        "audio": {"source": "A", "gainDb": 0, "preset": None},
        "source": "original",
        "outputs": [
            {"name": "main", "profile": "social_1080p_h264"},
            {"name": "small", "width": 1280, "height": 720, "format": "mp4"},
            {"name": "cut", "mode": "smart"},
        ],
        "watermark": {
            "assetId": "0b5f9c2e-6a1d-4c3b-9e57-000000000005",
            "corner": "bottom-right",
            "width": 0.12,
            "opacity": 0.8,
        },
        "thumbnail": {"atMs": 12_000},
        "priority": 0,
        "webhookUrl": None,
        "expiresAfterDays": 30,
    },
    {
        "angles": {
            "Wide": {"assetId": "0b5f9c2e-6a1d-4c3b-9e57-000000000002"},
            "Close": {"assetId": "0b5f9c2e-6a1d-4c3b-9e57-000000000003", "offsetMs": 1234.5, "driftPpm": 12.5},
        },
        "switchPoints": [{"atMs": 2_000, "angle": "Wide"}, {"atMs": 9_000, "angle": "Close"}],
        "audio": {"source": "mix"},
        "outputs": [{"name": "film", "width": 1920, "height": 1080, "fps": "30000/1001", "codec": "hevc"}],
    },
    {
        "projectId": "0b5f9c2e-6a1d-4c3b-9e57-000000000004",
        "captions": {"burnIn": True, "files": ["srt", "vtt"]},
        "outputs": [
            {"name": "story", "height": 1920, "width": 1080, "crop": True},
            {"name": "podcast", "audioOnly": True},
        ],
    },
]


@cache
def export_schema() -> Schema:
    """The schema of a request, with examples."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "/api/export/schema",
        "title": "Export",
        "description": "Switch points over synced angles, or a project, and what they are exported to. Times are ms on the master's clock; of a "
        "project, of its sequence.",
        **_object(_FIELDS(), ["outputs"]),
        "oneOf": [{"required": ["sessionId"]}, {"required": ["angles"]}, {"required": ["projectId"]}],
        "$comment": "send one of sessionId, angles and projectId: which media are cut.",
        "examples": EXAMPLES,
    }


def check(document: Any) -> None:
    """Raise ExportRefused with the path of the first fault, all faults in `details`."""
    faults = schema_faults(export_schema(), document)
    if faults:
        path, fault = faults[0]
        named = [{"field": where, "message": what} for where, what in faults]
        raise ExportRefused(f"{path}: {fault}" if path else fault, field=path or None, details={"fields": named})


def in_openapi(schema: Any) -> Any:
    """The schema as OpenAPI 3.0 spells it: null by a flag, one example."""
    if isinstance(schema, list):
        return [in_openapi(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: in_openapi(value) for name, value in schema.items() if name not in _NOT_OPENAPI}
    if isinstance(kinds := schema.get("type"), list):
        del found["type"]
        named = [{"type": kind} for kind in kinds if kind != "null"]
        found |= named[0] if len(named) == 1 else {"oneOf": named}
        found["nullable"] = True
    if "examples" in schema:
        found["example"] = schema["examples"][0]
    return found


_NOT_OPENAPI = ("$schema", "$id", "$comment", "examples", "propertyNames")


def _object(fields: Mapping[str, Schema], required: list[str] | None = None, **more: Any) -> Schema:
    found: Schema = {"type": "object", "properties": dict(fields), "additionalProperties": False}
    return found | ({"required": required} if required else {}) | more


def _optional(schema: Schema) -> Schema:
    """The same, or null, which is as good as left out."""
    found = schema | {"type": [schema["type"], "null"]}
    return found | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def _text(about: str, **more: Any) -> Schema:
    return {"type": "string", "description": about} | more


def _number(about: str, low: float, high: float, kind: str = "number") -> Schema:
    return {"type": kind, "description": about, "minimum": low, "maximum": high}


def _id(about: str) -> Schema:
    return _text(about, pattern=ID)


def _ms(about: str) -> Schema:
    return _number(f"{about} ms on the master's clock.", -MOST_MS, MOST_MS)


def _FIELDS() -> dict[str, Schema]:
    return {
        "sessionId": _id("A session whose sync is approved; its cameras are the angles."),
        "angles": {
            "type": "object",
            "description": "Assets of the registry instead of a session: name → asset, and its clock.",
            "additionalProperties": _angle(),
            "propertyNames": {"pattern": "^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$"},
            "minProperties": 1,
            "maxProperties": 26,
        },
        "projectId": _id("A project instead of angles and switch points."),
        "sequenceId": _optional(_id("One of the project's sequences; left out, its first.")),
        "range": _optional(_range()),
        "switchPoints": {
            "type": "array",
            "description": "Which angle is seen from when on. In any order; of two on one frame the last counts.",
            "items": _point(),
            "minItems": 1,
            "maxItems": MOST_POINTS,
        },
        "audio": _optional(_audio()),
        "source": _optional(_text("Which files are read, where they are there; left out, the originals.", enum=list(SOURCES))),
        "outputs": {
            "type": "array", "description": "The files that are made, from one decode.", "items": _output(),
            "minItems": 1, "maxItems": MOST_OUTPUTS,
        },
        "captions": _optional(_captions()),
        "watermark": _optional(_watermark()),
        "thumbnail": _optional(_object({"atMs": _ms("The moment, in")}, ["atMs"], description="A still picture as JPEG.")),
        "priority": _optional(_number("Higher is made first; above 0 needs the tenant's permission.", -10, 10, "integer")),
        "webhookUrl": _optional(_text("https: where the end is announced, signed with the answer's webhookSecret.", maxLength=2000)),
        "expiresAfterDays": _optional(_number("Days after which the files are deleted; left out, 30.", 1, 3650, "integer")),
    }  # fmt: skip


def _angle() -> Schema:
    fields = {
        "assetId": _id("An asset."),
        "offsetMs": _ms("When its file began, in"),
        "driftPpm": _number("By how much its clock is slow, in millionths.", -10_000, 10_000),
    }
    return _object(fields, ["assetId"])


def _range() -> Schema:
    fields = {
        "startMs": _optional(_ms("Left out, the first switch point. In")),
        "endMs": _optional(_ms("Left out, the end of what the last angle has. In")),
    }
    return _object(fields, description="What is exported.")


def _point() -> Schema:
    transition = _object(
        {
            "type": _text("How the angles change; left out, a cut.", enum=list(catalogue.transitions())),
            "durationMs": _optional(_number("Centered on the cut; left out, the type's own.", 1, 60_000)),
        },
        ["type"],
    )
    fields = {
        "atMs": _ms("From when on, in"),
        "angle": _text('A camera: "B" with all its clips, "B.2" its second.', minLength=1, maxLength=40),
        "transition": _optional(transition),
    }
    return _object(fields, ["atMs", "angle"])


def _audio() -> Schema:
    names = [name for name in presets.documents() if not presets.load(name).takes_music]
    fields = {
        "source": _optional(
            _text('An angle, "follow" (the one that is seen) or "mix" (all). Left out, the master.', maxLength=40)
        ),
        "gainDb": _optional(_number("dB.", -96, 24)),
        "preset": _optional(_text("A mastering preset.", enum=names)),
    }
    return _object(fields, description="What is heard.")


def _captions() -> Schema:
    fields: dict[str, Schema] = {
        "burnIn": {
            "type": ["boolean", "null"],
            "description": "Draw them into every picture that is encoded; left out, true.",
        },
        "files": {
            "type": ["array", "null"],
            "description": "Files beside each output, of the same words on the same frames; left out, srt and vtt.",
            "items": {"type": "string", "enum": list(FORMATS)},
            "maxItems": len(FORMATS),
        },
        "font": _optional(
            _text("A font's name, or the id of one in the registry; left out, the caption style's.", maxLength=200)
        ),
    }
    return _object(fields, description="What is said in what is heard, by the transcripts of its recordings.")


def _watermark() -> Schema:
    fields = {
        "assetId": _optional(_id("A picture of the registry.")),
        "artifactId": _optional(_id("Or an artifact that is one.")),
        "corner": _optional(_text("Left out, bottom-right.", enum=list(CORNERS))),
        "width": _optional(_number("Of the frame's, as a share; left out, 0.12.", 0.01, 1)),
        "opacity": _optional(_number("Left out, 0.8.", 0, 1)),
    }
    return _object(fields, description="A picture in a corner of every frame of the outputs that are encoded.")


def _output() -> Schema:
    formats = catalogue.formats()
    fields = {
        "name": _text("Names its file.", pattern="^[a-z0-9][a-z0-9_-]{0,39}$"),
        "profile": _optional(_text("A render profile; the fields below change it.", enum=list(catalogue.profiles()))),
        "width": _optional(_number("px, even; left out, as the profile or the first angle.", 16, 8192, "integer")),
        "height": _optional(_number("px, even.", 16, 8192, "integer")),
        "fps": _text('Frames per second: 25, "30000/1001".', pattern=r"^[0-9]{1,6}(/[0-9]{1,4})?$")
        | {"type": ["string", "integer", "null"], "minimum": 1, "maximum": 120},
        "format": _optional(_text("The container.", enum=list(dict.fromkeys(one.format for one in formats.values())))),
        "codec": _optional(_text("Left out, the format's first.", enum=list(formats))),
        "crf": _optional(_number("Quality of H.264, HEVC and VP9; lower is better.", 0, 63, "integer")),
        "crop": {"type": ["boolean", "null"], "description": "Fill the frame and cut off what is over, as for 9:16; left out, black bars."},
        "audioOnly": {"type": ["boolean", "null"], "description": "Sound alone: m4a or wav."},
        "mode": _optional(_text("smart: copy the originals' packets, and encode only around cuts.", enum=["encode", "smart"])),
    }  # fmt: skip
    return _object(fields, ["name"])
