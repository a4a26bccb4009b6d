"""Loudness as ITU-R BS.1770 and EBU R 128 measure it: what ffmpeg's `ebur128` says, and the gain that follows from it.

A gain alone moves the loudness by exactly as much and changes nothing else, so it is used wherever the peaks allow it:
as `loudnorm` in linear mode where that filter would stay linear, else as `volume`. (`loudnorm` leaves its linear mode
without a word when a peak would pass its limit, and also when the loudness range is 0, as a tone's is.) Where the peaks
would pass the ceiling a limiter holds them, which takes loudness away; how much is measured and given back.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

#: Under the absolute gate of BS.1770 there is no loudness.
SILENT_LUFS = -69.9
#: Loudness that is as asked for, in LU; peaks that a codec adds, in dB.
CLOSE_ENOUGH = 0.2
#: The highest true peak of anything made here, dBTP.
PEAK_LIMIT = -1.0
#: More than this is noise turned up, not a recording.
MAX_GAIN_DB = 50.0
#: `loudnorm` takes no loudness range above this.
MAX_RANGE = 50.0

#: Seconds that momentary and short-term loudness look at; and from which length on the latter says more.
WINDOWS, LONG_S = {"M": 0.4, "S": 3.0}, 60.0

_LINE = re.compile(r"^(?:frame:\d+\s+pts:\S+\s+pts_time:(\S+)|lavfi\.r128\.(\S+)=(\S+))")
_THRESHOLD = re.compile(r"Integrated loudness:\s+I:\s+\S+ LUFS\s+Threshold:\s+(\S+) LUFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """`integrated` LUFS, `range` LU, `true_peak` dBTP, `threshold` of the relative gate LUFS; None where silent.

    `curve`: (seconds, LUFS), at most some hundred pairs: short-term loudness, in less than a minute momentary.
    """

    integrated: float | None
    range: float
    true_peak: float | None
    threshold: float = -70.0
    curve: tuple[tuple[float, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "integrated_lufs": self.integrated,
            "range_lu": self.range,
            "true_peak_dbtp": self.true_peak,
            "curve": [list(point) for point in self.curve],
        }


@dataclass(frozen=True, slots=True)
class Gain:
    """What happens to the finished mix. `ceiling`: dBTP held by a limiter, None without one. `linear`: what `loudnorm` is
    given the mix and its target, where that filter does it."""

    db: float = 0.0
    ceiling: float | None = None
    linear: tuple[Loudness, float, float] | None = None

    @property
    def kind(self) -> str:
        if self.ceiling is not None:
            return "limited"
        return "linear" if self.linear else "gain" if self.db else "none"


def read_ebur128(lines: Iterable[str], summary: str, *, points: int = 300) -> Loudness:
    """What `ebur128=peak=true:metadata=1,ametadata=print` printed, and the summary it wrote to stderr."""
    at, last = 0.0, {"I": -70.0, "LRA": 0.0, "true_peak": 0.0}
    series: dict[str, list[tuple[float, float]]] = {"M": [], "S": []}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        if found[1] is not None:
            at = _number(found[1]) or 0.0
            continue
        value = _number(found[3])
        if value is None:
            continue
        if found[2] in WINDOWS:
            # Until its window is full the meter has heard too little to say anything.
            if at >= WINDOWS[found[2]]:
                series[found[2]].append((at, max(value, -70.0)))
        elif found[2] in last:
            last[found[2]] = value
    threshold = _THRESHOLD.search(summary)
    silent = last["I"] <= SILENT_LUFS
    return Loudness(
        integrated=None if silent else last["I"],
        range=0.0 if silent else last["LRA"],
        true_peak=round(20 * math.log10(last["true_peak"]), 2) if last["true_peak"] > 0 else None,
        threshold=(_number(threshold[1]) if threshold else None) or -70.0,
        curve=_thinned(series["S" if at >= LONG_S else "M"], points),
    )


def plan(measured: Loudness, target: float, ceiling: float) -> Gain:
    """The gain that brings a mix so measured to `target` LUFS with its peaks at `ceiling` dBTP at most."""
    if measured.integrated is None:
        return Gain()
    db = min(target - measured.integrated, MAX_GAIN_DB)
    peak = -math.inf if measured.true_peak is None else measured.true_peak
    # The meter's steps are coarse for a faint sound; a margin keeps a peak that just fits from being one that just does not.
    if peak + db > ceiling - 0.05:
        return Gain(db, ceiling)
    stays_linear = 0 < measured.range <= MAX_RANGE and measured.threshold > -70 and db < MAX_GAIN_DB
    return Gain(db, linear=(measured, target, ceiling) if stays_linear else None)


def corrected(gain: Gain, measured: Loudness, target: float) -> Gain | None:
    """A better gain, when what `gain` gave was measured so; None when it is as asked for."""
    if measured.integrated is None:
        return None
    short = target - measured.integrated
    too_high = (measured.true_peak or -math.inf) - PEAK_LIMIT
    if abs(short) <= CLOSE_ENOUGH and too_high <= 0:
        return None
    db = min(gain.db + (short if abs(short) > CLOSE_ENOUGH else 0.0), MAX_GAIN_DB)
    ceiling = gain.ceiling
    if too_high > 0:
        held = ceiling if ceiling is not None else (measured.true_peak or 0.0)
        ceiling = held - too_high - 0.2
    better = replace(gain, db=db, ceiling=ceiling, linear=None)
    return None if better == gain else better


def filters(gain: Gain, rate: int) -> list[str]:
    """The gain as ffmpeg filters on sound of `rate` Hz; they neither delay nor lengthen it."""
    if gain.ceiling is not None:
        limit = 10 ** (gain.ceiling / 20)
        return [
            f"volume={gain.db:.3f}dB:precision=double",
            # True peaks lie between the samples: four times as many of them show all but some hundredths of a dB.
            f"aresample={4 * rate}",
            f"alimiter=limit={limit:.6f}:attack=5:release=80:level=0:latency=1",
            f"aresample={rate}",
        ]
    if gain.linear is not None:
        measured, target, ceiling = gain.linear
        return [
            f"loudnorm=I={target:g}:TP={ceiling:g}:LRA={MAX_RANGE:g}:linear=true:measured_I={measured.integrated:.3f}"
            f":measured_TP={measured.true_peak:.2f}:measured_LRA={measured.range:.2f}"
            f":measured_thresh={measured.threshold:.2f}:print_format=json"
        ]
    return [f"volume={gain.db:.3f}dB:precision=double"] if gain.db else []


def _thinned(series: Sequence[tuple[float, float]], points: int) -> tuple[tuple[float, float], ...]:
    """At most `points` of the series, each the loudest of its stretch."""
    step = max(1, -(-len(series) // points))
    stretches = (series[start : start + step] for start in range(0, len(series), step))
    return tuple((round(s[0][0], 2), round(max(value for _, value in s), 1)) for s in stretches)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
