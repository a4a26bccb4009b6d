"""Where a sound slides from pitch to pitch, as sirens do: its whole spectrum moves one way for long.

Over an axis of octaves a spectrum that slides is the same one, shifted. Notes are held and jump, a voice turns within half a second, and noise
has no pitch.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.runs import runs
from media_app.core.sound.speech import FRAME, RATE

Read = Callable[[int, int], NDArray[np.float32]]
#: Samples of a look, and from one to the next: 50 ms.
_LOOK, _STEP = 2048, 800
#: Looks that are compared with each other, and how many that move one way are a slide.
_APART, _SHORTEST = 2, 12
#: What is looked at, Hz, in how many parts of an octave; and the farthest shift, an octave in 0.2 s.
_LOWEST, _HIGHEST, _PARTS, _FARTHEST = 100.0, 6000.0, 48, 24
#: The strongest pitch and what is so much under it, dB, tell the shift.
_RANGE_DB = 40.0
#: How alike two looks must be when shifted, and by how much more than as they are.
_ALIKE, _MORE_ALIKE = 0.5, 0.02
_BLOCK = 60 * RATE
#: Before and after each block, so that it ends like the next one begins.
_SPARE = 5 * _STEP

Numbers = NDArray[np.float32]


def sliding(read: Read, samples: int, check: Callable[[], None] = lambda: None) -> NDArray[np.bool_]:
    """Of every whole 10 ms of 16 kHz sound, whether it lies in a slide."""
    frames = np.zeros(samples // FRAME, bool)
    moves = np.concatenate([np.zeros(0, np.int8), *_moves(read, samples, check)])
    for way in (-1, 1):
        for start, end in runs(moves == way):
            if end - start >= _SHORTEST:
                frames[start * _STEP // FRAME : (end - 1 + _APART) * _STEP // FRAME] = True
    return frames


def _moves(read: Read, samples: int, check: Callable[[], None]) -> Iterator[NDArray[np.int8]]:
    """Of each look, where the sound goes from there: up, down, or nowhere."""
    for start in range(0, samples, _BLOCK):
        check()
        first = max(0, start - _SPARE)
        spectra = _spectra(read(first, min(samples, start + _BLOCK + _SPARE) - first))
        yield _ways(spectra)[(start - first) // _STEP :][: _BLOCK // _STEP]


def _spectra(sound: Numbers) -> Numbers:
    """The levels of each look over an axis of octaves, dB over what is too weak to count."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(sound, _LOOK // 2), _LOOK)[::_STEP]
    powers = np.abs(np.fft.rfft(around * np.hanning(_LOOK).astype(np.float32))) ** 2
    hertz = _LOWEST * 2 ** (np.arange(np.log2(_HIGHEST / _LOWEST) * _PARTS) / _PARTS)
    places = hertz * _LOOK / RATE
    below, share = places.astype(int), (places % 1).astype(np.float32)
    levels = 10 * np.log10(powers[:, below] * (1 - share) + powers[:, below + 1] * share + 1e-12)
    return np.asarray(np.maximum(levels - levels.max(axis=1, keepdims=True) + _RANGE_DB, 0), np.float32)


def _ways(spectra: Numbers) -> NDArray[np.int8]:
    before, after = spectra[:-_APART], spectra[_APART:]
    alike = np.stack([_alike(before, after, shift) for shift in range(-_FARTHEST, _FARTHEST + 1)])
    best = alike.max(axis=0)
    moved = (best > _ALIKE) & (best > alike[_FARTHEST] + _MORE_ALIKE)
    return np.where(moved, np.sign(alike.argmax(axis=0) - _FARTHEST), 0).astype(np.int8)


def _alike(before: Numbers, after: Numbers, shift: int) -> Numbers:
    """The correlation of each look with the one that is `shift` parts higher."""
    count = before.shape[1]
    one = before[:, max(0, -shift) : count - max(0, shift)]
    other = after[:, max(0, shift) : count + min(0, shift)]
    one, other = (part - part.mean(axis=1, keepdims=True) for part in (one, other))
    together = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return np.asarray((one * other).sum(axis=1) / np.maximum(together, 1e-9), np.float32)
