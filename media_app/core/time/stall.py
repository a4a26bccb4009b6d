"""Whether a program still gets on: judged by what it has reached, over the time in which it could have gone further."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Whoever looks may itself have been held up: no two looks are further apart than this.
MOST_BETWEEN_LOOKS_S = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """A program at one moment, in seconds: when, and how much of a processor it has had. `busy`: it has a processor, or waits
    for one or for a disk. `reached`: how far it is in each file that it has open."""

    at: float
    cpu_s: float = 0.0
    busy: bool = False
    reached: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class StallClock:
    """Seconds without progress, of those that were the program's own: what it waits for a processor or a disk does not count."""

    seconds: float = 0.0
    _before: Look | None = None
    _furthest: dict[str, int] = field(default_factory=dict)

    def progressed(self) -> None:
        """Something came out of the program."""
        self.seconds = 0.0

    def look(self, now: Look) -> None:
        """Add the time since the last look. Going through the same bytes of a file once more is no progress."""
        before, self._before = self._before or now, now
        further = {name: at for name, at in now.reached.items() if at > self._furthest.get(name, 0)}
        self._furthest |= further
        passed = min(now.at - before.at, MOST_BETWEEN_LOOKS_S)
        self.seconds += min(passed, now.cpu_s - before.cpu_s) if now.busy else passed
        if further:
            self.progressed()
