"""Frames, seconds and SMPTE timecode, exactly: times are `Fraction`s of a second, rates are rationals."""

import re
from dataclasses import dataclass
from fractions import Fraction

NTSC_24 = Fraction(24000, 1001)
NTSC_30 = Fraction(30000, 1001)
NTSC_60 = Fraction(60000, 1001)
_DAY_HOURS = 24
_TIMECODE = re.compile(r"(\d{2}):(\d{2}):(\d{2})([:;.,])(\d{2,3})")
_RATE = re.compile(r"(\d{1,12})(?:/(\d{1,12}))?")


def parse_rate(text: str) -> Fraction:
    """`"30000/1001"` or `"25"` → Fraction. Raises ValueError for anything else, decimals and zero included."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a frame rate; write it as a whole number or a ratio such as 30000/1001.")
    numerator, denominator = int(match[1]), int(match[2] or 1)
    if numerator == 0 or denominator == 0:
        raise ValueError(f"{text!r} is not a frame rate; it must be above zero.")
    return Fraction(numerator, denominator)


def format_rate(rate: Fraction) -> str:
    """Always `"num/den"`, the form in which Studio stores a rate: 25 → `"25/1"`."""
    return f"{rate.numerator}/{rate.denominator}"


def frame_to_time(frame: int, rate: Fraction) -> Fraction:
    """When frame number `frame` (from 0) begins, in seconds."""
    return frame / rate


def time_to_frame(seconds: Fraction, rate: Fraction) -> int:
    """The frame on screen at `seconds`: the last one that has begun."""
    return int((seconds * rate) // 1)


def nearest_frame(seconds: Fraction, rate: Fraction) -> int:
    """The frame that begins nearest to `seconds`; halves go up, as ffmpeg's `fps` filter rounds."""
    return int((seconds * rate + Fraction(1, 2)) // 1)


def time_to_sample(seconds: Fraction, sample_rate: int) -> int:
    """The sample nearest to `seconds`; halves go up."""
    return int((seconds * sample_rate + Fraction(1, 2)) // 1)


def seconds_text(seconds: Fraction, places: int = 6) -> str:
    """Decimal text of `seconds` for a command line, rounded half up: no exponent, no float on the way."""
    scale: int = 10**places
    scaled = int((abs(seconds) * scale + Fraction(1, 2)) // 1)
    sign = "-" if seconds < 0 and scaled else ""
    return f"{sign}{scaled // scale}.{scaled % scale:0{places}d}"


def milliseconds(seconds: Fraction) -> str:
    """`seconds` in ms to a tenth, with its sign: an offset as people read it (`"+499.4 ms"`)."""
    tenths = int((abs(seconds) * 10_000 + Fraction(1, 2)) // 1)
    sign = "" if tenths == 0 else "-" if seconds < 0 else "+"
    return f"{sign}{tenths // 10}.{tenths % 10} ms"


def clock(seconds: Fraction) -> str:
    """`HH:MM:SS.mmm` for people, rounded to the millisecond; negative times carry a minus."""
    thousandths = int((abs(seconds) * 1000 + Fraction(1, 2)) // 1)
    whole, ms = divmod(thousandths, 1000)
    minutes, second = divmod(whole, 60)
    hour, minute = divmod(minutes, 60)
    sign = "-" if seconds < 0 and thousandths else ""
    return f"{sign}{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}"


@dataclass(frozen=True, slots=True)
class Timecode:
    """A SMPTE ST 12-1 label: `frame` frames after midnight at `rate`, `drop` if drop-frame numbering names it.

    Drop-frame skips the labels ;00 and ;01 (at 59.94: ;00 to ;03) at each minute that is not a tenth one, so that
    29.97 fps stays within two frames of the wall clock. No picture is dropped. Labels wrap at 24 hours.

    The standard has drop-frame at 29.97 and its multiples alone. Some recorders number so at 30.00 too: their labels are
    counted in the same way, and run ahead of the wall clock.
    """

    frame: int
    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if self.drop and not can_drop(self.rate):
            raise ValueError(f"{format_rate(self.rate)} has no drop-frame timecode; only 30000/1001 and 60000/1001 do.")
        object.__setattr__(self, "frame", self.frame % frames_per_day(self.rate, drop=self.drop))

    def __str__(self) -> str:
        number = self.frame + (_labels_skipped(self.frame, self.rate) if self.drop else 0)
        base = nominal_rate(self.rate)
        second, frame = divmod(number, base)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        width = len(str(base - 1)) if base > 10 else 2
        return f"{hour:02d}:{minute:02d}:{second:02d}{';' if self.drop else ':'}{frame:0{max(2, width)}d}"

    def __add__(self, frames: int) -> "Timecode":
        return Timecode(self.frame + frames, self.rate, self.drop)

    @property
    def seconds(self) -> Fraction:
        """Real seconds after midnight at which this frame begins."""
        return frame_to_time(self.frame, self.rate)


def nominal_rate(rate: Fraction) -> int:
    """The whole number of labels per second: 30 for 30000/1001."""
    return int((rate + Fraction(1, 2)) // 1)


def can_drop(rate: Fraction) -> bool:
    """Whether labels at this rate may be drop-frame: 30, 60 or 120 of them a second."""
    return nominal_rate(rate) in (30, 60, 120)


def frames_per_day(rate: Fraction, *, drop: bool) -> int:
    """After how many frames the labels begin again."""
    base = nominal_rate(rate)
    hour = base * 3600
    if drop:
        hour -= 54 * _dropped_per_minute(rate)
    return _DAY_HOURS * hour


def parse_timecode(text: str, rate: Fraction) -> Timecode:
    """`"01:00:00;02"` at `rate` → Timecode; `;`, `.` or `,` before the frames mean drop-frame.

    Raises ValueError for text that is no timecode, a frame number that the rate has not, a label that drop-frame
    skips, and drop-frame at a rate that has none.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a timecode; write HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame.")
    hour, minute, second, frame = int(match[1]), int(match[2]), int(match[3]), int(match[5])
    drop = match[4] != ":"
    base = nominal_rate(rate)
    if hour >= _DAY_HOURS or minute > 59 or second > 59 or frame >= base:
        raise ValueError(f"{text!r} is not a timecode at {format_rate(rate)} frames per second.")
    number = ((hour * 60 + minute) * 60 + second) * base + frame
    if not drop:
        return Timecode(number, rate)
    skipped = _dropped_per_minute(rate) if can_drop(rate) else 0
    if minute % 10 and second == 0 and frame < skipped:
        raise ValueError(f"{text!r} does not exist: drop-frame skips that label.")
    minutes = hour * 60 + minute
    return Timecode(number - skipped * (minutes - minutes // 10), rate, drop=True)


def _dropped_per_minute(rate: Fraction) -> int:
    return nominal_rate(rate) // 15


def _labels_skipped(frame: int, rate: Fraction) -> int:
    """How many labels drop-frame numbering left out before frame `frame` of the day."""
    skip = _dropped_per_minute(rate)
    minute = nominal_rate(rate) * 60 - skip
    ten_minutes = minute * 10 + skip
    tens, rest = divmod(frame, ten_minutes)
    minutes_in = 0 if rest < skip else (rest - skip) // minute
    return skip * (9 * tens + minutes_in)
