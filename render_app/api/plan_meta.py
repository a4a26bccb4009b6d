"""What the meta of a plan says, and of an artifact that was made by it, as the API describes it."""

from rest_framework import serializers

from render_app.api.described import AnyObject
from sessions_app.web.fields import Output


class PlannedTransition(Output):
    """A transition as it is rendered."""

    transition_id = serializers.CharField()
    type = serializers.CharField()
    order = serializers.IntegerField(help_text="By start_ms.")
    start_ms = serializers.FloatField()
    duration_ms = serializers.FloatField()
    video_alias = serializers.CharField(help_text="ffmpeg's word: fade, wipeleft …")
    audio_alias = serializers.CharField(help_text="acrossfade.")
    clamped_from_ms = serializers.FloatField(
        allow_null=True, help_text="What was asked for, where media are too short."
    )


class Dependency(Output):
    """An artifact that something in the film was made of."""

    artifact_id = serializers.UUIDField()
    asset_id = serializers.UUIDField()
    kind = serializers.CharField(help_text="video_region_summary, visual_meta, asr_transcript …")
    backend_type = serializers.CharField()
    backend_version = serializers.CharField()
    cache_key = serializers.CharField()


class AppliedSync(Output):
    """What of an approved sync is applied to a clip."""

    clip_id = serializers.CharField()
    camera_label = serializers.CharField()
    asset_id = serializers.UUIDField(allow_null=True)
    offset_ms = serializers.FloatField()
    drift_ppm = serializers.FloatField()


class SlowedClip(Output):
    """What fills the frames of a slowed clip."""

    clip_id = serializers.CharField()
    quality = serializers.CharField(allow_null=True, help_text="high, medium or fast.")
    optical_flow = serializers.BooleanField()
    method = serializers.CharField(help_text="minterpolate or tblend.")
    preset_description = serializers.CharField()
    speed = serializers.FloatField(help_text="Times.")
    fps = serializers.CharField(help_text="Exact: 30000/1001.")


class PlannedLoudness(Output):
    """What is done about the loudness of a film; the artifact has what was measured besides."""

    target_lufs = serializers.FloatField()
    true_peak_dbtp = serializers.FloatField(help_text="No peak is above.")
    dual_mono = serializers.BooleanField(help_text="One channel counts as two, as it is played.")
    used = serializers.CharField()
    instead_of = serializers.CharField(help_text="ffmpeg's loudnorm of one pass.")


class Estimate(Output):
    """What a render is likely to take."""

    seconds = serializers.FloatField()
    bytes = serializers.IntegerField()
    decoded_frames = serializers.IntegerField()
    needed_frames = serializers.IntegerField()
    based_on = serializers.IntegerField(help_text="How many renders of the profile it follows from; 0: a first guess.")


class PlanMeta(Output):
    """What there is to know of a plan besides its commands. A plan that an earlier version stored lacks what came later."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """None of them must be there."""
        fields: dict[str, serializers.Field] = super().get_fields()
        for field in fields.values():
            field.required = False
        return fields

    project_id = serializers.UUIDField(allow_null=True)
    sequence_id = serializers.CharField()
    render_profile = serializers.CharField()
    render_profile_description = serializers.CharField()
    render_cache_key = serializers.CharField(help_text="The same for the same film.")
    extension = serializers.CharField(help_text=".mp4 or .mov.")
    strategy = serializers.CharField(help_text="final or draft.")
    source = serializers.CharField(help_text="original, mezzanine or proxy.")  # type: ignore[assignment]
    video_codec = serializers.CharField(help_text="The encoder: libx264, prores_ks …")
    preset = serializers.CharField(help_text="The encoder's own; empty where it has none.")
    threads = serializers.IntegerField()
    audio_sample_rate = serializers.IntegerField(help_text="Hz.")
    audio_channels = serializers.IntegerField(help_text="Of the profile.")
    channels = serializers.IntegerField(help_text="Of this film: 1 for mono.")
    chunk_count = serializers.IntegerField(help_text="Chunks of a long film's picture; 0 for one that is made in one.")
    cached_chunks = serializers.IntegerField(help_text="Those that are there already.")
    hardware_encoder = serializers.CharField(allow_null=True)
    not_repeatable_because = serializers.CharField(help_text="Empty: made again, it has the same bytes.")
    stage_timeout = serializers.FloatField(help_text="Seconds without progress after which a command is stopped.")
    source_assets = serializers.ListField(child=serializers.CharField(), help_text="The ids of what is read.")
    transitions = PlannedTransition(many=True)
    clamped = serializers.ListField(
        child=AnyObject(), help_text="Numbers that were moved into their range: {clip_id …, field, from, to}."
    )
    warnings = serializers.ListField(
        child=AnyObject(), help_text="{code, message, clip_id | transition_id …}: what is not as it was asked for."
    )
    preview_warnings = serializers.ListField(
        child=serializers.CharField(), help_text="Of a draft: no_tracks_for_preview, no_clips_for_preview."
    )
    sync = AppliedSync(many=True)
    slowmo_details = SlowedClip(many=True)
    stabilise_details = serializers.ListField(
        child=AnyObject(), help_text="{clip_id, smoothing, zoom, crop, tripod} of each clip that is steadied."
    )
    stabilise_warnings = serializers.ListField(child=AnyObject(), help_text="Clips that cannot be, and why.")
    normalize_audio = serializers.BooleanField()
    target_loudness_lufs = serializers.FloatField(allow_null=True)
    loudness = PlannedLoudness(allow_null=True)
    audio_voice_enhance_selection = serializers.ListField(
        child=AnyObject(), help_text="{clip_id, asset_id, artifact_id, source: enhanced|original, mode}."
    )
    voice_enhance_warnings = serializers.ListField(child=AnyObject(), help_text="Clips whose files have none.")
    dependency_notices = Dependency(many=True)
    audio_semantic_sources = Dependency(many=True)
    overlays = serializers.ListField(
        child=AnyObject(),
        help_text="Of words and shapes: {clip_id, kind, layout_hash, font, variant_axes, tracking, …, boolean_ops}.",
    )
    work = AnyObject(help_text="Frames decoded, needed and encoded; files opened.")
    estimate = Estimate()
    segment_count = serializers.IntegerField(required=False, help_text="Of a film that is joined of chunks.")
    segment_job_ids = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="The jobs that made them."
    )
