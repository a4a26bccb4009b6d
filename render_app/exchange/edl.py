"""CMX3600 edit decision lists. A list has one video track and one frame rate. Of a session each camera gets one of its own, at its
own rate; all begin at the same instant, record 00:00:00:00. Of an assembly each track gets one, at the timeline's rate.

A writer of our own: the library's (otio-cmx3600-adapter 1.0.0) refuses a second video track, writes no FCM line although it writes
drop-frame labels, shortens reel names by itself, and its comments keep Premiere from reading the list. Cameras faster than any
tape (120 fps) are counted at the editing rate below them.
"""

import io
import zipfile
from collections.abc import Sequence
from fractions import Fraction

from media_app.core.time.timebase import Timecode, format_rate, frames_per_day
from render_app.core.edit.angle import Angle, CannotExport
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.placement import AngleClip, Grid, Placed, lay_camera
from render_app.core.exchange.losses import Carries
from render_app.core.exchange.nouns import Assembly
from render_app.exchange.base import Document, Format, assembly_stem, file_stem, one_line, require_clips, require_events
from render_app.exchange.edl_assembly import lists_of
from render_app.exchange.edl_reading import read
from sessions_app.core.cameras import split_key

CARRIES = frozenset({Carries.SPEED, Carries.DISSOLVES})
LIST_TYPE = "text/plain; charset=utf-8"
TITLE_LIMIT = 70
#: The first day that a ZIP archive can name: the same edit gives the same bytes.
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def write(edit: MulticamEdit) -> Document:
    """A ZIP archive with a list for each camera that has frames. Not compressed: the same bytes from every zlib."""
    laid = {label: _laid(edit, label) for label in edit.cameras}
    require_clips(edit, laid)
    lists = [(_filename(edit, label), _list(edit, label, placed)) for label, placed in laid.items() if placed]
    return _zipped(lists, f"{file_stem(edit)}_edl.zip")


def write_assembly(assembly: Assembly, target: str = "") -> Document:
    """An assembly as one list, or as a ZIP archive with one for each of its tracks. Raises CannotExport."""
    require_events(assembly)
    lists, stem = lists_of(assembly, target), assembly_stem(assembly)
    if len(lists) == 1:
        return Document(lists[0][1], LIST_TYPE, f"{stem}.edl")
    return _zipped([(f"{stem}_track-{name}.edl", body) for name, body in lists], f"{stem}_edl.zip")


def _zipped(lists: Sequence[tuple[str, bytes]], filename: str) -> Document:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, body in lists:
            member = zipfile.ZipInfo(name, ZIP_DAY)
            member.create_system, member.external_attr = UNIX, 0o644 << 16
            archive.writestr(member, body)
    return Document(packed.getvalue(), "application/zip", filename)


def write_camera(edit: MulticamEdit, camera: str) -> Document:
    """One camera's list with all its clips, on the timeline of all. Raises CannotExport when there is no such camera."""
    if camera not in edit.cameras:
        raise CannotExport(f"There is no camera {one_line(camera, 20)} in this edit.")
    placed = _laid(edit, camera)
    require_clips(edit, {camera: placed})
    return Document(_list(edit, camera, placed), LIST_TYPE, _filename(edit, camera))


def _filename(edit: MulticamEdit, camera: str) -> str:
    return f"{file_stem(edit)}_camera-{camera}.edl"


def _rate(edit: MulticamEdit, label: str) -> Fraction:
    """A camera's rate: that of its first clip with a picture."""
    pictures = [angle.timecode_rate for angle in edit.cameras[label] if angle.has_picture]
    return pictures[0] if pictures else edit.rate


def _laid(edit: MulticamEdit, label: str) -> tuple[Placed, ...]:
    rate = _rate(edit, label)
    return lay_camera(edit.cameras[label], lambda _: Grid(edit.origin, rate, rate))


def _list(edit: MulticamEdit, label: str, placed: Sequence[Placed]) -> bytes:
    rate = _rate(edit, label)
    drop = edit.drop_frame(rate)
    if placed[-1].clip.end > frames_per_day(rate, drop=drop):
        raise CannotExport(
            f"Camera {label} ends more than 24 hours after the first one began, which timecode cannot count. "
            "Ask for otio or fcpxml."
        )
    lines = [
        f"TITLE: {one_line(edit.title, TITLE_LIMIT)}",
        f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}",
        "",
    ]
    remarked: set[str] = set()
    for number, one in enumerate(placed, 1):
        lines += _event(number, one.angle, one.clip, rate, drop)
        if one.angle.camera not in remarked:
            lines += _remarks(edit, one.angle, rate)
            remarked.add(one.angle.camera)
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
        f"{number:03d}  {_reel(angle):<8} {_channels(angle):<5} C        {times}",
        *_further_channels(angle),
        f"* FROM CLIP NAME: {one_line(angle.original_filename)}",
        f"* SUB-FRAME ERROR: {clip.late_ms:+.4f} MS",
    ]
    return [*lines, f"* SEGMENT OFFSET: {clip.offset_ms:+.4f} MS"] if angle.segments else lines


def _reel(angle: Angle) -> str:
    """A name of at most eight letters and digits for each file: CAM_B, and CAMB0002 for its second clip."""
    label, clip = split_key(angle.camera)
    return f"CAM_{label}" if clip == 1 else f"CAM{label}{clip:04d}"


def _channels(angle: Angle) -> str:
    """V: picture; A: one track of sound; AA: two; B: picture and one."""
    sound = min(2, sum(angle.audio_tracks))
    if not angle.has_picture:
        return "AA" if sound == 2 else "A"
    return ("V", "B", "AA/V")[sound]


def _further_channels(angle: Angle) -> list[str]:
    """What the letters have no room for: channels 3 and 4, which the format knows, and a remark on those that it has not."""
    channels = sum(angle.audio_tracks)
    known = "    ".join(str(number) for number in range(3, min(channels, 4) + 1))
    lines = [f"AUD  {known}"] if known else []
    if channels > 4:
        lines.append(f"* THE FILE HAS {channels} CHANNELS OF SOUND; THIS FORMAT COUNTS 4")
    return lines


FORMAT = Format(
    "edl",
    "EDL, CMX 3600 (one list per camera or track)",
    write,
    write_assembly,
    CARRIES,
    write_camera=write_camera,
    read=read,
)
