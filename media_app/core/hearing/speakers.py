"""Whose voice a word or a stretch of speech is, from the turns found by the microphones of a shoot.

A speaker is the microphone that a person stood at. Where several spoke, or nobody is surely named, there is no speaker.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeGuard

from media_app.core.hearing.transcript import Word

#: A stretch is one person's where so much of the speech in it is theirs, and so much of it was heard as speech at all.
OF_SPEECH, OF_STRETCH = 0.8, 0.3
#: Stands for the name of who speaks where several do, or where it is not sure.
UNKNOWN = "Not sure who"


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of speech, ms after media time zero; `speaker`: its microphone, None where that is not sure."""

    start_ms: float
    end_ms: float
    speaker: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "start_ms": round(self.start_ms, 3),
            "end_ms": round(self.end_ms, 3),
            "speaker_id": self.speaker,
        }


@dataclass(frozen=True, slots=True)
class Speakers:
    """The turns of a recording, and what people call the microphones. Without turns nobody is known. `outdated`: they were found by a sync
    that does not stand any more, and name nobody."""

    turns: tuple[Turn, ...] = ()
    names: Mapping[str, str] | None = None
    outdated: bool = False

    def since(self, begins_ms: float) -> "Speakers":
        """The same on the clock of a part that begins so late in the recording."""
        if not begins_ms:
            return self
        later = (replace(one, start_ms=one.start_ms - begins_ms, end_ms=one.end_ms - begins_ms) for one in self.turns)
        return replace(self, turns=tuple(later))

    def between(self, start_ms: float, end_ms: float) -> str | None:
        """Whose voice is heard from one time to another; None where that is not one person's for sure."""
        spoken: dict[str | None, float] = {}
        for turn in self.turns:
            if (both := min(end_ms, turn.end_ms) - max(start_ms, turn.start_ms)) > 0:
                spoken[turn.speaker] = spoken.get(turn.speaker, 0.0) + both
        total = sum(spoken.values())
        speaker = max(spoken, key=lambda one: spoken[one], default=None)
        sure = total >= OF_STRETCH * (end_ms - start_ms) and spoken.get(speaker, 0.0) >= OF_SPEECH * total
        return speaker if sure else None

    def within(self, start_ms: float, end_ms: float) -> list[dict[str, Any]]:
        """The turns of a stretch whose speaker is known, cut to it."""
        cut = [replace(one, start_ms=max(start_ms, one.start_ms), end_ms=min(end_ms, one.end_ms)) for one in self.turns]
        return [one.as_json() for one in cut if one.end_ms > one.start_ms and one.speaker]

    def name(self, speaker: str | None) -> str:
        """What people call a speaker; empty for none."""
        return (self.names or {}).get(speaker, f"Speaker {speaker}") if speaker else ""

    def of_words(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The words, each with the name of who says it; without names where one person says them all."""
        known = [self.between(word.start_ms, word.end_ms) for word in words]
        if len({one for one in known if one}) < 2:
            return tuple(words)
        return tuple(replace(word, speaker=self.name(one)) for word, one in zip(words, known, strict=True))


@dataclass(frozen=True, slots=True)
class Line:
    """What one person says without a break; `speaker`: their name, empty where it needs no saying."""

    start_ms: float
    words: tuple[Mapping[str, Any], ...]
    speaker: str = ""


def lines_of(segments: Iterable[Any], speakers: Speakers) -> tuple[Line, ...]:
    """A transcript to read: a line for each segment, broken where somebody else speaks. Without names where one person says it all."""
    parts = [_by_speaker(words, speakers) for segment in segments if (words := _timed_words(segment))]
    if len({speaker for part in parts for speaker, _ in part if speaker}) < 2:
        wholes = (tuple(word for _, words in part for word in words) for part in parts)
        return tuple(Line(words[0]["start_ms"], words) for words in wholes)
    return tuple(
        Line(words[0]["start_ms"], words, speakers.name(speaker) or UNKNOWN)
        for part in parts
        for speaker, words in part
    )


def _timed_words(segment: Any) -> list[Mapping[str, Any]]:
    words = segment.get("words") if isinstance(segment, Mapping) else None
    listed = words if isinstance(words, list) else []
    return [word for word in listed if isinstance(word, Mapping) and _is_time(word.get("start_ms"))]


def _by_speaker(
    words: Sequence[Mapping[str, Any]], speakers: Speakers
) -> list[tuple[str | None, tuple[Mapping[str, Any], ...]]]:
    """The words of a segment in parts of one speaker each."""
    named = _filled([speakers.between(word["start_ms"], word.get("end_ms") or word["start_ms"] + 1) for word in words])
    edges = [0, *(at for at in range(1, len(words)) if named[at] != named[at - 1]), len(words)]
    return [(named[first], tuple(words[first:end])) for first, end in pairwise(edges)]


def _filled(named: Sequence[str | None]) -> list[str | None]:
    """Words that nobody is named for are theirs who speaks before and after them."""
    before, after = _carried(named), _carried(named[::-1])[::-1]
    return [
        one if one or last != following else last for one, last, following in zip(named, before, after, strict=True)
    ]


def _carried(named: Sequence[str | None]) -> list[str | None]:
    """Of each word, who spoke last."""
    found: list[str | None] = []
    for one in named:
        found.append(one or (found[-1] if found else None))
    return found


def turns_of(document: Mapping[str, Any]) -> tuple[Turn, ...]:
    """The turns of a stored document, with what can be relied on."""
    stored = document.get("turns")
    read = [_turn(one) for one in stored if isinstance(one, Mapping)] if isinstance(stored, list) else []
    return tuple(one for one in read if one is not None)


def _turn(stored: Mapping[str, Any]) -> Turn | None:
    start, end, speaker = (stored.get(name) for name in ("start_ms", "end_ms", "speaker_id"))
    if not _is_time(start) or not _is_time(end) or not (speaker is None or isinstance(speaker, str)):
        return None
    return Turn(start, end, speaker or None)


def _is_time(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and math.isfinite(value)


def in_document(document: Mapping[str, Any], speakers: Speakers) -> dict[str, Any]:
    """A transcript or a semantic timeline with the speaker of each of its words and events."""
    named = dict(document)
    if isinstance(events := document.get("events"), list):
        named["events"] = [_event(one, speakers) for one in events]
    if isinstance(segments := document.get("segments"), list):
        named["segments"] = [_segment(one, speakers) for one in segments]
    return named


def _segment(segment: Any, speakers: Speakers) -> Any:
    if not isinstance(segment, Mapping) or not isinstance(segment.get("words"), list):
        return segment
    return {**_of(segment, speakers), "words": [_of(word, speakers) for word in segment["words"]]}


def _event(event: Any, speakers: Speakers) -> Any:
    """Speech with its speaker, should it be one person's, and with the turns in it."""
    if not isinstance(event, Mapping) or event.get("kind") != "speech":
        return event
    start, end, meta = event.get("start_ms"), event.get("end_ms"), event.get("meta")
    if not _is_time(start) or not _is_time(end):
        return event
    turns = speakers.within(start, end)
    return {**_of(event, speakers), "meta": {**(meta if isinstance(meta, Mapping) else {}), "speakers": turns}}


def _of(stretch: Any, speakers: Speakers) -> Any:
    if not isinstance(stretch, Mapping):
        return stretch
    start, end = stretch.get("start_ms"), stretch.get("end_ms")
    if not _is_time(start) or not _is_time(end):
        return stretch
    return {**stretch, "speaker_id": speakers.between(start, end)}
