"""Captions from words: what a viewer can read in the time that it is on the screen.

At most two lines of 42 characters, at most 20 characters a second, at least a second, two frames between one and the next. Where
to break: after a sentence, else after a clause, else where the speaker pauses. Two who speak at once have a line each. The same words
give the same captions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from media_app.core.hearing import overlaps
from media_app.core.hearing.pieces import pieces
from media_app.core.hearing.transcript import GAP_MS, Word

MAX_LINE, MAX_LINES = 42, 2
MAX_CPS = 20.0
SHORTEST_MS, LONGEST_MS = 1000, 7000
#: Two frames at 25 a second, where nothing else is known.
DEFAULT_GAP_MS = 80
#: A caption may come this much before its first word, and go this much after the next one's, to be readable.
MAX_LEAD_MS, MAX_LAG_MS = 500, 300
#: How good a place to break is: after a sentence, after a clause, before what opens one, and how full the caption is; a pause adds to it.
_SENTENCE, _CLAUSE, _BEFORE, _FULL = 100.0, 40.0, 22.0, 80.0
_PAUSE_POINTS_PER_MS = 0.1
#: Words that belong to what follows them.
OPENERS = frozenset(
    (
        *(
            "and",
            "but",
            "or",
            "so",
            "because",
            "that",
            "which",
            "who",
            "when",
            "where",
            "while",
            "if",
            "as",
            "than",
            "then",
        ),
        *("though", "although", "until", "with", "for", "from", "in", "on", "at", "to", "by", "of"),
    )
)


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption, integer ms after media time zero. `doubtful`: words in it are of low confidence; `speaker`: the name of who says it,
    empty where that is not known."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    doubtful: bool = False
    speaker: str = ""

    @property
    def characters(self) -> int:
        return sum(len(line) for line in self.lines) + len(self.lines) - 1

    @property
    def cps(self) -> float:
        """Characters to read in a second."""
        return 1000 * self.characters / max(1, self.end_ms - self.start_ms)

    def as_json(self) -> dict[str, Any]:
        return {
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "text": "\n".join(self.lines),
            "doubtful": self.doubtful,
            "too_fast": self.cps > MAX_CPS,
            "speaker": self.speaker or None,
        }


def build(words: Sequence[Word], duration_ms: int, gap_ms: int = DEFAULT_GAP_MS) -> tuple[Cue, ...]:
    """The captions of these words. One that could not be given time enough says `too_fast`; no word is left out. A change of the speaker
    begins a caption, with their name; one to somebody who is not known, with a dash. Two who speak at once are in one, a line each."""
    short = [piece for word in _between_one(words) for piece in _in_pieces(word)]
    cues, before = [], [""]
    for group in _groups(overlaps.marked(short)):
        cues.append(_cue(group, before))
        before = _speakers(group)
    return tuple(_readable(cues, duration_ms, gap_ms))


def _in_pieces(word: Word) -> list[Word]:
    """A word that is longer than a line as several, each with its share of the time."""
    parts = pieces(word.text, MAX_LINE)
    ends = [word.start_ms + (word.end_ms - word.start_ms) * place // len(parts) for place in range(len(parts) + 1)]
    return [
        replace(word, text=part, start_ms=start, end_ms=max(end, start + 1))
        for part, (start, end) in zip(parts, pairwise(ends), strict=True)
    ]


def _speakers(group: Sequence[Word]) -> list[str]:
    """Who speaks in a caption, in the order in which they begin."""
    return list(dict.fromkeys(word.speaker for word in group))


def _lines(group: Sequence[Word], before: Sequence[str]) -> tuple[str, ...]:
    """The lines of a caption; `before`: who spoke in the caption before it."""
    speakers = _speakers(group)
    if len(speakers) == 1:
        text = " ".join(word.text for word in group)
        return wrapped(text if speakers == list(before) else f"{_name(speakers[0])} {text}")
    return tuple(
        " ".join([_name(speaker), *(word.text for word in group if word.speaker == speaker)]) for speaker in speakers
    )


def _name(speaker: str) -> str:
    """What says who speaks; a name that fills a line is cut."""
    if not speaker:
        return "–"
    return f"{speaker}:" if len(speaker) < MAX_LINE else f"{speaker[: MAX_LINE - 2].rstrip()}…:"


def _between_one(words: Sequence[Word]) -> list[Word]:
    """Words whose speaker is not known, without a pause between two words of one speaker: theirs, for a reader."""
    said = list(words)
    first = 0
    for place, word in enumerate(words):
        if not word.speaker:
            continue
        run = words[first : place + 1]
        close = all(after.start_ms - one.end_ms <= GAP_MS for one, after in pairwise(run))
        if word.speaker == words[first].speaker and close:
            said[first:place] = [replace(one, speaker=word.speaker) for one in words[first:place]]
        first = place
    return said


def gap_for(fps: float) -> int:
    """Two frames at this rate, in whole ms; those of 25 a second where there is no picture."""
    return math.ceil(2000 / fps) if fps > 0 else DEFAULT_GAP_MS


def wrapped(text: str) -> tuple[str, ...]:
    """Text as lines of at most `MAX_LINE` characters, as many as it takes: two of them break where a clause does."""
    tokens = [piece for token in text.split() for piece in pieces(token, MAX_LINE)]
    whole = " ".join(tokens)
    if len(whole) <= MAX_LINE:
        return (whole,) if whole else ()
    breaks = [place for place in range(1, len(tokens)) if _two_fit(tokens, place)]
    if not breaks:
        return _filled(tokens)
    best = max(breaks, key=lambda place: (_line_worth(tokens, place), -place))
    return " ".join(tokens[:best]), " ".join(tokens[best:])


def _two_fit(tokens: Sequence[str], place: int) -> bool:
    return max(len(" ".join(tokens[:place])), len(" ".join(tokens[place:]))) <= MAX_LINE


def _line_worth(tokens: Sequence[str], place: int) -> float:
    uneven = abs(len(" ".join(tokens[:place])) - len(" ".join(tokens[place:])))
    return _break_worth(tokens[place - 1], tokens[place]) - uneven


def _filled(tokens: Sequence[str]) -> tuple[str, ...]:
    lines: list[str] = []
    for token in tokens:
        if lines and len(lines[-1]) + 1 + len(token) <= MAX_LINE:
            lines[-1] += f" {token}"
        else:
            lines.append(token)
    return tuple(lines)


def _break_worth(before: str, after: str) -> float:
    """How good a break between two words is by what is written there."""
    mark = before.rstrip("\"'”’)")[-1:]
    if mark in ".?!…":
        return _SENTENCE
    if mark in ",;:–—":
        return _CLAUSE
    return _BEFORE if after.lower().strip("\"'“‘(") in OPENERS else 0.0


def _groups(words: Sequence[Word]) -> list[list[Word]]:
    """The words of each caption: as many as fit, cut at the best place where more would not."""
    groups: list[list[Word]] = []
    waiting: list[Word] = []
    before = [""]
    for word in words:
        while waiting and not _fits([*waiting, word], before):
            cut = _best_cut(waiting, word)
            groups.append(waiting[:cut])
            before, waiting = _speakers(waiting[:cut]), waiting[cut:]
        waiting.append(word)
    return [*groups, waiting] if waiting else groups


def _fits(group: Sequence[Word], before: Sequence[str]) -> bool:
    if _is_apart(group[-2], group[-1]) or (len(_speakers(group)) > 1 and not group[-1].crossed):
        return False
    pause = group[-1].start_ms - group[-2].end_ms
    ended = _break_worth(group[-2].text, "") == _SENTENCE and group[-2].end_ms - group[0].start_ms >= SHORTEST_MS
    if pause > GAP_MS or (ended and pause >= GAP_MS // 4):
        return False
    if group[-1].end_ms - group[0].start_ms > LONGEST_MS:
        return False
    lines = _lines(group, before)
    return len(lines) <= MAX_LINES and max(map(len, lines)) <= MAX_LINE


def _is_apart(before: Word, after: Word) -> bool:
    """Whether another one speaks next, once the first is done."""
    return before.speaker != after.speaker and not (before.crossed and after.crossed)


def _best_cut(waiting: Sequence[Word], following: Word) -> int:
    """How many of the words that wait make a caption, when `following` does not fit to them."""
    after = [*waiting[1:], following]
    worth = [_cut_worth(waiting[place], after[place], place, len(waiting)) for place in range(len(waiting))]
    return max(range(len(waiting)), key=lambda place: (worth[place], place)) + 1


def _cut_worth(before: Word, after: Word, place: int, count: int) -> float:
    pause = after.start_ms - before.end_ms
    if pause > GAP_MS or _is_apart(before, after):
        return 1e6
    # A caption of few words, for the sake of a comma, is a flicker.
    full = (place + 1) / count
    return _break_worth(before.text, after.text) + _PAUSE_POINTS_PER_MS * pause + _FULL * full


def _cue(group: Sequence[Word], before: Sequence[str]) -> Cue:
    end = max(word.end_ms for word in group)
    doubtful = any(word.low_confidence for word in group)
    return Cue(group[0].start_ms, end, _lines(group, before), doubtful, group[0].speaker)


def _readable(cues: Sequence[Cue], duration_ms: int, gap_ms: int) -> list[Cue]:
    """The captions with the time that reading takes: first from the pause after them, then from the one before, then from the
    beginning of the next."""
    kept: list[Cue] = []
    for place, cue in enumerate(cues):
        limit = cues[place + 1].start_ms - gap_ms if place + 1 < len(cues) else duration_ms
        floor = kept[-1].end_ms + gap_ms if kept else 0
        start = max(cue.start_ms, floor)
        need = _needed_ms(cue)
        end = max(min(max(cue.end_ms, start + need), limit), start + 1)
        if end - start < need:
            start = max(floor, min(start, max(end - need, cue.start_ms - MAX_LEAD_MS)))
        if end - start < need and place + 1 < len(cues):
            end = min(start + need, limit + MAX_LAG_MS)
        kept.append(replace(cue, start_ms=start, end_ms=max(end, start + 1)))
    return kept


def _needed_ms(cue: Cue) -> int:
    return max(SHORTEST_MS, -(-1000 * cue.characters // int(MAX_CPS)))
