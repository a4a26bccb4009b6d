"""What one track says of another, frame by frame: short spectra, a filter for each of their frequencies, and back to a wave."""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Spectra = NDArray[np.complex64]
Wave = NDArray[np.float32]

SIZE, HOP = 1024, 256
#: Frames by which the other track may be late or early, at 8 kHz 32 ms each: a quarter of a second early to two thirds late.
_TAPS = np.arange(-6, 22)
_RIDGE = np.float32(1e-3)


def spectra_of(wave: Wave, multiple: int = 1) -> Spectra:
    """The frames of a wave, all frequencies; so many that `multiple` divides them."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, SIZE)[::HOP]
    found: Spectra = fft.rfft(frames * np.hanning(SIZE).astype(np.float32), axis=1)
    return found[: len(found) // multiple * multiple]


def predicted(known: Spectra, wanted: Spectra) -> Spectra:
    """What the frames of one track say of the other's: least squares over some frames at each frequency."""
    size = fft.next_fast_len(len(known) + 2 * _TAPS.size)
    source, goal = (fft.fft(spectra, size, axis=0) for spectra in (known, wanted))
    own = fft.ifft(np.square(np.abs(source)), axis=0)
    shared = fft.ifft(np.conj(source) * goal, axis=0)[_TAPS].T
    matrix = own[_TAPS[:, None] - _TAPS[None, :]].transpose(2, 0, 1)
    ridge = _RIDGE * own[0].real + np.float32(1e-3)
    matrix = matrix + ridge[:, None, None] * np.eye(_TAPS.size, dtype=np.float32)
    taps = np.zeros((size, known.shape[1]), np.complex64)
    taps[_TAPS] = np.linalg.solve(matrix, shared[:, :, None])[:, :, 0].T
    found: Spectra = fft.ifft(fft.fft(taps, axis=0) * source, axis=0)[: len(known)]
    return found


def wave_of(spectra: Spectra, count: int) -> Wave:
    """The wave of `count` samples whose frames these come nearest to."""
    window = np.hanning(SIZE).astype(np.float32)
    frames = fft.irfft(spectra, SIZE, axis=1).astype(np.float32) * window
    out, weight = np.zeros(count, np.float32), np.full(count, np.float32(1e-3))
    for place, frame in zip(range(0, HOP * len(frames), HOP), frames, strict=True):
        out[place : place + SIZE] += frame
        weight[place : place + SIZE] += np.square(window)
    return out / weight
