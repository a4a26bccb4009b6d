"""A render as it is asked for → its plan. Everything that can be refused is refused here, before a file is opened."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

from django.conf import settings

from media_app import process
from media_app.core.time.timebase import format_rate
from media_app.services import stats
from render_app.core import catalogue
from render_app.core.catalogue import Profile
from render_app.core.plan.chunks import OVERLAP_MS
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.encoding import with_hardware
from render_app.core.plan.estimate import Past, estimate, work_left
from render_app.core.plan.materials import Materials
from render_app.core.plan.mixing import loudness_meta
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reels import Reels, Segment, Take
from render_app.core.plan.request import DRAFT_PROFILE, LOUDNESS, RenderWish, VoiceWish
from render_app.core.plan.slowing import method_of
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import Blend, lay_transitions
from render_app.core.timeline.media import Reference, check_media
from render_app.core.timeline.nouns import CameraReference, Clip, Sequence
from render_app.core.timeline.snapshot import Snapshot
from render_app.models import VideoProject
from render_app.services import (
    render_drawings,
    render_estimates,
    render_materials,
    render_media,
    render_shelf,
    timeline_media,
    timeline_rows,
    timelines,
)
from render_app.services.render_drawings import Drawings
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput

#: What a request says of a render besides its sequence, its stretch and its profile, as JSON has it.
PLAIN = (
    *("audio_mixdown", "source", "strategy", "normalize_audio", "target_loudness_lufs", "overlap_ms"),
    *("use_voice_enhanced_audio", "voice_enhance_mode", "voice_enhance_if_available_only"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A render that was asked for: what is rendered, how, and of which project."""

    snapshot: Snapshot
    wish: RenderWish
    source: str
    strategy: str
    project_id: str | None = None
    voice: VoiceWish | None = None
    snapshot_json: Mapping[str, Any] = field(default_factory=dict)
    overlap_ms: float = OVERLAP_MS
    clamped: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a plan is made of, checked."""

    wanted: Wanted
    sequence: Sequence
    blends: tuple[Blend, ...]
    reels: Reels
    materials: Materials
    warnings: tuple[dict[str, Any], ...]
    pasts: tuple[Past, ...]
    notices: Mapping[str, list[dict[str, Any]]]
    drawings: Drawings

    @property
    def job(self) -> tuple[Sequence, Reels, tuple[Blend, ...], RenderWish, Materials]:
        """What a plan is compiled of."""
        return self.sequence, self.reels, self.blends, self.wanted.wish, self.materials


def prepare(context: Context, asked: Mapping[str, Any]) -> Prepared:
    """What a request is about. Raises TimelineRefused types, NotSupported, NotFound, InvalidInput."""
    wanted = _wanted(context, asked)
    sequence, rate = _steady(wanted.snapshot.sequence), wanted.wish.profile.fps
    media = timeline_media.media_of(context, sequence)
    notices = check_media(sequence, media)
    blends = lay_transitions(sequence, media, rate)
    drawings = render_drawings.drawings_of(context, sequence, wanted.wish.profile)
    canvas = Canvas(wanted.wish.profile.width, wanted.wish.profile.height)
    media_reels = render_media.reels_of(context, sequence, wanted.source, wanted.voice, canvas)
    reels: Reels = {**media_reels, **drawings.reels}
    warnings = (*(one.as_json for one in notices), *(one.notice.as_json for one in blends if one.notice))
    mark = render_materials.watermark_of(context, asked.get("watermark"))
    materials = replace(render_materials.materials_of(context, sequence, reels), watermark=mark)
    pasts, found = render_estimates.pasts_of(context), render_media.notices_of(context, media_reels, materials.used)
    return Prepared(wanted, sequence, blends, reels, materials, warnings, pasts, found, drawings)


def plan_of(context: Context, asked: Mapping[str, Any]) -> Plan:
    """The plan of a request. Raises as `prepare`."""
    prepared = prepare(context, asked)
    plan = render_shelf.marked(context, compile_plan(*prepared.job))
    return replace(plan, meta=meta_of(prepared, plan))


def meta_of(prepared: Prepared, plan: Plan) -> dict[str, Any]:
    """What a person or a program wants to know of a plan besides its commands."""
    wish = prepared.wanted.wish
    work, expected = plan.meta["work"], asdict(plan.expected)
    pictures = [one for one in plan.chunks if one["kind"] == "picture"]
    meta = _meta(prepared.wanted, plan, prepared.blends, prepared.reels)
    return {
        **meta,
        "clamped": [*meta["clamped"], *plan.meta["clamped"], *prepared.drawings.clamped],
        "overlays": prepared.drawings.overlays,
        **prepared.notices,
        "warnings": [*prepared.warnings, *plan.meta["warnings"]],
        "work": work,
        "channels": wish.channels,
        "chunk_count": len(pictures),
        "cached_chunks": sum(one["cached"] for one in pictures),
        "estimate": estimate(work_left(work, plan.chunks), expected, wish.profile, wish.channels, prepared.pasts),
    }


def _wanted(context: Context, asked: Mapping[str, Any]) -> Wanted:
    project, sent = _sequence(context, asked)
    read = snapshot.read(sent)
    strategy = asked.get("strategy") or "final"
    kept = project.render_profile if project is not None else "social_1080p_h264"
    name = asked.get("render_profile") or (DRAFT_PROFILE if strategy == "draft" else kept)
    start, end = _range(asked.get("range_ms"))
    channels = 1 if asked.get("audio_mixdown") == "mono" else 2
    source = asked.get("source") or ("proxy" if strategy == "draft" else "original")
    build = process.ffmpeg_version()
    wish = RenderWish(_profile(name, strategy), channels, start, end, _loudness(asked), build)
    project_id = str(project.pk) if project is not None else None
    overlap_ms = OVERLAP_MS if asked.get("overlap_ms") is None else asked["overlap_ms"]
    clamped = tuple(asked.get("clamped") or ())
    return Wanted(read, wish, source, strategy, project_id, _voice(asked), sent, float(overlap_ms), clamped)


def _profile(name: str, strategy: str) -> Profile:
    """A profile, on an encoder of graphics hardware where that may be used and every worker has it."""
    wanted = settings.VIDEO_HARDWARE_ENCODER in ("all", "drafts" if strategy == "draft" else "all")
    return with_hardware(catalogue.profiles()[name], stats.hardware_encoder() if wanted else None)


def _loudness(asked: Mapping[str, Any]) -> float | None:
    """The loudness that is asked for; one that is named asks for it, unless it is said not to."""
    named, wanted = asked.get("target_loudness_lufs"), asked.get("normalize_audio")
    target = None if named is None else float(named)
    if wanted is None:
        return target
    return (LOUDNESS if target is None else target) if wanted else None


def _voice(asked: Mapping[str, Any]) -> VoiceWish | None:
    if not asked.get("use_voice_enhanced_audio"):
        return None
    return VoiceWish(
        asked.get("voice_enhance_mode"), only_available=asked.get("voice_enhance_if_available_only") is not False
    )


def _sequence(context: Context, asked: Mapping[str, Any]) -> tuple[VideoProject | None, Mapping[str, Any]]:
    """The sequence of a project, or the one that was sent along."""
    sent, project_id, sequence_id = (asked.get(name) for name in ("sequence_snapshot", "project_id", "sequence_id"))
    if (sent is None) == (project_id is None):
        raise InvalidInput("Send either project_id or sequence_snapshot.", field="project_id")
    if sent is not None:
        return None, sent
    project = timelines.find(context, "project", str(project_id))
    row = timelines.sequence_of(context, project, sequence_id)
    if row is None:
        raise InvalidInput("The project has no sequence to render. Make one first.", field="project_id")
    return project, timeline_rows.snapshot_json(row)


def _range(sent: Mapping[str, Fraction] | None) -> tuple[Fraction, Fraction | None]:
    if not sent:
        return Fraction(0), None
    start, end = sent["start_ms"], sent.get("end_ms")
    if end is not None and end <= start:
        raise InvalidInput("range_ms must end after it starts.", field="range_ms")
    return start, end


def _meta(wanted: Wanted, plan: Plan, blends: tuple[Blend, ...], reels: Reels) -> dict[str, Any]:
    profile, sequence = wanted.wish.profile, wanted.snapshot.sequence
    return {
        "project_id": wanted.project_id,
        "sequence_id": sequence.id,
        "render_profile": profile.name,
        "render_profile_description": profile.description,
        "render_cache_key": plan.cache_key,
        "extension": profile.extension,
        "strategy": wanted.strategy,
        "source": wanted.source,
        "hardware_encoder": profile.hardware or None,
        "not_repeatable_because": f"Graphics hardware encoded it ({profile.hardware})." if profile.hardware else "",
        "video_codec": profile.video_codec,
        "threads": profile.threads,
        "preset": profile.preset,
        "audio_sample_rate": profile.audio_sample_rate,
        "audio_channels": profile.audio_channels,
        "stage_timeout": settings.VIDEO_RENDER_CHUNK_TIMEOUT,
        "source_assets": sorted({one["asset_id"] for one in plan.inputs}),
        "transitions": [_transition(blend) for blend in blends],
        "clamped": [*wanted.clamped, *(one.as_json for one in wanted.snapshot.clamped)],
        "sync": list(_sync(sequence, reels)),
        "preview_warnings": _preview_warnings(wanted),
        "slowmo_details": list(_slowed(sequence, profile.fps)),
        **_steadied(sequence),
        "normalize_audio": wanted.wish.target_lufs is not None,
        "target_loudness_lufs": wanted.wish.target_lufs,
        "loudness": loudness_meta(wanted.wish.target_lufs),
        **_enhanced(wanted, reels),
    }


def _preview_warnings(wanted: Wanted) -> list[str]:
    """Why a draft shows nothing."""
    tracks = wanted.snapshot.sequence.tracks
    if wanted.strategy != "draft":
        return []
    return (
        ["no_tracks_for_preview"] if not tracks else [] if wanted.snapshot.sequence.clips else ["no_clips_for_preview"]
    )


def _steady(sequence: Sequence) -> Sequence:
    """The sequence with no clip steadied where this ffmpeg cannot: its shaking is better than no film."""
    if process.has_filter("vidstabdetect") or not any(clip.stabilise for clip in sequence.clips):
        return sequence
    tracks = (
        replace(track, clips=tuple(replace(clip, stabilise=None) for clip in track.clips)) for track in sequence.tracks
    )
    return replace(sequence, tracks=tuple(tracks))


def _steadied(sequence: Sequence) -> dict[str, Any]:
    """Which clips are steadied and how, and which cannot be."""
    wanted = [clip for clip in sequence.clips if clip.stabilise]
    able = process.has_filter("vidstabdetect")
    message = "This server's ffmpeg has no vidstab, so the clip is shown as it was shot."
    missing = [{"code": "stabilise_unavailable", "message": message, "clip_id": clip.id} for clip in wanted]
    details = [{"clip_id": clip.id, **asdict(clip.stabilise)} for clip in wanted if clip.stabilise]
    return {"stabilise_details": details if able else [], "stabilise_warnings": [] if able else missing}


def _slowed(sequence: Sequence, rate: Fraction) -> Iterator[dict[str, Any]]:
    """What fills the frames of slowed clips."""
    for clip in sequence.clips:
        if method := method_of(Take(clip, clip.start_ms, clip.end_ms, None)):
            named = catalogue.slow_motions()[clip.slowmo_quality if method == "minterpolate" else "fast"]
            yield {
                "clip_id": clip.id,
                "quality": clip.slowmo_quality,
                "optical_flow": clip.optical_flow,
                "method": method,
                "preset_description": named.preset_description,
                "speed": float(clip.speed),
                "fps": format_rate(rate),
            }


def _enhanced(wanted: Wanted, reels: Reels) -> dict[str, Any]:
    """Which clips take the enhanced voice, and which were to and have none."""
    if wanted.voice is None:
        return {"audio_voice_enhance_selection": [], "voice_enhance_warnings": []}
    found, missing = [], []
    for clip, segment in _voices(wanted.snapshot.sequence, reels):
        sound = segment.enhanced or segment.sound
        assert sound
        found.append(
            {"clip_id": clip.id, "asset_id": sound.asset_id, "artifact_id": sound.artifact_id if segment.enhanced else None,
             "source": "enhanced" if segment.enhanced else "original", "mode": wanted.voice.mode}
        )  # fmt: skip
        if segment.enhanced is None and not wanted.voice.only_available:
            message = (
                f"{sound.name} has no enhanced voice{wanted.voice.said}, so its own sound is used. Make one first."
            )
            missing.append({"code": "voice_not_enhanced", "message": message, "clip_id": clip.id})
    return {"audio_voice_enhance_selection": found, "voice_enhance_warnings": missing}


def _voices(sequence: Sequence, reels: Reels) -> Iterator[tuple[Clip, Segment]]:
    """What is heard of tracks that take the enhanced voice."""
    for track in sequence.tracks:
        if track.muted or not catalogue.roles()[track.audio_role].enhanced:
            continue
        for clip in track.clips:
            if isinstance(clip.content, Reference):
                yield from ((clip, segment) for segment in reels[clip.content] if segment.sound is not None)


def _transition(blend: Blend) -> dict[str, Any]:
    kind = catalogue.transitions()[blend.transition.type]
    return {
        "transition_id": blend.transition.id,
        "type": kind.name,
        "order": blend.order,
        "start_ms": float(blend.start_ms),
        "duration_ms": float(blend.duration_ms),
        "video_alias": kind.video_alias,
        "audio_alias": kind.audio_alias,
        "clamped_from_ms": None if blend.clamped_from_ms is None else float(blend.clamped_from_ms),
    }


def _sync(sequence: Sequence, reels: Reels) -> Iterator[dict[str, Any]]:
    """What of the approved sync is applied to which clip."""
    for clip in sequence.clips:
        if not isinstance(clip.content, CameraReference):
            continue
        for segment in reels[clip.content]:
            medium = segment.picture or segment.sound
            yield {
                "clip_id": clip.id,
                "camera_label": clip.content.camera_label,
                "asset_id": medium.asset_id if medium else None,
                "offset_ms": float(segment.offset_ms),
                "drift_ppm": float((segment.pace - 1) * 1_000_000),
            }
