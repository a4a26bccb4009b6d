"""OpenTimelineIO JSON (`Timeline.1`), the format that loses least: one track per angle, each at its own rate.

A rate is a double in this format; the exact one stands next to it in the metadata, and every time value is a whole number
of frames or samples. Schema: https://opentimelineio.readthedocs.io/en/stable/tutorials/otio-serialized-schema.html
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from media_app.core.time.timebase import format_rate, nearest_frame
from render_app.core.edit.angle import Angle, MediaFile
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, Grid, Placed, lay_camera
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly
from render_app.exchange.base import Document, Format, assembly_stem, file_stem, one_line, require_clips, require_events
from render_app.exchange.otio_assembly import written
from render_app.exchange.otio_reading import read

Json = dict[str, Any]
CARRIES = frozenset(Carries) - {
    Carries.VOLUME,
    Carries.FADES,
    Carries.PLACEMENT,
    Carries.STRETCH,
    Carries.TITLES,
}
#: What the format itself has a form for.
UNWRITTEN = frozenset({"still", "artifact", "hidden"})
CONTENT_TYPE = "application/vnd.pixar.opentimelineio+json"


def write(edit: MulticamEdit) -> Document:
    """The whole shoot as one timeline."""
    timeline = _timeline(edit)
    body = json.dumps(timeline, indent=4, ensure_ascii=False, allow_nan=False)
    return Document(body.encode("utf-8", "replace"), CONTENT_TYPE, f"{file_stem(edit)}.otio")


def _timeline(edit: MulticamEdit) -> Json:
    laid = {label: lay_camera(angles, partial(_timeline_grid, edit)) for label, angles in edit.cameras.items()}
    require_clips(edit, laid)
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": one_line(edit.title),
        "metadata": {
            "studio": {
                "sessionId": edit.session_id,
                "projectId": edit.project_id,
                "date": edit.day.isoformat(),
                "masterCamera": edit.master,
                "operatorStatus": edit.operator_status,
                "version": edit.version,
                "rate": format_rate(edit.rate),
                "zeroOnMasterClockMs": _ms(edit.origin),
            }
        },
        "global_start_time": _time(0, edit.rate),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "metadata": {},
            "source_range": None,
            "effects": [],
            "markers": [],
            "enabled": True,
            "children": [row for label, angles in edit.cameras.items() for row in _tracks(edit, angles, laid[label])],
        },
    }


def _unit(angle: Angle) -> Fraction:
    return angle.rate if angle.has_picture else Fraction(angle.samples_per_second)


def _grid(angle: Angle, timeline_rate: Fraction) -> Fraction:
    """Pictures keep to the timeline's frames; sound alone is placed to the sample."""
    return timeline_rate if angle.has_picture else Fraction(angle.samples_per_second)


def _timeline_grid(edit: MulticamEdit, angle: Angle) -> Grid:
    return Grid(edit.origin, _grid(angle, edit.rate), _unit(angle))


def _tracks(edit: MulticamEdit, angles: Sequence[Angle], placed: Sequence[Placed]) -> list[Json]:
    """A camera's picture with its sound; of files with several audio tracks, each of them besides."""
    tracks = [_track(edit, angles, placed)]
    channels = max((angle.audio_tracks for angle in angles), key=len)
    if len(channels) < 2:
        return tracks
    rows = tracks if any(angle.has_picture for angle in angles) else []
    for number, count in enumerate(channels, 1):
        row = _track(edit, angles, [one for one in placed if len(one.angle.audio_tracks) >= number])
        about = row["metadata"]["studio"] | {"audioTrack": number, "channels": count}
        rows.append(row | {"name": f"{row['name']} audio {number}", "kind": "Audio", "metadata": {"studio": about}})
    return rows


def _track(edit: MulticamEdit, angles: Sequence[Angle], placed: Sequence[Placed]) -> Json:
    """One camera, all its recordings. What is known of each but the first stands with its clips."""
    children: list[Json] = []
    reached = Fraction(0)
    for one in placed:
        clip, grid, unit = one.clip, _grid(one.angle, edit.rate), _unit(one.angle)
        wait = nearest_frame(clip.at / grid - reached, grid)
        if wait > 0:
            children.append(_gap(wait, grid))
            reached += wait / grid
        more = {} if one.angle is angles[0] else {"camera": _about(one.angle)}
        children.append(_clip(one.angle, clip, clip.late + reached - clip.at / grid, more))
        reached += clip.units / unit
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": f"Camera {angles[0].label}",
        "kind": "Video" if any(angle.has_picture for angle in angles) else "Audio",
        "metadata": {"studio": _about(angles[0])},
        "source_range": None,
        "effects": [],
        "markers": [],
        "enabled": True,
        "children": children,
    }


def _gap(length: int, rate: Fraction) -> Json:
    return {
        "OTIO_SCHEMA": "Gap.1",
        "name": "",
        "metadata": {},
        "source_range": _range(0, length, rate),
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def _clip(angle: Angle, clip: AngleClip, late: Fraction, more: Json) -> Json:
    unit = _unit(angle)
    start = _media_start(angle)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": one_line(angle.original_filename),
        "metadata": {
            "studio": {"rate": format_rate(unit), "offsetMs": clip.offset_ms, "subFrameErrorMs": _ms(late)} | more
        },
        "source_range": _range(start + clip.source, clip.units, unit),
        "effects": [],
        "markers": [],
        "enabled": True,
        "active_media_reference_key": "DEFAULT_MEDIA",
        "media_references": {
            "DEFAULT_MEDIA": {
                "OTIO_SCHEMA": "ExternalReference.1",
                "name": one_line(angle.original_filename),
                "metadata": {"studio": {"checksum": angle.original.checksum}},
                "available_range": _range(start, int(angle.run * unit // 1), unit),
                "available_image_bounds": None,
                "target_url": angle.original.url,
            }
        },
    }


def _media_start(angle: Angle) -> int:
    """The number that the file's own clock gives its first frame or sample."""
    unit = _unit(angle)
    if not angle.has_picture:
        return 0 if angle.seconds_of_day is None else nearest_frame(Fraction(repr(angle.seconds_of_day)), unit)
    return nearest_frame(angle.first_timecode(angle.timecode_rate).seconds, unit)


def _about(angle: Angle) -> Json:
    """What the sync found, and the other files of this camera."""
    return {
        "cameraLabel": angle.camera,
        "offsetMs": angle.offset_ms,
        "driftPpm": angle.drift_ppm,
        "driftAtEndMs": angle.drift_at_end_ms,
        "rate": format_rate(_unit(angle)),
        "timecode": angle.timecode,
        "timecodeSource": angle.timecode_source,
        "audioTracks": list(angle.audio_tracks),
        "videoStartMs": angle.video_start_ms,
        "audioStartMs": angle.audio_start_ms,
        "variableFrameRate": angle.variable_frame_rate,
        "mezzanine": _file(angle.mezzanine),
        "proxy": _file(angle.proxy),
        "audio": _file(angle.audio),
    }


def _file(file: MediaFile | None) -> Json | None:
    return None if file is None else {"url": file.url, "checksum": file.checksum}


def _range(start: int, length: int, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(length, rate)}


def _time(value: int, rate: Fraction) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": float(rate)}


def _ms(seconds: Fraction) -> float:
    return float(round(seconds * 1000, 4))


def write_assembly(assembly: Assembly, target: str = "") -> Document:
    """An assembly, with all that Studio has of it in the metadata."""
    require_events(assembly)
    return Document(written(assembly), CONTENT_TYPE, f"{assembly_stem(assembly)}.otio")


FORMAT = Format("otio", "OpenTimelineIO (DaVinci Resolve)", write, write_assembly, CARRIES, UNWRITTEN, read=read)
