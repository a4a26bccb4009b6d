"""Timecode and creation times as witnesses: what they say of a camera's offset, held against what the sound says.

A timecode counts in its own rate, whatever the picture's: 25 on 50p, 30 drop-frame on 59.94p. Two that were jam-synced
agree to a frame. A camera's own clock was set by hand: the time of creation that it writes is good for seconds at most, and
so is a timecode that counts the same clock. What starts at a whole hour counts the recording, not the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from media_app.core.time.timebase import Timecode, clock, frames_per_day, nominal_rate

#: A recorder's samples since midnight come from a timecode too; its rate is not known, so the slowest is taken.
SAMPLES_FRAME = Fraction(1, 24)
#: Timecodes that were jam-synced hours ago drift by some frames.
DRIFTED_S = Fraction(1, 4)
#: Times of creation are whole seconds.
CREATION_S = Fraction(2)
#: Clocks that people set are off by minutes.
BY_HAND_S = Fraction(600)
#: The most that time zones are apart, and the smallest step between them.
ZONES_S, ZONE_STEP_S = Fraction(26 * 3600), Fraction(900)
HOUR_S, DAY_S = Fraction(3600), Fraction(86_400)


class Source(StrEnum):
    """Where a timecode was found; the surest first."""

    LTC = "ltc"
    BEXT = "bext"
    TMCD = "tmcd"
    MXF = "mxf"
    RTMD = "rtmd"
    TAG = "tag"


class Outcome(StrEnum):
    AGREES = "agrees"
    CONTRADICTS = "contradicts"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class TimecodeWitness:
    """A timecode of one file. `at`: seconds after time zero at which the frame of `label` begins.

    A recorder's `bext` has no label but `of_day`, seconds since midnight at `at`.
    """

    source: Source
    at: Fraction
    label: Timecode | None = None
    of_day: Fraction = Fraction(0)

    @property
    def zero(self) -> Fraction:
        """Seconds since midnight at time zero, as this timecode counts them."""
        return (self.label.seconds if self.label else self.of_day) - self.at

    @property
    def frame(self) -> Fraction:
        """Seconds of one frame."""
        return 1 / self.label.rate if self.label else SAMPLES_FRAME

    @property
    def day(self) -> Fraction:
        """Seconds after which it begins again."""
        return frames_per_day(self.label.rate, drop=self.label.drop) / self.label.rate if self.label else DAY_S

    @property
    def counts_recording(self) -> bool:
        """Whether it starts at a whole hour, as one does that a recorder starts by itself."""
        if self.label is None:
            return self.of_day % HOUR_S == 0
        return str(self.label)[2:] in (":00:00:00", ":00:00;00", ":00:00:000", ":00:00;000")

    @property
    def keeps_time_of_day(self) -> bool:
        """Whether its labels keep with the wall clock; 29.97 and 23.976 without drop-frame fall behind."""
        return self.label is None or self.label.drop or self.label.rate.denominator == 1


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What one file says of its time. `created`: seconds since 1970 UTC; `seconds`: how long the file is."""

    camera: str
    timecodes: tuple[TimecodeWitness, ...] = ()
    created: Fraction | None = None
    seconds: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one kind of witness says of a camera's offset to the master, and how that goes with the sound's."""

    kind: str
    offset: Fraction
    tolerance: Fraction
    outcome: Outcome
    message: str


def statements(master: Witnesses, other: Witnesses, sound: Fraction | None) -> tuple[Statement, ...]:
    """All that can be said of the offset of `other`. `sound`: its offset by sound in seconds, None where there is none.

    Each source that both files have speaks for itself; where they have none in common the surest of each are compared.
    """
    said = [_by_timecode(master, other, pair, sound) for pair in _pairs(master.timecodes, other.timecodes)]
    if master.created is not None and other.created is not None:
        said.append(_by_creation(master, other, other.created - master.created, sound))
    return tuple(said)


def _pairs(
    ours: Sequence[TimecodeWitness], theirs: Sequence[TimecodeWitness]
) -> list[tuple[TimecodeWitness, TimecodeWitness]]:
    mine, other = ({w.source: w for w in reversed(side)} for side in (ours, theirs))
    common = [(mine[source], other[source]) for source in Source if source in mine and source in other]
    if common or not mine or not other:
        return common
    order = list(Source)
    return [(min(ours, key=lambda w: order.index(w.source)), min(theirs, key=lambda w: order.index(w.source)))]


def _by_timecode(
    master: Witnesses, other: Witnesses, pair: tuple[TimecodeWitness, TimecodeWitness], sound: Fraction | None
) -> Statement:
    ours, theirs = pair
    day = max(ours.day, theirs.day)
    offset = _around_zero(theirs.zero - ours.zero if sound is None else theirs.zero - ours.zero - sound, day)
    offset += sound or 0
    tolerance = max(ours.frame, theirs.frame)
    name = ours.source if ours.source == theirs.source else f"{ours.source} and {theirs.source}"
    said = f"Timecode ({name}) puts camera {other.camera} at {signed(offset)}"
    if not _comparable(ours, theirs):
        note = "the two count in ways that cannot be compared"
        return Statement(str(name), offset, tolerance, Outcome.CANNOT_TELL, f"{said}, but {note}.")
    if sound is None:
        return Statement(str(name), offset, tolerance, Outcome.CANNOT_TELL, f"{said}; the sound gives no offset.")
    apart = abs(offset - sound)
    own_clock = _is_own_clock(ours, master) and _is_own_clock(theirs, other)
    outcome, note = _timecode_outcome(pair, apart, tolerance, own_clock)
    return Statement(str(name), offset, tolerance, outcome, f"{said}, the sound at {signed(sound)}: {note}.")


def _timecode_outcome(
    pair: tuple[TimecodeWitness, TimecodeWitness], apart: Fraction, tolerance: Fraction, own_clock: bool
) -> tuple[Outcome, str]:
    # A thousandth of a second for what stamps are rounded to.
    if apart <= tolerance + Fraction(1, 1000):
        return Outcome.AGREES, "they agree to a frame"
    if any(witness.counts_recording for witness in pair):
        return Outcome.CANNOT_TELL, "it starts at a whole hour, so it counts the recording and not the time of day"
    if apart <= DRIFTED_S:
        return (
            Outcome.CANNOT_TELL,
            f"{float(apart / tolerance):.1f} frames apart, which may be drift since the jam sync",
        )
    if own_clock and apart <= BY_HAND_S:
        return Outcome.CANNOT_TELL, f"{clock(apart)} apart, but it counts the cameras' own clocks, which people set"
    return (
        Outcome.CONTRADICTS,
        f"{clock(apart)} apart. Either the timecodes were not jam-synced, or the sound matched elsewhere",
    )


def _comparable(ours: TimecodeWitness, theirs: TimecodeWitness) -> bool:
    """Labels of one kind of count, or all of the time of day."""
    if ours.keeps_time_of_day and theirs.keeps_time_of_day:
        return True
    if ours.label is None or theirs.label is None:
        return True
    one, two = ours.label, theirs.label
    return one.drop == two.drop and one.rate * nominal_rate(two.rate) == two.rate * nominal_rate(one.rate)


def _is_own_clock(witness: TimecodeWitness, file: Witnesses) -> bool:
    """Whether the timecode shows the same clock as the time of creation, the time zone apart."""
    return file.created is not None and abs(_around_zero(witness.zero - file.created, ZONE_STEP_S)) <= CREATION_S


def _by_creation(master: Witnesses, other: Witnesses, offset: Fraction, sound: Fraction | None) -> Statement:
    said = f"By their creation times camera {other.camera} started {clock(abs(offset))} "
    said += f"{'after' if offset >= 0 else 'before'} camera {master.camera}"
    if sound is None:
        return Statement(
            "creation-time", offset, CREATION_S, Outcome.CANNOT_TELL, f"{said}; the sound gives no offset."
        )
    outcome, note = _creation_outcome(abs(offset - sound), max(master.seconds, other.seconds))
    return Statement("creation-time", offset, CREATION_S, outcome, f"{said}, by the sound at {signed(sound)}: {note}.")


def _creation_outcome(apart: Fraction, longest: Fraction) -> tuple[Outcome, str]:
    """Some devices write when a recording ends, so its length is allowed for."""
    if apart <= CREATION_S:
        return Outcome.AGREES, "they agree to the second"
    if apart <= BY_HAND_S + longest:
        return Outcome.CANNOT_TELL, f"{clock(apart)} apart, as clocks are that people set"
    if apart <= ZONES_S and abs(_around_zero(apart, HOUR_S)) <= 60:
        return Outcome.CANNOT_TELL, "about whole hours apart, as time zones are"
    return Outcome.CONTRADICTS, f"{_span(apart)} apart. Check that both recordings are of one event"


def _around_zero(value: Fraction, period: Fraction) -> Fraction:
    """`value` less whole periods, so that it lies within half a period of zero."""
    return (value + period / 2) % period - period / 2


def signed(seconds: Fraction) -> str:
    """`+3.237 s`."""
    return f"{float(seconds):+.3f} s"


def _span(seconds: Fraction) -> str:
    days = seconds / DAY_S
    return f"{float(days):.1f} days" if days >= 2 else f"{float(seconds / HOUR_S):.1f} hours"
