"""Beats by librosa: how strongly something begins every 10 ms, and the beats that follow a tempo through it."""

import os
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from media_app.backends.packages import Package

LIBROSA = Package("librosa", "librosa", "audio", ("numba", "soundfile"))
RATE, HOP = 16_000, 160


def onsets(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The strength of what begins at every 10 ms of mono sound at 16 kHz. Raises BackendUnavailable."""
    found = _librosa().onset.onset_strength(y=sound, sr=RATE, hop_length=HOP, n_fft=1024, aggregate=np.mean)
    return np.asarray(found, np.float64)


def track(strengths: NDArray[np.float64], bpm: float) -> NDArray[np.int64]:
    """The frames of the beats at about this tempo. Raises BackendUnavailable."""
    options = {"onset_envelope": strengths, "sr": RATE, "hop_length": HOP, "bpm": bpm, "trim": False, "tightness": 300}
    return np.asarray(_librosa().beat.beat_track(**options)[1], np.int64)


def _librosa() -> Any:
    # Compiled once for a machine: the first call would else take half a minute in every process.
    if not os.access(LIBROSA.folder(), os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.VAR_DIR / "numba"))
    return LIBROSA.load()
