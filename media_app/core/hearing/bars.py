"""Words laid against the bars and beats of the music: each to the bar and the beat in which it starts. No word is moved."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from media_app.core.hearing.transcript import Word

#: Beats of a bar where only the beats are known: said to be assumed in the answer.
ASSUMED_BEATS = 4
#: Two beats that are so much farther apart than those beside them have a pause of the music between them; one beat may be missing.
LONGEST_SPACING = 2.5


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat, ms after media time zero."""

    time_ms: float
    bar_index: int
    beat_index: int


@dataclass(slots=True)
class Bar:
    """One bar with the words that start in it."""

    index: int
    start_ms: float
    end_ms: float
    words: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "bar_index": self.index,
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "text": " ".join(word["text"] for word in self.words),
            "words": self.words,
        }


def beats_of(times_ms: Sequence[float], bar_indexes: Sequence[int | None] | None = None) -> tuple[Beat, ...]:
    """Beats in order of time, each with its bar: the one given, else by an assumed 4/4 that starts at the first beat of each stretch."""
    known = bar_indexes if bar_indexes is not None and None not in bar_indexes else None
    bars = known if known is not None else _assumed(times_ms)
    beats: list[Beat] = []
    for time, bar in zip(times_ms, bars, strict=True):
        assert bar is not None
        in_bar = beats[-1].beat_index + 1 if beats and beats[-1].bar_index == bar else 0
        beats.append(Beat(float(time), bar, in_bar))
    return tuple(beats)


def _assumed(times_ms: Sequence[float]) -> list[int]:
    found: list[int] = []
    for first, end in _stretches(times_ms):
        opens = found[-1] + 1 if found else 0
        found += [opens + place // ASSUMED_BEATS for place in range(end - first)]
    return found


def _stretches(times_ms: Sequence[float]) -> list[tuple[int, int]]:
    """The beats in parts without a pause of the music: (first, one past the last)."""
    spacings = [later - earlier for earlier, later in pairwise(times_ms)]
    beside = [spacings[max(0, place - 1) : place] + spacings[place + 1 : place + 2] for place in range(len(spacings))]
    breaks = [
        place + 1
        for place, (one, others) in enumerate(zip(spacings, beside, strict=True))
        if others and one > LONGEST_SPACING * max(others)
    ]
    edges = [0, *breaks, len(times_ms)]
    return [(first, end) for first, end in pairwise(edges) if first < end]


def align(words: Sequence[Word], beats: Sequence[Beat]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(bars with their words, words that start outside of all bars: also where the music pauses). Without two beats there are no bars."""
    if len(beats) < 2:
        return [], [_plain(word) for word in words]
    music = _music(beats)
    firsts, outside = [part.start_ms for part in music], []
    for word in words:
        place = bisect_right(firsts, word.start_ms) - 1
        if place < 0 or word.start_ms >= music[place].end_ms:
            outside.append(_plain(word))
        else:
            music[place].take(word)
    return [bar.as_json() for part in music for bar in part.bars], outside


class _Music:
    """A stretch of music without a pause, up to where a beat would follow its last one."""

    def __init__(self, beats: Sequence[Beat], end_ms: float) -> None:
        self.beats, self.end_ms, self.start_ms = beats, end_ms, beats[0].time_ms
        self.bars = _bars(beats, end_ms)
        self._beat_times = [beat.time_ms for beat in beats]
        self._bar_times = [bar.start_ms for bar in self.bars]

    def take(self, word: Word) -> None:
        """Put a word into the bar in which it starts."""
        beat = bisect_right(self._beat_times, word.start_ms) - 1
        bar = self.bars[bisect_right(self._bar_times, word.start_ms) - 1]
        bar.words.append(_placed(word, self.beats, beat, self.end_ms))


def _music(beats: Sequence[Beat]) -> list[_Music]:
    parts = [beats[first:end] for first, end in _stretches([beat.time_ms for beat in beats])]
    usual, begins = _spacing(beats), [*(part[0].time_ms for part in parts[1:]), math.inf]
    ends = (part[-1].time_ms + (_spacing(part) if len(part) > 1 else usual) for part in parts)
    return [_Music(part, min(end, begin)) for part, end, begin in zip(parts, ends, begins, strict=True)]


def _bars(beats: Sequence[Beat], last: float) -> list[Bar]:
    firsts = [beat for before, beat in zip((None, *beats), beats, strict=False) if _opens(before, beat)]
    ends = [*(beat.time_ms for beat in firsts[1:]), last]
    return [Bar(beat.bar_index, beat.time_ms, end) for beat, end in zip(firsts, ends, strict=True)]


def _opens(before: Beat | None, beat: Beat) -> bool:
    return before is None or before.bar_index != beat.bar_index


def _spacing(beats: Sequence[Beat]) -> float:
    return float(median(later.time_ms - earlier.time_ms for earlier, later in pairwise(beats)))


def _placed(word: Word, beats: Sequence[Beat], place: int, last: float) -> dict[str, Any]:
    """A word with its beat, how long after it the word starts, and how far it is from the beat that is nearest."""
    beat = beats[place]
    following = beats[place + 1].time_ms if place + 1 < len(beats) else last
    after = word.start_ms - beat.time_ms
    nearest = after if after <= following - word.start_ms else word.start_ms - following
    return {
        **_plain(word),
        "beat_index": beat.beat_index,
        "after_beat_ms": round(after, 3),
        "residual_ms": round(nearest, 3),
    }


def _plain(word: Word) -> dict[str, Any]:
    return {"text": word.text, "start_ms": word.start_ms, "end_ms": word.end_ms}
