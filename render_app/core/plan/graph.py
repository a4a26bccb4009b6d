"""A filter graph as values. Its text is built in one pass, so that a graph of any length costs no recursion."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from media_app.core.time.timebase import seconds_text

Value = str | int | float | Fraction


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter with its options, in order."""

    name: str
    options: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        said = ":".join(f"{name}={_written(value)}" for name, value in self.options)
        return f"{self.name}={said}" if said else self.name


Chain = tuple[Filter, ...]


def filter_(name: str, **options: Value) -> Filter:
    """A filter. A trailing underscore of an option's name, for Python's words, is not written."""
    return Filter(name, tuple((option.rstrip("_"), value) for option, value in options.items()))


def raw(text: str) -> Filter:
    """A chain that is text already."""
    return Filter(text)


@dataclass(slots=True)
class Graph:
    """Chains between labels; each label is read once."""

    chains: list[str] = field(default_factory=list)
    _labels: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def add(self, sources: tuple[str, ...], chain: Chain) -> str:
        """A chain behind these labels; answers the label of what comes out."""
        out = f"s{next(self._labels)}"
        inputs = "".join(f"[{one}]" for one in sources)
        self.chains.append(f"{inputs}{','.join(map(str, chain))}[{out}]")
        return out

    def fork(self, source: str, count: int = 2) -> tuple[str, ...]:
        """The same pictures under several labels."""
        outs = tuple(f"s{next(self._labels)}" for _ in range(count))
        self.chains.append(f"[{source}]split={count}{''.join(f'[{one}]' for one in outs)}")
        return outs

    def feed(self, source: str, labels: Sequence[str]) -> None:
        """Let the pictures of a source come under those of these labels that are read."""
        text = str(self)
        read = [one for one in labels if f"[{one}]" in text]
        if len(read) > 1:
            self.chains.insert(0, f"[{source}]split={len(read)}{''.join(f'[{one}]' for one in read)}")
        elif read:
            self.chains = [chain.replace(f"[{read[0]}]", f"[{source}]") for chain in self.chains]

    def drop(self, source: str) -> None:
        """Let go of a label that nothing reads."""
        self.chains.append(f"[{source}]nullsink")

    def end(self, source: str, chain: Chain, out: str) -> None:
        """The last chain, whose label an output maps."""
        self.chains.append(f"[{source}]{','.join(map(str, chain))}[{out}]")

    def __str__(self) -> str:
        return ";".join(self.chains)


@dataclass(slots=True)
class Strand:
    """Pictures on their way through a graph: filters in a row are written as one chain."""

    graph: Graph
    sources: tuple[str, ...] = ()
    chain: list[Filter] = field(default_factory=list)

    def then(self, *filters: Filter) -> None:
        """More filters behind those that are there."""
        self.chain += filters

    def label(self) -> str:
        """The label of what has come of it so far."""
        if self.chain or len(self.sources) != 1:
            self.restart(self.graph.add(self.sources, tuple(self.chain)))
        return self.sources[0]

    def restart(self, *sources: str) -> None:
        """Go on with other pictures."""
        self.sources, self.chain = sources, []


def _written(value: Value) -> str:
    """A value as a filter reads it: text with a comma in quotes, decimals without an exponent."""
    if isinstance(value, str):
        return f"'{value}'" if any(char in value for char in ",;[]") else value
    if isinstance(value, int):
        return str(value)
    return seconds_text(Fraction(value), 9).rstrip("0").rstrip(".")
