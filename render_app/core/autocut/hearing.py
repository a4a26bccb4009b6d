"""What microphones on one clock hear, frame by frame: how loud it is, and at which of them the sound came first.

The lag between two microphones is the peak of their generalized cross-correlation with phase transform (Knapp and Carter,
1976), which needs no level and so no knowledge of anybody's gain.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from render_app.core.autocut.values import HOP_S, RATE, Microphone, Samples

HOP = round(HOP_S * RATE)
WINDOW = 1024
_SIZE = 2048
#: Speech is loudest here; hum and hiss lie outside.
_LOW_HZ, _HIGH_HZ = 200.0, 4000.0
#: As far as two people at one table are apart, and what is left of the sync's error.
MOST_LAG_S = 0.03
_BLOCK_FRAMES = 1000
_QUIETEST = 1e-10

Decibels = NDArray[np.float32]
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """`level_db`: shape (frames, microphones), in the band of speech, over a window of 64 ms. `short_db`: over the 20 ms of the
    frame alone. `lags`: for each pair (first, second), how many ms the sound reached the second after the first, NaN where
    it was too quiet or no direction stood out. `flat`: how much like noise the loudest sounds, 0 to 1."""

    start: float
    microphones: tuple[str, ...]
    level_db: Decibels
    short_db: Decibels
    lags: dict[tuple[int, int], Decibels]
    flat: Decibels


def listen(
    microphones: Sequence[Microphone], start: float, seconds: float, report: Report = lambda done: None
) -> Heard:
    """Read all microphones block by block, so that hours need little memory; `report` hears of the seconds that are done."""
    blocks = []
    for first, count in _blocks(max(1, int(seconds / HOP_S))):
        blocks.append(_block(microphones, start, first, count))
        report((first + count) * HOP_S)
    pairs = list(combinations(range(len(microphones)), 2))
    return Heard(
        start,
        tuple(one.label for one in microphones),
        np.concatenate([one.level_db for one in blocks]),
        np.concatenate([one.short_db for one in blocks]),
        {pair: np.concatenate([one.lags[pair] for one in blocks]) for pair in pairs},
        np.concatenate([one.flat for one in blocks]),
    )


def _blocks(frames: int) -> Iterator[tuple[int, int]]:
    for first in range(0, frames, _BLOCK_FRAMES):
        yield first, min(_BLOCK_FRAMES, frames - first)


def _block(microphones: Sequence[Microphone], start: float, first: int, count: int) -> Heard:
    """`count` frames; each window is centered on its frame."""
    before = (WINDOW - HOP) / 2 / RATE
    at, seconds = start + first * HOP_S - before, ((count - 1) * HOP + WINDOW) / RATE
    sounds = [_exactly(one.read(at, seconds), (count - 1) * HOP + WINDOW) for one in microphones]
    windows = [np.lib.stride_tricks.sliding_window_view(one, WINDOW)[::HOP] for one in sounds]
    spectra = [scipy.fft.rfft(one * np.hanning(WINDOW).astype(np.float32), _SIZE) for one in windows]
    powers = [np.abs(one) ** 2 for one in spectra]
    band = _band()
    levels = np.stack([_decibels(one[:, band].mean(axis=1) / WINDOW) for one in powers], axis=1)
    shorts = np.stack([_short(one, count) for one in sounds], axis=1)
    lags = {(i, j): _lag(spectra[i], spectra[j]) for i, j in combinations(range(len(sounds)), 2)}
    loudest = levels.argmax(axis=1)
    stacked = np.stack([one[:, band] for one in powers], axis=1)[np.arange(count), loudest]
    return Heard(at, (), levels, shorts, lags, _flatness(stacked))


def _exactly(sound: Samples, length: int) -> Samples:
    return np.pad(sound[:length], (0, max(0, length - sound.size)))


def _band() -> slice:
    return slice(round(_LOW_HZ * _SIZE / RATE), round(_HIGH_HZ * _SIZE / RATE))


def _decibels(power: NDArray[np.float32]) -> Decibels:
    return (10 * np.log10(np.maximum(power, _QUIETEST))).astype(np.float32)


def _short(sound: Samples, count: int) -> Decibels:
    """The level of each frame's own 20 ms, with the rumble under speech taken out."""
    first = (WINDOW - HOP) // 2
    rising = np.diff(sound, prepend=sound[:1])[first : first + count * HOP].reshape(count, HOP)
    return _decibels(np.mean(rising * rising, axis=1))


def _lag(first: NDArray[np.complex64], second: NDArray[np.complex64]) -> Decibels:
    """Milliseconds by which `second` is later than `first`; NaN where no peak stands out."""
    cross = second * np.conj(first)
    cross[:, : round(_LOW_HZ * _SIZE / RATE)] = 0
    cross /= np.maximum(np.abs(cross), _QUIETEST)
    most = round(MOST_LAG_S * RATE)
    whole = scipy.fft.irfft(cross, _SIZE)
    near = np.concatenate([whole[:, -most:], whole[:, : most + 1]], axis=1)
    best = near.argmax(axis=1)
    peak = near[np.arange(len(near)), best]
    clear = peak > 5.0 * np.sqrt(np.mean(near * near, axis=1))
    return np.where(clear, (best - most) * 1000.0 / RATE, np.nan).astype(np.float32)


def _flatness(power: NDArray[np.float32]) -> Decibels:
    """The geometric over the arithmetic mean of the spectrum: near 1 for noise, near 0 for a voice."""
    safe = np.maximum(power, _QUIETEST)
    return np.asarray(np.exp(np.mean(np.log(safe), axis=1)) / safe.mean(axis=1), np.float32)
