"""Files and names that mean harm, made by code: what the suite, and `python -m bench.hostile`, throw at Studio.

A case says how it must end: `refused` (a sentence for the operator), `taken` (it is media, and what is odd about it does no
harm), or `either` (what is left of a cut or bent file may be a recording or not). Whatever reaches out does so for
`Bait.secret`, a file whose bytes must never be seen again, and `Bait.port`, where somebody listens who must not be called.
"""

import resource
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support.hostile.atoms import atoms
from tests.support.hostile.case import EITHER, REFUSED, TAKEN, Bait, Case
from tests.support.hostile.chunks import chunks
from tests.support.hostile.clips import honest
from tests.support.hostile.cut import cut
from tests.support.hostile.elements import elements
from tests.support.hostile.grounds import Ended, Grounds
from tests.support.hostile.mutated import mutated
from tests.support.hostile.names import BAD_NAMES, ODD_NAMES
from tests.support.hostile.others import others
from tests.support.hostile.playlists import disguised_lists, playlists
from tests.support.hostile.tags import TITLES, tagged
from tests.support.hostile.texts import texts

__all__ = [
    "BAD_NAMES",
    "EITHER",
    "ODD_NAMES",
    "REFUSED",
    "TAKEN",
    "TITLES",
    "Bait",
    "Case",
    "Ended",
    "Grounds",
    "Thrown",
    "cases",
    "honest",
    "mutated",
    "throw_all",
]

MAKERS: Sequence[Callable[[Bait], Iterator[Case]]] = (
    playlists, disguised_lists, texts, others, atoms, chunks, elements, cut, tagged,
)  # fmt: skip


def cases(bait: Bait) -> list[Case]:
    return [case for make in MAKERS for case in make(bait)]


@dataclass(frozen=True, slots=True)
class Thrown:
    """How all cases ended: by name what is wrong and what was made, who was called, bytes of the largest program."""

    faults: dict[str, list[str]]
    made: dict[str, bytes]
    calls: list[bytes]
    peak_bytes: int


def throw_all(folder: Path, names: frozenset[str], at_once: int = 3) -> Thrown:
    """The cases of these names, thrown. `peak_bytes` counts every program that this process ever started: have it start no others."""
    grounds = Grounds(folder)
    with grounds.open(), ThreadPoolExecutor(at_once) as pool:
        thrown = (case for case in cases(grounds.bait) if case.name in names)
        ended = {one.case.name: one for one in pool.map(grounds.throw, thrown)}
    return Thrown(
        {name: grounds.faults(one) for name, one in ended.items()},
        {name: one.made for name, one in ended.items()},
        grounds.calls,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    )
