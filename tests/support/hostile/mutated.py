"""Honest files bent at random."""

import random
from collections.abc import Iterator

from tests.support.hostile.case import EITHER, Case
from tests.support.hostile.clips import honest


def mutated(count: int, seed: int) -> Iterator[Case]:
    """Honest files with bytes flipped, overwritten, cut out, doubled and swapped, a different mix each."""
    chance = random.Random(seed)
    files = list(honest().items())
    for number in range(count):
        filename, data = files[number % len(files)]
        bent = bytearray(data)
        for _ in range(chance.choice((1, 2, 5, 20, 100))):
            at = chance.randrange(len(bent)) if chance.random() < 0.5 else chance.randrange(min(len(bent), 2048))
            what = chance.randrange(6)
            if what == 0:
                bent[at] ^= 1 << chance.randrange(8)
            elif what == 1:
                bent[at : at + 4] = chance.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            elif what == 2:
                bent[at : at + 8] = chance.randbytes(8)
            elif what == 3:
                del bent[at : at + chance.randrange(1, 64)]
            elif what == 4:
                bent[at:at] = bent[at : at + chance.randrange(1, 512)]
            else:
                other = chance.randrange(len(bent))
                bent[at : at + 16], bent[other : other + 16] = bent[other : other + 16], bent[at : at + 16]
            if len(bent) < 64:
                break
        yield Case(f"mutated-{seed}-{number}-{filename}", "mutated", bytes(bent), EITHER, filename)
