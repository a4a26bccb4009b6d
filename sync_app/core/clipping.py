"""A track that is clipped hard, predicted by the other one: no filter makes it of that, but a filter and the same clipping do.

Clipping by 15 to 30 dB leaves a third of the power to sound that was nowhere, and takes the quiet from under the loud. The filter
that fits it best is that of the sound before it was clipped, but for its level (Bussgang, 1952); cut off as high, what the
filter gives has the same new sound. Talk that the other track does not have is not in it.
"""

import numpy as np
from numpy.typing import NDArray

from sync_app.core.prediction import Wave, predicted, spectra_of, wave_of

#: Peaks over the usual level: 3.7 to 6.5 in talk and music, also behind a gain control; 1.5 to 2.2 clipped by 15 to 30 dB. Of so many samples.
_CREST, _SAMPLES = 2.5, 200_000
_PEAK = 0.999
_GAINS_DB = np.arange(0, 40, 3)


def hard_clipped(samples: NDArray[np.int16]) -> bool:
    """Whether a track is clipped so hard that no filter makes it of another one: its peaks are hardly louder than its usual."""
    some = np.abs(samples[:: max(1, samples.size // _SAMPLES)].astype(np.float32))
    return float(np.quantile(some, _PEAK)) < _CREST * float(np.sqrt(np.mean(np.square(some))))


def clipped_alike(known: Wave, wanted: Wave) -> Wave:
    """What a track would be if it were the other one behind a filter, clipped as it is: at the gain that comes nearest to it."""
    heard = wave_of(predicted(spectra_of(known), spectra_of(wanted)), wanted.size)
    limit = float(np.quantile(np.abs(wanted), _PEAK))
    tried = [np.clip(heard * np.float32(10 ** (gain / 20)), -limit, limit) for gain in _GAINS_DB]
    return max(tried, key=lambda wave: _alike(wave, wanted))


def _alike(one: Wave, two: Wave) -> float:
    """The correlation of two waves, from −1 to 1."""
    return float(np.dot(one, two) / np.sqrt(np.dot(one, one) * np.dot(two, two) + 1e-9))
