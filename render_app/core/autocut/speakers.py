"""Who speaks, by microphone: level in relation to each microphone's own voice, and the lag as a witness against bleed.

Nobody's gain is known. Each voice leaves a pattern of levels over all microphones that stays the same, as people keep their
seats (`voice_patterns`), and each frame belongs to the pattern that it is nearest to. Where two of them together tell a frame
better than one does (`voice_powers`) it is crosstalk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are first used: slowly
from numpy.typing import NDArray

from render_app.core.autocut import voice_patterns, voice_powers
from render_app.core.autocut.hearing import MOST_LAG_S, Decibels, Heard
from render_app.core.autocut.values import APPLAUSE, CROSSTALK, HOP_S, NOBODY, RATE, Conversation, Labels, Span
from render_app.core.autocut.voice_powers import Room

#: Digital silence, and where a microphone did not record.
NOTHING_DB = -99.0
#: A frame is speech this much above the quietest tenth of its microphone, and within so much of its loud frames.
ABOVE_FLOOR_DB, UNDER_VOICE_DB = 9.0, 24.0
#: A pause is at least so long; at a pause each microphone is under this share of the way from its floor to its voice.
SHORTEST_PAUSE_S, QUIET_SHARE = 0.24, 0.1
#: A voice that owns less of the clear frames than this is bleed.
SMALLEST_SHARE = 0.01
#: As many of the frames as this are enough to learn from.
WHOLE_SHARE = 0.2
#: How far levels scatter around a voice's pattern.
SCATTER_DB = 3.5
#: A label is sure where the next voice costs so much more, over so many frames; of a voice heard alone, where so many lags agree.
SURE_MARGIN, SURE_FRAMES, FIRST_SHARE = 1.0, 25, 0.7
#: How much one voice is louder and softer, word by word.
LOUDNESS_SCATTER_DB = 6.0
#: What a change of the speaker costs against a frame's evidence; and the most that one frame may say.
CHANGE_COST, MOST_COST = 16.0, 8.0
#: A microphone leads by so many ms at least; a lag is a seat's where it is found this often, in relation to the one found most.
LEAST_LAG_MS, STEADY_SHARE = 0.4, 0.4
#: Broad noise in every microphone at once.
NOISY_FLATNESS, SHORTEST_APPLAUSE_S = 0.42, 1.0
#: What is less flat than this, over so many frames, has no noise over it.
VOICED_FLATNESS, SMOOTH_FRAMES = 0.22, 51

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Voices:
    """`patterns`: shape (voices, microphones), dB about each frame's mean; `levels`: the same as they are; `numbers`: whose
    microphone each voice is."""

    patterns: Decibels
    levels: Decibels
    numbers: NDArray[np.int16]


def who_speaks(heard: Heard, words: tuple[Span, ...] = ()) -> Conversation:
    """The speaker of each frame, and the pauses. `words`: where words are known to be spoken, which are no pauses."""
    active = _active(heard)
    voices = _voices(heard, active)
    labels, doubt = np.full(len(active), NOBODY, np.int16), 0.0
    sure = np.zeros(len(active), bool)
    pairs = np.full((len(active), 2), NOBODY, np.int16)
    if len(voices.numbers):
        leads = _leads(heard, active)
        costs = _costs(heard, leads, voices)
        path = _smoothed(costs, active)
        labels[active] = voices.numbers[path[active]]
        pairs = voice_powers.pairs(_room(heard, voices), labels, active & _voiced(heard))
        labels[pairs[:, 0] != NOBODY] = CROSSTALK
        doubt, sure = _doubt(leads, labels), _sure(costs, leads, labels)
    labels[_applause(heard, active)] = APPLAUSE
    return Conversation(heard.start, heard.microphones, labels, pauses(heard, words), doubt, pairs, sure)


def _room(heard: Heard, voices: _Voices) -> Room:
    floor, _ = _range(heard.level_db, 0.05, 0.95)
    return Room(heard.level_db, floor, voices.levels, voices.numbers, _dead(heard))


def _voiced(heard: Heard) -> Mask:
    """Where no noise is as loud as who speaks, as applause is: it reaches all microphones, as two voices do."""
    return np.asarray(scipy.ndimage.uniform_filter1d(heard.flat.astype(np.float32), SMOOTH_FRAMES) < VOICED_FLATNESS)


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
    first, off = np.full(len(active), NOBODY, np.int16), _dead(heard)
    for one in range(count if count > 1 else 0):
        others = [other for other in range(count) if other != one]
        ahead = np.array([later[one, other] > LEAST_LAG_MS for other in others])
        first[np.any(ahead, axis=0) & np.all(ahead | off[:, others].T, axis=0) & active] = one
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
    """The pattern of each voice: a fit of the frames in which every microphone recorded, then the median of the frames of each. Where one
    did not, who speaks is found by the others, by the same fit: so somebody is known too who says the first word after it died."""
    shape, leads = _shapes(heard), _leads(heard, active)
    whole = active & np.all(heard.level_db > NOTHING_DB, axis=1)
    learned = whole if whole.sum() > WHOLE_SHARE * active.sum() else active
    owner = np.full(len(active), NOBODY, np.int16)
    if active.any():
        centers = voice_patterns.fitted(shape[learned], leads[learned], _starts(heard, leads, learned))
        owner[learned] = voice_patterns.nearest(shape[learned], centers)
        for living, here in _without_some(heard):
            rest = here & active & ~learned
            owner[rest] = voice_patterns.nearest(_about_mean(shape[rest][:, living]), _about_mean(centers[:, living]))
    return _learned(heard, shape, owner, learned)


def _without_some(heard: Heard) -> Iterator[tuple[Mask, Mask]]:
    """Each set of microphones that are on while others are off, and the frames of it."""
    dead = _dead(heard)
    for off in np.unique(dead[dead.any(axis=1)], axis=0):
        if not off.all():
            yield ~off, np.all(dead == off, axis=1)


def _learned(heard: Heard, shape: Decibels, owner: Labels, learned: Mask) -> _Voices:
    """The voices that own enough of the frames that were learned from, or of the others."""
    count, needed = shape.shape[1], max(5, SMALLEST_SHARE * learned.sum())
    frames = []
    for n in range(count):
        own = owner == n
        frames.append(own & learned if (own & learned).sum() >= needed else own)
    numbers = [n for n, own in enumerate(frames) if own.sum() >= needed]
    alone = [_alone(shape[frames[n]], n) for n in numbers]
    patterns = [np.median(shape[frames[n]][one], axis=0) for n, one in zip(numbers, alone, strict=True)]
    levels = [np.median(heard.level_db[frames[n]][one], axis=0) for n, one in zip(numbers, alone, strict=True)]
    return _Voices(
        np.array(patterns, np.float32).reshape(-1, count),
        np.array(levels, np.float32).reshape(-1, count),
        np.array(numbers, np.int16),
    )


def _alone(shape: Decibels, number: int) -> Mask:
    """The half of a voice's frames in which its own microphone stands out most, as others speak over the rest."""
    own = shape[:, number]
    return np.asarray(own >= np.median(own))


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
    return _about_mean(level)


def _costs(heard: Heard, leads: Labels, voices: _Voices) -> Decibels:
    """How little each frame speaks for each voice, by level and by lag, which says nothing of a voice whose own microphone is off."""
    against = (leads[:, None] != voices.numbers[None]) & (leads[:, None] != NOBODY)
    lag = np.where(against & ~_dead(heard)[:, voices.numbers], 1.5, 0.0)
    return np.asarray(np.minimum(_level_costs(heard, voices) + lag, MOST_COST), np.float32)


def _level_costs(heard: Heard, voices: _Voices) -> Decibels:
    level = 0.5 * (voice_patterns.distances(_shapes(heard), voices.patterns) / SCATTER_DB) ** 2
    for living, here in _without_some(heard):
        level[here] = _cost_by(heard.level_db[here][:, living], voices.levels[:, living])
    return np.asarray(level, np.float32)


def _dead(heard: Heard) -> Mask:
    """Of each frame and microphone, whether it is off: without any sound, for a second or more."""
    return np.stack([scipy.ndimage.binary_opening(one <= NOTHING_DB, np.ones(50)) for one in heard.level_db.T], axis=1)


def _cost_by(level_db: Decibels, voices_db: Decibels) -> Decibels:
    """The cost of each voice by the microphones that are on: by what differs between them, and, as those are few, by how loud it is."""
    loud = scipy.ndimage.uniform_filter1d(level_db, 5, axis=0)
    apart = voice_patterns.distances(_about_mean(loud), _about_mean(voices_db)) / SCATTER_DB
    louder = (loud.mean(axis=1)[:, None] - voices_db.mean(axis=1)[None]) / LOUDNESS_SCATTER_DB
    return np.asarray(0.5 * (apart**2 + louder**2), np.float32)


def _about_mean(level_db: Decibels) -> Decibels:
    return np.asarray(level_db - level_db.mean(axis=1, keepdims=True), np.float32)


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


def _applause(heard: Heard, active: Mask) -> Mask:
    """Long stretches of broad noise."""
    noisy = scipy.ndimage.uniform_filter1d(heard.flat.astype(np.float32), 25) > NOISY_FLATNESS
    mask = np.zeros(len(active), bool)
    for first, last in runs(noisy & active):
        if (last - first) * HOP_S >= SHORTEST_APPLAUSE_S:
            mask[first:last] = True
    return mask


def _sure(costs: Decibels, leads: Labels, labels: Labels) -> Mask:
    """The frames of one voice that costs clearly less than any other, over half a second of speech; of one that was heard alone all along,
    those of a microphone that the sound reaches first."""
    speech = labels >= 0
    if costs.shape[1] < 2:
        known = leads[speech & (leads != NOBODY)]
        first = bool(known.size and (known == labels[speech][0]).mean() >= FIRST_SHARE)
        return np.asarray(speech & first)
    ordered = np.sort(costs, axis=1)
    margin = np.where(speech, ordered[:, 1] - ordered[:, 0], 0.0)
    held = scipy.ndimage.uniform_filter1d(margin, SURE_FRAMES)
    spoken = scipy.ndimage.uniform_filter1d(speech.astype(np.float64), SURE_FRAMES)
    return np.asarray(speech & (held >= SURE_MARGIN * np.maximum(spoken, 1e-9)))


def _doubt(leads: Labels, labels: Labels) -> float:
    """The share of sure speech where the lag names somebody else."""
    both = (labels >= 0) & (leads >= 0)
    return float((leads[both] != labels[both]).mean()) if both.any() else 0.0
