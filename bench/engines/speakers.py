"""Who speaks in a shoot, by its microphones: conversations whose words are known, drawn with gains of ±12 dB, bleed of -6 to -18 dB,
echo to 0.3 s, somebody silent for 95 percent, and people who talk over each other (bench.autocut has the scenes)."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench.autocut import levels
from bench.autocut.__main__ import heard_right
from bench.autocut.judge import masks
from bench.autocut.scene import Scene, scene
from bench.engines.scores import LEAST, Row
from render_app.core.autocut import hearing, speakers
from render_app.core.autocut.values import CROSSTALK, HOP_S, Conversation

Frames = NDArray[np.bool_]
#: Of scenes that nothing was tried on: with their sound, and of what microphones would measure, which costs little.
FIRST_SEED, SCENES, FEW, BY_LEVELS = 9000, 20, 3, 40
#: A breath between two words of one person is no end of an overlap, and so near to its edges nothing is judged, seconds.
BREATH_S, EDGE_S = 0.3, 0.1


def rows(quick: bool) -> Iterator[Row]:
    """Every figure of the speakers."""
    yield from _judged("levels", [_of_levels(seed) for seed in range(FIRST_SEED, FIRST_SEED + BY_LEVELS)])
    yield from _judged(
        "sound", [_of_sound(seed) for seed in range(FIRST_SEED, FIRST_SEED + (FEW if quick else SCENES))]
    )


def _of_levels(seed: int) -> tuple[Scene, Conversation]:
    staged, heard = levels.scene(seed)
    return staged, speakers.who_speaks(heard)


def _of_sound(seed: int) -> tuple[Scene, Conversation]:
    staged = scene(seed)
    return staged, speakers.who_speaks(hearing.listen(staged.microphones, 0.0, staged.seconds))


def _judged(of: str, pairs: list[tuple[Scene, Conversation]]) -> Iterator[Row]:
    frames = [heard_right(staged, talk) for staged, talk in pairs]
    right = sum(one["named_right"] for one in frames) / max(1, sum(one["named"] for one in frames))
    note = f"{len(pairs)} scenes of {of}"
    yield Row("speaker", f"frames of one person named right, of {of}", 100 * right, "%", 98.0, LEAST, note)
    judged = [overlaps(staged, talk) for staged, talk in pairs]
    hits = sum(int((both & said & core).sum()) for both, said, core in judged)
    said = sum(int((said & core).sum()) for _, said, core in judged)
    true = sum(int((both & core).sum()) for both, _, core in judged)
    note = f"{true * HOP_S:.0f} s of overlap; {hits / max(1, said):.2f} of what is reported, {hits / max(1, true):.2f} of what there is"
    yield Row("speaker", f"several who speak at once, F, of {of}", 2 * hits / max(1, said + true), "", 0.9, LEAST, note)


def overlaps(staged: Scene, talk: Conversation) -> tuple[Frames, Frames, Frames]:
    """Of each frame, whether several speak, whether that is reported, and whether it is judged."""
    frames = len(talk.labels)
    spoken = [_filled(mask)[:frames] for mask in masks(staged).values()]
    both = np.sum(spoken, axis=0) > 1
    both = np.pad(both, (0, frames - len(both)))
    edges = np.flatnonzero(np.diff(both.astype(int)))
    judged = np.ones(frames, bool)
    for edge in edges:
        judged[max(0, edge - round(EDGE_S / HOP_S)) : edge + round(EDGE_S / HOP_S) + 1] = False
    return both, talk.labels == CROSSTALK, judged


def _filled(mask: Frames) -> Frames:
    """Without the breaths between words."""
    filled = mask.copy()
    edges = np.flatnonzero(np.diff(mask.astype(int)))
    for end, start in pairwise(edges):
        if mask[end] and (start - end) * HOP_S <= BREATH_S:
            filled[end : start + 1] = True
    return filled
