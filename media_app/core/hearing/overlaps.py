"""Who speaks while somebody else goes on speaking: words of two that lie across each other in time."""

from collections.abc import Sequence
from dataclasses import replace

from media_app.core.hearing.transcript import GAP_MS, Word


def marked(words: Sequence[Word]) -> list[Word]:
    """The words, in order of time, those `crossed` that are said across those of somebody else."""
    crossed: set[int] = set()
    last: dict[str, int] = {}
    for place, word in enumerate(words):
        before = last.get(word.speaker)
        if before is not None and before < place - 1 and word.start_ms - words[before].end_ms <= GAP_MS:
            between = words[before + 1 : place]
            if any(one.start_ms < words[before].end_ms or one.end_ms > word.start_ms for one in between):
                crossed.update(range(before, place + 1))
        last[word.speaker] = place
    return [replace(word, crossed=True) if place in crossed else word for place, word in enumerate(words)]
