"""Recorder clocks as stretches of straight lines, and what a recorder with such a clock writes."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from bench.sync.devices import interpolated
from bench.sync.scenes import Truth
from bench.sync.sources import RATE, Signal

_BLOCK = 1 << 20
_STEP_S = 1.0

Clock = tuple[Truth, ...]


def straight(world_s: float, seconds: float, ppm: float = 0.0) -> Clock:
    """One line: the recorder starts at `world_s` and runs for `seconds` of its own clock."""
    return joined([(seconds, world_s, ppm)])


def joined(spans: Iterable[tuple[float, float, float]]) -> Clock:
    """Spans of (seconds on the recorder's clock, world time of the first sample, ppm), one after the other."""
    out, at = [], 0.0
    for seconds, world_s, ppm in spans:
        out.append(Truth(world_s - at * (1 + ppm * 1e-6), ppm, at, at + seconds))
        at += seconds
    return tuple(out)


def jumping(world_s: float, seconds: float, jumps: Sequence[tuple[float, float]]) -> Clock:
    """A clock that loses (or repeats, if negative) time: `jumps` are (recorder time, seconds lost)."""
    edges = [0.0, *(at for at, _ in jumps), seconds]
    lost = np.cumsum([0.0, *(jump for _, jump in jumps)])
    return joined(
        (end - start, world_s + start + float(gone), 0.0)
        for start, end, gone in zip(edges[:-1], edges[1:], lost, strict=True)
    )


def curved(world_s: float, seconds: float, ahead: Callable[[np.ndarray], np.ndarray]) -> Clock:
    """A continuous clock: world time = `world_s` + t + `ahead(t)`, in chords of one second."""
    edges = np.append(np.arange(0.0, seconds - 0.5 * _STEP_S, _STEP_S), seconds)
    world = world_s + edges + ahead(edges)
    slopes = np.diff(world) / np.diff(edges)
    return tuple(
        Truth(float(w - t * slope), float(slope - 1) * 1e6, float(t), float(end))
        for t, end, w, slope in zip(edges[:-1], edges[1:], world[:-1], slopes, strict=True)
    )


def recorded_through(sound: Signal, clock: Clock) -> Signal:
    """What a recorder with `clock` writes of `sound`, which starts at world time 0; cubic interpolation."""
    out = np.empty(round(clock[-1].end_s * RATE), np.float32)
    for stretch in clock:
        first, last = round(stretch.start_s * RATE), round(stretch.end_s * RATE)
        for at in range(first, last, _BLOCK):
            index = np.arange(at, min(at + _BLOCK, last), dtype=np.float64)
            world = stretch.offset_s * RATE + index * (1 + stretch.ppm * 1e-6)
            out[at : at + index.size] = interpolated(sound, world)
    return out


def overlapping(clock: Clock, shift_s: float, length_a_s: float) -> Clock:
    """The clock as truth on camera A, `shift_s` later than the world's, where A runs."""
    out = []
    for stretch in clock:
        offset, rate = stretch.offset_s + shift_s, 1 + stretch.ppm * 1e-6
        low, high = max(stretch.start_s, -offset / rate), min(stretch.end_s, (length_a_s - offset) / rate)
        if high - low > 0.001:
            out.append(Truth(offset, stretch.ppm, low, high))
    return tuple(out)


def without(clock: Clock, start_s: float, end_s: float) -> Clock:
    """The clock less a stretch of which there is no truth."""
    out = []
    for piece in clock:
        for low, high in ((piece.start_s, min(piece.end_s, start_s)), (max(piece.start_s, end_s), piece.end_s)):
            if high - low > 0.001:
                out.append(Truth(piece.offset_s, piece.ppm, low, high))
    return tuple(out)


def merged(clock: Clock, apart_s: float = 0.02) -> list[Clock]:
    """Runs of stretches between which the clock neither jumps by more than `apart_s` nor has a hole."""
    out: list[list[Truth]] = []
    for piece in clock:
        last = out[-1][-1] if out else None
        if last is not None and piece.start_s - last.end_s < 0.01 and abs(jump(last, piece)) <= apart_s:
            out[-1].append(piece)
        else:
            out.append([piece])
    return [tuple(run) for run in out]


def jump(before: Truth, after: Truth) -> float:
    """Seconds by which the clock jumps from one stretch to the next."""
    at = after.start_s
    return after.offset_s - before.offset_s + at * (after.ppm - before.ppm) * 1e-6
