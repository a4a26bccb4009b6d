"""The steps of a first film, from what is known of its jobs: which is done, which is at work, and what comes of the whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Of a step, and of the whole film."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    LEFT_OUT = "left_out"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Work:
    """What one step came to so far. `percent`: 0 to 100 while it works; `message`: what it does, or why it failed or was left out."""

    state: State
    percent: float = 0.0
    message: str = ""

    @property
    def word(self) -> str:
        """The state in words."""
        return self.state.value.replace("_", " ").replace("cancelled", "canceled")


@dataclass(frozen=True, slots=True)
class Step:
    """A step with its name, as the API has it, and its label, as pages have it."""

    name: str
    label: str
    work: Work


LABELS = {
    "cut": "Cut by who speaks",
    "words": "Listen to the words",
    "film": "Master, caption and export",
    "editors": "Project for editing programs",
}
#: The picture of a project that a cut makes.
FULL = (1920, 1080)
_UNFINISHED = (State.WAITING, State.WORKING)
_ENDED_BADLY = (State.FAILED, State.CANCELLED)


def steps_of(cut: Work, words: Work, film: Work, *, gone: bool = False) -> tuple[Step, ...]:
    """The four steps. What waits for a step that ended badly will not come; other programs open the cut as soon as it is there, unless
    it is `gone`."""
    editors = Work(State.DONE, 100.0) if cut.state == State.DONE else Work(State.WAITING)
    editors = Work(State.LEFT_OUT, message="The project of the cut was deleted.") if gone else editors
    works = {"cut": cut, "words": words, "film": film, "editors": editors}
    if cut.state in _ENDED_BADLY:
        works = {name: cut if name == "cut" else Work(State.LEFT_OUT) for name in works}
    return tuple(Step(name, LABELS[name], work) for name, work in works.items())


def state_of(steps: Sequence[Step]) -> State:
    """Of the whole: as its worst step; done when all are, or were left out."""
    states = [step.work.state for step in steps]
    for state in (State.CANCELLED, State.FAILED):
        if state in states:
            return state
    if all(state in (State.DONE, State.LEFT_OUT) for state in states):
        return State.DONE
    return State.WAITING if all(state == State.WAITING for state in states) else State.WORKING


def size_of(pictures: Iterable[tuple[int, int]]) -> tuple[int, int] | None:
    """Width and height of the film of these cameras: the largest picture's, where none is as large as the project's own; else None."""
    width, height = max(pictures, key=lambda one: one[0] * one[1], default=FULL)
    return None if width * height >= FULL[0] * FULL[1] else (max(2, width // 2 * 2), max(2, height // 2 * 2))


def words_of(states: Sequence[Work]) -> Work:
    """The listening to several recordings as one step: as far as they are on average, done when none is left."""
    if not states:
        return Work(State.WAITING)
    left = [one for one in states if one.state in _UNFINISHED]
    percent = 100.0 - sum(100.0 - one.percent for one in left) / len(states)
    if not left:
        return Work(State.DONE, 100.0)
    return Work(State.WORKING if percent else State.WAITING, percent)
