"""A track as features: 8 kHz samples and the MFCCs that BBC audio-offset-finder 0.5.5 takes from them.

The library asks librosa for them; importing librosa costs seconds and 150 MB, so the same numbers are computed here
from their definitions (Slaney's mel scale, power spectra, decibels with an 80 dB range, an orthonormal DCT-II).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from sync_app.core.values import Samples, Track

RATE = 8000
HOP = 128
WINDOW = 256
FFT_SIZE = 512
COEFFICIENTS = 26
MELS = 128
TOP_DB = 80.0
SMALLEST_POWER = 1e-10
FULL_SCALE = 32768.0
FRAMES_PER_SECOND = RATE / HOP

_BLOCK_S = 16
_MARGIN_S = 1
_PASS_HZ = 3700.0
_BATCH = 1024

Features = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TrackFeatures:
    """A whole track, small: `samples` are 16-bit at 8 kHz, shape (n,); `mfcc` is standardised, shape (frames, 26).

    `clipped` is the share of the track's own samples that stand at full scale.
    """

    label: str
    samples: NDArray[np.int16]
    mfcc: Features
    clipped: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the track is."""
        return self.samples.size / RATE


def measure(track: Track, on_progress: Callable[[float], None] | None = None) -> TrackFeatures:
    """Read a track once, in blocks, and keep its features."""
    samples = low_rate(track, on_progress)
    if samples.size == 0:
        return TrackFeatures(track.label, samples, np.zeros((0, COEFFICIENTS), np.float32))
    return TrackFeatures(track.label, samples, standardised(mfcc(samples)))


def low_rate(track: Track, on_progress: Callable[[float], None] | None = None) -> NDArray[np.int16]:
    """The track at 8 kHz as 16-bit samples, as BBC's finder gets it from ffmpeg."""
    total = track.frames * RATE // track.rate
    out = np.empty(total, np.int16)
    step = _BLOCK_S - 2 * _MARGIN_S
    for second in range(0, -(-total // RATE), step):
        block = resampled_block(track, second, step)
        low = second * RATE
        np.rint(np.clip(block * FULL_SCALE, -32768, 32767), out=block)
        high = min(low + block.size, total)
        out[low:high] = block[: high - low]
        if on_progress is not None:
            on_progress(high / total)
    return out


def resampled_block(track: Track, second: int, seconds: int, rate: int = RATE) -> Samples:
    """`seconds` of a track from a whole `second`, at another rate: its spectrum cut or filled, no edge in sight.

    A second more on either side takes the wrap-around of the discrete Fourier transform.
    """
    start, length = (second - _MARGIN_S) * track.rate, (seconds + 2 * _MARGIN_S) * track.rate
    padded = read_padded(track, start, length)
    if rate == track.rate:
        return padded[_MARGIN_S * rate : (_MARGIN_S + seconds) * rate].copy()
    spectrum = fft.rfft(padded)
    bins = (seconds + 2 * _MARGIN_S) * rate // 2 + 1
    kept = np.zeros(bins, np.complex64)
    common = min(bins, spectrum.size)
    kept[:common] = spectrum[:common]
    kept[:common] *= _low_pass(common, seconds + 2 * _MARGIN_S, min(rate, track.rate))
    wave: Samples = fft.irfft(kept, (seconds + 2 * _MARGIN_S) * rate) * np.float32(rate / track.rate)
    return wave[_MARGIN_S * rate : (_MARGIN_S + seconds) * rate]


def read_padded(track: Track, start: int, count: int) -> Samples:
    """`count` samples from `start`, zeros where there is no sound (before 0 and after the end)."""
    out = np.zeros(count, np.float32)
    low, high = max(start, 0), min(start + count, track.frames)
    if high > low:
        found = track.read(low, high - low)
        out[low - start : low - start + found.size] = found
        np.nan_to_num(out, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
    return out


def _low_pass(bins: int, seconds: int, rate: int) -> Samples:
    hertz = np.arange(bins, dtype=np.float32) / seconds
    passed = _PASS_HZ / RATE * rate
    ramp = np.clip((hertz - passed) / (rate / 2 - passed), 0, 1)
    return (0.5 + 0.5 * np.cos(np.pi * ramp)).astype(np.float32)


def mfcc(
    samples: NDArray[Any],
    rate: int = RATE,
    hop: int = HOP,
    window: int = WINDOW,
    size: int = FFT_SIZE,
    coefficients: int = COEFFICIENTS,
) -> Features:
    """MFCCs of 16-bit-scaled samples, shape (frames, coefficients); float64 for float64 samples, float32 otherwise.

    The numbers of `librosa.feature.mfcc` with its defaults: centred frames with zeros around the sound, a periodic
    Hann window, 128 mels, `power_to_db(ref=1, amin=1e-10, top_db=80)`. The 80 dB hang from the loudest mel of the
    whole recording, which is looked for first among the frames with the most energy.
    """
    kind = np.float64 if samples.dtype == np.float64 else np.float32
    padded = np.concatenate([np.zeros(size // 2, samples.dtype), samples, np.zeros(size // 2, samples.dtype)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    taper = np.zeros(size, kind)
    taper[(size - window) // 2 : (size - window) // 2 + window] = 0.5 - 0.5 * np.cos(
        2 * np.pi * np.arange(window) / window
    )
    filters = sparse.csr_matrix(mel_filters(rate, size).astype(np.float32).astype(kind))

    def mel_power(rows: NDArray[Any]) -> Features:
        spectrum = fft.rfft(rows * taper, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        found: Features = (filters @ power.T).T
        return found

    floor = 10 * np.log10(max(_loudest(frames, taper, filters, mel_power), SMALLEST_POWER)) - TOP_DB
    out = np.empty((frames.shape[0], coefficients), kind)
    for at in range(0, frames.shape[0], _BATCH):
        power = mel_power(frames[at : at + _BATCH])
        decibels = np.maximum(10 * np.log10(np.maximum(power, kind(SMALLEST_POWER))), kind(floor))
        out[at : at + _BATCH] = fft.dct(decibels, type=2, axis=1, norm="ortho")[:, :coefficients]
    return out


def _loudest(
    frames: NDArray[Any], taper: Features, filters: sparse.csr_matrix, mel_power: Callable[[NDArray[Any]], Features]
) -> float:
    """The greatest mel power of all frames, from the few frames whose energy allows it (Parseval's theorem)."""
    bound = np.empty(frames.shape[0])
    weights = np.square(taper, dtype=np.float64)
    for at in range(0, frames.shape[0], _BATCH):
        bound[at : at + _BATCH] = np.square(frames[at : at + _BATCH].astype(np.float32)) @ weights
    bound *= float(filters.max()) * taper.size
    order = np.argsort(-bound, kind="stable")
    loudest = 0.0
    for at in range(0, order.size, _BATCH):
        if bound[order[at]] * 1.001 < loudest:
            break
        loudest = max(loudest, float(mel_power(frames[order[at : at + _BATCH]]).max()))
    return loudest


def mel_filters(rate: int, size: int, mels: int = MELS) -> NDArray[np.float64]:
    """Triangular filters of equal area on Slaney's mel scale, shape (mels, size // 2 + 1), from 0 Hz to half the rate.

    Slaney, Auditory Toolbox (1998): linear to 1 kHz with 200/3 Hz a mel, then 27 mels for each factor of 6.4.
    """
    edges = _mel_to_hz(np.linspace(0, _hz_to_mel(rate / 2), mels + 2))
    hertz = np.fft.rfftfreq(size, 1 / rate)
    widths = np.diff(edges)
    ramps = edges[:, None] - hertz[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    filters: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling)) * area[:, None]
    return filters


def _hz_to_mel(hertz: float) -> float:
    return hertz * 3 / 200 if hertz < 1000 else 15 + np.log(hertz / 1000) * 27 / np.log(6.4)


def _mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def standardised(features: Features) -> Features:
    """Each coefficient less its mean, over its standard deviation; a coefficient that never changes says nothing: 0."""
    kind = features.dtype
    mean = features.mean(axis=0, dtype=np.float64)
    spread = np.sqrt(np.mean(np.square(features - mean.astype(kind), dtype=np.float64), axis=0))
    quiet = spread <= 1e-6 * np.maximum(np.abs(mean), 1e-3)
    scale = np.where(quiet, 0, 1 / np.where(quiet, 1, spread))
    found: Features = ((features - mean.astype(kind)) * scale.astype(kind)).astype(kind)
    return found
