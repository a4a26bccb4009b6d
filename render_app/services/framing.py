"""Keyframes that keep a clip's subject in the frame: as a suggestion, and written into the clip where that is asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from media_app.core.vision.boxes import Box
from render_app.core import catalogue, focus, reframe
from render_app.core.focus import Speech
from render_app.core.heard import Window
from render_app.core.reframe import Framing, Key, Look, Shot, Suggestion
from render_app.models import AutomationCurve, Clip
from render_app.services import heard_in_clips, seen_in_clips, timelines
from render_app.services.seen_in_clips import Part
from render_app.services.timeline_edits import Caller
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, WrongStatus

SCALED = ("fit", "fill", "stretch")


def suggest_reframe(context: Context, clip_id: Any, ratio: str, style: str) -> dict[str, Any]:
    """Keyframes for a frame of another shape. Raises NotFound, InvalidInput, WrongStatus."""
    clip = timelines.find(context, "clip", clip_id)
    refuse(clip)
    parts, window = seen_in_clips.parts_of(context, clip), Window(clip.in_ms, clip.out_ms, clip.speed)
    framing = Framing(picture_of(clip, parts), reframe.RATIOS[ratio], clip.scale_mode, style)
    shots = shots_of(clip, parts, window)
    found = reframe.suggest(list(looks(clip, seen_in_clips.frames_of(parts, window))), shots, framing)
    meta = {"target_aspect_ratio": ratio, "framing_style": style, **source_of(parts)}
    return answer(clip, found, shots, meta)


def suggest_focus(context: Context, clip_id: Any) -> dict[str, Any]:
    """Keyframes that hold who is seen while somebody speaks, in the project's own frame; the middle, with the reason, where that was
    not analyzed. Raises NotFound, InvalidInput, WrongStatus."""
    clip = timelines.find(context, "clip", clip_id)
    refuse(clip)
    missing, parts, sound = _analyzed(context, clip)
    if missing:
        return answer(clip, _as_it_lies(clip, missing), [Shot(0.0, seen_in_clips.duration_ms(clip))], {})
    window = Window(clip.in_ms, clip.out_ms, clip.speed)
    shots = shots_of(clip, parts, window)
    speech = [Speech(one["start_ms"], one["end_ms"]) for one in sound["events"] if one["kind"] == "speech"]
    seen = list(looks(clip, seen_in_clips.frames_of(parts, window)))
    framing = Framing(picture_of(clip, parts), _frame_of(clip), clip.scale_mode, zoom=focus.ZOOM)
    found = reframe.suggest(focus.held(seen, shots, speech), shots, framing)
    meta = {**source_of(parts), "source_audio_semantic_artifact_id": sound["artifact_id"], "utterances": len(speech)}
    return answer(clip, replace(found, reasons=focus.reasons(shots, speech, found.reasons)), shots, meta)


def applied(caller: Caller, found: dict[str, Any], summary: str) -> dict[str, Any]:
    """The same with its curves written into the clip, in one edit, in place of those that it has of these properties. One that knows
    of nobody in any shot is left as it is: nothing is written. Raises NotFound, StaleVersion."""
    if all(shot["reason"] for shot in found["meta"]["shots"]):
        return found
    clip = timelines.find(caller.context, "clip", found["clip_id"])
    curves = [{"property": one["property"], "keyframes": one["keyframes"]} for one in found["automation"]]
    timelines.set_curves(caller, clip, curves, summary)
    return found | {"meta": {**found["meta"], "applied": True}}


def _analyzed(context: Context, clip: Clip) -> tuple[str, list[Part], dict[str, Any]]:
    """What was analyzed of the clip, or the reason why it is not enough."""
    try:
        parts = seen_in_clips.parts_of(context, clip)
    except NotFound:
        return "no_visual_meta", [], {}
    try:
        return "", parts, heard_in_clips.of_clip(context, str(clip.pk))
    except NotFound:
        return "no_semantic_timeline", parts, {}


def _as_it_lies(clip: Clip, reason: str) -> Suggestion:
    """The middle, as large as the clip is."""
    middle = (Key(0.0, 0.5),)
    return Suggestion(middle, middle, (Key(0.0, clip.scale),), (reason,))


def _frame_of(clip: Clip) -> float:
    """Width over height of the frame that the clip's project is rendered to."""
    profile = catalogue.profiles()[timelines.project_of(clip).render_profile]
    return profile.width / profile.height


def refuse(clip: Clip) -> None:
    """Raise InvalidInput for a clip whose borders no position hides."""
    if clip.scale_mode not in SCALED:
        raise InvalidInput(
            f"The clip's scale_mode is {clip.scale_mode}, so its place hangs on the pixels of each file. Set fit or fill.",
            field="clip_id",
        )
    turns = AutomationCurve.objects.filter(clip=clip, property="rotation").exists()
    if clip.rotation or turns:
        raise InvalidInput("The clip is rotated, so its corners would show. Set its rotation to 0.", field="clip_id")


def picture_of(clip: Clip, parts: Sequence[Part]) -> float:
    """Width over height of what the clip shows of its picture. Raises InvalidInput where its files differ, WrongStatus where it is not known."""
    sizes = [part.document["picture"] for part in parts]
    if None in sizes:
        raise _missing_analysis("the size of the picture")
    ratios = {round(one["width"] / one["height"], 3) for one in sizes}
    if len(ratios) > 1:
        raise InvalidInput(
            f"The files of camera {clip.camera_label} have pictures of different shapes. Name one of them in the clip, such as B.2.",
            field="clip_id",
        )
    left, top, right, bottom = crop_of(clip)
    return float(sizes[0]["width"]) / sizes[0]["height"] * (1 - left - right) / (1 - top - bottom)


def crop_of(clip: Clip) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    crop = clip.crop or {}
    left, top, right, bottom = (float(crop.get(side, 0)) for side in ("left", "top", "right", "bottom"))
    return left, top, right, bottom


def shots_of(clip: Clip, parts: Sequence[Part], window: Window) -> list[Shot]:
    """The clip's shots without gaps. Raises WrongStatus where they were not looked for."""
    if any(part.document["shots"] is None for part in parts):
        raise _missing_analysis("shots")
    found = seen_in_clips.shots_of(list(parts), window)
    edges = sorted({0.0, *(float(shot["start_ms"]) for shot in found)})
    return [Shot(start, end) for start, end in zip(edges, [*edges[1:], seen_in_clips.duration_ms(clip)], strict=True)]


def _missing_analysis(missing: str) -> WrongStatus:
    return WrongStatus(
        f"The newest visual meta of this clip lacks {missing}, and a path must not cross a cut or show a border. "
        "Ask for one with detect_shot_boundaries at /video/visual-meta/analyze.",
        field="clip_id",
    )


def looks(clip: Clip, frames: Iterable[dict[str, Any]]) -> Iterable[Look]:
    """Where the main subject is in what the clip shows, at each time once."""
    before = -1.0
    for frame in frames:
        if frame["timestamp_ms"] > before:
            before = frame["timestamp_ms"]
            yield Look(before, _main(clip, frame))


def _main(clip: Clip, frame: dict[str, Any]) -> Box | None:
    """None where it is not seen, or lies in what is cropped away."""
    main = frame.get("primary_track_id")
    named = [one for one in frame["subjects"] if main is not None and one.get("track_id") == main]
    if not named:
        return None
    left, top, right, bottom = crop_of(clip)
    wide, high = 1 - left - right, 1 - top - bottom
    x, y, width, height = (named[0][f"bbox_{name}"] for name in ("x", "y", "width", "height"))
    box = Box((x - left) / wide, (y - top) / high, width / wide, height / high).inside()
    return box if box.area > 0 else None


def source_of(parts: Sequence[Part]) -> dict[str, Any]:
    """What a suggestion rests on."""
    meta = parts[0].row.meta
    return {
        "source_visual_meta_artifact_id": str(parts[0].row.pk),
        "source_artifact_ids": [str(part.row.pk) for part in parts],
        "backend_version": str(meta.get("backend_version", "")),
        "cache_key": parts[0].row.cache_key,
        "degraded": bool(meta.get("degraded")),
    }


def answer(clip: Clip, found: Suggestion, shots: Sequence[Shot], meta: dict[str, Any]) -> dict[str, Any]:
    """A suggestion as automation of the clip."""
    curves = {"position_x": found.position_x, "position_y": found.position_y, "scale": found.scale}
    targets = [
        {"start_ms": shot.start_ms, "end_ms": shot.end_ms, "reason": reason or None}
        for shot, reason in zip(shots, found.reasons, strict=True)
    ]
    return {
        "clip_id": str(clip.pk),
        "automation": [
            {
                "property": name, "target_type": "clip", "target_id": str(clip.pk),
                "keyframes": [_keyframe(key) for key in keys],
            }
            for name, keys in curves.items()
        ],
        "meta": {**meta, "applied": False, "shots": targets},
    }  # fmt: skip


def _keyframe(key: Key) -> dict[str, Any]:
    return {"time_ms": key.time_ms, "value": key.value, "interpolation": "hold" if key.holds else "linear"}
