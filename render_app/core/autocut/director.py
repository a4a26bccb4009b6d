"""The cut: which camera from when to when, for who speaks, each shot with its reason and with the rules that could not be kept."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from render_app.core.autocut import path
from render_app.core.autocut.path import Segment
from render_app.core.autocut.stage import Stage, stages
from render_app.core.autocut.values import (
    APPLAUSE,
    CROSSTALK,
    NOBODY,
    Camera,
    Conversation,
    Kept,
    Rules,
    Shot,
    Span,
    Wish,
    frame_of,
    inside,
)

#: A rule is broken by more than this.
_TOLERANCE_S = 0.0006


def direct(talk: Conversation, cameras: Sequence[Camera], wish: Wish) -> tuple[Shot, ...]:
    """The shots of the whole conversation, gapless wherever a camera recorded, with a person's own shots left as they are."""
    shots = [Shot(one.start, one.end, one.camera, "kept") for one in wish.kept]
    for stage in stages(talk, cameras, wish):
        for segment in path.cheapest(stage, wish.rules):
            why = _why(talk, cameras, segment)
            shots.append(
                Shot(segment.start, segment.end, segment.camera.label, *why, exceptions(stage, segment, wish.rules))
            )
    return tuple(sorted(shots, key=lambda one: one.start))


def exceptions(stage: Stage, segment: Segment, rules: Rules) -> tuple[str, ...]:
    """The rules that a shot does not keep, by what stood in the way."""
    found = []
    if not stage.allowed[np.searchsorted(stage.places, segment.start)]:
        found.append("begins_in_speech")
    held = [one for one in _touching(stage, segment) if one.camera == segment.camera.label]
    seconds = segment.end - segment.start
    if seconds < rules.min_shot_s - _TOLERANCE_S and not held:
        found.append("short_between_kept" if _touching(stage, segment) else "short_recording")
    if seconds + sum(one.seconds for one in held) > rules.max_shot_s + _TOLERANCE_S:
        found.append(_why_long(stage, segment, rules.max_shot_s - sum(one.seconds for one in held)))
    return tuple(found)


def _touching(stage: Stage, segment: Segment) -> list[Kept]:
    """A person's own shots right before and after."""
    before = stage.before if segment.start == stage.places[0] else None
    after = stage.after if segment.end == stage.places[-1] else None
    return [one for one in (before, after) if one is not None]


def _why_long(stage: Stage, segment: Segment, most_s: float) -> str:
    start, end = np.searchsorted(stage.places, (segment.start, segment.end))
    better_s = stage.better_s[stage.cameras.index(segment.camera)]
    if better_s[end] - better_s[start] > most_s + _TOLERANCE_S:
        return "long_no_pause"
    return "long_no_better" if segment.camera.is_wide else "long_no_wide"


def _why(talk: Conversation, cameras: Sequence[Camera], segment: Segment) -> tuple[str, str]:
    """The reason for a shot, and the microphone that it is about."""
    here = slice(frame_of(segment.start, talk.start), frame_of(segment.end, talk.start))
    spoken = talk.labels[here][talk.labels[here] != NOBODY]
    if not len(spoken):
        return "silence", ""
    values, counts = np.unique(spoken, return_counts=True)
    most = int(values[counts.argmax()])
    speaker = talk.microphones[most] if most >= 0 else ""
    if speaker in segment.camera.shows:
        return "speaker", speaker
    span = Span(segment.start, segment.end)
    others = [one for one in cameras if one is not segment.camera and inside(span, one.spans)]
    if not others:
        return "only_camera", speaker
    if segment.camera.is_wide:
        return _why_wide(talk, others, spoken, speaker, span)
    if most == APPLAUSE:
        return "listener", ""
    if most == CROSSTALK:
        return _why_one_of_them(talk, segment.camera, here)
    return ("bridge" if any(speaker in one.shows for one in others) else "nearest"), speaker


def _why_wide(
    talk: Conversation, others: list[Camera], spoken: NDArray[np.int16], speaker: str, span: Span
) -> tuple[str, str]:
    for code, name in ((CROSSTALK, "crosstalk"), (APPLAUSE, "applause")):
        if (spoken == code).mean() >= 0.25:
            return name, ""
    if speaker and not any(speaker in one.shows for one in others):
        return "wide", speaker
    if speaker and all(_is_moved(one, span) for one in others if speaker in one.shows):
        return "moving", speaker
    alone = len(np.unique(spoken[spoken >= 0])) == 1
    return ("variety", speaker) if alone else ("bridge", "")


def _is_moved(camera: Camera, span: Span) -> bool:
    """Whether a camera is moved for a good part of a stretch."""
    moved = sum(max(0.0, min(span.end, one.end) - max(span.start, one.start)) for one in camera.moving)
    return moved >= 0.25 * span.seconds


def _why_one_of_them(talk: Conversation, camera: Camera, here: slice) -> tuple[str, str]:
    both = talk.pairs[here][talk.labels[here] == CROSSTALK] if talk.pairs is not None else np.zeros((0, 2))
    heard = [n for n, one in enumerate(talk.microphones) if one in camera.shows and (both == n).any()]
    return ("one_of_them", talk.microphones[heard[0]]) if heard else ("bridge", "")
