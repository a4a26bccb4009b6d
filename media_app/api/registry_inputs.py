"""What the registry is asked with."""

import json
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from media_app.core import artifact_rules
from media_app.core.addresses import MAX_URL
from media_app.engines.frames import MOST as MOST_FRAMES
from media_app.models import MediaAsset
from media_app.models.assets import MAX_TAG, MAX_TAGS
from media_app.services.registry_artifacts import ArtifactFacts, NamedSource
from sessions_app.web.fields import Input, JsonObject, NamedInput, Text

MAX_SOURCES = 1000


class Tags(serializers.ListField):
    """Words; in a form also one field each, one JSON list, or words between commas."""

    child = Text(max_length=MAX_TAG)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_TAGS, **options)

    def get_value(self, dictionary: Any) -> Any:
        """The list, however a form says it."""
        if not isinstance(dictionary, QueryDict):
            return super().get_value(dictionary)
        said = dictionary.getlist(str(self.field_name))
        return (said[0] if len(said) == 1 else said) if said else serializers.empty

    def to_internal_value(self, data: Any) -> list[str]:
        """Each word once, in the order given."""
        tags = _list_in(data) if isinstance(data, str) else data
        return list(dict.fromkeys(super().to_internal_value(tags)))


def _list_in(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError as error:
            raise serializers.ValidationError("This is not a JSON list of words.") from error
    return [word.strip() for word in text.split(",") if word.strip()]


class _Described(NamedInput):
    """What is said of an asset, however its file comes."""

    kind = serializers.ChoiceField(
        choices=MediaAsset.Kind.choices, default=MediaAsset.Kind.OTHER, help_text="A hint, until the file is looked at."
    )
    source_ref = Text(max_length=200, allow_blank=True, default="", help_text="Your own id for it.")
    tags = Tags(default=list)
    meta = JsonObject(default=dict, help_text="Your own facts.")


class AssetInput(_Described):
    """The address of a file: https://…, or a uri of Studio's own store."""

    source_uri = Text(max_length=MAX_URL)


class AssetForm(_Described):
    """A file in a form."""

    file = serializers.FileField(max_length=255)


class RegistryUpload(_Described):
    """A file about to be sent to links."""

    filename = Text(max_length=1000, trim_whitespace=False)
    content_type = Text(max_length=200, allow_blank=True, default="application/octet-stream")
    size_bytes = serializers.IntegerField(min_value=0, max_value=2**63 - 1)
    fingerprint = serializers.RegexField(
        r"^[0-9a-f]{64}$", allow_blank=True, default="",
        help_text="SHA-256 (hex) of the file's first MiB and last MiB: keeps a resume from mixing two files of one name and size.",
    )  # fmt: skip
    asset_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="To resume that asset's upload, or to replace its file.",
    )


class SentPart(serializers.Serializer):
    """A part that was sent, and the ETag that the store answered."""

    part_number = serializers.IntegerField(min_value=1, max_value=10_000)
    etag = Text(max_length=200)


class CompleteRegistryUpload(NamedInput):
    """All has been sent. `parts`, where given, are compared with what arrived."""

    upload_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    parts = SentPart(many=True, required=False, allow_null=True, default=None)


class RegistryAssetChange(NamedInput):
    """What may be changed; what is left out keeps its value."""

    source_ref = Text(max_length=200, allow_blank=True, required=False)
    tags = Tags(required=False)
    meta = JsonObject(required=False, help_text="Takes the place of all of it.")


class ArtifactSourceInput(Input):
    """One file that an artifact was made from."""

    asset_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    artifact_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    role = Text(max_length=30, allow_blank=True, default="", help_text="music, transcript, mask …")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two ids."""
        if (attrs["asset_id"] is None) == (attrs["artifact_id"] is None):
            raise serializers.ValidationError("Name an asset_id or an artifact_id, one of them.")
        return attrs


class ArtifactInput(NamedInput):
    """A file in Studio's store, made from an asset."""

    kind = Text(max_length=30, help_text=f"One of {', '.join(artifact_rules.OPEN)}.")
    uri = Text(max_length=MAX_URL, help_text="s3:// or studio://, under the tenant's own prefix.")
    start_ms = serializers.FloatField(required=False, allow_null=True, default=None)
    end_ms = serializers.FloatField(required=False, allow_null=True, default=None)
    track_label = Text(max_length=artifact_rules.MAX_TRACK_LABEL, allow_blank=True, default="")
    meta = JsonObject(default=dict)
    sources = serializers.ListField(
        child=ArtifactSourceInput(), default=list, max_length=MAX_SOURCES, help_text="What else it was made from."
    )

    @classmethod
    def facts(cls, request: Request) -> ArtifactFacts:
        """The request's artifact."""
        said = cls.parse(request)
        sources = tuple(NamedSource(**source) for source in said.pop("sources"))
        return ArtifactFacts(**said, sources=sources)


@extend_schema_field({"type": "number", "minimum": 0})
class _Milliseconds(serializers.FloatField):
    """A time after media time zero."""

    def to_internal_value(self, data: Any) -> float:
        """A finite number from 0 up."""
        value = float(super().to_internal_value(data))
        if not 0 <= value < 1e12:
            raise serializers.ValidationError("A time is a number of milliseconds from 0 up.")
        return value


class FramesInput(NamedInput):
    """Which frames: at these times, or one in so many milliseconds."""

    times_ms = serializers.ListField(child=_Milliseconds(), required=False, min_length=1, max_length=MOST_FRAMES)
    interval_ms = serializers.FloatField(required=False, min_value=1, max_value=1e12)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if ("times_ms" in attrs) == ("interval_ms" in attrs):
            raise serializers.ValidationError({"times_ms": "Send times_ms or interval_ms, one of them."})
        return attrs
