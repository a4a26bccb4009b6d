"""The semantic timeline of a clip: that of its own recording, else of a camera that the approved sync places beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from media_app.core import kinds
from media_app.core.kinds import Kind
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents, speakers
from media_app.services.withheld import Withheld
from render_app.core import heard
from render_app.core.edit.angle import Angle
from render_app.core.heard import Stretch, Window
from render_app.models import Clip
from render_app.services import timelines
from render_app.services.edit import NotDecided, multicam_edit
from render_app.services.timeline_media import angles_of
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound

#: A clip that is faster or slower than this says so; its events lie where they are heard at any speed.
SPEED_CHANGE_LIMIT = 1.05


@dataclass(frozen=True, slots=True)
class Found:
    """A timeline, how its clock goes together with the clip's, and the part of the recording that the clip shows."""

    row: DerivedMedia
    stretches: tuple[Stretch, ...]
    part: DerivedMedia | None = None


def of_clip(context: Context, clip_id: str) -> dict[str, Any]:
    """Events and beats in ms of the clip. Raises NotFound where nothing was analyzed that is heard in it."""
    clip = timelines.find(context, "clip", clip_id)
    found = _own(clip) or _through_sync(context, clip)
    if found is None:
        raise NotFound(
            "There is no semantic timeline of this clip's sound yet. Ask for it at /audio/semantic-timeline/analyze.",
            field="clip_id",
        )
    window = Window(clip.in_ms, clip.out_ms, clip.speed)
    events, beats = _merged(found, window)
    first = found[0].row
    return {
        "clip_id": str(clip.pk),
        "asset_id": str(first.asset_id),
        "artifact_id": str(first.pk),
        "duration_ms": round((clip.out_ms - clip.in_ms) / clip.speed, 3),
        "events": events,
        "beats": beats,
        "meta": {
            **first.meta,
            "clip_window_ms": [clip.in_ms, clip.out_ms],
            "clip_relative": True,
            "speed_change_limit": SPEED_CHANGE_LIMIT,
            "speed_change": clip.speed,
            "speed_change_limited": clip.speed != 1,
            "source_artifact_ids": [str(one.row.pk) for one in found],
            "heard_through_sync": all(one.row.asset_id != clip.asset_id for one in found),
        },
    }


def _merged(found: Iterable[Found], window: Window) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    beats: list[dict[str, Any]] = []
    for one in found:
        words = _words(one)
        more = heard.in_clip(
            heard.cleaned(speakers.with_speakers(one.row, documents.read(one.row))), one.stretches, window, words
        )
        events, beats = events + more[0], beats + more[1]
    return sorted(events, key=lambda event: event["start_ms"]), sorted(beats, key=lambda beat: beat["time_ms"])


def _words(found: Found) -> list[dict[str, Any]]:
    """The words on the timeline's clock."""
    transcript = _newest(found.row.asset, found.part, kinds.ASR_TRANSCRIPT)
    if transcript is None:
        return []
    row, later_ms = transcript
    begins_ms = found.part.begins_ms if found.part is not None else 0.0
    return heard.later(heard.words_of(documents.read(row)), begins_ms - found.row.begins_ms - later_ms)


def _newest(asset: MediaAsset, part: DerivedMedia | None, kind: Kind) -> tuple[DerivedMedia, float] | None:
    """The newest of a part or of a recording, and how much later its clock is than that of what was asked for."""
    if part is not None:
        return documents.covering(part, kind)
    row = documents.newest(asset, kind)
    return (row, 0.0) if row is not None else None


def _own(clip: Clip) -> list[Found] | None:
    """The timeline of the file that the clip shows, or of the recording that the file is a part of."""
    if clip.asset is None:
        return None
    found = _newest(clip.asset, clip.artifact, kinds.AUDIO_SEMANTIC_TIMELINE)
    if found is None:
        return None
    row, later_ms = found
    return [Found(row, (Stretch(0.0, float("inf"), offset_ms=-later_ms),), clip.artifact)]


def _through_sync(context: Context, clip: Clip) -> list[Found] | None:
    """Timelines of the shoot that the clip is of: of its own camera, else of the first other one that has any."""
    session = clip.session_id or (clip.asset.session_id if clip.asset else None)
    if session is None:
        return None
    try:
        angles = multicam_edit(context, session).angles
    except (NotDecided, Withheld):
        return None
    clock = _clock(angles, clip)
    own = angles_of(angles, clip.camera_label) if clip.camera_label else []
    others = sorted({one.label for one in angles} - {one.label for one in own})
    for group in (own, *(angles_of(angles, label) for label in others)):
        found = [one for angle in group if (one := _of_angle(context, angle, clock)) is not None]
        if found:
            return found
    return None


def _clock(angles: tuple[Angle, ...], clip: Clip) -> tuple[Stretch, ...] | None:
    """Of a clip of one file, how its clock leads to the master's; None where the clip counts on the master's itself."""
    if clip.asset_id is None:
        return None
    own = next((angle for angle in angles if angle.asset_id == str(clip.asset_id)), None)
    begins_ms = clip.artifact.begins_ms if clip.artifact is not None else 0.0
    return heard.of_part(heard.to_master(own), begins_ms) if own is not None else ()


def _of_angle(context: Context, angle: Angle, clock: tuple[Stretch, ...] | None) -> Found | None:
    asset = MediaAsset.objects.in_tenant(context).filter(pk=angle.asset_id).first()
    row = documents.newest(asset, kinds.AUDIO_SEMANTIC_TIMELINE) if asset is not None else None
    if row is None:
        return None
    stretches = heard.to_master(angle) if clock is None else heard.between(heard.to_master(angle), clock)
    return Found(row, stretches) if stretches else None
