"""Word times from forced alignment: the text is known, an acoustic model says when each of its words was spoken.

A recognizer's own word times are late by about a tenth of a second; an aligner's are exact to some hundredths, but it knows only
the words of its dictionary. Each word has its time from the better of the two, and says from which.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from media_app.core.hearing.transcript import Segment, Word, bare

#: An aligned word this far from where the recognizer heard it has slipped, ms.
SLIPPED_MS = 700
#: Sound before and after a phrase that the aligner is given, ms: the recognizer may be late.
MARGIN_MS = 300
ALIGNER = "pocketsphinx"


@dataclass(frozen=True, slots=True)
class Spoken:
    """When an aligner placed a word, ms after media time zero."""

    start_ms: int
    end_ms: int


def window(segment: Segment, duration_ms: int) -> tuple[int, int]:
    """From where to where the aligner listens for a phrase, ms."""
    first, last = segment.words[0], segment.words[-1]
    return max(0, first.start_ms - MARGIN_MS), min(duration_ms, last.end_ms + MARGIN_MS)


def dictionary_words(segment: Segment) -> tuple[tuple[str, ...], ...]:
    """The words of a phrase as a dictionary has them: of "cold-hearted" two, of a number none that it knows."""
    return tuple(tuple(bare(part) for part in word.text.strip("-").split("-")) for word in segment.words)


def merge(segment: Segment, spoken: Sequence[Spoken | None]) -> Segment:
    """The phrase with the aligner's times where it has them and they are near; `spoken` has one entry for each word.

    The other words keep the recognizer's times, as far as their neighbors leave them room.
    """
    placed = [_placed(word, found) for word, found in zip(segment.words, spoken, strict=True)]
    kept: list[Word] = []
    for place, word in enumerate(placed):
        floor = kept[-1].end_ms if kept else 0
        following = next((later.start_ms for later in placed[place + 1 :] if later.time_source == ALIGNER), None)
        kept.append(word if word.time_source == ALIGNER else _squeezed(word, floor, following))
    return Segment(tuple(kept))


def _placed(word: Word, found: Spoken | None) -> Word:
    if found is None or found.end_ms <= found.start_ms:
        return word
    if abs(found.start_ms - word.start_ms) > SLIPPED_MS or abs(found.end_ms - word.end_ms) > SLIPPED_MS:
        return word
    return replace(word, start_ms=found.start_ms, end_ms=found.end_ms, time_source=ALIGNER)


def _squeezed(word: Word, floor: int, ceiling: int | None) -> Word:
    """A word between the end of the one before it and the aligned one after it."""
    start = max(word.start_ms, floor)
    if ceiling is not None:
        start = max(floor, min(start, ceiling - 1))
    end = max(start + 1, word.end_ms if ceiling is None else min(word.end_ms, ceiling))
    return replace(word, start_ms=start, end_ms=end)
