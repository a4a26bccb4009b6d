"""Which stretches become highlights: they begin and end in pauses, are as long as the pacing says, and stand out. Times in ms."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from render_app.core.highlights.scoring import Observed, Scored, Span
from render_app.core.intervals import joined

#: A stretch without speech this long may be cut, and one much longer at every `APART_MS` of it.
PAUSE_MS, APART_MS = 300.0, 1000.0


@dataclass(frozen=True, slots=True)
class Pacing:
    """How long a highlight is."""

    least_ms: float
    most_ms: float

    def within(self, target_ms: float) -> "Pacing":
        """The same for a film that is shorter than it."""
        return Pacing(min(self.least_ms, target_ms / 2), min(self.most_ms, target_ms))


PACINGS: Mapping[str, Pacing] = {
    "fast": Pacing(2000, 6000),
    "medium": Pacing(4000, 12_000),
    "slow": Pacing(8000, 25_000),
}


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch of a recording by its `number` among those asked about, and how far it stands out."""

    number: int
    start_ms: float
    end_ms: float
    score: float

    @property
    def duration_ms(self) -> float:
        """How long it lasts."""
        return self.end_ms - self.start_ms


def borders(observed: Observed) -> list[float]:
    """Where a recording may be cut: its ends, the middle of each pause, and many times in a long one."""
    found = {0.0, observed.duration_ms}
    for start, end in pauses(observed):
        count = max(1, round((end - start) / APART_MS))
        found |= {round(start + (number + 0.5) * (end - start) / count, 3) for number in range(count)}
    return sorted(found)


def pauses(observed: Observed) -> list[Span]:
    """The stretches in which nobody says a word, `PAUSE_MS` at least."""
    spoken = joined(observed.speech or ())
    starts = [0.0, *(end for _, end in spoken)]
    ends = [*(start for start, _ in spoken), observed.duration_ms]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if end - start >= PAUSE_MS]


def choose(recordings: Sequence[tuple[Observed, Scored]], target_ms: float, pacing: Pacing) -> list[Highlight]:
    """The best stretches that lie apart and together last at most `target_ms`, in the order of the recordings; of equals the
    earlier. What stands out no further than the middle of its recording is none."""
    rules = pacing.within(target_ms)
    found = [
        one for number, both in enumerate(recordings) for one in _candidates(number, *both, rules) if one.score > 0
    ]
    chosen: list[Highlight] = []
    left = target_ms
    for one in sorted(found, key=lambda each: (-each.score, each.number, each.start_ms)):
        if one.duration_ms <= left and not any(_overlap(one, other) for other in chosen):
            chosen.append(one)
            left -= one.duration_ms
    return sorted(chosen, key=lambda each: (each.number, each.start_ms))


def _candidates(number: int, observed: Observed, scored: Scored, rules: Pacing) -> Iterator[Highlight]:
    places, mean = borders(observed), scored.means(scored.total)
    for index, start in enumerate(places):
        for end in places[index + 1 :]:
            if end - start > rules.most_ms:
                break
            if end - start >= rules.least_ms:
                yield Highlight(number, start, end, round(mean(start, end), 4))


def _overlap(one: Highlight, other: Highlight) -> bool:
    return one.number == other.number and one.start_ms < other.end_ms and other.start_ms < one.end_ms
