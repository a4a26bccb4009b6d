"""Words laid against the bars and beats of the music: each to the bar and the beat in which it starts. No word is moved."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from media_app.core.hearing.transcript import Word

#: Beats of a bar where only the beats are known: said to be assumed in the answer.
ASSUMED_BEATS = 4


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
    """Beats in order of time, each with its bar: the one given, else by an assumed 4/4 that starts at the first beat."""
    known = bar_indexes if bar_indexes is not None and None not in bar_indexes else None
    beats: list[Beat] = []
    for place, time in enumerate(times_ms):
        bar = known[place] if known is not None else place // ASSUMED_BEATS
        assert bar is not None
        in_bar = beats[-1].beat_index + 1 if beats and beats[-1].bar_index == bar else 0
        beats.append(Beat(float(time), bar, in_bar))
    return tuple(beats)


def align(words: Sequence[Word], beats: Sequence[Beat]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(bars with their words, words that start outside of all bars). Without two beats there are no bars."""
    if len(beats) < 2:
        return [], [_plain(word) for word in words]
    last = beats[-1].time_ms + _spacing(beats)
    bars, times, outside = _bars(beats, last), [beat.time_ms for beat in beats], []
    by_index = {bar.index: bar for bar in bars}
    for word in words:
        place = bisect_right(times, word.start_ms) - 1
        if place < 0 or word.start_ms >= last:
            outside.append(_plain(word))
        else:
            by_index[beats[place].bar_index].words.append(_placed(word, beats, place, last))
    return [bar.as_json() for bar in bars], outside


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
