"""Sound in pieces of one length: which samples each piece has."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """Samples `first` up to `end`, which is not in it, of sound with `rate` samples a second."""

    first: int
    end: int
    rate: int

    @property
    def start_ms(self) -> float:
        return 1000 * self.first / self.rate

    @property
    def end_ms(self) -> float:
        return 1000 * self.end / self.rate


def spans(samples: int, rate: int, seconds: float, overlap: float = 0.0) -> Iterator[Span]:
    """Pieces of `seconds`, each beginning `overlap` seconds before the end of the one before it; the last is as long as what is
    left. Edges are counted in exact time, so that they do not drift. `overlap` is less than `seconds`."""
    length, step = Fraction(str(seconds)) * rate, (Fraction(str(seconds)) - Fraction(str(overlap))) * rate
    number = 0
    while True:
        first = round(number * step)
        end = min(samples, max(first + 1, round(number * step + length)))
        if first < samples:
            yield Span(first, end, rate)
        if end >= samples or first >= samples:
            return
        number += 1


def count(duration_s: float, seconds: float, overlap: float = 0.0) -> int:
    """How many pieces a recording of this length becomes, to one more or less."""
    return max(1, -int(-(duration_s - overlap) // (seconds - overlap)))
