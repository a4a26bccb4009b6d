"""Whether one file goes on where another ends, by what was found in both: clocks, timecode, streams and device."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from media_app.core.time.timebase import clock
from media_app.core.time.witness import TimecodeWitness, Witnesses

#: Seconds by which times of creation may miss: they are whole seconds, and some devices write them when a file is closed.
_CREATED_S, _CLOSED_S = Fraction(3), Fraction(60)
#: Seconds by which timecodes may miss, and the share of the file's length beyond that: rates are rounded.
_TIMECODE_S, _TIMECODE_SHARE = Fraction(1), Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was found in a file. `streams`: what is compared (`picture`, `sound`) → how it is coded; `serial` of the device, where known."""

    name: str
    times: Witnesses
    streams: Mapping[str, str] = field(default_factory=dict)
    serial: str = ""

    @property
    def timecodes(self) -> Mapping[str, TimecodeWitness]:
        """By where each was found; the first of each kind."""
        return {str(found.source): found for found in reversed(self.times.timecodes)}


def contradiction(before: Recorded, after: Recorded) -> str:
    """Why `after` cannot go on where `before` ends, as a sentence; empty where nothing speaks against it."""
    reason = next(_by_device(before, after), "") or next(_by_streams(before, after), "") or _by_clocks(before, after)
    if not reason:
        return ""
    return f"{after.name} is named as the continuation of {before.name}, but {reason}. It is synced as a separate recording."


def _by_device(before: Recorded, after: Recorded) -> Iterator[str]:
    if before.serial and after.serial and before.serial != after.serial:
        yield f"another device recorded it (serial number {after.serial}, not {before.serial})"


def _by_streams(before: Recorded, after: Recorded) -> Iterator[str]:
    for what, coded in before.streams.items():
        if what in after.streams and after.streams[what] != coded:
            yield f"its {what} is {after.streams[what]}, and there it is {coded}"


def _by_clocks(before: Recorded, after: Recorded) -> str:
    """A clock that agrees outweighs another that does not: devices count in many ways, and none of them agrees by chance."""
    said = [*_timecodes(before, after), *_creation(before, after)]
    return "" if any(not reason for reason in said) else next(iter(said), "")


def _timecodes(before: Recorded, after: Recorded) -> Iterator[str]:
    """For each kind of timecode that both have, why it contradicts; empty where it agrees. One that starts anew says nothing."""
    seconds = before.times.seconds
    for source, ours in before.timecodes.items():
        theirs = after.timecodes.get(source)
        if theirs is None:
            continue
        day = max(ours.day, theirs.day)
        step = (theirs.zero - ours.zero + day / 2) % day - day / 2
        missed = (step - seconds + day / 2) % day - day / 2
        if abs(missed) <= _TIMECODE_S + seconds * _TIMECODE_SHARE:
            yield ""
        elif abs(step) > ours.frame and not theirs.counts_recording:
            yield f"by its timecode it begins {clock(abs(missed))} {'after' if missed > 0 else 'before'} the end of that one"


def _creation(before: Recorded, after: Recorded) -> Iterator[str]:
    """The same by times of creation, which are written when a file is begun, when it is closed, or once for all chapters."""
    one, two = before.times.created, after.times.created
    if one is None or two is None:
        return
    step, longest = two - one, max(before.times.seconds, after.times.seconds)
    if abs(step - before.times.seconds) <= _CREATED_S:
        yield ""
    elif step < -_CLOSED_S:
        yield f"by its time of creation it was recorded {clock(-step)} before that one"
    elif step > longest + _CLOSED_S:
        yield f"by its time of creation it was recorded {clock(step)} after that one, which lasts {clock(before.times.seconds)}"
