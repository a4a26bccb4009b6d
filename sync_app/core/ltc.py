"""Linear timecode in a track: it matches itself at many lags, so it must not be taken for shared sound.

Its square wave of 1 to 2 kHz is nearly the same in every frame (SMPTE 12M-1: 80 bits, of which few change), so each
fiftieth of a second comes again a whole number of frames later, which neither speech nor music does for long.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core.features import RATE

FRAME_RATES = (24.0, 25.0, 30.0, 24000 / 1001, 30000 / 1001)
_BAND_HZ = (900.0, 2500.0)
_ORDER = 4
_LATER = (5, 7, 11)
_PIECE = RATE // 50
_PROBES, _PROBE_S = 12, 1.5
_ALIKE, _MOST = 0.6, 0.6
#: A steady tone repeats itself too, but has its power at one pitch.
_ONE_PITCH = 0.8


def carries_ltc(samples: NDArray[np.int16]) -> bool:
    """Whether most of twelve probes of an 8 kHz track repeat themselves after 5, 7 and 11 frames of timecode."""
    span = int((_PROBE_S + 0.5) * RATE)
    if samples.size < span:
        return False
    starts = np.linspace(0, samples.size - span, _PROBES).astype(int)
    probes = [probe for probe in _band_passed(samples, starts, span) if not _one_pitch(probe)]
    if len(probes) < _PROBES / 2:
        return False
    return any(np.mean([_repeats(probe, rate) for probe in probes]) >= _MOST for rate in FRAME_RATES)


def _band_passed(samples: NDArray[np.int16], starts: NDArray[np.int64], span: int) -> NDArray[np.float64]:
    """The probes in the band of timecode, shape (probes, span): the magnitudes of a Butterworth filter of fourth order, by
    its bilinear transform."""
    spectra = fft.rfft([samples[at : at + span].astype(np.float64) for at in starts], axis=1)
    # Frequencies as the analog prototype has them; the last one is infinite.
    warped = np.tan(np.pi * np.fft.rfftfreq(span, 1 / RATE)[1:-1] / RATE)
    low, high = (float(np.tan(np.pi * hertz / RATE)) for hertz in _BAND_HZ)
    off = (np.square(warped) - low * high) / (warped * (high - low))
    gains = np.zeros(spectra.shape[1])
    gains[1:-1] = 1 / np.sqrt(1 + off ** (2 * _ORDER))
    found: NDArray[np.float64] = fft.irfft(spectra * gains, span, axis=1)
    return found


def _one_pitch(probe: NDArray[np.float64]) -> bool:
    power = np.square(np.abs(np.fft.rfft(probe * np.hanning(probe.size))))
    peak = int(np.argmax(power))
    return bool(power[max(peak - 4, 0) : peak + 5].sum() >= _ONE_PITCH * power.sum())


def _repeats(probe: NDArray[np.float64], frame_rate: float) -> bool:
    """Whether the median part of a probe is like the part some frames later, whatever its polarity."""
    return all(_likeness(probe, round(frames * RATE / frame_rate)) >= _ALIKE for frames in _LATER)


def _likeness(probe: NDArray[np.float64], lag: int) -> float:
    count = (probe.size - lag) // _PIECE
    one = probe[: count * _PIECE].reshape(count, _PIECE)
    two = probe[lag : lag + count * _PIECE].reshape(count, _PIECE)
    power = np.sqrt(np.sum(one**2, axis=1) * np.sum(two**2, axis=1)) + 1e-9
    return float(np.median(np.abs(np.sum(one * two, axis=1)) / power))
