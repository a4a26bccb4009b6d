"""What a cut is worth against what is true of its scene."""

import itertools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.autocut.scene import Scene
from render_app.core.autocut.values import HOP_S, Rules, Shot, Span, inside

#: A cut may lie so close to a word, in seconds: the truth's words end where their sound fell under 2 %.
EDGE_S = 0.005
#: Truth's pauses from this length on are ones that a cut may lie in.
PAUSE_S = 0.22


@dataclass
class Verdict:
    """Seconds of speech, and how many of them were shown well; rules broken, in words; and how much of the clear speech of one
    person was in the wide."""

    speech_s: float = 0.0
    good_s: float = 0.0
    clear_s: float = 0.0
    clear_wide_s: float = 0.0
    broken: list[str] = field(default_factory=list)


def judged(scene: Scene, shots: tuple[Shot, ...], rules: Rules) -> Verdict:
    """The cut against the truth."""
    speaking = masks(scene)
    clapping = _mask(scene.noise, scene.seconds)
    verdict = Verdict()
    shown = {one.label: one for one in scene.cameras}
    for number, shot in enumerate(shots):
        at = slice(round(shot.start / HOP_S), round(shot.end / HOP_S))
        here = {one: mask[at] for one, mask in speaking.items()}
        count = sum(mask.astype(int) for mask in here.values())
        some = (np.asarray(count) > 0) & _showable(scene, shot, here)
        camera = shown[shot.camera]
        verdict.speech_s += float(some.sum()) * HOP_S
        if camera.is_wide:
            good = some & _justified(scene, shots, number, rules, count, here, clapping[at])
        else:
            good = some & np.any([here[one] for one in camera.shows], axis=0)
        verdict.good_s += float(good.sum()) * HOP_S
        clear = (np.asarray(count) == 1) & ~clapping[at]
        closeups = [one for one in scene.cameras if not one.is_wide and inside(Span(shot.start, shot.end), one.spans)]
        seen = np.any([here[who] for one in closeups for who in one.shows] or [np.zeros_like(some)], axis=0)
        verdict.clear_s += float((clear & seen).sum()) * HOP_S
        verdict.clear_wide_s += float((clear & seen).sum()) * HOP_S * camera.is_wide
    verdict.broken = broken(scene, shots, rules)
    return verdict


def _showable(scene: Scene, shot: Shot, here: dict[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Of each frame, whether some camera recorded a picture of who speaks."""
    time = shot.start + HOP_S * np.arange(len(next(iter(here.values()))))
    seen = np.zeros(len(time), bool)
    for one in scene.cameras:
        recorded = np.any([(s.start <= time) & (time < s.end) for s in one.spans], axis=0)
        seen |= recorded & (one.is_wide | np.any([here[who] for who in one.shows] or [np.zeros_like(seen)], axis=0))
    return seen


def masks(scene: Scene) -> dict[str, NDArray[np.bool_]]:
    """Of each person and frame, whether they say a word."""
    return {one: _mask(words, scene.seconds) for one, words in scene.words.items()}


def _mask(spans: list[Span], seconds: float) -> NDArray[np.bool_]:
    mask = np.zeros(round(seconds / HOP_S), bool)
    for span in spans:
        mask[round(span.start / HOP_S) : round(span.end / HOP_S)] = True
    return mask


def _justified(scene, shots, number, rules, count, here, clapping):  # type: ignore[no-untyped-def]
    """Of each frame of a wide shot, whether it has a good ground: several speak in it, or clap; several take turns; nobody shows
    the speaker; or the shot before it was as long as it may be."""
    shot = shots[number]
    whole = Span(shot.start, shot.end)
    busy = (np.asarray(count) > 1).sum() * HOP_S >= 0.3 or clapping.any()
    turns = sum(mask.sum() * HOP_S >= 0.3 for mask in here.values()) > 1
    closeups = {who for one in scene.cameras if inside(whole, one.spans) for who in one.shows}
    unseen = np.any([mask for one, mask in here.items() if one not in closeups] or [np.zeros_like(clapping)], axis=0)
    before = shots[number - 1] if number else None
    after = shots[number + 1] if number + 1 < len(shots) else None
    long = any(
        one is not None and one.end - one.start + _slack(scene, rules) >= rules.max_shot_s for one in (before, after)
    )
    around = before is not None and after is not None and after.end - before.start > rules.max_shot_s
    return unseen | bool(busy or turns or long or around)


def _slack(scene: Scene, rules: Rules) -> float:
    return rules.max_shot_s / 2


def broken(scene: Scene, shots: tuple[Shot, ...], rules: Rules) -> list[str]:
    """Every hard rule that the cut breaks: coverage, gaps, words, shortest and longest shot where the scene allows them."""
    found = []
    spans = {one.label: one.spans for one in scene.cameras}
    for shot in shots:
        if not inside(Span(shot.start, shot.end), spans[shot.camera]):
            found.append(f"{shot.camera} did not record all of {shot.start:.2f} to {shot.end:.2f}")
        found += _length_faults(scene, shots, shot, rules)
    for before, after in itertools.pairwise(shots):
        if abs(before.end - after.start) > 1e-6:
            if _recorded(scene, (before.end + after.start) / 2):
                found.append(f"a gap at {before.end:.2f}")
            continue
        if before.camera == after.camera:
            found.append(f"a cut to the same camera at {before.end:.2f}")
        if _in_a_word(scene, before.end) and not _at_an_edge(scene, before.end):
            found.append(f"a cut in a word at {before.end:.2f}")
    return found


def _recorded(scene: Scene, at: float) -> bool:
    """Whether any camera did; where none did there is nothing to show."""
    return any(one.start < at < one.end for camera in scene.cameras for one in camera.spans)


def _in_a_word(scene: Scene, at: float) -> bool:
    words = (one for spans in scene.words.values() for one in spans)
    return any(one.start + EDGE_S < at < one.end - EDGE_S for one in words)


def _at_an_edge(scene: Scene, at: float) -> bool:
    return any(abs(at - edge) < 1e-6 for one in scene.cameras for s in one.spans for edge in (s.start, s.end))


def _length_faults(scene: Scene, shots: tuple[Shot, ...], shot: Shot, rules: Rules) -> list[str]:
    seconds = shot.end - shot.start
    forced = _at_an_edge(scene, shot.start) or _at_an_edge(scene, shot.end)
    if seconds < rules.min_shot_s - 1e-6 and not forced and len(shots) > 1:
        return [f"a shot of {seconds:.2f} s at {shot.start:.2f}"]
    has_wide = any(one.is_wide for one in scene.cameras)
    camera = next(one for one in scene.cameras if one.label == shot.camera)
    if seconds <= rules.max_shot_s + 1e-6 or camera.is_wide or not has_wide:
        return []
    first, last = shot.start + rules.min_shot_s, min(shot.start + rules.max_shot_s, shot.end - rules.min_shot_s)
    could = any(one.start < last and first < one.end and one.seconds >= PAUSE_S for one in true_pauses(scene))
    return [f"a shot of {seconds:.2f} s at {shot.start:.2f}"] if could else []


def true_pauses(scene: Scene) -> list[Span]:
    """When nobody says a word and nobody claps."""
    quiet = ~_mask(scene.noise, scene.seconds)
    for words in scene.words.values():
        quiet &= ~_mask(words, scene.seconds)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(int)))
    return [Span(float(a) * HOP_S, float(b) * HOP_S) for a, b in edges.reshape(-1, 2)]
