"""What each editing program reads of a file's timecode: an edit that counts a file otherwise does not find its media."""

from dataclasses import replace

from media_app.core.time.timebase import NTSC_30, NTSC_60, parse_rate, parse_timecode
from media_app.core.time.witness import Source
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit

RESOLVE, FINAL_CUT, PREMIERE, AVID = "resolve", "finalcut", "premiere", "avid"
#: Timecodes that each program reads out of a file by itself. None reads LTC from the sound, and Sony's data track is read by
#: DaVinci Resolve alone.
_READS = {
    RESOLVE: frozenset({Source.TMCD, Source.MXF, Source.TAG, Source.BEXT, Source.RTMD}),
    FINAL_CUT: frozenset({Source.TMCD, Source.MXF, Source.TAG, Source.BEXT}),
    PREMIERE: frozenset({Source.TMCD, Source.MXF, Source.TAG, Source.BEXT}),
    AVID: frozenset({Source.TMCD, Source.MXF, Source.TAG, Source.BEXT}),
}
TARGETS = tuple(_READS)
#: What each is called.
PROGRAMS = {
    RESOLVE: "DaVinci Resolve",
    FINAL_CUT: "Final Cut Pro",
    PREMIERE: "Premiere Pro",
    AVID: "Avid Media Composer",
}


def as_read_by(edit: MulticamEdit, target: str) -> MulticamEdit:
    """The edit with each file counted as this program counts it: from 0 where it does not see the file's timecode."""
    return replace(edit, angles=tuple(angle_as_read(angle, target) for angle in edit.angles))


def angle_as_read(angle: Angle, target: str) -> Angle:
    """A file counted as this program counts it."""
    if angle.timecode_source and angle.timecode_source not in _READS[target]:
        return replace(angle, timecode="", timecode_fps="", timecode_source="")
    if angle.timecode_source == Source.RTMD:
        return replace(angle, timecode=_drop_frame(angle))
    return angle


def _drop_frame(angle: Angle) -> str:
    """Sony's data track counts drop-frame at 29.97 and 59.94 although its flag may say otherwise, and is read so."""
    text = angle.timecode
    rate = parse_rate(angle.timecode_fps) if angle.timecode_fps else angle.rate
    if rate not in (NTSC_30, NTSC_60) or ";" in text:
        return text
    dropped = f"{text[:8]};{text[9:]}"
    try:
        parse_timecode(dropped, rate)
    except ValueError:
        return text
    return dropped
