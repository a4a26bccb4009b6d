"""A conversation whose words and times are known: two people by ffmpeg's flite, each as a sound of its own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.demo.footage import RATE, speak

#: Sound of a sentence that is lower than this, under its loudest, is before or after it.
_HEARD_DB = -40.0
#: Around an instant, in seconds, what is looked at to tell whether a word is being said.
_AROUND_S = 0.01
#: Person → voice; the person's camera has their letter.
VOICES = {"A": "slt", "B": "rms"}
LINES = (
    ("A", "Good morning, and welcome to the studio. Three cameras are rolling tonight."),
    ("A", "Nobody will line them up by hand."),
    ("B", "My camera was stopped in the middle, so there are two files of it."),
    ("A", "And mine was divided into chapters by the card."),
    ("B", "The recorder on the table heard everything that we said."),
    ("B", "That is the sound which you are listening to."),
    ("A", "If the match is good, you approve it with one key."),
    ("B", "Then the film is cut, and the words are written under the picture."),
    ("A", "Thank you, and please keep rolling."),
)
BEGIN_S, PAUSES_S = 2.0, (0.7, 0.9, 0.8, 0.6, 1.0, 0.7, 0.9, 0.8, 2.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, and when it is heard, in seconds of the event."""

    person: str
    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Conversation:
    """What each person says, 48 kHz from the beginning of the event, and when."""

    lines: tuple[Line, ...]
    voices: dict[str, NDArray[np.float64]]

    @property
    def seconds(self) -> float:
        """How long the event lasts."""
        return len(next(iter(self.voices.values()))) / RATE

    def in_a_word(self, at: float) -> bool:
        """Whether somebody is saying something at an instant of the event."""
        first, last = (max(0, round((at + side * _AROUND_S) * RATE)) for side in (-1, 1))
        return any(
            _level(one[first:last]) > _level(one, loudest=True) * 10 ** (_HEARD_DB / 20) for one in self.voices.values()
        )


def conversation(folder: Path, lines: tuple[tuple[str, str], ...] = LINES) -> Conversation:
    """The sentences one after another. `folder`: for what is spoken to a file first."""
    at, said, parts = BEGIN_S, list[Line](), list[tuple[str, int, NDArray[np.float64]]]()
    for (person, text), pause in zip(lines, PAUSES_S[: len(lines) - 1] + PAUSES_S[-1:], strict=True):
        sound = _trimmed(speak(text, folder, VOICES[person]))
        said.append(Line(person, text, round(at, 4), round(at + len(sound) / RATE, 4)))
        parts.append((person, round(at * RATE), sound))
        at += len(sound) / RATE + pause
    voices = {person: np.zeros(round(at * RATE)) for person in VOICES}
    for person, first, sound in parts:
        voices[person][first : first + len(sound)] += sound
    return Conversation(tuple(said), voices)


def _trimmed(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """A sentence from its first sound to its last, as loud as all others."""
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 10 ** (_HEARD_DB / 20))
    kept = sound[loud[0] : loud[-1] + 1]
    return np.asarray(0.4 * kept / np.abs(kept).max())


def _level(sound: NDArray[np.float64], *, loudest: bool = False) -> float:
    return float(np.abs(sound).max()) if loudest else float(np.sqrt(np.mean(sound**2))) if sound.size else 0.0
