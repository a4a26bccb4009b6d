"""A track as features: 8 kHz samples and the MFCCs that BBC audio-offset-finder 0.5.5 takes from them.

The library asks librosa for them; importing librosa costs seconds and 150 MB, so the same numbers are computed here
from their definitions (Slaney's mel scale, power spectra, decibels with an 80 dB range, an orthonormal DCT-II).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from media_app.core.sound.mels import mel_filters
from sync_app.core.levels import Levels, levels_of
from sync_app.core.values import Samples, Track

RATE = 8000
HOP = 128
WINDOW = 256
FFT_SIZE = 512
COEFFICIENTS = 26
TOP_DB = 80.0
SMALLEST_POWER = 1e-10
FULL_SCALE = 32768.0
FRAMES_PER_SECOND = RATE / HOP

_BLOCK_S = 8
_PASS_HZ = 3700.0
_BATCH = 256
#: Frames in which the loudest mel of a recording is looked for first; and by how much more than that is too low to trust rounding.
_LOUD, _NEARLY = 1024, 1.001
_FULL = 0.999

Features = NDArray[Any]


@dataclass(frozen=True, slots=True)
class TrackFeatures:
    """A whole track, small: `samples` are 16-bit at 8 kHz, shape (n,); `mfcc` is standardised, shape (frames, 26).

    `clipped` is the share of the track's own samples that stand at full scale; `track` is what was read, for a closer look;
    `ltc`: timecode is in it; `levels`: how loud it is, None where nobody has asked yet; `created`: when the file says that it began,
    in seconds since 1970.
    """

    label: str
    samples: NDArray[np.int16]
    mfcc: Features
    clipped: float = 0.0
    track: Track | None = None
    ltc: bool = False
    levels: Levels | None = None
    created: float | None = None

    @property
    def seconds(self) -> float:
        """How long the track is."""
        return self.samples.size / RATE


def measure(track: Track, on_progress: Callable[[float], None] | None = None) -> TrackFeatures:
    """Read a track once, in blocks, and keep its features."""
    samples, clipped = low_rate(track, on_progress)
    if samples.size == 0:
        return TrackFeatures(track.label, samples, np.zeros((0, COEFFICIENTS), np.float32), track=track)
    return TrackFeatures(track.label, samples, standardised(mfcc(samples)), clipped, track, levels=levels_of(samples))


def low_rate(track: Track, on_progress: Callable[[float], None] | None = None) -> tuple[NDArray[np.int16], float]:
    """The track at 8 kHz as 16-bit samples, as BBC's finder gets it from ffmpeg, and the share that is clipped."""
    total = track.frames * RATE // track.rate
    out = np.empty(total, np.int16)
    clipped = 0
    for second in range(0, -(-total // RATE), _BLOCK_S):
        margin = margin_of(track.rate)
        block = read_padded(track, second * track.rate - margin, _BLOCK_S * track.rate + 2 * margin)
        clipped += _clipped(block[margin : margin + _BLOCK_S * track.rate])
        wave = resampled(block, track.rate, RATE)
        np.rint(np.clip(wave * np.float32(FULL_SCALE), -32768, 32767), out=wave)
        low, high = second * RATE, min((second + _BLOCK_S) * RATE, total)
        out[low:high] = wave[: high - low]
        if on_progress is not None:
            on_progress(high / total)
    return out, clipped / max(track.frames, 1)


def _clipped(block: Samples) -> int:
    if max(float(block.max()), -float(block.min())) < _FULL:
        return 0
    return int(np.count_nonzero(np.abs(block) >= _FULL))


def margin_of(rate: int) -> int:
    """A twentieth of a second, or a whole one, so that it is a whole number of samples at both rates.

    50 ms away from a jump the low-pass has let it ring down to -120 dB.
    """
    return rate // 20 if rate % 20 == 0 else rate


def resampled(block: Samples, rate: int, wanted: int) -> Samples:
    """Whole seconds of sound, with a margin on either side that is cut off, at another rate.

    The spectrum of each second and its margins is cut, or filled with zeros; the margins take the wrap-around of the
    discrete Fourier transform.
    """
    margin = margin_of(rate)
    if rate == wanted:
        return block[margin : block.size - margin].copy()
    edge = margin * wanted // rate
    frames = np.lib.stride_tricks.sliding_window_view(block, rate + 2 * margin)[::rate]
    spectra = fft.rfft(frames, axis=1)
    length = wanted + 2 * edge
    common = min(length // 2 + 1, spectra.shape[1])
    kept = np.zeros((frames.shape[0], length // 2 + 1), np.complex64)
    kept[:, :common] = spectra[:, :common] * _low_pass(common, length / wanted, min(rate, wanted))
    waves = fft.irfft(kept, length, axis=1)[:, edge : edge + wanted]
    out: Samples = np.ascontiguousarray(waves).reshape(-1) * np.float32(wanted / rate)
    return out


def read_padded(track: Track, start: int, count: int) -> Samples:
    """`count` samples from `start`, zeros where there is no sound (before 0 and after the end)."""
    low, high = max(start, 0), min(start + count, track.frames)
    found = track.read(low, high - low) if high > low else np.zeros(0, np.float32)
    if not np.isfinite(np.sum(found)):
        found = np.nan_to_num(found, nan=0.0, posinf=1.0, neginf=-1.0)
    if found.size == count:
        return found
    out = np.zeros(count, np.float32)
    out[max(low - start, 0) : max(low - start, 0) + found.size] = found
    return out


@cache
def _low_pass(bins: int, seconds: float, rate: int) -> Samples:
    hertz = np.arange(bins, dtype=np.float32) / seconds
    passed = _PASS_HZ / RATE * rate
    ramp = np.clip((hertz - passed) / (rate / 2 - passed), 0, 1)
    passing: Samples = (0.5 + 0.5 * np.cos(np.pi * ramp)).astype(np.float32)
    return passing


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
    whole recording: it is guessed from the frames with the most energy, and what was cut off too low is done again.
    """
    kind = np.float64 if samples.dtype == np.float64 else np.float32
    count = 1 + samples.size // hop
    mel_power = _mel_power(_taper(window, size).astype(kind), mel_filters(rate, size).astype(np.float32).astype(kind))
    loudest = float(mel_power(_picked(samples, _loud_frames(samples, hop) * hop, size)).max())
    out = np.empty((count, coefficients), kind)

    def batch(at: int) -> Features:
        return mel_power(_frames(samples, at, min(_BATCH, count - at), hop, size))

    faint: list[tuple[int, float, float]] = []
    for at in range(0, count, _BATCH):
        power = batch(at)
        loudest = max(loudest, float(power.max()))
        faint.append((at, float(power.min()), loudest))
        out[at : at + _BATCH] = _cepstra(power, loudest)[:coefficients].T
    for at, lowest, known in faint:
        if known < loudest and lowest < loudest * 10 ** (-TOP_DB / 10) * _NEARLY:
            out[at : at + _BATCH] = _cepstra(batch(at), loudest)[:coefficients].T
    return out


def retimed_mfcc(samples: NDArray[np.int16], factor: float) -> Features:
    """Nearly the MFCCs of 8 kHz samples as they sound when each of their seconds takes `factor` seconds.

    The samples stay where they are: the frames lie nearer to each other or farther apart, and the mels hang on other lines
    of the spectrum. Windows stay 32 ms long by the samples' own clock, and no sound is made from 4 kHz up.
    """
    places = np.rint(np.arange(1 + int(samples.size * factor) // HOP) * (HOP / factor)).astype(np.int64)
    filters = mel_filters(RATE, FFT_SIZE, played=factor).astype(np.float32)
    mel_power = _mel_power(_taper(WINDOW, FFT_SIZE), filters)
    batches = range(0, places.size, _BATCH)
    powers = [mel_power(_picked(samples, places[at : at + _BATCH], FFT_SIZE)) for at in batches]
    loudest = max(float(power.max()) for power in powers)
    return np.concatenate([_cepstra(power, loudest)[:COEFFICIENTS].T for power in powers])


def _taper(window: int, size: int) -> Features:
    """A periodic Hann window in the middle of `size` samples."""
    taper = np.zeros(size, np.float32)
    inside = slice((size - window) // 2, (size - window) // 2 + window)
    taper[inside] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    return taper


def _mel_power(taper: Features, filters: Features) -> Callable[[NDArray[Any]], Features]:
    """The function from frames, shape (count, size), to their power in each mel, shape (mels, count)."""
    weights = sparse.csr_matrix(filters)

    def mel_power(rows: NDArray[Any]) -> Features:
        spectrum = fft.rfft(rows * taper, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        found: Features = weights @ np.ascontiguousarray(power.T)
        return found

    return mel_power


def _cepstra(power: Features, loudest: float) -> Features:
    """All coefficients of mel powers, both of shape (mels, count); `loudest`: the greatest power of the whole recording."""
    kind = power.dtype.type
    floor = 10 * np.log10(max(loudest, SMALLEST_POWER)) - TOP_DB
    decibels = np.maximum(np.log(np.maximum(power, kind(SMALLEST_POWER))) * kind(10 / np.log(10)), kind(floor))
    found: Features = fft.dct(decibels, type=2, axis=0, norm="ortho")
    return found


def _frames(samples: NDArray[Any], first: int, count: int, hop: int, size: int) -> NDArray[Any]:
    """Frames `first` to `first + count`, each centred on its place, zeros around the sound; shape (count, size)."""
    start, length = first * hop - size // 2, (count - 1) * hop + size
    low, high = max(start, 0), min(start + length, samples.size)
    held = samples[low:high]
    if held.size < length:
        held = np.pad(held, (low - start, start + length - max(high, low)))
    return np.lib.stride_tricks.sliding_window_view(held, size)[::hop]


def _picked(samples: NDArray[Any], middles: NDArray[np.int64], size: int) -> NDArray[Any]:
    """The frames around some samples, in the order given."""
    index = middles[:, None] + (np.arange(size) - size // 2)
    rows: NDArray[Any] = np.where((index >= 0) & (index < samples.size), samples.take(index, mode="clip"), 0)
    return rows


def _loud_frames(samples: NDArray[Any], hop: int) -> NDArray[np.int64]:
    """The frames, up to `_LOUD`, at the ends of which there is the most energy; the first one of a very short sound."""
    blocks = samples[: samples.size // hop * hop].reshape(-1, hop)
    parts = [np.square(blocks[at : at + _BATCH], dtype=np.float32).sum(axis=1) for at in range(0, len(blocks), _BATCH)]
    energy = np.concatenate([[0.0], *parts, [0.0]])
    return np.argsort(-(energy[:-1] + energy[1:]), kind="stable")[:_LOUD]


def standardised(features: Features) -> Features:
    """Each coefficient less its mean, over its standard deviation; a coefficient that never changes says nothing: 0."""
    mean = features.mean(axis=0, dtype=np.float64)
    found: Features = features - mean.astype(features.dtype)
    power = np.einsum("ij,ij->j", found, found, dtype=np.float64) / len(features)
    # The mean as it was taken away is not the mean to the last digit.
    spread = np.sqrt(np.maximum(power - np.square(found.mean(axis=0, dtype=np.float64)), 0))
    says = spread > 1e-6 * np.maximum(np.abs(mean), 1e-3)
    found *= np.where(says, 1 / np.where(says, spread, 1), 0).astype(features.dtype)
    return found
