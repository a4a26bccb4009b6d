"""The cut: which camera from when to when, for who speaks. The cheapest path through the pauses, so nothing is left to chance.

A cut may lie in a pause alone. What a second costs depends on who speaks and what the camera shows; what a cut costs, and how
short and long shots may be, are the rules. Coverage holds always, then the pauses, then the shortest and the longest shot.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from render_app.core.autocut.values import (
    APPLAUSE,
    CROSSTALK,
    HOP_S,
    NOBODY,
    Camera,
    Conversation,
    Kept,
    Rules,
    Shot,
    Span,
    frame_of,
    inside,
)

#: What a second of a picture costs in which the speaker is not to be seen; of one of two speakers; of a listener in applause.
WRONG, ONE_OF_THEM, LISTENER = 4.0, 0.8, 0.6
#: What breaking a rule costs: a cut outside a pause, each second too short, a shot too long and each second of it.
NO_PAUSE, TOO_SHORT, TOO_LONG, TOO_LONG_PER_S = 400.0, 150.0, 60.0, 12.0
#: Where there is no wide view to turn to, a long shot is the lesser evil.
LONG_WITHOUT_WIDE_PER_S = 0.2
#: How much the seed may move a choice between views that are as good.
CHANCE = 0.12
#: In a longer pause the cut lies so much before its end, so that a new speaker is seen before they are heard.
LEAD_S = 0.25

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Stage:
    """The stretch that is cut: its possible cuts, which of them lie in pauses, and what each camera's picture has cost until
    each of them (infinite where it did not record)."""

    cameras: tuple[Camera, ...]
    times: Numbers
    in_pause: NDArray[np.bool_]
    spent: Numbers
    missing: Numbers


@dataclass(frozen=True, slots=True)
class Wish:
    """How a cut is wanted: its rules, a seed for what is as good either way, the seconds of a frame, and a person's own shots."""

    rules: Rules
    seed: int = 0
    grid_s: float = 0.0
    kept: tuple[Kept, ...] = ()


def direct(talk: Conversation, cameras: Sequence[Camera], wish: Wish) -> tuple[Shot, ...]:
    """The shots of the whole conversation, gapless wherever a camera recorded, with a person's own shots left as they are."""
    shots: list[Shot] = [Shot(one.start, one.end, one.camera, "kept") for one in wish.kept]
    for span in _free(talk, cameras, wish.kept):
        stage = _stage(talk, cameras, span, wish)
        shots += _explained(talk, cameras, _cheapest(stage, wish.rules))
    return tuple(sorted(_joined(shots), key=lambda one: one.start))


def cut_points(pauses: Iterable[Span], grid_s: float = 0.0) -> list[float]:
    """Where a cut may lie: in the middle of each pause, in a long one shortly before its end and each second; on a grid of frames,
    where there is one, with a frame at the master's time zero."""
    points = [at for one in pauses for at in _points_of(one)]
    return [round(one / grid_s) * grid_s for one in points] if grid_s else points


def _points_of(pause: Span) -> list[float]:
    last = max((pause.start + pause.end) / 2, pause.end - LEAD_S)
    return [*np.arange(pause.start + LEAD_S, last - 1.0, 1.0).tolist(), last]


def _free(talk: Conversation, cameras: Sequence[Camera], kept: Sequence[Kept]) -> list[Span]:
    """The stretches that some camera recorded and nobody has cut by hand."""
    edges = {talk.start, talk.end}
    for span in (*(s for one in cameras for s in one.spans), *(Span(one.start, one.end) for one in kept)):
        edges |= {at for at in (span.start, span.end) if talk.start < at < talk.end}
    free: list[Span] = []
    for start, end in pairwise(sorted(edges)):
        here = Span(start, end)
        by_hand = any(one.start < end and start < one.end for one in kept)
        if by_hand or end - start < 0.001 or not any(inside(here, one.spans) for one in cameras):
            continue
        if free and abs(free[-1].end - start) < 0.001:
            free[-1] = Span(free[-1].start, end)
        else:
            free.append(here)
    return free


def _stage(talk: Conversation, cameras: Sequence[Camera], span: Span, wish: Wish) -> _Stage:
    pauses = [at for at in cut_points(talk.pauses, wish.grid_s) if span.start < at < span.end]
    edges = {at for one in cameras for s in one.spans for at in (s.start, s.end) if span.start < at < span.end}
    times = np.array(sorted({span.start, span.end, *pauses, *edges}))
    in_pause = np.isin(times, pauses) | np.isin(times, [span.start, span.end])
    costs = np.stack([_cost(talk, one, cameras) for one in cameras])
    totals = np.concatenate([np.zeros((len(cameras), 1)), np.cumsum(costs, axis=1) * HOP_S], axis=1)
    at = np.clip([frame_of(one, talk.start) for one in times], 0, len(talk.labels))
    missing = np.array(
        [[0, *np.cumsum([not inside(Span(a, b), one.spans) for a, b in pairwise(times)])] for one in cameras]
    )
    chance = np.random.default_rng(wish.seed).uniform(0, CHANCE, (len(cameras), len(times))).cumsum(axis=1)
    return _Stage(tuple(cameras), times, in_pause, totals[:, at] + chance, missing)


def _cost(talk: Conversation, camera: Camera, cameras: Sequence[Camera]) -> Numbers:
    """What each frame of this camera's picture costs."""
    shown = [n for n, one in enumerate(talk.microphones) if one in camera.shows]
    labels = talk.labels
    cost = np.zeros(len(labels))
    speaking = labels >= 0
    cost[speaking] = WIDE_UNIT if camera.is_wide else WRONG
    if not camera.is_wide:
        cost[np.isin(labels, shown) & speaking] = 0.0
        cost[labels == CROSSTALK] = ONE_OF_THEM
        cost[labels == APPLAUSE] = LISTENER
    # Somebody whom no camera shows alone is in the wide view or in none.
    alone = {one for camera_ in cameras for one in camera_.shows}
    unseen = [n for n, one in enumerate(talk.microphones) if one not in alone]
    cost[np.isin(labels, unseen) & speaking] = 0.0 if camera.is_wide else WRONG
    return cost


#: A second of the wide view while one person speaks, before the rules say what it costs.
WIDE_UNIT = 1.0


def _cheapest(stage: _Stage, rules: Rules) -> list[tuple[float, float, Camera]]:
    """The cheapest sequence of shots (dynamic programming over the possible cuts)."""
    count, cameras = len(stage.times), len(stage.cameras)
    wide = np.array([rules.wide_cost if one.is_wide else 1.0 for one in stage.cameras])
    spent = stage.spent * wide[:, None]
    best = np.full((count, cameras), np.inf)
    came = np.full((count, cameras, 2), -1)
    best[0] = 0.0
    for end in range(1, count):
        for camera in range(cameras):
            others, which = _best_other(best[:end], camera)
            cost = others + spent[camera, end] - spent[camera, :end] + _length_cost(stage, end, camera, rules)
            cost = np.where(stage.missing[camera, end] > stage.missing[camera, :end], np.inf, cost)
            at = int(cost.argmin())
            penalty = 0.0 if stage.in_pause[end] else NO_PAUSE
            best[end, camera] = cost[at] + rules.cut_cost + penalty
            came[end, camera] = at, which[at]
    return _walked(stage, best, came)


def _best_other(before: Numbers, camera: int) -> tuple[Numbers, NDArray[np.intp]]:
    """The cheapest other camera's path to each cut; at the very start there is none before."""
    others = before.copy()
    others[:, camera] = np.inf
    which = others.argmin(axis=1)
    cheapest = others[np.arange(len(others)), which]
    cheapest[0], which[0] = 0.0, -1
    return cheapest, which


def _length_cost(stage: _Stage, end: int, camera: int, rules: Rules) -> Numbers:
    """What breaking the shortest or the longest shot costs, for a shot from each earlier cut."""
    seconds = stage.times[end] - stage.times[:end]
    short = np.maximum(rules.min_shot_s - seconds, 0.0)
    over = np.maximum(seconds - rules.max_shot_s, 0.0)
    has_wide = any(one.is_wide for one in stage.cameras) and not stage.cameras[camera].is_wide
    long = TOO_LONG_PER_S * over + TOO_LONG * (over > 0) if has_wide else LONG_WITHOUT_WIDE_PER_S * over
    whole = (stage.times[:end] == stage.times[0]) & (end == len(stage.times) - 1)
    return np.asarray(np.where(short > 0.0005, TOO_SHORT * (1 + short), 0.0) * ~whole + long)


def _walked(stage: _Stage, best: Numbers, came: NDArray[np.int_]) -> list[tuple[float, float, Camera]]:
    end = len(stage.times) - 1
    camera = int(best[end].argmin())
    shots = []
    while end > 0 and camera >= 0:
        begin, before = (int(one) for one in came[end, camera])
        shots.append((float(stage.times[begin]), float(stage.times[end]), stage.cameras[camera]))
        end, camera = begin, before
    return shots[::-1]


def _explained(talk: Conversation, cameras: Sequence[Camera], shots: list[tuple[float, float, Camera]]) -> list[Shot]:
    return [Shot(start, end, one.label, *_why(talk, cameras, start, end, one)) for start, end, one in shots]


def _why(talk: Conversation, cameras: Sequence[Camera], start: float, end: float, camera: Camera) -> tuple[str, str]:
    """The reason for a shot, and the microphone that it is about."""
    labels = talk.labels[frame_of(start, talk.start) : frame_of(end, talk.start)]
    spoken = labels[labels != NOBODY]
    if not len(spoken):
        return "silence", ""
    values, counts = np.unique(spoken, return_counts=True)
    most = int(values[counts.argmax()])
    others = [one for one in cameras if one is not camera and inside(Span(start, end), one.spans)]
    if most >= 0 and talk.microphones[most] in camera.shows:
        return "speaker", talk.microphones[most]
    if not others:
        return "only_camera", talk.microphones[most] if most >= 0 else ""
    if camera.is_wide:
        return _why_wide(talk, others, spoken, most)
    shown = [n for n in values if n >= 0 and talk.microphones[n] in camera.shows]
    if shown or most < 0:
        return ("speaker", talk.microphones[int(shown[0])]) if shown else ("bridge", "")
    return "nearest", talk.microphones[most]


def _why_wide(talk: Conversation, others: list[Camera], spoken: NDArray[np.int16], most: int) -> tuple[str, str]:
    for code, name in ((CROSSTALK, "crosstalk"), (APPLAUSE, "applause")):
        if (spoken == code).mean() >= 0.25:
            return name, ""
    speaker = talk.microphones[most] if most >= 0 else ""
    if speaker and not any(speaker in one.shows for one in others):
        return "wide", speaker
    alone = len(np.unique(spoken[spoken >= 0])) == 1
    return ("variety", speaker) if alone else ("bridge", "")


def _joined(shots: Sequence[Shot]) -> list[Shot]:
    """Neighbors of one camera as one shot, unless a person chose one of them."""
    joined: list[Shot] = []
    for one in sorted(shots, key=lambda shot: shot.start):
        last = joined[-1] if joined else None
        touching = last is not None and abs(last.end - one.start) < 0.001 and last.camera == one.camera
        if last is not None and touching and "kept" not in (last.reason, one.reason):
            joined[-1] = replace(last, end=one.end)
        else:
            joined.append(one)
    return joined
