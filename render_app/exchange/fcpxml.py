"""FCPXML 1.10 for Final Cut Pro: one multicam clip with an angle per camera, and a project that plays it whole.

Times are rational seconds. What lies on the timeline begins and ends on its frames; a recorder without picture is
trimmed by less than a frame, so that its sound is true to half a sample. What remains of a camera's offset below one
frame is in the note and the metadata of its clip.
Reference: https://developer.apple.com/documentation/professional-video-applications/fcpxml-reference
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import NTSC_24, NTSC_30, NTSC_60, format_rate
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, Grid, Placed, lay_camera
from render_app.exchange.base import Document, Format, file_stem, require_clips, xml_text

#: What `srcFrameRate` may say.
CONFORM_RATES = {
    NTSC_24: "23.98",
    Fraction(24): "24",
    Fraction(25): "25",
    NTSC_30: "29.97",
    Fraction(30): "30",
    Fraction(48000, 1001): "47.95",
    Fraction(48): "48",
    Fraction(50): "50",
    NTSC_60: "59.94",
    Fraction(60): "60",
}
DEFAULT_SIZE = (1920, 1080)
MULTICAM_ID = "multicam"

FormatKey = tuple[Fraction, int | None, int | None]


def write(edit: MulticamEdit) -> Document:
    """The whole shoot as one library."""
    root = _document(edit)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'
    return Document(body.encode(), "application/xml; charset=utf-8", f"{file_stem(edit)}.fcpxml")


def _document(edit: MulticamEdit) -> ET.Element:
    laid = {label: lay_camera(angles, partial(_grid, edit)) for label, angles in edit.cameras.items()}
    require_clips(edit, laid)
    length = max(one.clip.end for placed in laid.values() for one in placed)
    here = {one.angle.camera for placed in laid.values() for one in placed}
    angles = [angle for angle in edit.angles if angle.camera in here]
    formats = _formats(edit, angles)

    root = ET.Element("fcpxml", version="1.10")
    resources = ET.SubElement(root, "resources")
    for key, name in formats.items():
        _format(resources, key, name)
    for angle in angles:
        _asset(resources, angle, formats, edit)
    media = ET.SubElement(resources, "media", id=MULTICAM_ID, name=xml_text(edit.title))
    multicam = ET.SubElement(media, "multicam", _timeline_attributes(edit, formats))
    for label, placed in laid.items():
        if placed:
            _angle(multicam, label, placed, edit, formats)
    _project(root, edit, angles, length, formats)
    return root


def _unit(angle: Angle) -> Fraction:
    return angle.rate if angle.has_picture else Fraction(angle.samples_per_second)


def _timeline_key(edit: MulticamEdit) -> FormatKey:
    leader = edit.leader
    if leader is None or not (leader.width and leader.height):
        return (edit.rate, *DEFAULT_SIZE)
    return (edit.rate, leader.width, leader.height)


def _formats(edit: MulticamEdit, angles: list[Angle]) -> dict[FormatKey, str]:
    """One per rate and size, the timeline's first."""
    keys = [_timeline_key(edit), *(_format_key(angle) for angle in angles if angle.has_picture)]
    return {key: f"format-{number}" for number, key in enumerate(dict.fromkeys(keys), 1)}


def _format_key(angle: Angle) -> FormatKey:
    return (angle.rate, angle.width, angle.height)


def _format(resources: ET.Element, key: FormatKey, name: str) -> None:
    rate, width, height = key
    made = ET.SubElement(resources, "format", id=name, frameDuration=_frames(1, rate))
    if width and height:
        made.set("width", str(width))
        made.set("height", str(height))


def _asset(resources: ET.Element, angle: Angle, formats: dict[FormatKey, str], edit: MulticamEdit) -> None:
    unit = _unit(angle)
    asset = ET.SubElement(
        resources,
        "asset",
        id=_asset_id(angle),
        name=xml_text(angle.original_filename),
        start=_media_start(angle, edit),
        duration=_frames(int(angle.run * unit // 1), unit),
    )
    if angle.has_picture:
        asset.attrib |= {"hasVideo": "1", "format": formats[_format_key(angle)], "videoSources": "1"}
    if angle.has_audio:
        tracks = angle.audio_tracks
        asset.attrib |= {"hasAudio": "1", "audioSources": str(len(tracks)), "audioChannels": str(max(tracks))}
        asset.set("audioRate", str(angle.samples_per_second))
    original = {"kind": "original-media", "src": xml_text(angle.original.url)}
    ET.SubElement(asset, "media-rep", original, suggestedFilename=xml_text(angle.original_filename))


def _asset_id(angle: Angle) -> str:
    return f"camera-{angle.camera}"


def _media_start(angle: Angle, edit: MulticamEdit) -> str:
    return _frames(_first_unit(angle, edit), _start_rate(angle))


def _first_unit(angle: Angle, edit: MulticamEdit) -> int:
    rate = _start_rate(angle)
    if angle.has_picture:
        return angle.first_timecode(rate, drop=edit.drop_frame(rate)).frame
    return 0 if angle.seconds_of_day is None else round(Fraction(repr(angle.seconds_of_day)) * rate)


def _start_rate(angle: Angle) -> Fraction:
    return angle.timecode_rate if angle.has_picture else Fraction(angle.samples_per_second)


def _grid(edit: MulticamEdit, angle: Angle) -> Grid:
    return Grid(edit.origin, edit.rate, _unit(angle), trim=not angle.has_picture)


def _angle(
    multicam: ET.Element, label: str, placed: Sequence[Placed], edit: MulticamEdit, formats: dict[FormatKey, str]
) -> None:
    row = ET.SubElement(multicam, "mc-angle", name=f"Camera {label}", angleID=label)
    reached = 0
    for one in placed:
        clip = one.clip
        if clip.at > reached:
            waiting = {"name": "Gap", "offset": _frames(reached, edit.rate), "start": "0s"}
            ET.SubElement(row, "gap", waiting, duration=_frames(clip.at - reached, edit.rate))
        _clip(row, one.angle, clip, edit, formats)
        reached = clip.end


def _clip(row: ET.Element, angle: Angle, clip: AngleClip, edit: MulticamEdit, formats: dict[FormatKey, str]) -> None:
    unit = _unit(angle)
    start = _first_unit(angle, edit) / _start_rate(angle) + clip.source / unit
    made = ET.SubElement(
        row,
        "asset-clip",
        ref=_asset_id(angle),
        offset=_frames(clip.at, edit.rate),
        name=xml_text(angle.original_filename),
        start=_frames(int(start * unit), unit) if (start * unit).denominator == 1 else _rational(start),
        duration=_frames(clip.length, edit.rate),
    )
    if angle.has_picture:
        made.attrib |= {"format": formats[_format_key(angle)], "tcFormat": _tc_format(angle, edit)}
        if angle.has_audio:
            made.set("audioRole", "dialogue")
    else:
        made.set("audioRole", "dialogue")
    ET.SubElement(made, "note").text = _note(angle, clip)
    if angle.has_picture and angle.rate != edit.rate:
        conform = ET.SubElement(made, "conform-rate", scaleEnabled="0")
        if angle.rate in CONFORM_RATES:
            conform.set("srcFrameRate", CONFORM_RATES[angle.rate])
    _audio_tracks(made, angle)
    metadata = ET.SubElement(made, "metadata")
    for key, value in _facts(angle, clip).items():
        ET.SubElement(metadata, "md", key=f"studio.{key}", value=value, type="string", displayName=f"Studio {key}")


def _audio_tracks(clip: ET.Element, angle: Angle) -> None:
    """Each audio track of a file that has several, by its channels, under a role of its own."""
    tracks, channel = angle.audio_tracks, 1
    for number, channels in enumerate(tracks if len(tracks) > 1 else (), 1):
        here = ", ".join(str(one) for one in range(channel, channel + channels))
        ET.SubElement(clip, "audio-channel-source", srcCh=here, role=f"dialogue.track-{number}")
        channel += channels


def _tc_format(angle: Angle, edit: MulticamEdit) -> str:
    rate = angle.timecode_rate
    return "DF" if angle.first_timecode(rate, drop=edit.drop_frame(rate)).drop else "NDF"


def _note(angle: Angle, clip: AngleClip) -> str:
    drift = "drift unknown"
    if angle.drift_ppm is not None:
        drift = f"drift {angle.drift_ppm:+g} ppm ({angle.drift_at_end_ms:+.4f} ms at the end, not undone here)"
    sentences = [
        f"Offset {clip.offset_ms:+.4f} ms on the master's clock, {drift}.",
        f"Placed {clip.late_ms:+.4f} ms from its true instant.",
    ]
    if angle.variable_frame_rate:
        sentences.append("The file's frame rate varies: use its mezzanine.")
    return " ".join(sentences)


def _facts(angle: Angle, clip: AngleClip) -> dict[str, str]:
    facts = {
        "offsetMs": f"{clip.offset_ms:.4f}",
        "driftPpm": "" if angle.drift_ppm is None else f"{angle.drift_ppm:g}",
        "subFrameErrorMs": f"{clip.late_ms:.4f}",
        "rate": format_rate(_unit(angle)),
        "mezzanine": angle.mezzanine.url if angle.mezzanine else "",
        "proxy": angle.proxy.url if angle.proxy else "",
    }
    return {key: xml_text(value) for key, value in facts.items() if value}


def _project(
    root: ET.Element, edit: MulticamEdit, angles: list[Angle], length: int, formats: dict[FormatKey, str]
) -> None:
    name, whole = xml_text(edit.title), _frames(length, edit.rate)
    event = ET.SubElement(ET.SubElement(root, "library"), "event", name=name)
    project = ET.SubElement(event, "project", name=name)
    looks = {"duration": whole, **_timeline_attributes(edit, formats), "audioLayout": "stereo", "audioRate": "48k"}
    spine = ET.SubElement(ET.SubElement(project, "sequence", looks), "spine")
    played = ET.SubElement(spine, "mc-clip", ref=MULTICAM_ID, offset="0s", name=name, start="0s", duration=whole)
    picture = next((a.label for a in angles if a is edit.leader), None) or _first(angles, "has_picture")
    master = edit.angle(edit.master)
    sound = master.label if master in angles and master and master.has_audio else _first(angles, "has_audio")
    if picture is not None and picture == sound:
        ET.SubElement(played, "mc-source", angleID=picture, srcEnable="all")
        return
    for camera, part in ((picture, "video"), (sound, "audio")):
        if camera is not None:
            ET.SubElement(played, "mc-source", angleID=camera, srcEnable=part)


def _first(angles: list[Angle], quality: str) -> str | None:
    return next((angle.label for angle in angles if getattr(angle, quality)), None)


def _timeline_attributes(edit: MulticamEdit, formats: dict[FormatKey, str]) -> dict[str, str]:
    return {
        "format": formats[_timeline_key(edit)],
        "tcStart": "0s",
        "tcFormat": "DF" if edit.drop_frame(edit.rate) else "NDF",
    }


def _frames(count: int, rate: Fraction) -> str:
    """`count` frames as seconds, over the rate's own numerator so that a reader sees the frames: `2002/30000s`."""
    if count == 0:
        return "0s"
    if rate.denominator == 1 and count % rate.numerator == 0:
        return f"{count // rate.numerator}s"
    return f"{count * rate.denominator}/{rate.numerator}s"


def _rational(seconds: Fraction) -> str:
    return f"{seconds.numerator}s" if seconds.denominator == 1 else f"{seconds.numerator}/{seconds.denominator}s"


FORMAT = Format("fcpxml", "Final Cut Pro XML 1.10", write)
