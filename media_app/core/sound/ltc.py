"""Linear timecode (LTC, SMPTE ST 12-1) recognized in samples and decoded.

LTC is a square-like wave of constant level: the sign changes at each bit's border, and once more in the middle of a 1
(biphase mark), 80 bits a frame. So all edges lie on a grid of half bits. A window of samples is decoded in one piece:
the grid's frequency is the strongest line in the spectrum of the edges, its phase follows from the same line, the
samples of each half bit are added up (which is what makes noise harmless), and frames are cut where the sync word is.
Level and polarity do not enter.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BITS = 80
#: What LTC counts in: 50 and 60 pictures a second carry 25 and 30.
RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30))
#: The frame rates that are looked for: those of `RATES` with a clock that is 1 % off at most.
SLOWEST, FASTEST = 23.7, 30.3
#: Seconds of sound that hold 12 frames and more, in which a clock is even.
WINDOW_S = 0.6
#: The share of edges on the grid, as the length of their mean vector: LTC at 10 dB has 0.7, speech and music under 0.3.
COHERENCE = 0.5
#: LTC has one level. A window whose 20 ms differ by more (as a power ratio) holds something else.
STEADY = 4.0
_BAND_HZ = (300.0, 400.0, 8000.0, 10000.0)
_FFT = 1 << 16
_SYNC_WORD = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1], np.int8)
#: Where the digits of a label lie in a frame: first bit, how many, and what they count.
_DIGITS = ((48, 4, 3600), (56, 2, 36000), (32, 4, 60), (40, 3, 600), (16, 4, 1), (24, 3, 10))
_FRAME_DIGITS = ((0, 4, 1), (8, 2, 10))
_DROP_FLAG = 10


@dataclass(frozen=True, slots=True)
class LtcFrame:
    """One frame's label. `at`: the sample at which its first bit begins, a fraction of a sample exact.

    `fps`: frames per second by the recording's own clock, as measured around it.
    """

    at: float
    hour: int
    minute: int
    second: int
    frame: int
    drop: bool
    fps: float

    def __str__(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{';' if self.drop else ':'}{self.frame:02d}"


def decode(samples: NDArray[np.float32], rate: int) -> tuple[LtcFrame, ...]:
    """All LTC frames that lie whole in `samples` (shape (n,), −1 … 1), in order; empty where there are none."""
    window, step = round(WINDOW_S * rate), round((WINDOW_S - 2 / SLOWEST) * rate)
    found: list[LtcFrame] = []
    for start in range(0, max(1, len(samples) - window + step), step):
        for frame in decode_window(samples[start : start + window], rate, start):
            # Windows overlap by two frames.
            if not found or frame.at > found[-1].at + 0.5 * rate / FASTEST:
                found.append(frame)
    return tuple(found)


def decode_window(samples: NDArray[np.float32], rate: int, start: int = 0) -> tuple[LtcFrame, ...]:
    """The frames in one window of about `WINDOW_S`, the first sample of which is number `start` of the recording.

    A frame counts when its neighbor in the window carries the next label: digits read by chance do not.
    """
    if len(samples) < 2 * rate / SLOWEST or not is_steady(samples, rate):
        return ()
    wave = _band_passed(samples, rate)
    edges = _edges(wave)
    grid = _grid(edges, rate)
    if grid is None:
        return ()
    frequency, phase = grid
    bits, borders = _bits(wave, frequency, phase)
    read = [_label(bits[at : at + BITS], start + borders[at], rate * frequency / (2 * BITS)) for at in _frames(bits)]
    return _confirmed([frame for frame in read if frame])


def is_steady(samples: NDArray[np.float32], rate: int) -> bool:
    """Tell whether the level stays the same all through, as that of LTC does and that of speech does not."""
    size = rate // 50
    rows = samples[: len(samples) // size * size].reshape(-1, size)
    power = np.square(rows).mean(axis=1)
    return bool(power.min() > 0 and power.max() < STEADY * power.min())


def nearest_rate(fps: float) -> Fraction:
    """The frame rate of the standard that lies nearest to a measured one."""
    return min(RATES, key=lambda standard: abs(float(standard) / fps - 1))


def _band_passed(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Hum and hiss taken away without a shift in time."""
    spectrum = np.fft.rfft(samples)
    hertz = np.arange(len(spectrum)) * (rate / len(samples))
    low, full, fading, high = _BAND_HZ
    spectrum *= np.interp(hertz, [low, full, fading, high], [0, 1, 1, 0])
    wave: NDArray[np.float64] = np.fft.irfft(spectrum, len(samples))
    return wave


def _edges(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the sign changes, in samples."""
    before = np.flatnonzero(np.signbit(wave[:-1]) != np.signbit(wave[1:]))
    edges: NDArray[np.float64] = before + wave[before] / (wave[before] - wave[before + 1])
    return edges


def _grid(edges: NDArray[np.float64], rate: int) -> tuple[float, float] | None:
    """Half bits per sample and the phase of the first (in half bits); None where the edges lie on no grid."""
    if len(edges) < BITS:
        return None
    train = np.bincount(edges.astype(np.int64), minlength=_FFT)[:_FFT]
    low, high = (int(_FFT * 2 * BITS * fps / rate) for fps in (SLOWEST, FASTEST))
    frequency = (low + int(np.argmax(np.abs(np.fft.rfft(train)[low:high])))) / _FFT
    for _ in range(3):
        vectors = np.exp(2j * np.pi * frequency * edges)
        mean = vectors.mean()
        late = np.angle(vectors / mean)
        near = np.abs(late) < 1.5
        frequency -= float(np.polyfit(edges[near], late[near], 1)[0]) / (2 * np.pi)
    mean = np.exp(2j * np.pi * frequency * edges).mean()
    if abs(mean) < COHERENCE:
        return None
    return frequency, float(np.angle(mean)) / (2 * np.pi)


def _bits(wave: NDArray[np.float64], frequency: float, phase: float) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """The bits, and the sample at which each begins. `phase`: of the grid, as `_grid` found it."""
    first, last = int(np.ceil(-phase)), int((len(wave) - 1) * frequency - phase)
    borders = (np.arange(first, last + 1, dtype=np.float64) + phase) / frequency
    summed = np.concatenate(([0.0], np.cumsum(wave)))
    # The sum up to a border lies half a sample before it, since a sample stands for the time around it.
    up_to = np.interp(borders + 0.5, np.arange(len(summed)), summed)
    halves = np.diff(up_to) > 0
    changes = halves[:-1] != halves[1:]
    # At the border of two bits the sign always changes; in the middle of a bit only if it is a 1.
    even = changes[1::2].mean() >= changes[0::2].mean()
    begin = 0 if even else 1
    count = (len(halves) - begin) // 2
    bits = changes[begin::2][:count].astype(np.int8)
    starts: NDArray[np.float64] = borders[begin::2][:count].astype(np.float64)
    return bits, starts


def _frames(bits: NDArray[np.int8]) -> list[int]:
    """Where whole frames begin: 64 bits before a sync word."""
    if len(bits) < BITS:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(bits, len(_SYNC_WORD))
    found = np.flatnonzero((windows == _SYNC_WORD).all(axis=1)) - (BITS - len(_SYNC_WORD))
    return [int(at) for at in found if at >= 0]


def _label(bits: NDArray[np.int8], at: float, fps: float) -> LtcFrame | None:
    """One frame's bits read; None where its digits are no time of day."""
    clock, frame = _number(bits, _DIGITS), _number(bits, _FRAME_DIGITS)
    if clock is None or frame is None or clock >= 86_400 or frame >= round(fps):
        return None
    minutes, second = divmod(clock, 60)
    return LtcFrame(float(at), minutes // 60, minutes % 60, second, frame, bool(bits[_DROP_FLAG]), fps)


def _number(bits: NDArray[np.int8], digits: tuple[tuple[int, int, int], ...]) -> int | None:
    """The digits' sum; None where one of them is above what it may be."""
    total = 0
    for first, width, worth in digits:
        digit = int(bits[first : first + width] @ (1 << np.arange(width)))
        if digit > (5 if width == 3 else 9):
            return None
        total += digit * worth
    return total


def _confirmed(read: list[LtcFrame]) -> tuple[LtcFrame, ...]:
    """The frames that have a neighbor one frame away with the next label."""
    follows = [False, *(_follows(*pair) for pair in pairwise(read)), False]
    return tuple(frame for place, frame in enumerate(read) if any(follows[place : place + 2]))


def _follows(first: LtcFrame, then: LtcFrame) -> bool:
    frame = first.frame + 1
    same_second = (then.hour, then.minute, then.second) == (first.hour, first.minute, first.second)
    # Within a second labels count up; at its end the next begins with 0, with drop-frame sometimes with 2.
    return then.frame == frame if same_second else then.frame in (0, 2) and frame in (24, 25, 30)
