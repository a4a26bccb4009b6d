"""Which frame of a file is on the screen at a time, from the times of all its frames: exact for every rate and for none."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

#: A time that was rounded to a millisecond still finds the frame that it was read from.
EPSILON = Fraction(1, 2000)


@dataclass(frozen=True, slots=True)
class ShownFrame:
    """A frame that was asked for: at which time, its number in the order of showing, its stamp in ticks, and when it is shown,
    in seconds after media time zero."""

    asked: Fraction
    index: int
    stamp: int
    at: Fraction


class FrameStamps:
    """The stamps of one picture stream's packets; feed it ffprobe's lines, then ask `shown`."""

    def __init__(self, stream: int, time_base: Fraction, origin: Fraction) -> None:
        self._stream, self._time_base, self._origin = b"%d" % stream, time_base, origin
        self._rest = b""
        self._stamps: list[int] = []
        self._stamped: bool | None = None

    def feed(self, data: bytes) -> None:
        """Lines are `stream|pts|dts|duration|flags…`; the last one may be cut."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(line.split(b"|"))

    def _take(self, fields: Sequence[bytes]) -> None:
        if len(fields) < 5 or fields[0] != self._stream or b"D" in fields[4]:
            return
        if self._stamped is None:
            self._stamped = fields[1] != b"N/A"
        # AVI has no times of showing, only of decoding.
        text = fields[1] if self._stamped else fields[2]
        if text.lstrip(b"-").isdigit():
            self._stamps.append(int(text))

    def shown(self, times: Iterable[Fraction]) -> list[ShownFrame]:
        """The frame on the screen at each time, in seconds after media time zero; the first one before it begins. Empty for a
        file without frames."""
        stamps = sorted({*self._stamps})
        if not stamps:
            return []
        return [self._at(stamps, time) for time in times]

    def _at(self, stamps: list[int], time: Fraction) -> ShownFrame:
        tick = (time + EPSILON + self._origin) / self._time_base
        index = max(0, bisect_right(stamps, tick) - 1)
        return ShownFrame(time, index, stamps[index], stamps[index] * self._time_base - self._origin)


def runs_of(frames: Sequence[ShownFrame], *, within: Fraction, most: int) -> list[list[ShownFrame]]:
    """Distinct frames in the order of showing, in groups of at most `most` whose neighbors are no further apart than `within`
    seconds: each is worth one pass of the decoder."""
    distinct = {frame.stamp: frame for frame in frames}
    runs: list[list[ShownFrame]] = []
    for stamp in sorted(distinct):
        frame = distinct[stamp]
        if runs and len(runs[-1]) < most and frame.at - runs[-1][-1].at <= within:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def even_times(length_ms: int, interval_ms: float, *, most: int) -> list[float] | None:
    """Times from 0 up to the end, so far apart; None where they are more than `most`."""
    count = int(max(0, length_ms - 1) // interval_ms) + 1
    return [number * interval_ms for number in range(count)] if count <= most else None
