"""What an engine is asked about: one recording, one artifact, or several of them."""

from typing import Any

from rest_framework import serializers

from media_app.engines import runner
from media_app.engines.base import Engine, Subject
from media_app.services.registry import find_asset
from media_app.services.registry_artifacts import find_artifact
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput
from sessions_app.web.fields import NamedInput

#: Recordings or artifacts of one request.
MOST = 100


class EngineInput(NamedInput):
    """What every engine is asked with; its own sources and parameters are added for each."""


def source_fields(engine: Engine) -> dict[str, serializers.Field]:
    """The fields that name what an engine works on."""
    artifact = engine.artifact_field
    what = "artifact to work on" + ("" if engine.takes else " in place of the recording")
    return {
        "asset_id": serializers.UUIDField(required=False, allow_null=True, help_text="The recording to work on."),
        "asset_ids": _several("Several recordings."),
        f"{artifact}_id": serializers.UUIDField(required=False, allow_null=True, help_text=f"The {what}."),
        f"{artifact}_ids": _several(f"Each an {what}."),
    }


def _several(text: str) -> serializers.Field:
    return serializers.ListField(
        child=serializers.UUIDField(), required=False, allow_null=True, min_length=1, max_length=MOST, help_text=text
    )


def subjects_of(context: Context, engine: Engine, asked: dict[str, Any]) -> tuple[list[Subject], bool]:
    """What the request names, taken out of `asked`; and whether it names one thing, not a list. Raises InvalidInput, NotFound."""
    artifact = engine.artifact_field
    named = {name: asked.pop(name, None) for name in ("asset_id", "asset_ids", f"{artifact}_id", f"{artifact}_ids")}
    asset_id, asset_ids, artifact_id, artifact_ids = named.values()
    lists = [name for name, value in named.items() if name.endswith("s") and value]
    if len(lists) > 1 or (lists and artifact_id) or (asset_ids and asset_id):
        raise InvalidInput("Name one recording, one artifact, or one list of either.", field=lists[0])
    if artifact_id or artifact_ids:
        found = [_artifact(context, engine, each, asset_id) for each in artifact_ids or [artifact_id]]
        return found, not artifact_ids
    if not asset_id and not asset_ids:
        raise InvalidInput(f"Name an asset_id or {artifact}_id, or a list of them.", field="asset_id")
    return [_recording(context, engine, each) for each in asset_ids or [asset_id]], not asset_ids


def _recording(context: Context, engine: Engine, asset_id: Any) -> Subject:
    asset = find_asset(context, asset_id)
    return runner.newest(engine, asset) if engine.takes else Subject(asset)


def _artifact(context: Context, engine: Engine, artifact_id: Any, asset_id: Any) -> Subject:
    row, field = find_artifact(context, artifact_id), f"{engine.artifact_field}_id"
    if asset_id and row.asset_id != asset_id:
        raise InvalidInput("This artifact was made of another recording than asset_id names.", field=field)
    media = row.content_type.startswith(("audio/", "video/"))
    if not (row.kind in {kind.name for kind in engine.takes} if engine.takes else media):
        wanted = " or ".join(kind.name for kind in engine.takes) or "sound or film"
        raise InvalidInput(f"This artifact is of the kind {row.kind}. Name one that is {wanted}.", field=field)
    return Subject(row.asset, row)
