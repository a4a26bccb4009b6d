"""The most that any cut by the rules could have of the speech, from the truth alone: what is missing to it is nobody's fault.

People who come in early speak over each other's words, and short answers are shorter than the shortest shot: no pause lies where a
cut would have to be.
"""

import numpy as np

from bench.autocut.judge import PAUSE_S, masks, true_pauses
from bench.autocut.scene import Scene
from render_app.core.autocut.values import HOP_S, Camera, Rules


def most_seconds(scene: Scene, rules: Rules) -> float:
    """Seconds of speech with a speaker in the picture, of the best path through the true pauses with no shot too short, unless a camera
    starts or stops at it."""
    count = round(scene.seconds / HOP_S)
    speaking = masks(scene)
    sums = [
        _sums(np.any([speaking[who] for who in one.shows] or [np.zeros(count, bool)], axis=0)) for one in scene.cameras
    ]
    places = _places(scene, count)
    best = {(0, -1): 0.0}
    for end in places[1:]:
        for number, camera in enumerate(scene.cameras):
            worth = [
                so_far + sums[number][end] - sums[number][start]
                for (start, before), so_far in best.items()
                if before != number and _may(scene, camera, (start, end), rules)
            ]
            if worth:
                best[end, number] = max(worth)
    return HOP_S * float(
        max((value for (end, _), value in best.items() if end == count), default=scene.seconds / HOP_S)
    )


def _sums(mask: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(mask)])


def _places(scene: Scene, count: int) -> list[int]:
    pauses = [one for one in true_pauses(scene) if one.seconds >= PAUSE_S]
    inside = [at for one in pauses for at in (one.start, (one.start + one.end) / 2, one.end)]
    return sorted({0, count, *_edges(scene), *(round(at / HOP_S) for at in inside)})


def _edges(scene: Scene) -> set[int]:
    return {round(at / HOP_S) for one in scene.cameras for span in one.spans for at in (span.start, span.end)}


def _may(scene: Scene, camera: Camera, shot: tuple[int, int], rules: Rules) -> bool:
    start, end = shot
    edges = _edges(scene) - {0, round(scene.seconds / HOP_S)}
    long_enough = (end - start) * HOP_S >= rules.min_shot_s - HOP_S or start in edges or end in edges
    return long_enough and any(
        round(one.start / HOP_S) <= start and end <= round(one.end / HOP_S) for one in camera.spans
    )
