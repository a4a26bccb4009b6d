"""How far each half second of a recording stands out from the rest of it, by what was measured of it. Times in ms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from render_app.core.intervals import joined

#: Counts our own changes to what scores how.
VERSION = "1"
STEP_MS = 500.0
#: What is scored, each as much as another.
SPEECH, LOUDNESS_CHANGE, FACES, MOTION = TERMS = ("speech_density", "loudness_change", "face_presence", "motion")
#: A term says at most so much, in deviations; and what is silent counts as so loud.
MOST, SILENT_LUFS = 3.0, -70.0
#: A deviation of a normal distribution, in medians and in means of the absolute differences from its middle.
_OF_MEDIAN, _OF_MEAN = 1.4826, 1.2533
#: Values that differ by less are the same.
_SAME = 1e-6

Values = NDArray[np.float64]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known of a recording. `speech`: where words are said; `loudness`: LUFS of windows of `window_ms`, None where
    silent; `faces`: where a face is seen; `motion`: (time, share of the picture that moves). None for what was not analyzed."""

    duration_ms: float
    speech: Sequence[Span] | None = None
    loudness: Sequence[float | None] | None = None
    window_ms: float = 1000.0
    faces: Sequence[Span] | None = None
    motion: Sequence[tuple[float, float]] | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """Of each step: every term as it was measured, as deviations from the recording's middle, and their mean."""

    edges: Values
    measured: Mapping[str, Values]
    deviations: Mapping[str, Values]
    total: Values = field(repr=False)

    def means(self, values: Values) -> Callable[[float, float], float]:
        """A function from a stretch, its start and end, to the mean of a term in it."""
        summed = np.concatenate(([0.0], np.cumsum(values * np.diff(self.edges))))

        def mean(start_ms: float, end_ms: float) -> float:
            first, last = np.interp((start_ms, end_ms), self.edges, summed)
            return float((last - first) / (end_ms - start_ms))

        return mean


def score(observed: Observed) -> Scored:
    """Every term that was analyzed; one that is the same all through says nothing and is left out of the mean."""
    edges = np.append(np.arange(0.0, observed.duration_ms, STEP_MS), observed.duration_ms)
    measured = dict(_measured(observed, edges))
    deviations = {name: deviation(values) for name, values in measured.items()}
    telling = [values for values in deviations.values() if values.any()]
    total = np.mean(telling, axis=0) if telling else np.zeros(len(edges) - 1)
    return Scored(edges, measured, deviations, total)


def deviation(values: Values) -> Values:
    """How many deviations each value lies from the median, robustly: what stands out does not count into the deviation. Where
    half of all values are the same, the mean difference serves."""
    away = values - np.median(values)
    spread = _OF_MEDIAN * np.median(np.abs(away))
    if spread < _SAME:
        spread = _OF_MEAN * np.mean(np.abs(away))
    return np.zeros(len(values)) if spread < _SAME else np.clip(away / spread, -MOST, MOST)


def _measured(observed: Observed, edges: Values) -> Iterable[tuple[str, Values]]:
    if observed.speech is not None:
        yield SPEECH, _covered(observed.speech, edges)
    if observed.loudness:
        yield LOUDNESS_CHANGE, _changes(observed.loudness, observed.window_ms, edges)
    if observed.faces is not None:
        yield FACES, _covered(observed.faces, edges)
    if observed.motion:
        times, shares = zip(*sorted(observed.motion), strict=True)
        yield MOTION, np.interp(_middles(edges), times, shares)


def _covered(spans: Iterable[Span], edges: Values) -> Values:
    """The share of each step that lies in a span."""
    times, covered = [0.0], [0.0]
    for start, end in joined(spans):
        times += [start, end]
        covered += [covered[-1], covered[-1] + end - start]
    return np.asarray(np.diff(np.interp(edges, times, covered)) / np.diff(edges))


def _changes(loudness: Sequence[float | None], window_ms: float, edges: Values) -> Values:
    """How many dB each window is louder or softer than the one before it, at each step."""
    levels = np.array([max(SILENT_LUFS, SILENT_LUFS if one is None else one) for one in loudness])
    changes = np.abs(np.diff(levels, prepend=levels[0]))
    windows = np.minimum(len(changes) - 1, (_middles(edges) // window_ms).astype(int))
    return np.asarray(changes[windows])


def _middles(edges: Values) -> Values:
    return np.asarray((edges[:-1] + edges[1:]) / 2)
