"""What is on screen in a clip: the visual meta of the file that it shows, or of the camera that it names through the approved sync."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents
from media_app.services.withheld import Withheld
from render_app.core import heard, seen
from render_app.core.heard import Stretch, Window
from render_app.models import Clip
from render_app.services import timelines
from render_app.services.edit import NotDecided, multicam_edit
from render_app.services.timeline_media import angles_of
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Part:
    """One file's visual meta, and how its clock leads to the clip's."""

    row: DerivedMedia
    document: dict[str, Any]
    stretches: tuple[Stretch, ...]


def of_clip(context: Context, clip_id: Any) -> dict[str, Any]:
    """Frames and shots in ms of the clip. Raises NotFound where nothing was analyzed that it shows."""
    clip = timelines.find(context, "clip", clip_id)
    parts, window = parts_of(context, clip), Window(clip.in_ms, clip.out_ms, clip.speed)
    first = parts[0]
    return {
        "clip_id": str(clip.pk),
        "asset_id": str(first.row.asset_id),
        "artifact_id": str(first.row.pk),
        "duration_ms": duration_ms(clip),
        "frame_sample_interval_ms": first.document["frame_sample_interval_ms"],
        "picture": first.document["picture"],
        "frames": frames_of(parts, window),
        "shots": shots_of(parts, window),
        "meta": {
            **first.row.meta,
            "clip_window_ms": [clip.in_ms, clip.out_ms],
            "clip_relative": True,
            "speed_change": clip.speed,
            "source_artifact_ids": [str(part.row.pk) for part in parts],
        },
    }


def showing(asset: MediaAsset) -> Q:
    """Clips that show an asset, by its id or as a camera of its shoot."""
    of_file = Q(asset=asset)
    if asset.session_id is None:
        return of_file
    labels = {asset.camera_key, asset.camera_label} if asset.clip == 1 else {asset.camera_key}
    return of_file | Q(session_id=asset.session_id, camera_label__in=labels)


def duration_ms(clip: Clip) -> float:
    """How long a clip lasts on its timeline."""
    return round((clip.out_ms - clip.in_ms) / clip.speed, 3)


def frames_of(parts: list[Part], window: Window) -> list[dict[str, Any]]:
    """The frames of all parts in the order of the clip."""
    found = [frame for part in parts for frame in seen.frames_in(part.document, part.stretches, window)]
    return sorted(found, key=lambda frame: float(frame["timestamp_ms"]))


def shots_of(parts: list[Part], window: Window) -> list[dict[str, Any]]:
    """The shots of all parts in the order of the clip."""
    found = [shot for part in parts for shot in seen.shots_in(part.document, part.stretches, window)]
    return sorted(found, key=lambda shot: float(shot["start_ms"]))


def parts_of(context: Context, clip: Clip) -> list[Part]:
    """The newest visual meta of what a clip shows. Raises NotFound where there is none."""
    found = _of_camera(context, clip) if clip.asset is None else _of_file(clip, clip.asset)
    if not found:
        raise NotFound(
            "There is no visual meta of what this clip shows yet. Ask for it at /video/visual-meta/analyze.",
            field="clip_id",
        )
    return found


def _of_file(clip: Clip, asset: MediaAsset) -> list[Part]:
    """On the asset's own clock; a clip of a part of it counts from where that begins."""
    begins = clip.artifact.begins_ms if clip.artifact else 0.0
    return _part(asset, (Stretch(0.0, float("inf"), offset_ms=-begins),))


def _of_camera(context: Context, clip: Clip) -> list[Part]:
    if clip.session_id is None:
        return []
    try:
        angles = angles_of(multicam_edit(context, clip.session_id).angles, str(clip.camera_label))
    except (NotDecided, Withheld):
        return []
    assets = MediaAsset.objects.in_tenant(context).in_bulk([angle.asset_id for angle in angles])
    by_id = {str(asset.pk): asset for asset in assets.values()}
    return [
        part
        for angle in angles
        if angle.asset_id in by_id
        for part in _part(by_id[angle.asset_id], heard.to_master(angle))
    ]


def _part(asset: MediaAsset, stretches: tuple[Stretch, ...]) -> list[Part]:
    row = documents.newest(asset, kinds.VISUAL_META)
    return [] if row is None else [Part(row, seen.cleaned(documents.read(row)), stretches)]
