"""A transcript: what a speech recognizer answered, without what it invented.

A recognizer that hears no speech repeats itself, guesses, or says more words than anybody can: such segments are left out, and
counted by reason. What stays is cut at pauses, so that no segment stretches over a silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

#: The limits that Whisper's own fallback uses.
MAX_COMPRESSION, MIN_LOGPROB = 2.4, -1.0
#: Words that are unsure on the mean are not believed under this. What people said had -0.45 and more, in noise as loud as they too.
UNSURE_LOGPROB, UNSURE = -0.7, 0.6
#: Nobody speaks faster for longer than a few words, words per second.
MAX_RATE, RATED_WORDS = 6.0, 4
#: The same words so often in a row, and none of them sure, are a loop.
LOOP_TIMES, LOOP_CONFIDENCE = 3, 0.6
#: A pause that ends a segment; one that ends it after a sentence; and how long it may become before a sentence's end, or any word, ends it.
GAP_MS, BREATH_MS, LONG_MS, LONGEST_MS = 800, 150, 8000, 30_000
#: The longest that a word is taken to last.
LONGEST_WORD_MS = 1500
#: Words under this confidence are shown as doubtful.
SURE = 0.5


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word, ms after media time zero; `time_source`: what its times come from; `speaker`: the name of who says it, empty
    where that is not known; `crossed`: somebody else speaks across it."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float
    time_source: str = "whisper"
    speaker: str = ""
    crossed: bool = False

    @property
    def low_confidence(self) -> bool:
        return self.confidence < SURE

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "start_ms": self.start_ms,
            "end_ms": self.end_ms,
            "confidence": round(self.confidence, 3),
            "low_confidence": self.low_confidence,
            "time_source": self.time_source,
        }


@dataclass(frozen=True, slots=True)
class Segment:
    """Words said without a long pause, mostly a sentence."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def as_json(self) -> dict[str, Any]:
        first, last = self.words[0], self.words[-1]
        return {
            "start_ms": first.start_ms,
            "end_ms": last.end_ms,
            "text": self.text,
            "words": [word.as_json() for word in self.words],
        }


@dataclass(frozen=True, slots=True)
class Guess:
    """A segment as the recognizer gave it, with what it says of its own certainty."""

    words: tuple[Word, ...]
    logprob: float = 0.0
    compression: float = 1.0


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The segments that are believed, and how many were left out, by reason."""

    segments: tuple[Segment, ...]
    left_out: Mapping[str, int]


def clean(guesses: Sequence[Guess], duration_ms: int) -> Cleaned:
    """What to believe of a recognizer's answer for a recording so long."""
    words: list[Word] = []
    left_out: dict[str, int] = {}
    for guess in guesses:
        if reason := _doubt(guess):
            left_out[reason] = left_out.get(reason, 0) + 1
        else:
            words += guess.words
    return Cleaned(split(in_order(words, duration_ms)), left_out)


def split(words: Sequence[Word]) -> tuple[Segment, ...]:
    """Segments without a pause of `GAP_MS` in them, that end with their sentence where it can be heard to end."""
    parts: list[list[Word]] = []
    for word in words:
        if parts and not _ends(parts[-1], word):
            parts[-1].append(word)
        else:
            parts.append([word])
    return tuple(Segment(tuple(part)) for part in parts)


def _ends(part: Sequence[Word], following: Word) -> bool:
    pause, length = following.start_ms - part[-1].end_ms, following.start_ms - part[0].start_ms
    sentence = part[-1].text.rstrip("\"'”’)").endswith((".", "?", "!", "…"))
    return pause > GAP_MS or length > LONGEST_MS or (sentence and (pause >= BREATH_MS or length >= LONG_MS))


def whole_words(pieces: Sequence[Word]) -> tuple[Word, ...]:
    """The words of pieces as a recognizer gives them: each begins with a blank, but for the "-hearted" of "cold-hearted"."""
    whole: list[Word] = []
    for piece in pieces:
        text = piece.text.strip()
        if whole and text and not piece.text.startswith(" "):
            before = whole[-1]
            sure = min(before.confidence, piece.confidence)
            whole[-1] = Word(before.text + text, before.start_ms, piece.end_ms, sure, before.time_source)
        else:
            whole.append(replace(piece, text=text))
    return tuple(whole)


def words_of(stored: Mapping[str, Any]) -> tuple[Word, ...]:
    """The words of a stored transcript, in order."""
    return tuple(
        Word(one["text"], one["start_ms"], one["end_ms"], one["confidence"], one["time_source"])
        for segment in stored["segments"]
        for one in segment["words"]
    )


def _doubt(guess: Guess) -> str:
    """Why a segment is not believed; empty where it is."""
    if not guess.words:
        return "empty"
    if guess.compression > MAX_COMPRESSION or _loops(guess.words):
        return "repeats"
    if guess.logprob < (MIN_LOGPROB if _confidence(guess.words) >= UNSURE else UNSURE_LOGPROB):
        return "unlikely"
    seconds = (guess.words[-1].end_ms - guess.words[0].start_ms) / 1000
    if len(guess.words) >= RATED_WORDS and len(guess.words) > MAX_RATE * seconds:
        return "too_fast"
    return ""


def _loops(words: Sequence[Word]) -> bool:
    """Whether all of it is one phrase over and over, said without certainty."""
    said = [bare(word.text) for word in words]
    periods = range(1, len(said) // LOOP_TIMES + 1)
    repeated = any(said[period:] == said[:-period] for period in periods)
    return repeated and _confidence(words) < LOOP_CONFIDENCE


def _confidence(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)


def bare(text: str) -> str:
    """A word as a dictionary has it: lower case, letters and apostrophes."""
    plain = text.lower().replace("’", "'")
    return "".join(letter for letter in plain if letter.isalpha() or letter == "'").strip("'")


def in_order(words: Sequence[Word], duration_ms: int) -> list[Word]:
    """The words with text, each within the recording, none before the one before it has ended, none endless."""
    kept: list[Word] = []
    for word in words:
        begin = max(word.start_ms, kept[-1].end_ms if kept else 0)
        end = min(word.end_ms, begin + LONGEST_WORD_MS, duration_ms)
        if word.text and begin < duration_ms:
            kept.append(replace(word, start_ms=begin, end_ms=max(end, min(begin + 1, duration_ms))))
    return kept
