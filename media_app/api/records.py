"""Assets and artifacts as the registry and the engines answer with them: snake_case, as the seed has them."""

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from media_app.models import DerivedMedia, MediaAsset
from media_app.services import originals, withheld
from media_app.services.registry import uri_of
from media_app.services.registry_lineage import Used, used_in
from sessions_app.web.fields import Output

_ANY_OBJECT = {"type": "object", "additionalProperties": {}}


@extend_schema_field(_ANY_OBJECT)
class _Object(serializers.JSONField):
    """An object as it is stored."""


class ArtifactRecord(Output):
    """A file that was made from an asset."""

    id = serializers.UUIDField(source="pk")
    parent_asset_id = serializers.UUIDField(source="asset_id")
    tenant_id = serializers.CharField()
    env = serializers.CharField()
    kind = serializers.CharField()
    uri = serializers.SerializerMethodField(help_text="s3://bucket/key, or studio://key on a local store.")
    url = serializers.SerializerMethodField(help_text="A signed link, good for some hours; null once the file expired.")
    start_ms = serializers.FloatField(allow_null=True, help_text="The stretch of the asset; null: all of it.")
    end_ms = serializers.FloatField(allow_null=True)
    track_label = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    checksum = serializers.CharField(help_text="SHA-256; empty for a file that Studio did not make.")
    meta = _Object()
    created_at = serializers.DateTimeField()

    def get_uri(self, row: DerivedMedia) -> str:
        """The file's place in the store."""
        return uri_of(row.key)

    def get_url(self, row: DerivedMedia) -> str | None:
        """A link that a client may read; none to pictures that are withheld."""
        return withheld.link_of(row)


class AssetRecord(Output):
    """A file of the registry, and what was found in it."""

    id = serializers.UUIDField(source="pk")
    asset_id = serializers.UUIDField(source="pk", help_text="The same as `id`.")
    tenant_id = serializers.CharField()
    env = serializers.CharField()
    user_id = serializers.CharField(help_text="The user, as the client named them.")
    created_by = serializers.SerializerMethodField(help_text="The account that was signed in; null for none.")
    session_id = serializers.UUIDField(allow_null=True, help_text="Null for a file without a session.")
    camera_label = serializers.CharField()
    kind = serializers.CharField(help_text="video, audio, image or other.")
    status = serializers.CharField(help_text="uploading, ingesting, ready or failed.")
    status_message = serializers.CharField(help_text="Why it failed, and what to do about it.")
    warnings = serializers.ListField(child=serializers.CharField())
    source_ref = serializers.CharField(help_text="The client's own id for it.")
    source_uri = serializers.SerializerMethodField(help_text="Where it came from; else where it lies in the store.")
    uri = serializers.SerializerMethodField(help_text="s3://bucket/key or studio://key; null until its file is here.")
    url = serializers.SerializerMethodField(
        help_text="A signed link to the original, or to its copy with hidden faces; null until its file is here, and while it is withheld."
    )
    url_fault = serializers.SerializerMethodField()
    withheld = serializers.CharField(help_text="Why its pictures are not handed out; empty where they are.")
    faces_hidden_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when a copy with hidden faces stands for its picture."
    )
    original_filename = serializers.CharField()
    content_type = serializers.CharField()
    size_bytes = serializers.IntegerField()
    checksum = serializers.CharField(help_text="SHA-256, once it is known.")
    duration_ms = serializers.IntegerField(allow_null=True)
    fps = serializers.SerializerMethodField(help_text="Frames per second as a number; null without a picture.")
    frame_rate = serializers.CharField(source="fps", help_text="The exact rate: 30000/1001; empty without a picture.")
    variable_frame_rate = serializers.BooleanField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    has_audio = serializers.BooleanField()
    audio_channels = serializers.IntegerField(allow_null=True)
    sample_rate = serializers.IntegerField(allow_null=True)
    codec_info = serializers.SerializerMethodField(help_text="container, video and audio, as ffprobe names them.")
    tags = serializers.ListField(child=serializers.CharField())
    meta = _Object()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_created_by(self, asset: MediaAsset) -> str | None:
        """The name of the account."""
        return asset.created_by.get_username() if asset.created_by is not None else None

    def get_source_uri(self, asset: MediaAsset) -> str | None:
        """The address that it was fetched from, or the file's own."""
        return asset.source_uri or self.get_uri(asset)

    def get_uri(self, asset: MediaAsset) -> str | None:
        """The original's place in the store."""
        return uri_of(asset.original_key) if asset.original_key else None

    def get_url(self, asset: MediaAsset) -> str | None:
        """A link to the original, as long as it is the file that was taken."""
        return originals.link_if_unchanged(asset)

    def get_url_fault(self, asset: MediaAsset) -> str:
        """Why there is no link: something replaced the file in the store. Empty otherwise."""
        return originals.fault_of(asset)

    def get_fps(self, asset: MediaAsset) -> float | None:
        """The rate, rounded."""
        return round(float(Fraction(asset.fps)), 6) if asset.fps else None

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string"}})
    def get_codec_info(self, asset: MediaAsset) -> dict[str, str]:
        """What ffprobe says of the file."""
        container = str(asset.media_info.get("container", ""))
        return {"container": container, "video": asset.codec, "audio": asset.audio_codec}


class CreatedAsset(AssetRecord):
    """An asset as it is after it was registered, and the job that works on it."""

    job_id = serializers.SerializerMethodField(help_text="The fetch or the ingest: GET /jobs/{id}.")

    def get_job_id(self, asset: MediaAsset) -> str | None:
        """The job that the registration queued."""
        job = self.context.get("job")
        return str(job.pk) if job is not None else None


class UsedFile(Output):
    """A file that went into an artifact. Its key and checksum stay when it is removed."""

    role = serializers.CharField(help_text="original, music, transcript, mask …")
    asset_id = serializers.UUIDField(allow_null=True)
    artifact_id = serializers.UUIDField(allow_null=True)
    uri = serializers.CharField()
    checksum = serializers.CharField()
    present = serializers.BooleanField(help_text="False once the file was removed or replaced.")


class AssetDetail(AssetRecord):
    """An asset with its artifacts, and the artifacts of other assets that it went into."""

    artifacts = serializers.SerializerMethodField()
    used_in = serializers.SerializerMethodField()

    def to_representation(self, asset: MediaAsset) -> Any:
        originals.look([asset])
        return super().to_representation(asset)

    def get_artifacts(self, asset: MediaAsset) -> ArtifactRecord(many=True):  # type: ignore[valid-type]
        """What was made from it."""
        return ArtifactRecord(asset.derivatives.listed().order_by("kind", "start_ms", "variant"), many=True).data

    def get_used_in(self, asset: MediaAsset) -> ArtifactRecord(many=True):  # type: ignore[valid-type]
        """What it went into besides."""
        return ArtifactRecord(used_in(asset), many=True).data


class ArtifactDetail(ArtifactRecord):
    """An artifact with its asset, what it was made from, and what was made of it."""

    parent = AssetRecord(source="asset")
    sources = serializers.SerializerMethodField()
    used_in = serializers.SerializerMethodField()

    def get_sources(self, row: DerivedMedia) -> UsedFile(many=True):  # type: ignore[valid-type]
        """What it was made from."""
        used: list[Used] = self.context["sources"]
        return UsedFile(used, many=True).data

    def get_used_in(self, row: DerivedMedia) -> ArtifactRecord(many=True):  # type: ignore[valid-type]
        """What was made of it."""
        return ArtifactRecord(used_in(row), many=True).data


def created(asset: MediaAsset, job: Any) -> dict[str, Any]:
    """The answer to a registration."""
    return dict(CreatedAsset(asset, context={"job": job}).data)
