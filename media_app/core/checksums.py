"""Two runs of one job, held side by side by the checksums of what they made."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    EQUAL = "equal"
    DIFFERENT = "different"
    NOTHING_TO_COMPARE = "nothing to compare"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Names of outputs: alike, made with other bytes, not made again, made only now."""

    equal: tuple[str, ...]
    different: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        if self.different or self.missing or (self.added and self.equal):
            return Verdict.DIFFERENT
        return Verdict.EQUAL if self.equal else Verdict.NOTHING_TO_COMPARE

    def __str__(self) -> str:
        """One sentence, the outputs that are not alike by name."""
        match self.verdict:
            case Verdict.EQUAL:
                number = len(self.equal)
                return f"Equal: {'the one output has' if number == 1 else f'all {number} outputs have'} the checksum of the first run."
            case Verdict.NOTHING_TO_COMPARE:
                return (
                    f"Nothing to compare: the first run kept no checksums; this one made {_counted(len(self.added))}."
                )
        faults = [f"other bytes in {', '.join(self.different)}"] if self.different else []
        faults += [f"not made again: {', '.join(self.missing)}"] if self.missing else []
        faults += [f"made only now: {', '.join(self.added)}"] if self.added else []
        return f"Different: {'; '.join(faults)}. {len(self.equal)} of {len(self.equal) + len(self.different) + len(self.missing)} are equal."


def compare(first: Mapping[str, str], second: Mapping[str, str]) -> Comparison:
    """What a job made at first and what it made again, each name → checksum."""
    both = sorted(first.keys() & second.keys())
    return Comparison(
        equal=tuple(name for name in both if first[name] == second[name]),
        different=tuple(name for name in both if first[name] != second[name]),
        missing=tuple(sorted(first.keys() - second.keys())),
        added=tuple(sorted(second.keys() - first.keys())),
    )


def _counted(number: int) -> str:
    return "nothing" if not number else f"{number} output{'s' if number > 1 else ''}"
