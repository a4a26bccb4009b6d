"""What Studio is measured against, each as anybody would use it: (offset in seconds, score, drift in ppm)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sync_app.core import features
from sync_app.core.engine import align
from sync_app.core.values import ArrayTrack, Track

SURE = 10.0


def studio(first: Track, second: Track) -> dict[str, float | str | None]:
    """Studio's engine."""
    found = align([first, second], master=first.label).cameras[second.label]
    return {
        "offset_s": None if found.offset_ms is None else found.offset_ms / 1000,
        "ppm": found.drift_ppm or 0.0,
        "score": found.confidence,
        "rank": found.probability or 0.0,
        "class": found.classification,
        "segments": reported_segments(found),
    }


def reported_segments(found: Any) -> list[tuple[float, float, float, float]]:
    """Start, end, offset and ppm of each segment; an engine that calls them pieces has one drift for all."""
    reported = getattr(found, "segments", None) or getattr(found, "pieces", ())
    ppm = found.drift_ppm or 0.0
    return [(p.start_s, p.end_s, p.offset_ms / 1000, getattr(p, "drift_ppm", ppm)) for p in reported]


def bbc(first: Track, second: Track) -> dict[str, float | str | None]:
    """BBC audio-offset-finder 0.5.5 as published."""
    from audio_offset_finder import audio_offset_finder as library

    one, two = (features.low_rate(t)[0].astype(float) for t in (first, second))
    try:
        with np.errstate(all="ignore"):
            found = library.find_offset_between_buffers(one, two, features.RATE)
    except Exception:
        return _plain(None, 0.0)
    score = float(found["standard_score"])
    return _plain(float(found["time_offset"]), score) if np.isfinite(score) else _plain(None, 0.0)


def plain_fft(first: Track, second: Track) -> dict[str, float | str | None]:
    """One correlation of the two waves, whole."""
    return _whole(first, second, whiten=False)


def gcc_phat(first: Track, second: Track) -> dict[str, float | str | None]:
    """One correlation of the two waves, whole, with every magnitude made equal."""
    return _whole(first, second, whiten=True)


def _whole(first: Track, second: Track, whiten: bool) -> dict[str, float | str | None]:
    one, two = (features.low_rate(t)[0].astype(np.float32) for t in (first, second))
    if min(one.size, two.size) == 0:
        return _plain(None, 0.0)
    size = fft.next_fast_len(one.size + two.size, real=True)
    cross = fft.rfft(one, size) * np.conj(fft.rfft(two, size))
    if whiten:
        cross = cross / np.maximum(np.abs(cross), max(1e-7 * float(np.abs(cross).max()), 1e-12))
    curve: NDArray[np.float32] = np.abs(fft.irfft(cross, size))
    index = int(np.argmax(curve))
    spread = float(curve.std())
    if spread < 1e-12:
        return _plain(None, 0.0)
    score = float((curve[index] - curve.mean()) / spread)
    return _plain((index if index < one.size else index - size) / features.RATE, score)


def _plain(offset: float | None, score: float) -> dict[str, float | str | None]:
    word = "looks-good" if score >= SURE else "review-suggested" if score >= SURE / 2 else "needs-manual-nudge"
    return {"offset_s": offset, "ppm": 0.0, "score": score, "rank": score, "class": word, "segments": []}


PEERS = {"Studio": studio, "BBC 0.5.5": bbc, "plain FFT": plain_fft, "GCC-PHAT": gcc_phat}


def track(label: str, samples: NDArray[np.float32]) -> ArrayTrack:
    """48 kHz samples as a track."""
    return ArrayTrack(label, samples, 48_000)
