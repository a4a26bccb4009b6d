"""A render as it is asked for → its plan. Everything that can be refused is refused here, before a file is opened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.plan.compiling import Plan, compile_plan
from render_app.core.plan.reels import Reels
from render_app.core.plan.refusals import NotSupported, refuse_unsupported
from render_app.core.plan.request import DRAFT_PROFILE, RenderWish
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import Blend, lay_transitions
from render_app.core.timeline.media import check_media
from render_app.core.timeline.nouns import CameraReference, Sequence
from render_app.core.timeline.snapshot import Snapshot
from render_app.models import VideoProject
from render_app.services import (
    render_drawings,
    render_materials,
    render_media,
    timeline_media,
    timeline_rows,
    timelines,
)
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound

#: Wishes that a render does not fulfill yet: refused, unless they ask for nothing.
NOT_YET = ("normalize_audio", "target_loudness_lufs", "use_voice_enhanced_audio")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A render that was asked for: what is rendered, how, and of which project."""

    snapshot: Snapshot
    wish: RenderWish
    source: str
    strategy: str
    project_id: str | None = None


def plan_of(context: Context, asked: Mapping[str, Any]) -> Plan:
    """The plan of a request. Raises TimelineRefused types, NotSupported, NotFound, InvalidInput."""
    wanted = _wanted(context, asked)
    sequence, rate = wanted.snapshot.sequence, wanted.wish.profile.fps
    refuse_unsupported(sequence)
    media = timeline_media.media_of(context, sequence)
    notices = check_media(sequence, media)
    blends = lay_transitions(sequence, media, rate)
    drawings = render_drawings.drawings_of(context, sequence, wanted.wish.profile)
    reels: Reels = {**render_media.reels_of(context, sequence, wanted.source), **drawings.reels}
    mark = render_materials.watermark_of(context, asked.get("watermark"))
    materials = replace(render_materials.materials_of(context, sequence), watermark=mark)
    plan = compile_plan(sequence, reels, blends, wanted.wish, materials)
    warnings = [*(one.as_json for one in notices), *(one.notice.as_json for one in blends if one.notice)]
    meta = _meta(wanted, plan, blends, reels)
    clamped = [*meta["clamped"], *drawings.clamped]
    return replace(plan, meta=meta | {"clamped": clamped, "overlays": drawings.overlays, "warnings": warnings})


def _wanted(context: Context, asked: Mapping[str, Any]) -> Wanted:
    for name in NOT_YET:
        if asked.get(name):
            raise NotSupported(f"{name} cannot be rendered yet. Leave it out.", field=name)
    project, read = _sequence(context, asked)
    strategy = asked.get("strategy") or "final"
    kept = project.render_profile if project is not None else "social_1080p_h264"
    name = asked.get("render_profile") or (DRAFT_PROFILE if strategy == "draft" else kept)
    start, end = _range(asked.get("range_ms"))
    channels = 1 if asked.get("audio_mixdown") == "mono" else 2
    source = asked.get("source") or ("proxy" if strategy == "draft" else "original")
    wish = RenderWish(catalogue.profiles()[name], channels, start, end)
    return Wanted(read, wish, source, strategy, str(project.pk) if project is not None else None)


def _sequence(context: Context, asked: Mapping[str, Any]) -> tuple[VideoProject | None, Snapshot]:
    """The sequence of a project, or the one that was sent along."""
    sent, project_id, sequence_id = (asked.get(name) for name in ("sequence_snapshot", "project_id", "sequence_id"))
    if (sent is None) == (project_id is None):
        raise InvalidInput("Send either project_id or sequence_snapshot.", field="project_id")
    if sent is not None:
        return None, snapshot.read(sent)
    project = timelines.find(context, "project", str(project_id))
    rows = timelines.rows_of(context, "sequence").filter(project=project).order_by("created_at", "pk")
    row = rows.filter(pk=sequence_id).first() if sequence_id else rows.first()
    if row is None and sequence_id:
        raise NotFound(f"There is no sequence {sequence_id} in this project. Check the id.", field="sequence_id")
    if row is None:
        raise InvalidInput("The project has no sequence to render. Make one first.", field="project_id")
    return project, snapshot.read(timeline_rows.snapshot_json(row))


def _range(sent: Mapping[str, Fraction] | None) -> tuple[Fraction, Fraction | None]:
    if not sent:
        return Fraction(0), None
    start, end = sent["start_ms"], sent["end_ms"]
    if end <= start:
        raise InvalidInput("range_ms must end after it starts.", field="range_ms")
    return start, end


def _meta(wanted: Wanted, plan: Plan, blends: tuple[Blend, ...], reels: Reels) -> dict[str, Any]:
    """What a person or a program wants to know of a plan besides its commands."""
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
        "hardware_encoder": None,
        "video_codec": profile.video_codec,
        "threads": profile.threads,
        "source_assets": sorted({one["asset_id"] for one in plan.inputs}),
        "transitions": [_transition(blend) for blend in blends],
        "clamped": [one.as_json for one in wanted.snapshot.clamped],
        "sync": list(_sync(sequence, reels)),
    }


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
        for piece in reels[clip.content]:
            medium = piece.picture or piece.sound
            yield {
                "clip_id": clip.id,
                "camera_label": clip.content.camera_label,
                "asset_id": medium.asset_id if medium else None,
                "offset_ms": float(piece.offset_ms),
                "drift_ppm": float((piece.pace - 1) * 1_000_000),
            }
