"""What a cut may choose from: the stretches that are cut, the places where a cut may lie, and what each camera's picture costs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from render_app.core.autocut.values import (
    APPLAUSE,
    CROSSTALK,
    HOP_S,
    Camera,
    Conversation,
    Kept,
    Rules,
    Span,
    Wish,
    frame_of,
    inside,
)

#: What a second of a picture costs in which the speaker is not to be seen; of one of two speakers; of a listener in applause; of the
#: wide while one person speaks, before the rules say what it costs.
WRONG, ONE_OF_THEM, LISTENER, WIDE_UNIT = 8.0, 0.8, 0.6, 1.0
#: What a second more costs of a camera that is being moved.
MOVING = 2.0
#: How much the seed may move a choice between views that are as good.
CHANCE = 0.12
#: In a longer pause the cut lies so much before its end, so that a new speaker is seen before they are heard.
LEAD_S = 0.25
#: What a cut costs that lies earlier in a long pause; or near an edge of one, and how near: words begin and end softly.
EARLY, NEAR_EDGE, EDGE_S = 0.3, 0.15, 0.14
#: Times closer than this are one.
_SAME_S = 0.001

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch that is cut. `places`: its beginning, where a cut may lie, its end; `allowed`: which of them need no excuse, as they lie
    in a pause, and `cut`: what a cut costs there; per camera and place `spent`: what its picture has cost until there, `missing`: how many of the steps until there it
    did not record, `better_s`: for how many seconds there was another picture to turn to: beside a close-up a wide, beside a wide a close-up
    of who speaks; `before`, `after`: a person's own shots that it touches."""

    cameras: tuple[Camera, ...]
    places: Numbers
    allowed: NDArray[np.bool_]
    spent: Numbers
    cut: Numbers
    missing: NDArray[np.int64]
    better_s: Numbers
    before: Kept | None = None
    after: Kept | None = None


def stages(talk: Conversation, cameras: Sequence[Camera], wish: Wish) -> list[Stage]:
    """The stretches that some camera recorded and nobody has cut by hand, in order."""
    costs = _until(np.stack([_cost(talk, one, cameras, wish.rules) for one in cameras]) * HOP_S)
    seen = _until(_closely_seen(talk, cameras)[None] * HOP_S)
    return [_stage(talk, cameras, span, wish, (costs, seen)) for span in _free(talk, cameras, wish.kept)]


def _until(values: NDArray[Any]) -> Numbers:
    """The sums of each row up to each of its values, from nothing on."""
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)


def _closely_seen(talk: Conversation, cameras: Sequence[Camera]) -> NDArray[np.bool_]:
    """The frames in which one person speaks whom a camera recorded alone."""
    seen = np.zeros(len(talk.labels), bool)
    for camera in cameras:
        shown = np.isin(talk.labels, [n for n, one in enumerate(talk.microphones) if one in camera.shows])
        for span in camera.spans:
            first, last = (max(0, frame_of(at, talk.start)) for at in (span.start, span.end))
            seen[first:last] |= shown[first:last]
    return seen


def cut_points(pauses: Iterable[Span], grid_s: float = 0.0) -> dict[float, float]:
    """Where a cut may lie, with what it costs there: in the middle of each pause, in a long one shortly before its end, and earlier or
    near its edges for a price, as a shot may be just too short else; on a grid of frames, where there is one, with a frame at the
    master's time zero."""
    points = {at: cost for one in pauses for at, cost in _points_of(one).items()}
    return {round(at / grid_s) * grid_s: cost for at, cost in points.items()} if grid_s else points


def _points_of(pause: Span) -> dict[float, float]:
    last = max((pause.start + pause.end) / 2, pause.end - LEAD_S)
    edges = dict.fromkeys((pause.start + EDGE_S, pause.end - EDGE_S), NEAR_EDGE) if pause.seconds > 2 * EDGE_S else {}
    return edges | dict.fromkeys(np.arange(pause.start + LEAD_S, last - LEAD_S / 2, 1.0).tolist(), EARLY) | {last: 0.0}


def _free(talk: Conversation, cameras: Sequence[Camera], kept: Sequence[Kept]) -> list[Span]:
    edges = {talk.start, talk.end}
    for span in (*(s for one in cameras for s in one.spans), *(Span(one.start, one.end) for one in kept)):
        edges |= {at for at in (span.start, span.end) if talk.start < at < talk.end}
    free: list[Span] = []
    for start, end in pairwise(sorted(edges)):
        here = Span(start, end)
        by_hand = any(one.start < end and start < one.end for one in kept)
        if by_hand or end - start < _SAME_S or not any(inside(here, one.spans) for one in cameras):
            continue
        if free and abs(free[-1].end - start) < _SAME_S:
            free[-1] = Span(free[-1].start, end)
        else:
            free.append(here)
    return free


def _stage(
    talk: Conversation, cameras: Sequence[Camera], span: Span, wish: Wish, sums: tuple[Numbers, Numbers]
) -> Stage:
    pauses = {at: cost for at, cost in cut_points(talk.pauses, wish.grid_s).items() if span.start < at < span.end}
    edges = {at for one in cameras for s in one.spans for at in (s.start, s.end) if span.start < at < span.end}
    places = np.array(sorted({span.start, span.end, *pauses, *edges}))
    steps = [Span(start, end) for start, end in pairwise(places.tolist())]
    recorded = np.array([[inside(step, one.spans) for step in steps] for one in cameras])
    is_wide = np.array([one.is_wide for one in cameras])
    costs, seen = (
        one[:, np.clip([frame_of(at, talk.start) for at in places.tolist()], 0, len(talk.labels))] for one in sums
    )
    wide_s = _until(np.where(recorded[is_wide].any(axis=0), np.diff(places), 0.0)[None])
    chance = np.random.default_rng(wish.seed).uniform(0, CHANCE, costs.shape).cumsum(axis=1)
    return Stage(
        tuple(cameras),
        places,
        np.isin(places, [*pauses, span.start, span.end]),
        costs + chance,
        np.array([pauses.get(at, 0.0) for at in places.tolist()]),
        _until(~recorded).astype(np.int64),
        np.where(is_wide[:, None], seen, wide_s),
        next((one for one in wish.kept if abs(one.end - span.start) < _SAME_S), None),
        next((one for one in wish.kept if abs(one.start - span.end) < _SAME_S), None),
    )


def _cost(talk: Conversation, camera: Camera, cameras: Sequence[Camera], rules: Rules) -> Numbers:
    """What each frame of this camera's picture costs."""
    labels = talk.labels
    cost = np.zeros(len(labels))
    if camera.is_wide:
        cost[labels >= 0] = WIDE_UNIT * rules.wide_cost
    else:
        shown = [n for n, one in enumerate(talk.microphones) if one in camera.shows]
        cost[labels >= 0] = WRONG
        cost[np.isin(labels, shown)] = 0.0
        cost[labels == CROSSTALK] = ONE_OF_THEM
        cost[(labels == CROSSTALK) & ~talk.heard_among(shown)] = WRONG
        cost[labels == APPLAUSE] = LISTENER
    # Somebody whom no camera shows alone is in the wide view or in none.
    alone = {one for other in cameras for one in other.shows}
    unseen = [n for n, one in enumerate(talk.microphones) if one not in alone]
    cost[np.isin(labels, unseen)] = 0.0 if camera.is_wide else WRONG
    for span in camera.moving:
        first, last = (max(0, frame_of(at, talk.start)) for at in (span.start, span.end))
        cost[first:last] += MOVING
    return cost
