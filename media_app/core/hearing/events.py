"""Speech, music, silence and what is none of them, as stretches of time.

In come what a net thinks of every 10 ms (how probable speech, singing and music are) and the sound's level. Speech and music may
lie over one another; silence and other lie where neither is. A sound is silent when it is hardly louder than the noise of the
place: a fixed level would call all of a quiet recording silent, and no pause of a noisy one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.core.sound.runs import joined, runs

FRAME_MS = 10
SPEECH, MUSIC, SILENCE, OTHER = "speech", "music", "silence", "other"
#: Frames whose mean is judged: half a second.
_MEAN = 50
#: A kind begins where its probability is above the first, and lasts as long as it is above the second.
_ON, _OFF = 0.4, 0.3
#: Shorter than this it is a mistake, frames; and pauses this short do not end it.
_SHORTEST = {SPEECH: 20, MUSIC: 200}
_PAUSE = {SPEECH: 30, MUSIC: 100}
#: The mean may smear an edge by this many frames into silence; they are given back.
_SMEAR = _MEAN // 2
#: Silence is at most so many dB over the noise, and so many under what is loud; and always, never: dBFS.
_OVER_NOISE_DB, _UNDER_LOUD_DB = 6.0, 25.0
_ALWAYS_SILENT_DB, _NEVER_SILENT_DB = -60.0, -35.0
#: What keeps its level within so many dB for so many frames is a hum or a tone, whatever the net says: no voice does for a second, and no
#: music for as long as the longest chord is held.
_STEADY = {SPEECH: (0.5, 100), MUSIC: (0.3, 400)}
_TENTH = 10
#: A sound shorter than the first is a click; the silence between clicks less than the second apart is a ticking, frames.
_CLICK, _TICKING = 10, 100
#: Over a second a voice has at least this share of its power where vowels lie; chirps and whistles have none there.
_VOWELS, _SECOND = 0.02, 100
#: Frames over which a level is taken for silence.
_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Event:
    """One stretch of a kind, ms after media time zero. `confidence`: the net's mean probability; None where it was not asked.

    `also`: the other kinds that are heard in it, and "singing" where the music is sung."""

    kind: str
    start_ms: int
    end_ms: int
    confidence: float | None = None
    also: tuple[str, ...] = ()

    def as_json(self, loudness: float | None) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "speaker_id": None,
            "loudness_lufs": loudness,
            "confidence": None if self.confidence is None else round(self.confidence, 3),
            "transcription": None,
            "meta": {"also": list(self.also)},
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """`probabilities`: (n, 3), speech, singing and music of every 10 ms; None where no net was asked. `levels`: dBFS of every
    10 ms; `low_shares`: how much of a second's power around it lies where vowels do, `sliding`: which of them lie in a
    slide from pitch to pitch; None where that was not measured."""

    levels: NDArray[np.float32]
    probabilities: NDArray[np.float32] | None
    low_shares: NDArray[np.float64] | None = None
    sliding: NDArray[np.bool_] | None = None


def silence_threshold(levels: NDArray[np.float32]) -> float:
    """The level under which a recording is silent, dBFS."""
    if not len(levels):
        return _ALWAYS_SILENT_DB
    noise, loud = (float(value) for value in np.percentile(levels, (5, 95)))
    near = min(noise + _OVER_NOISE_DB, loud - _UNDER_LOUD_DB, _NEVER_SILENT_DB)
    return max(near, _ALWAYS_SILENT_DB)


def build(heard: Heard, min_silence_ms: int) -> tuple[Event, ...]:
    """All events, in order of their beginning. Every 10 ms belongs to one at least."""
    shortest = max(1, min_silence_ms // FRAME_MS)
    quiet = _quiet(heard.levels)
    smooth = _smoothed(heard, quiet)
    sounding = {kind: _active(values, quiet, kind) for kind, values in smooth.items()}
    sounding = {kind: flags & ~_gap(smooth[kind], quiet, shortest) for kind, flags in sounding.items()}
    nothing = ~(sounding[SPEECH] | sounding[MUSIC])
    silent = _at_least(nothing & quiet, shortest) & ~_ticking(nothing & ~quiet)
    flags = {**sounding, SILENCE: silent, OTHER: nothing & ~silent}
    found = [_event(kind, run, flags, smooth) for kind in flags for run in runs(flags[kind])]
    return tuple(sorted(found, key=lambda event: (event.start_ms, event.end_ms, event.kind)))


def speech_only(
    spans_ms: Sequence[tuple[int, int]], levels: NDArray[np.float32], min_silence_ms: int
) -> tuple[Event, ...]:
    """Events where nothing is known but who speaks when: music is never guessed, it is other."""
    count = len(levels)
    speech = np.zeros(count, bool)
    for start, end in spans_ms:
        speech[start // FRAME_MS : -(-end // FRAME_MS)] = True
    silent = _at_least(~speech & _quiet(levels), max(1, min_silence_ms // FRAME_MS))
    flags = {SPEECH: speech, SILENCE: silent, OTHER: ~(speech | silent)}
    found = [Event(kind, FRAME_MS * start, FRAME_MS * end) for kind in flags for start, end in runs(flags[kind])]
    return tuple(sorted(found, key=lambda event: (event.start_ms, event.end_ms, event.kind)))


def low_shares(lows: NDArray[np.float64], powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of the low powers in all, over a second around each 10 ms."""
    shares: NDArray[np.float64] = _mean(lows, _SECOND) / np.maximum(_mean(powers, _SECOND), 1e-12)
    return shares


def _smoothed(heard: Heard, quiet: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    """How probable speech and music are over half a second, 0 where the sound is none of it whatever the net says."""
    count = len(heard.levels)
    if heard.probabilities is None:
        return {kind: np.zeros(count, np.float32) for kind in (SPEECH, MUSIC)}
    smooth = _kinds(*(_mean(_fitted(column, count)) for column in heard.probabilities.T))
    smooth = {kind: np.where(_steady(heard.levels, kind) & ~quiet, 0.0, values) for kind, values in smooth.items()}
    if heard.low_shares is not None:
        smooth[SPEECH] = np.where(heard.low_shares < _VOWELS, 0.0, smooth[SPEECH])
    if heard.sliding is not None:
        smooth[MUSIC] = np.where(heard.sliding, 0.0, smooth[MUSIC])
    return smooth


def _kinds(speech: NDArray[Any], singing: NDArray[Any], music: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """How probable each kind is. A net wavers between speech and singing where somebody speaks in one tone: a voice that no
    instrument accompanies and that speaks more than it sings is speech all through."""
    voice = speech + singing
    speaks, sings = speech.copy(), singing.copy()
    for start, end in runs(voice > _OFF):
        alone = music[start:end].mean() < _OFF
        if alone and speech[start:end].sum() > singing[start:end].sum():
            speaks[start:end], sings[start:end] = np.minimum(1.0, voice[start:end]), 0.0
    return {SPEECH: speaks, MUSIC: np.maximum(sings, music)}


def _quiet(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    if not len(levels):
        return np.zeros(0, bool)
    power = _mean((10 ** (levels.astype(np.float64) / 10)).astype(np.float64), _LEVEL)
    quiet: NDArray[np.bool_] = 10 * np.log10(np.maximum(power, 1e-12)) < silence_threshold(levels)
    return quiet


def _steady(levels: NDArray[np.float32], kind: str) -> NDArray[np.bool_]:
    """Frames that lie in an unchanging level, as a sound of this kind never has it."""
    within, frames = _STEADY[kind]
    if len(levels) < frames:
        return np.zeros(len(levels), bool)
    tenths = 10 * np.log10(np.maximum(_mean(10 ** (levels.astype(np.float64) / 10), _TENTH), 1e-12))
    spread = np.lib.stride_tricks.sliding_window_view(tenths[_TENTH // 2 :: _TENTH], frames // _TENTH).std(axis=1)
    steady = np.zeros(len(levels), bool)
    for first in np.flatnonzero(spread < within):
        steady[first * _TENTH : first * _TENTH + frames] = True
    return steady


def _fitted(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """As many frames as the sound has; a net leaves the last one or two out."""
    if not len(values):
        return np.zeros(count, np.float32)
    return np.pad(values[:count], (0, max(0, count - len(values))), mode="edge")


def _mean(values: NDArray[np.floating[Any]], frames: int = _MEAN) -> NDArray[np.floating[Any]]:
    """The mean of the frames around each, of fewer at the edges."""
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    places = np.arange(len(values))
    begin = np.maximum(0, places - frames // 2)
    end = np.minimum(len(values), places + (frames - frames // 2))
    mean: NDArray[np.floating[Any]] = (total[end] - total[begin]) / np.maximum(1, end - begin)
    return mean


def _active(smooth: NDArray[Any], quiet: NDArray[np.bool_], kind: str) -> NDArray[np.bool_]:
    """Where a kind is heard: with hysteresis, without flicker, its edges out of the silence."""
    flags = np.zeros(len(smooth), bool)
    held = [(start, end) for start, end in runs(smooth > _OFF) if smooth[start:end].max() >= _ON]
    for start, end in joined(held, _PAUSE[kind]):
        start, end = _trimmed(start, end, quiet)
        if end - start >= _SHORTEST[kind]:
            flags[start:end] = True
    return flags


def _gap(smooth: NDArray[Any], quiet: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """Pauses that are silent and long enough to be reported, also where they were too short to end what they are in."""
    return _at_least(quiet & (smooth <= _OFF), shortest)


def _trimmed(start: int, end: int, quiet: NDArray[np.bool_]) -> tuple[int, int]:
    head, tail = ~quiet[start : start + _SMEAR], ~quiet[max(start, end - _SMEAR) : end]
    start += int(np.argmax(head)) if head.any() else len(head)
    end -= int(np.argmax(tail[::-1])) if tail.any() else len(tail)
    return start, max(start, end)


def _ticking(sounds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """From click to click, where they follow each other closely."""
    flags = np.zeros(len(sounds), bool)
    for first, second in pairwise(runs(sounds)):
        if first[1] - first[0] < _CLICK and second[1] - second[0] < _CLICK and second[0] - first[1] < _TICKING:
            flags[first[0] : second[1]] = True
    return flags


def _at_least(flags: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    kept = np.zeros(len(flags), bool)
    for start, end in runs(flags):
        if end - start >= frames:
            kept[start:end] = True
    return kept


def _event(
    kind: str, run: tuple[int, int], flags: dict[str, NDArray[np.bool_]], smooth: dict[str, NDArray[Any]]
) -> Event:
    start, end = run
    confidence = float(smooth[kind][start:end].mean()) if kind in smooth else None
    other = {SPEECH: MUSIC, MUSIC: SPEECH}.get(kind)
    also = (other,) if other and flags[other][start:end].any() else ()
    return Event(kind, FRAME_MS * start, FRAME_MS * end, confidence, also)
