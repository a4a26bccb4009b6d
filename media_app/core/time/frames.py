"""Is the frame rate constant, and which standard rate is the file's? Judged from the times of all packets.

Flags and averages in the file lie in both directions, so every packet counts: a gap is regular when it is within
max(1 tick, 1 ms) of the rate's own (Matroska rounds to 1 ms); the rate is variable when more than 0.5 % of gaps are
not, or when frames stray more than half a frame from an even grid. The rate is the standard one nearest the most
common gap, or one of its own that the file names and keeps to. Memory stays flat: gaps are counted, not kept.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from media_app.core.time.timebase import nearest_frame

#: What editors and players know, besides a few slow rates of screens and time lapses.
STANDARD_RATES: tuple[Fraction, ...] = tuple(
    sorted(
        [Fraction(n) for n in (5, 6, 8, 10, 12, 15, 18, 20, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 144, 200, 240)]
        + [Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 120, 240)]
        + [Fraction(25, 2)]
    )
)
#: Rates of one's own: industrial and high-speed cameras have them. One that is nearer to a standard rate is that one, written roughly.
OWN_RATES, OWN_SHARE = (Fraction(5), Fraction(1000)), 0.002
IRREGULAR_SHARE = 0.005
TOLERANCE_S = 0.001
#: Frames leave the encoder at most 16 out of order (H.264 and HEVC); twice that is plenty.
REORDER = 64
MAX_REORDER_S = 1.0
#: Frames that an encoder may hold back, where a second is less than that: a time-lapse has one frame a second.
MAX_REORDER_FRAMES = 16
_MAX_DISTINCT = 1 << 15


@dataclass(frozen=True, slots=True)
class FrameTiming:
    """When the frames of a stream come. `first` and `last` are the times of the first and last frame and `end` when
    the last one ends, in seconds on the stream's own clock; `rate` is the constant rate for everything made from it.

    `even_first`: where the first frame lies on the even grid that fits all frames of a constant-rate stream best; the
    container's rounding makes `first` differ from it by up to a tick. `restarts`: how often the clock began anew.
    """

    frames: int
    first: Fraction
    last: Fraction
    end: Fraction
    rate: Fraction
    variable: bool
    irregular_share: float
    stray_frames: float
    even_first: Fraction
    restarts: int = 0

    def phase(self, origin: Fraction) -> Fraction:
        """Seconds to take off every frame's time so that frames lie on the grid of `rate` which begins at `origin`.

        At most half a frame. Without it a constant-rate stream that begins half a frame off the grid would be
        rounded now up, now down, by its container's jitter: a doubled and a lost picture each time. 0 when the rate
        is variable, since then no one shift fits.
        """
        if self.variable:
            return Fraction(0)
        start = self.even_first - origin
        off = start - nearest_frame(start, self.rate) / self.rate
        return off if abs(off) > Fraction(1, 1_000_000) else Fraction(0)

    def paired(self) -> "FrameTiming":
        """The same stream where each two packets are the fields of one frame."""
        rate = nearest_rate(self.rate / 2)
        last = max(self.first, self.last - 1 / self.rate)
        return replace(self, frames=(self.frames + 1) // 2, rate=rate, last=last)


class FrameScan:
    """Feed it the time stamps of one stream's packets in file order, in ticks of `time_base`; then ask `result`.

    `declared`: the rates that the file names. `longest_gap`: the seconds from which on a gap is a clock that began anew; None where it
    stays a gap.
    """

    def __init__(
        self, time_base: Fraction, declared: Sequence[Fraction] = (), longest_gap: Fraction | None = None
    ) -> None:
        self.time_base = time_base
        self._longest_gap = int(longest_gap / time_base) if longest_gap else np.iinfo(np.int64).max // 2
        self._tick = float(time_base)
        reorder = max(MAX_REORDER_S, float(MAX_REORDER_FRAMES / min(declared)) if declared else 0.0)
        self._reorder = int(reorder / self._tick)
        self._waiting: NDArray[np.int64] = np.empty(0, np.int64)
        self._gaps: Counter[int] = Counter()
        self._frames = 0
        self._first: int | None = None
        self._previous: int | None = None
        self._segment_first = 0
        self._elapsed = 0
        self._segment_frames = 0
        self._last_duration = 0
        self._highest: int | None = None
        self._restarts = 0
        self._known = (*STANDARD_RATES, *dict.fromkeys(rate for rate in declared if _is_own(rate)))
        self._rates = np.array([float(rate) for rate in self._known])
        self._low = np.full(len(self._known), np.inf)
        self._high = np.full(len(self._known), -np.inf)

    def feed(self, stamps: list[int], durations: list[int]) -> None:
        """`durations`: of the same packets, 0 where the file says nothing."""
        if not stamps:
            return
        block = np.array(stamps, np.int64)
        start = 0
        for jump in self._jumps(block):
            self._take(block[start:jump], durations[start:jump])
            self._close_segment()
            start = jump
        self._take(block[start:], durations[start:])

    def _jumps(self, block: NDArray[np.int64]) -> list[int]:
        """Where time runs back by more than reordering explains, or farther ahead than a gap: pieces that were joined end to end."""
        highest = self._highest
        back: list[int] = []
        limit = self._reorder
        before = np.concatenate(([block[0] if highest is None else highest], block[:-1]))
        reached = np.maximum.accumulate(before)
        if (block >= reached - limit).all() and (block - reached <= self._longest_gap).all():
            return back
        for position, stamp in enumerate(block.tolist()):
            if highest is not None and not -limit <= stamp - highest <= self._longest_gap:
                back.append(position)
                highest = stamp
            highest = stamp if highest is None else max(highest, stamp)
        return back

    def _take(self, block: NDArray[np.int64], durations: list[int]) -> None:
        if not len(block):
            return
        latest = int(block.argmax())
        if self._highest is None or block[latest] >= self._highest:
            self._highest, self._last_duration = int(block[latest]), durations[latest]
        fresh = np.sort(np.concatenate((self._waiting, block)))
        self._release(fresh[:-REORDER])
        self._waiting = fresh[-REORDER:]

    def _close_segment(self) -> None:
        self._release(self._waiting)
        self._waiting = self._waiting[:0]
        self._restarts += 1
        if self._previous is not None:
            self._elapsed += self._previous + self._last_duration - self._segment_first
        self._previous = self._highest = None
        self._segment_frames = 0

    def result(self, declared: Fraction | None = None) -> FrameTiming | None:
        """None when no packet came. `declared`, the rate that the file names, settles 30 against 29.97 where too few
        frames or too coarse a clock leave both possible."""
        self._release(self._waiting)
        self._waiting = self._waiting[:0]
        if self._first is None or self._previous is None:
            return None
        rate = self._nearest(self._known, declared)
        irregular, stray = self._judge(rate)
        if rate not in STANDARD_RATES and (irregular > IRREGULAR_SHARE or stray > 0.5):
            rate = self._nearest(STANDARD_RATES, declared)
            irregular, stray = self._judge(rate)
        variable = irregular > IRREGULAR_SHARE or stray > 0.5
        last = (self._first + self._elapsed + self._previous - self._segment_first) * self.time_base
        duration = self._last_duration * self.time_base
        first = self._first * self.time_base
        index = self._known.index(rate)
        centre = Fraction(float(self._low[index] + self._high[index]) / 2).limit_denominator(10**6) / rate
        end = last + (duration if duration > 0 else 1 / rate)
        return FrameTiming(
            frames=self._frames,
            first=first,
            last=last,
            end=end,
            rate=rate,
            variable=variable,
            irregular_share=irregular,
            stray_frames=stray,
            even_first=first if variable else first + centre,
            restarts=self._restarts,
        )

    def _release(self, stamps: NDArray[np.int64]) -> None:
        """Count frames whose order is settled."""
        if not len(stamps):
            return
        if self._first is None:
            self._first = int(stamps[0])
        if self._previous is None:
            self._segment_first = int(stamps[0])
            gaps = np.diff(stamps)
        else:
            gaps = np.diff(stamps, prepend=self._previous)
        values, counts = np.unique(gaps, return_counts=True)
        self._gaps.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
        if len(self._gaps) > _MAX_DISTINCT:
            self._gaps = Counter(dict(self._gaps.most_common(_MAX_DISTINCT // 2)))
        seconds = (stamps - self._segment_first) * self._tick
        numbers = np.arange(self._segment_frames, self._segment_frames + len(stamps))
        errors = seconds[None, :] * self._rates[:, None] - numbers[None, :]
        self._low = np.minimum(self._low, errors.min(axis=1))
        self._high = np.maximum(self._high, errors.max(axis=1))
        self._segment_frames += len(stamps)
        self._frames += len(stamps)
        self._previous = int(stamps[-1])

    def _typical_gap(self) -> float | None:
        """Seconds: the mean of the gaps within the tolerance of the most common one."""
        bins: Counter[int] = Counter()
        width = max(1, round(TOLERANCE_S / self._tick))
        for gap, count in self._gaps.items():
            if gap > 0:
                bins[round(gap / width)] += count
        if not bins:
            return None
        mode = max(bins.items(), key=lambda item: (item[1], -item[0]))[0] * width
        near = {gap: count for gap, count in self._gaps.items() if gap > 0 and abs(gap - mode) <= width}
        total = sum(near.values())
        return sum(gap * count for gap, count in near.items()) * self._tick / total if total else mode * self._tick

    def _nearest(self, rates: Sequence[Fraction], declared: Fraction | None) -> Fraction:
        gap = self._typical_gap()
        if gap is None:
            return nearest_rate(declared, rates) if declared else Fraction(25)
        best = nearest_rate(1 / gap, rates)
        rivals = [i for i, rate in enumerate(rates) if abs(math.log(rate / best)) < OWN_SHARE]
        strays = {rates[i]: self._high[i] - self._low[i] for i in rivals}
        least = min(strays.values())
        if least > 0.5:
            return best
        possible = [rate for rate, stray in strays.items() if stray - least <= 1.5 * self._tick * float(rate)]
        hint = nearest_rate(declared, rates) if declared else None
        if hint in possible:
            return hint
        return best if best in possible else min(possible, key=lambda rate: strays[rate])

    def _judge(self, rate: Fraction) -> tuple[float, float]:
        total = sum(self._gaps.values())
        nominal = 1 / float(rate)
        tolerance = max(self._tick, TOLERANCE_S) * 1.0001
        irregular = sum(n for gap, n in self._gaps.items() if abs(gap * self._tick - nominal) > tolerance)
        index = self._known.index(rate)
        stray = float(self._high[index] - self._low[index]) - self._tick * float(rate)
        return (irregular / total if total else 0.0), max(0.0, stray)


def nearest_rate(rate: Fraction | float, rates: Sequence[Fraction] = STANDARD_RATES) -> Fraction:
    """Of `rates` the one nearest to `rate` by ratio."""
    return min(rates, key=lambda known: abs(math.log(float(rate) / float(known))))


def _is_own(rate: Fraction) -> bool:
    """Whether a declared rate is none of the standard ones, and one that a picture can have."""
    within = OWN_RATES[0] <= rate <= OWN_RATES[1]
    return within and abs(math.log(rate / nearest_rate(rate))) > OWN_SHARE
