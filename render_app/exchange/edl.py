"""CMX3600 edit decision lists. A list has one video track and one frame rate, so each camera gets one of its own, at
its own rate; all begin at the same instant, record 00:00:00:00.

Cameras faster than any tape (120 fps) are counted at the editing rate below them.
"""

import io
import zipfile
from fractions import Fraction

from media_app.core.time.timebase import Timecode, format_rate, frames_per_day
from render_app.core.edit.angle import Angle, CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, lay
from render_app.exchange.base import Document, Format, file_stem, one_line, require_clips

TITLE_LIMIT = 70
#: The first day that a ZIP archive can name: the same edit gives the same bytes.
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def write(edit: MulticamEdit) -> Document:
    """A ZIP archive with a list for each camera that has frames. Not compressed: the same bytes from every zlib."""
    laid = {angle.camera: _laid(edit, angle) for angle in edit.angles}
    require_clips(edit, laid)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for angle in edit.angles:
            if laid[angle.camera]:
                member = zipfile.ZipInfo(_filename(edit, angle.camera), ZIP_DAY)
                member.create_system, member.external_attr = UNIX, 0o644 << 16
                archive.writestr(member, _list(edit, angle, laid[angle.camera]))
    return Document(packed.getvalue(), "application/zip", f"{file_stem(edit)}_edl.zip")


def write_camera(edit: MulticamEdit, camera: str) -> Document:
    """One camera's list, on the timeline of all. Raises CannotExport when there is no such camera."""
    angle = edit.angle(camera)
    if angle is None:
        raise CannotExport(f"There is no camera {one_line(camera, 20)} in this edit.")
    clips = _laid(edit, angle)
    require_clips(edit, {camera: clips})
    return Document(_list(edit, angle, clips), "text/plain; charset=utf-8", _filename(edit, camera))


def _filename(edit: MulticamEdit, camera: str) -> str:
    return f"{file_stem(edit)}_camera-{camera}.edl"


def _rate(edit: MulticamEdit, angle: Angle) -> Fraction:
    return angle.timecode_rate if angle.has_picture else edit.rate


def _laid(edit: MulticamEdit, angle: Angle) -> tuple[AngleClip, ...]:
    rate = _rate(edit, angle)
    return lay(angle, edit.origin, unit=rate, grid=rate)


def _list(edit: MulticamEdit, angle: Angle, clips: tuple[AngleClip, ...]) -> bytes:
    rate = _rate(edit, angle)
    drop = edit.drop_frame(rate)
    if clips[-1].at + clips[-1].length > frames_per_day(rate, drop=drop):
        raise CannotExport(
            f"Camera {angle.camera} ends more than 24 hours after the first one began, which timecode cannot count. "
            "Ask for otio or fcpxml."
        )
    lines = [
        f"TITLE: {one_line(edit.title, TITLE_LIMIT)}",
        f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}",
        "",
    ]
    for number, clip in enumerate(clips, 1):
        lines += _event(number, angle, clip, rate, drop)
        if number == 1:
            lines += _remarks(edit, angle, rate)
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


def _remarks(edit: MulticamEdit, angle: Angle, rate: Fraction) -> list[str]:
    """What the sync found. Some readers take no remark before the first event."""
    drift = "UNKNOWN"
    if angle.drift_ppm is not None:
        drift = f"{angle.drift_ppm:+g} PPM, {angle.drift_at_end_ms:+.4f} MS AT THE END, NOT UNDONE HERE"
    lines = [
        f"* CAMERA {angle.camera}, MASTER {edit.master}",
        f"* RATE: {format_rate(rate)}",
        f"* OFFSET: {angle.offset_ms:+.4f} MS ON THE MASTER'S CLOCK",
        f"* DRIFT: {drift}",
    ]
    if angle.has_picture and angle.rate != rate:
        lines.append(f"* THE FILE HAS {format_rate(angle.rate)} FRAMES PER SECOND")
    if angle.variable_frame_rate:
        lines.append("* THE FILE'S FRAME RATE VARIES: USE ITS MEZZANINE")
    return lines


def _event(number: int, angle: Angle, clip: AngleClip, rate: Fraction, drop: bool) -> list[str]:
    source = angle.first_timecode(rate, drop=drop) + clip.source
    record = Timecode(clip.at, rate, drop)
    times = f"{source} {source + clip.length} {record} {record + clip.length}"
    lines = [
        f"{number:03d}  {f'CAM_{angle.camera}':<8} {_channels(angle):<5} C        {times}",
        f"* FROM CLIP NAME: {one_line(angle.original_filename)}",
        f"* SUB-FRAME ERROR: {clip.late_ms:+.4f} MS",
    ]
    return [*lines, f"* SEGMENT OFFSET: {clip.offset_ms:+.4f} MS"] if angle.segments else lines


def _channels(angle: Angle) -> str:
    """V: picture; A: one track of sound; AA: two; B: picture and one."""
    sound = min(2, angle.audio_tracks)
    if not angle.has_picture:
        return "AA" if sound == 2 else "A"
    return ("V", "B", "AA/V")[sound]


FORMAT = Format("edl", "CMX3600 EDL", write, write_camera)
