"""Who speaks when, as turns: on the master's clock, and on the clock of each recording."""

from collections.abc import Iterable, Sequence

import numpy as np

from media_app.core.hearing.speakers import Turn
from render_app.core.autocut.session import OWN_SHARE
from render_app.core.autocut.values import CROSSTALK, HOP_S, Conversation
from render_app.core.edit.angle import Angle
from render_app.core.heard import to_master

#: Pauses of one speaker this short belong to the turn; and a turn is no shorter than this.
_PAUSE_S, _SHORTEST_S = 0.5, 0.1
_NOT_SURE = -10


def turns_in(talk: Conversation) -> tuple[Turn, ...]:
    """The turns in ms of the master's clock; without a speaker where several spoke, or where it is not sure. None of a shoot that has
    one microphone: its sound does not say who speaks."""
    if len(talk.microphones) < 2:
        return ()
    own = [n for n, one in enumerate(talk.microphones) if talk.share_of(one) >= OWN_SHARE]
    sure = np.isin(talk.labels, own) & (talk.sure if talk.sure is not None else True)
    spoken = (talk.labels >= 0) | (talk.labels == CROSSTALK)
    codes = np.where(spoken, np.where(sure, talk.labels, _NOT_SURE), -1)
    edges = np.flatnonzero(np.diff(codes)) + 1
    parts = [(int(part[0]), len(part)) for part in np.split(codes, edges)]
    turns: list[Turn] = []
    at = talk.start
    for code, count in parts:
        seconds = count * HOP_S
        if code != -1 and seconds >= _SHORTEST_S:
            speaker = talk.microphones[code] if code >= 0 else None
            turns = _with(turns, Turn(1000 * at, 1000 * (at + seconds), speaker))
        at += seconds
    return tuple(turns)


def _with(turns: list[Turn], turn: Turn) -> list[Turn]:
    last = turns[-1] if turns else None
    if last is not None and last.speaker == turn.speaker and turn.start_ms - last.end_ms <= 1000 * _PAUSE_S:
        return [*turns[:-1], Turn(last.start_ms, turn.end_ms, turn.speaker)]
    return [*turns, turn]


def on_clock_of(angle: Angle, turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns that a recording heard, in ms of its own clock."""
    return tuple(sorted(_own(angle, turns), key=lambda one: one.start_ms))


def _own(angle: Angle, turns: Sequence[Turn]) -> Iterable[Turn]:
    for stretch in to_master(angle):
        for turn in turns:
            start, end = ((at - stretch.offset_ms) / stretch.pace for at in (turn.start_ms, turn.end_ms))
            start, end = max(start, stretch.start_ms), min(end, stretch.end_ms)
            if start < end:
                yield Turn(start, end, turn.speaker)
