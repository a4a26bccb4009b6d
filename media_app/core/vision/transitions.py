"""How a film goes from shot to shot: cuts, dissolves and fades, no two of them at the same time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media_app.core.vision import fades
from media_app.core.vision.cuts import Gray, cuts
from media_app.core.vision.dissolves import dissolves

CUT, DISSOLVE = "cut", "dissolve"


@dataclass(frozen=True, slots=True)
class Transition:
    """By numbers of frames: where it begins, where the later shot does, and where it has ended."""

    kind: str
    start: int
    middle: int
    end: int

    @property
    def begins_shot(self) -> bool:
        """Whether another shot begins with it: a fade out or in alone is a part of its shot."""
        return self.kind not in (fades.OUT, fades.IN)

    def during(self, other: "Transition") -> bool:
        """Whether both have a frame in common."""
        return self.start <= other.end and other.start <= self.end


def transitions(frames: Sequence[Gray], rate: float) -> list[Transition]:
    """All of them in the order of time. A fade is surer than what else may lie in it, and a cut than a dissolve."""
    faded = [Transition(one.kind, one.start, one.middle, one.end) for one in fades.fades(frames, rate)]
    hard = list(_clear_of(faded, (Transition(CUT, number, number, number) for number in cuts(list(frames)))))
    slow = dissolves(frames, rate, [one.start for one in hard])
    blended = _clear_of(faded, (Transition(DISSOLVE, one.start, one.middle, one.end) for one in slow))
    return sorted([*faded, *hard, *blended], key=lambda one: one.middle)


def _clear_of(taken: Sequence[Transition], found: Iterator[Transition]) -> Iterator[Transition]:
    return (one for one in found if not any(one.during(other) for other in taken))
