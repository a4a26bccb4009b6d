"""Who speaks, by microphone: level in relation to each microphone's own voice, and the lag as a witness against bleed.

Nobody's gain is known. Each voice leaves a pattern of levels over all microphones that stays the same, as people keep their
seats (`voice_patterns`), and each frame belongs to the pattern that it is nearest to. A frame that two patterns explain only
together is crosstalk.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from render_app.core.autocut import voice_patterns
from render_app.core.autocut.hearing import MOST_LAG_S, Decibels, Heard
from render_app.core.autocut.values import APPLAUSE, CROSSTALK, HOP_S, NOBODY, RATE, Conversation, Labels, Span

#: Digital silence, and where a microphone did not record.
NOTHING_DB = -99.0
#: A frame is speech this much above the quietest tenth of its microphone, and within so much of its loud frames.
ABOVE_FLOOR_DB, UNDER_VOICE_DB = 9.0, 24.0
#: A pause is at least so long; at a pause each microphone is under this share of the way from its floor to its voice.
SHORTEST_PAUSE_S, QUIET_SHARE = 0.2, 0.15
#: A voice that owns less of the clear frames than this is bleed.
SMALLEST_SHARE = 0.01
#: As many of the frames as this are enough to learn from.
WHOLE_SHARE = 0.2
#: How far levels scatter around a voice's pattern; and from which share of the way to another voice's on it is crosstalk.
SCATTER_DB, BETWEEN = 3.5, 0.2
#: What a change of the speaker costs against a frame's evidence; and the most that one frame may say.
CHANGE_COST, MOST_COST = 16.0, 8.0
#: Crosstalk is no shorter than this; and so many frames hold a syllable.
SHORTEST_CROSSTALK_S, HOLD_FRAMES = 0.4, 15
#: A microphone leads by so many ms at least; a lag is a seat's where it is found this often, in relation to the one found most.
LEAST_LAG_MS, STEADY_SHARE = 0.4, 0.4
#: Broad noise in every microphone at once.
NOISY_FLATNESS, SHORTEST_APPLAUSE_S = 0.42, 1.0

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Voices:
    """`patterns`: shape (voices, microphones), dB about each frame's mean; `numbers`: whose microphone each voice is."""

    patterns: Decibels
    numbers: NDArray[np.int16]


def who_speaks(heard: Heard, words: tuple[Span, ...] = ()) -> Conversation:
    """The speaker of each frame, and the pauses. `words`: where words are known to be spoken, which are no pauses."""
    active = _active(heard)
    voices = _voices(heard, active)
    labels, doubt = np.full(len(active), NOBODY, np.int16), 0.0
    if len(voices.numbers):
        leads = _leads(heard, active)
        costs = _costs(heard, leads, voices)
        path = _smoothed(costs, active)
        labels[active] = voices.numbers[path[active]]
        labels[_crosstalk(heard, voices, active)] = CROSSTALK
        doubt = _doubt(leads, labels)
    labels[_applause(heard, active)] = APPLAUSE
    return Conversation(heard.start, heard.microphones, labels, pauses(heard, words), doubt)


def nobody(start: float, seconds: float) -> Conversation:
    """Where there is nothing to hear: one long pause, in which a cut may lie each second."""
    labels = np.full(max(1, int(seconds / HOP_S)), NOBODY, np.int16)
    moments = tuple(Span(start + at - 0.1, start + at + 0.1) for at in range(1, int(seconds)))
    return Conversation(start, (), labels, moments)


def pauses(heard: Heard, words: tuple[Span, ...] = ()) -> tuple[Span, ...]:
    """Where every microphone is quiet long enough to cut."""
    quiet = np.all(heard.short_db < _quiet_under(heard.short_db), axis=1)
    for word in words:
        first, last = (round((at - heard.start) / HOP_S) for at in (word.start, word.end))
        quiet[max(0, first) : max(0, last + 1)] = False
    return tuple(
        Span(heard.start + first * HOP_S, heard.start + last * HOP_S)
        for first, last in runs(quiet)
        if (last - first) * HOP_S >= SHORTEST_PAUSE_S
    )


def runs(mask: Mask) -> list[tuple[int, int]]:
    """The stretches in which a mask is true: (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _quiet_under(level_db: Decibels) -> Decibels:
    floor, voice = _range(level_db, 0.05, 0.95)
    share = floor + QUIET_SHARE * np.maximum(voice - floor, 0.0)
    # Between the words of a steady voice the floor itself is what is quiet.
    return np.asarray(np.maximum(share, np.minimum(floor + 3.0, voice - 12.0)), np.float32)


def _range(level_db: Decibels, low: float, high: float) -> tuple[Decibels, Decibels]:
    """The quiet and the loud level of each microphone, while it recorded anything at all."""
    columns = [column[column > NOTHING_DB] for column in level_db.T]
    pairs = [np.quantile(one, (low, high)) if one.size else (NOTHING_DB, NOTHING_DB) for one in columns]
    floor, loud = np.array(pairs, np.float32).T
    return floor, loud


def _active(heard: Heard) -> Mask:
    """Frames in which somebody is loud at some microphone."""
    level = scipy.ndimage.uniform_filter1d(heard.level_db, 3, axis=0)
    floor, voice = np.quantile(level, 0.1, axis=0), np.quantile(level, 0.97, axis=0)
    loud = (level > floor + ABOVE_FLOOR_DB) & (level > voice - UNDER_VOICE_DB)
    return np.asarray(scipy.ndimage.binary_closing(loud.any(axis=1), np.ones(9)) | loud.any(axis=1))


def _leads(heard: Heard, active: Mask) -> Labels:
    """The microphone that the sound reached before all others, NOBODY where there is none."""
    count = len(heard.microphones)
    later = {pair: _steady(lags, active) for pair, lags in heard.lags.items()}
    later |= {(other, one): -lags for (one, other), lags in later.items()}
    first = np.full(len(active), NOBODY, np.int16)
    for one in range(count):
        ahead = [later[one, other] > LEAST_LAG_MS for other in range(count) if other != one]
        if ahead:
            first[np.all(ahead, axis=0) & active] = one
    return first


def _steady(lags: Decibels, active: Mask) -> Decibels:
    """The lags that come back, as people keep their seats: those of a voice's pitch wander, and are NaN."""
    known = active & ~np.isnan(lags)
    bins = np.zeros(len(lags), np.intp)
    bins[known] = np.rint((lags[known] + MOST_LAG_S * 1000) * RATE / 1000).astype(np.intp)
    counts = np.bincount(bins[known], minlength=2 * round(MOST_LAG_S * RATE) + 1)
    seats = scipy.ndimage.binary_dilation(counts >= max(1.0, STEADY_SHARE * counts.max()))
    return np.where(known & seats[bins], lags, np.nan).astype(np.float32)


def _voices(heard: Heard, active: Mask) -> _Voices:
    """The pattern of each voice: a fit of all frames first, then the median of the frames of each. Those in which a microphone did
    not record teach nothing, as long as there are others."""
    whole = active & np.all(heard.level_db > NOTHING_DB, axis=1)
    active = whole if whole.sum() > WHOLE_SHARE * active.sum() else active
    shape, leads = _shapes(heard), _leads(heard, active)
    if not active.any():
        return _Voices(np.zeros((0, shape.shape[1]), np.float32), np.zeros(0, np.int16))
    owner = voice_patterns.owners(shape[active], leads[active], _starts(heard, leads, active))
    needed = max(5, SMALLEST_SHARE * len(owner))
    numbers = [n for n in range(shape.shape[1]) if (owner == n).sum() >= needed]
    patterns = np.array([_pattern(shape[active][owner == n], n) for n in numbers], np.float32)
    return _Voices(patterns, np.array(numbers, np.int16))


def _pattern(shape: Decibels, number: int) -> Decibels:
    """What a voice looks like alone: the median of the half of its frames in which its own microphone stands out most, as others
    speak over the rest."""
    own = shape[:, number]
    return np.asarray(np.median(shape[own >= np.median(own)], axis=0), np.float32)


def _starts(heard: Heard, leads: Labels, active: Mask) -> list[Labels]:
    """Guesses of who speaks in the active frames: by lag, by level in relation to each microphone's own loud frames, by level."""
    level = heard.level_db[active]
    own = np.quantile(level, 0.95, axis=0)
    return [leads[active], np.asarray((level - own).argmax(axis=1), np.int16), level.argmax(axis=1).astype(np.int16)]


def _shapes(heard: Heard) -> Decibels:
    """Each frame's levels about their mean: what is left when loudness is taken away."""
    floor, _ = _range(heard.level_db, 0.05, 0.95)
    # A microphone that does not record hears as little as it does in a pause.
    level = scipy.ndimage.uniform_filter1d(np.maximum(heard.level_db, floor), 5, axis=0)
    return np.asarray(level - level.mean(axis=1, keepdims=True), np.float32)


def _costs(heard: Heard, leads: Labels, voices: _Voices) -> Decibels:
    """How little each frame speaks for each voice, by level and by lag."""
    level = 0.5 * (voice_patterns.distances(_shapes(heard), voices.patterns) / SCATTER_DB) ** 2
    lag = np.where((leads[:, None] == voices.numbers[None]) | (leads[:, None] == NOBODY), 0.0, 1.5)
    return np.asarray(np.minimum(level + lag, MOST_COST), np.float32)


def _smoothed(costs: Decibels, active: Mask) -> NDArray[np.intp]:
    """The cheapest path through the voices (Viterbi): frames in which nobody speaks say nothing."""
    costs = np.where(active[:, None], costs, 0.0)
    best = np.zeros(costs.shape[1])
    came = np.zeros(costs.shape, np.intp)
    for number, cost in enumerate(costs):
        cheapest = int(best.argmin())
        stay = best <= best[cheapest] + CHANGE_COST
        came[number] = np.where(stay, np.arange(best.size), cheapest)
        best = np.where(stay, best, best[cheapest] + CHANGE_COST) + cost
        best -= best.min()
    path = np.empty(len(costs), np.intp)
    at = int(best.argmin())
    for number in range(len(costs) - 1, -1, -1):
        path[number] = at
        at = came[number, at]
    return path


def _crosstalk(heard: Heard, voices: _Voices, active: Mask) -> Mask:
    """Frames that no voice explains alone: over a syllable or two, the loudest at each microphone lies between the patterns of
    two voices."""
    mask = np.zeros(len(active), bool)
    if len(voices.numbers) < 2:
        return mask
    floor, _ = _range(heard.level_db, 0.05, 0.95)
    held = scipy.ndimage.maximum_filter1d(np.maximum(heard.level_db, floor), HOLD_FRAMES, axis=0)
    between = _between(held - held.mean(axis=1, keepdims=True), voices.patterns) & active
    steady = scipy.ndimage.uniform_filter1d(between.astype(np.float32), HOLD_FRAMES) > 0.5
    for first, last in runs(steady):
        if (last - first) * HOP_S >= SHORTEST_CROSSTALK_S:
            mask[first:last] = True
    return mask & active


def _between(shape: Decibels, patterns: Decibels) -> Mask:
    """Whether a frame lies between its two nearest patterns, away from both."""
    nearest = voice_patterns.distances(shape, patterns).argsort(axis=1)
    one, other = patterns[nearest[:, 0]], patterns[nearest[:, 1]]
    line = other - one
    along = np.sum((shape - one) * line, axis=1) / np.maximum(np.sum(line * line, axis=1), 1e-6)
    return np.asarray(along > BETWEEN)


def _applause(heard: Heard, active: Mask) -> Mask:
    """Long stretches of broad noise."""
    noisy = scipy.ndimage.uniform_filter1d(heard.flat.astype(np.float32), 25) > NOISY_FLATNESS
    mask = np.zeros(len(active), bool)
    for first, last in runs(noisy & active):
        if (last - first) * HOP_S >= SHORTEST_APPLAUSE_S:
            mask[first:last] = True
    return mask


def _doubt(leads: Labels, labels: Labels) -> float:
    """The share of sure speech where the lag names somebody else."""
    both = (labels >= 0) & (leads >= 0)
    return float((leads[both] != labels[both]).mean()) if both.any() else 0.0
