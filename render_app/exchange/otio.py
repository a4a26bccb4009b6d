"""OpenTimelineIO JSON (`Timeline.1`), the format that loses least: one track per angle, each at its own rate.

A rate is a double in this format; the exact one stands next to it in the metadata, and every time value is a whole number
of frames or samples. Schema: https://opentimelineio.readthedocs.io/en/stable/tutorials/otio-serialized-schema.html
"""

import json
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import format_rate, nearest_frame
from render_app.core.edit.angle import Angle, MediaFile
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, lay
from render_app.exchange.base import Document, Format, file_stem, one_line, require_clips

Json = dict[str, Any]


def write(edit: MulticamEdit) -> Document:
    """The whole shoot as one timeline."""
    timeline = _timeline(edit)
    body = json.dumps(timeline, indent=4, ensure_ascii=False, allow_nan=False)
    return Document(
        body.encode("utf-8", "replace"), "application/vnd.pixar.opentimelineio+json", f"{file_stem(edit)}.otio"
    )


def _timeline(edit: MulticamEdit) -> Json:
    laid = {
        angle.camera: lay(angle, edit.origin, unit=_unit(angle), grid=_grid(angle, edit.rate)) for angle in edit.angles
    }
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
            "children": [_track(edit, angle, laid[angle.camera]) for angle in edit.angles],
        },
    }


def _unit(angle: Angle) -> Fraction:
    return angle.rate if angle.has_picture else Fraction(angle.samples_per_second)


def _grid(angle: Angle, timeline_rate: Fraction) -> Fraction:
    """Pictures keep to the timeline's frames; sound alone is placed to the sample."""
    return timeline_rate if angle.has_picture else Fraction(angle.samples_per_second)


def _track(edit: MulticamEdit, angle: Angle, clips: tuple[AngleClip, ...]) -> Json:
    grid, unit = _grid(angle, edit.rate), _unit(angle)
    children: list[Json] = []
    reached = Fraction(0)
    for clip in clips:
        wait = nearest_frame(clip.at / grid - reached, grid)
        if wait > 0:
            children.append(_gap(wait, grid))
            reached += wait / grid
        children.append(_clip(angle, clip, clip.late + reached - clip.at / grid))
        reached += clip.units / unit
    return {
        "OTIO_SCHEMA": "Track.1",
        "name": f"Camera {angle.camera}",
        "kind": "Video" if angle.has_picture else "Audio",
        "metadata": {"studio": _about(angle)},
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


def _clip(angle: Angle, clip: AngleClip, late: Fraction) -> Json:
    unit = _unit(angle)
    start = _media_start(angle)
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": one_line(angle.original_filename),
        "metadata": {"studio": {"rate": format_rate(unit), "offsetMs": clip.offset_ms, "subFrameErrorMs": _ms(late)}},
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


FORMAT = Format("otio", "OpenTimelineIO", write)
