"""An export as it is asked for → its plan. Everything that can be refused is refused here, before a file is opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from render_app.core import catalogue
from render_app.core.captions.heard import Stretch as Captionable
from render_app.core.cut import FOLLOW, MIX, Shot, Sound, Stretch, Switch
from render_app.core.export import schema
from render_app.core.export.outputs import Base, Output, outputs_of, refuse_undrawn, undrawn
from render_app.core.export.refusals import refused
from render_app.core.export.switching import points_of, refuse_unknown, shots_of
from render_app.core.export.timeline import Angle, refuse_uncovered, silent, timeline_of
from render_app.core.plan.films import Extras, Film, OutputsPlan
from render_app.core.plan.materials import Materials
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.reels import Reels
from render_app.core.plan.request import RenderWish
from render_app.core.plan.smart import Gops
from render_app.core.timeline import snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.edges import exact
from render_app.core.timeline.media import Media, check_media
from render_app.core.timeline.nouns import CameraReference, Clip
from render_app.core.timeline.nouns import Sequence as Timeline
from render_app.core.timeline.refusals import TimelineRefused
from render_app.models import VideoProject
from render_app.services import (
    export_angles,
    export_captions,
    export_estimates,
    export_smart,
    render_drawings,
    render_materials,
    render_media,
    timeline_media,
    timeline_rows,
    timelines,
)
from render_app.services.export_angles import Shoot
from render_app.services.export_captions import Captioned
from render_app.services.program_captions import spoken_in
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput
from sessions_app.models import RecordingSession


@dataclass(frozen=True, slots=True)
class Planned:
    """An export that can be made: its plan, and whose it is."""

    plan: OutputsPlan
    asked: Mapping[str, Any]
    session: RecordingSession | None = None
    project: VideoProject | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is exported: a sequence, what it is made of, and the stretch of it that is wanted."""

    timeline: Timeline
    reels: Reels
    media: Media
    base: Base
    outputs: tuple[Output, ...]
    start_ms: Fraction = Fraction(0)
    end_ms: Fraction | None = None
    #: When the sequence begins on the clock of the request's times.
    origin_ms: Fraction = Fraction(0)
    warnings: tuple[str, ...] = ()
    session: RecordingSession | None = None
    project: VideoProject | None = None

    @property
    def end(self) -> Fraction:
        """Where the wanted stretch ends."""
        return self.timeline.end_ms if self.end_ms is None else min(self.end_ms, self.timeline.end_ms)


def plan_of(context: Context, asked: Mapping[str, Any]) -> Planned:
    """The plan of a request. Raises ExportRefused types, TimelineRefused types, NotFound, NotDecided."""
    schema.check(asked)
    cut = _project_cut(context, asked) if "projectId" in asked else _angle_cut(context, asked)
    captioned = _captioned(context, asked, cut)
    try:
        extras = replace(_extras(asked, cut), materials=_materials(context, asked, cut))
        likened = [export_smart.like_originals(context, one, cut.timeline, cut.reels) for one in cut.outputs]
        films = [_film(context, one, gops, cut, captioned) for one, gops in likened]
        plan = compile_outputs(films, cut.reels, extras)
        if any(film.gops for film in films):
            plan = replace(plan, fallback=export_smart.encoded(films, cut.reels, extras))
    except TimelineRefused as error:
        raise _at_its_point(error) from error
    export_smart.refuse_useless(cut.outputs, plan)
    meta = _meta(asked, cut, films) | {"estimate": export_estimates.estimate_of(context, plan)}
    meta["warnings"] += plan.warnings
    if captioned:
        plan, meta = _with_captions(plan, meta, captioned, [one for one, _ in likened])
    return Planned(replace(plan, meta=meta), asked, cut.session, cut.project)


def _captioned(context: Context, asked: Mapping[str, Any], cut: _Cut) -> Captioned | None:
    """The captions that are asked for. Raises ExportRefused, NoWords."""
    wish = export_captions.wish_of(asked, cut.outputs)
    if wish is None:
        return None
    blends = lay_transitions(cut.timeline, cut.media, cut.timeline.timebase)
    spoken = spoken_in(context, cut.timeline, blends, cut.reels, "captions")
    return Captioned(wish, spoken, Captionable(cut.start_ms, cut.end))


def _with_captions(
    plan: OutputsPlan, meta: dict[str, Any], captioned: Captioned, outputs: Sequence[Output]
) -> tuple[OutputsPlan, dict[str, Any]]:
    more = {"captions": captioned.meta(outputs), "warnings": [*meta["warnings"], *captioned.warnings(outputs)]}
    return replace(plan, sides=captioned.sides(outputs)), meta | more


def _extras(asked: Mapping[str, Any], cut: _Cut) -> Extras:
    still = asked.get("thumbnail")
    if still and all(one.sound_only or one.smart for one in cut.outputs):
        raise refused("thumbnail", "needs an output with a picture that is encoded. Leave it out, or add one.")
    still_ms = exact(still["atMs"]) - cut.origin_ms if still else None
    end_ms = cut.timeline.end_ms if cut.end_ms is None else cut.end_ms
    if still_ms is not None and not cut.start_ms <= still_ms < end_ms:
        whole = f"{float(cut.start_ms + cut.origin_ms):g} to {float(end_ms + cut.origin_ms):g} ms"
        raise refused("thumbnail.atMs", f"lies outside of what is exported, which is {whole}.")
    return Extras(still_ms, bool((asked.get("audio") or {}).get("preset")))


def _materials(context: Context, asked: Mapping[str, Any], cut: _Cut) -> Materials:
    """Masks and LUTs of the sequence, and the watermark."""
    said = {name: value for name, value in (asked.get("watermark") or {}).items() if value is not None}
    if said:
        refuse_undrawn("watermark", cut.outputs)
    named = {
        {"assetId": "asset_id", "artifactId": "artifact_id"}.get(name, name): value for name, value in said.items()
    }
    mark = render_materials.watermark_of(context, named)
    return replace(render_materials.materials_of(context, cut.timeline, cut.reels), watermark=mark)


def _film(context: Context, one: Output, gops: Mapping[str, Gops], cut: _Cut, captioned: Captioned | None) -> Film:
    timeline = _filled(cut.timeline) if one.fill else cut.timeline
    timeline = captioned.drawn_into(timeline, one) if captioned else timeline
    wish = RenderWish(one.profile, 2, cut.start_ms, cut.end_ms)
    blends = lay_transitions(timeline, cut.media, one.profile.fps)
    drawn = render_drawings.drawings_of(context, timeline, one.profile).reels
    return Film(one.name, timeline, blends, wish, one.sound_only, gops, drawn)


def _filled(timeline: Timeline) -> Timeline:
    """The sequence with every picture filling the frame that would else have bars."""

    def filled(clip: Clip) -> Clip:
        return replace(clip, scale_mode="fill") if clip.scale_mode == "fit" else clip

    tracks = tuple(replace(track, clips=tuple(map(filled, track.clips))) for track in timeline.tracks)
    return replace(timeline, tracks=tracks)


def _at_its_point(error: TimelineRefused) -> TimelineRefused:
    """The refusal of a clip or transition that a switch point made, under that point's name."""
    own = ("switchPoints[", "audio.", "captions[")
    named = next((str(id) for id in error.details.values() if str(id).startswith(own)), None)
    error.field = (
        named or (error.field or "").replace("asset_id", "assetId").replace("artifact_id", "artifactId") or None
    )
    return error


def _angle_cut(context: Context, asked: Mapping[str, Any]) -> _Cut:
    if "switchPoints" not in asked:
        raise refused("switchPoints", 'are missing: [{"atMs": 0, "angle": "A"}].')
    points, source = points_of(asked["switchPoints"]), asked.get("source") or "original"
    shoot = export_angles.shoot_of(context, asked, source)
    refuse_unknown(points, [angle.name for angle in shoot.angles.values() if angle.seen])
    start_ms, end_ms = _range(asked, points, shoot.angles)
    shots = shots_of(points, start_ms, end_ms)
    outputs = outputs_of(asked["outputs"], shoot.base)
    refuse_uncovered(shots, shoot.angles, {one.profile.fps for one in outputs if not one.sound_only})
    heard = _heard(asked, shoot)
    timeline = timeline_of(shots, shoot.angles, heard, shoot.base.fps)
    return _Cut(
        timeline, shoot.reels, export_angles.media_of(shoot), shoot.base, outputs, origin_ms=start_ms, session=shoot.session,
        warnings=tuple(_warnings(shots, shoot, heard, (start_ms, end_ms))),
    )  # fmt: skip


def _range(asked: Mapping[str, Any], points: Sequence[Switch], angles: Mapping[str, Angle]) -> Stretch:
    said = asked.get("range") or {}
    start, end = said.get("startMs"), said.get("endMs")
    start_ms = points[0].at_ms if start is None else exact(start)
    end_ms = angles[points[-1].angle].seen[-1][1] if end is None else exact(end)
    if end_ms <= start_ms:
        raise refused("range", f"ends at {float(end_ms):g} ms and begins at {float(start_ms):g}. Let it end later.")
    return start_ms, end_ms


def _heard(asked: Mapping[str, Any], shoot: Shoot) -> Sound:
    said = asked.get("audio") or {}
    source = said.get("source")
    if source in (FOLLOW, MIX) and source in shoot.angles:
        raise refused("audio.source", f"({source}) is an angle's name too. Call the angle otherwise.")
    return Sound(shoot.master if source is None else source, float(said.get("gainDb") or 0))


def _warnings(shots: Sequence[Shot], shoot: Shoot, heard: Sound, whole: Stretch) -> Iterable[str]:
    if shots[0].switch.join:
        yield f"{shots[0].switch.place}.transition: nothing lies before it; the export begins with a cut."
    if heard.source in shoot.angles and (gap := silent(shoot.angles[heard.source], whole)):
        stretch = f"{float(gap[0]):g} to {float(gap[1]):g} ms"
        yield f"audio.source: {heard.source} has no sound from {stretch}; there it is silent."


def _project_cut(context: Context, asked: Mapping[str, Any]) -> _Cut:
    for name in ("switchPoints", "angles"):
        if name in asked:
            raise refused(name, "cuts angles, and a project is cut already. Leave it out.")
    audio = asked.get("audio") or {}
    for name in ("source", "gainDb"):
        if audio.get(name):
            raise refused(f"audio.{name}", "is decided in the project. Leave it out.")
    project = timelines.find(context, "project", asked["projectId"])
    timeline = _sequence(context, project, asked.get("sequenceId"))
    media = timeline_media.media_of(context, timeline)
    notices = check_media(timeline, media)
    profile = catalogue.profiles()[project.render_profile]
    base = Base(profile.width, profile.height, timeline.timebase)
    start, end = ((asked.get("range") or {}).get(name) for name in ("startMs", "endMs"))
    start_ms, end_ms = exact(start or 0), None if end is None else exact(end)
    if start_ms < 0 or (end_ms is not None and end_ms <= start_ms):
        raise refused("range", "begins at 0 or later, and ends after it begins.")
    return _Cut(
        timeline, render_media.reels_of(context, timeline, asked.get("source") or "original"), media, base,
        outputs_of(asked["outputs"], base), start_ms, end_ms, session=project.session, project=project,
        warnings=tuple(one.message for one in notices),
    )  # fmt: skip


def _sequence(context: Context, project: VideoProject, sequence_id: str | None) -> Timeline:
    row = timelines.sequence_of(context, project, sequence_id, field="sequenceId")
    if row is None:
        raise InvalidInput("The project has no sequence to export. Make one first.", field="projectId")
    return snapshot.read(timeline_rows.snapshot_json(row)).sequence


def _meta(asked: Mapping[str, Any], cut: _Cut, films: Sequence[Film]) -> dict[str, Any]:
    blends = [blend for film in films for blend in film.blends]
    shortened = dict.fromkeys(f"{one.transition.id}: {one.notice.message}" for one in blends if one.notice)
    marked = any(value is not None for value in (asked.get("watermark") or {}).values())
    unmarked = undrawn("watermark", cut.outputs) if marked else ()
    return {
        "startMs": float(cut.start_ms + cut.origin_ms),
        "endMs": float(cut.end + cut.origin_ms),
        "source": asked.get("source") or "original",
        "preset": (asked.get("audio") or {}).get("preset"),
        "sync": list(_sync(cut.reels)),
        "warnings": [*cut.warnings, *shortened, *unmarked],
    }


def _sync(reels: Reels) -> Iterable[dict[str, Any]]:
    """What of the sync is applied to which angle."""
    for of, segments in reels.items():
        if isinstance(of, CameraReference):
            for one in segments:
                offset, drift = float(one.offset_ms), float((one.pace - 1) * 1_000_000)
                yield {"angle": of.camera_label, "offsetMs": offset, "driftPpm": drift}
