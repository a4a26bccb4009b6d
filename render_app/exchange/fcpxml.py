"""FCPXML 1.10 for Final Cut Pro: one multicam clip with an angle per camera, and a project that plays it whole.

Times are rational seconds. What lies on the timeline begins and ends on its frames; a recorder without picture is
trimmed by less than a frame, so that its sound is true to half a sample. What remains of a camera's offset below one
frame is in the note and the metadata of its clip.

A writer of our own: the library's (otio-fcpx-xml-adapter 1.0.0) has no multicam clip, drops transitions, and counts 29.97 as 29 frames
a second (AcademySoftwareFoundation/OpenTimelineIO#903).
Reference: https://developer.apple.com/documentation/professional-video-applications/fcpxml-reference
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from xml.etree import ElementTree as ET

from media_app.core.time.timebase import format_rate
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, Grid, Placed, lay_camera
from render_app.core.edit.readers import FINAL_CUT
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly
from render_app.exchange.apple import as_document, audio_tracks, conform, frames, timed
from render_app.exchange.base import Document, Format, assembly_stem, file_stem, require_clips, require_events, xml_text
from render_app.exchange.fcpxml_assembly import written
from render_app.exchange.fcpxml_reading import read

CARRIES = frozenset(Carries) - {Carries.TRANSITION_TYPES, Carries.ANY_RATE}
#: What the format itself has a form for.
UNWRITTEN = frozenset(
    {"automation", "blend_mode", "stabilise", "optical_flow", "audio_role", "still", "artifact", "hidden"}
)
DEFAULT_SIZE = (1920, 1080)
MULTICAM_ID = "multicam"

FormatKey = tuple[Fraction, int | None, int | None]


def write(edit: MulticamEdit) -> Document:
    """The whole shoot as one library."""
    return as_document(_document(edit), file_stem(edit))


def write_assembly(assembly: Assembly, target: str = "") -> Document:
    """An assembly as a project: cameras of a session as multicam clips with switched angles, other files as clips of their own."""
    require_events(assembly)
    return as_document(written(assembly), assembly_stem(assembly))


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
    made = ET.SubElement(resources, "format", id=name, frameDuration=frames(1, rate))
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
        duration=frames(int(angle.run * unit // 1), unit),
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
    return frames(_first_unit(angle, edit), _start_rate(angle))


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
            waiting = {"name": "Gap", "offset": frames(reached, edit.rate), "start": "0s"}
            ET.SubElement(row, "gap", waiting, duration=frames(clip.at - reached, edit.rate))
        _clip(row, one.angle, clip, edit, formats)
        reached = clip.end


def _clip(row: ET.Element, angle: Angle, clip: AngleClip, edit: MulticamEdit, formats: dict[FormatKey, str]) -> None:
    unit = _unit(angle)
    start = _first_unit(angle, edit) / _start_rate(angle) + clip.source / unit
    made = ET.SubElement(
        row,
        "asset-clip",
        ref=_asset_id(angle),
        offset=frames(clip.at, edit.rate),
        name=xml_text(angle.original_filename),
        start=timed(start, unit),
        duration=frames(clip.length, edit.rate),
    )
    if angle.has_picture:
        made.attrib |= {"format": formats[_format_key(angle)], "tcFormat": _tc_format(angle, edit)}
        if angle.has_audio:
            made.set("audioRole", "dialogue")
    else:
        made.set("audioRole", "dialogue")
    ET.SubElement(made, "note").text = _note(angle, clip)
    if angle.has_picture:
        conform(made, angle.rate, edit.rate)
    audio_tracks(made, angle)
    metadata = ET.SubElement(made, "metadata")
    for key, value in _facts(angle, clip).items():
        ET.SubElement(metadata, "md", key=f"studio.{key}", value=value, type="string", displayName=f"Studio {key}")


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
    name, whole = xml_text(edit.title), frames(length, edit.rate)
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


FORMAT = Format(
    "fcpxml",
    "FCPXML 1.10 (Final Cut Pro, DaVinci Resolve)",
    write,
    write_assembly,
    CARRIES,
    UNWRITTEN,
    read=read,
    program=FINAL_CUT,
)
