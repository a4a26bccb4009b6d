"""What an automatic cut chose and what a person has changed since: each clip remembers why it was chosen and where it was put.

A clip that is elsewhere now, shows another camera, or has got a transition is a person's own. Trimming the film's range alone changes
no shot.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from render_app.core.autocut.reasons import SENTENCES, sentence
from render_app.core.autocut.values import Kept, Shot

#: How far a clip may stand from where it was put before a person has changed it, ms: less than any frame.
_TREMBLE_MS = 1.0
#: Where a clip of an automatic cut remembers how it was made.
META = "auto_cut"
#: Who chose a shot.
AUTO, PERSON = "auto", "person"


@dataclass(frozen=True, slots=True)
class Laid:
    """A clip as it lies in a cut now: ms on the master's clock; `joined`: a transition leads to it."""

    angle: str
    start_ms: float
    end_ms: float
    meta: Mapping[str, Any]
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Who chose a clip, and why as far as it is known."""

    by: str
    reason: str | None


def remembered(shot: Shot, put_ms: tuple[float, float], how: Mapping[str, Any]) -> dict[str, Any]:
    """What a clip of an automatic cut keeps: why it was chosen, and where it was put, so that a person's change shows."""
    put = {"angle": shot.camera, "start_ms": round(put_ms[0], 3), "end_ms": round(put_ms[1], 3)}
    why = {"code": shot.reason, "speaker": shot.speaker, "exceptions": [*shot.exceptions]}
    return {"reason": sentence(shot), META: {**why, **put, **how}}


def changed_by_hand(clips: Sequence[Laid]) -> tuple[Kept, ...]:
    """The clips that are not, or no more, as an automatic cut put them."""
    return tuple(Kept(one.start_ms / 1000, one.end_ms / 1000, one.angle) for one, by_hand in _judged(clips) if by_hand)


def choices(clips: Sequence[Laid]) -> list[tuple[Laid, Choice]]:
    """The clips in order, with who chose each and why; none where no automatic cut was ever made."""
    if not any(_put(one) for one in clips):
        return []
    return [(one, Choice(PERSON if by_hand else AUTO, _reason(one, by_hand))) for one, by_hand in _judged(clips)]


def made_with(clips: Sequence[Laid], name: str) -> Any:
    """What the automatic cut of these clips noted under a name; None where it noted nothing."""
    return next((_put(one)[name] for one in clips if name in _put(one)), None)


def _reason(clip: Laid, by_hand: bool) -> str | None:
    if by_hand:
        return SENTENCES["kept" if _put(clip).get("code") == "kept" else "changed"]
    reason = clip.meta.get("reason")
    return reason if isinstance(reason, str) else None


def _judged(clips: Sequence[Laid]) -> Iterator[tuple[Laid, bool]]:
    """Each clip with whether a person chose it. The film's range may have cut the first and the last off."""
    ordered = sorted(clips, key=lambda one: one.start_ms)
    for number, one in enumerate(ordered):
        yield one, _changed(one, first=number == 0, last=number == len(ordered) - 1)


def _changed(clip: Laid, *, first: bool, last: bool) -> bool:
    put = _put(clip)
    if clip.joined or put.get("code") == "kept" or put.get("angle") != clip.angle:
        return True
    begin, end = put.get("start_ms"), put.get("end_ms")
    if not isinstance(begin, int | float) or not isinstance(end, int | float):
        return True
    starts = abs(begin - clip.start_ms) < _TREMBLE_MS or (first and begin < clip.start_ms < end)
    ends = abs(end - clip.end_ms) < _TREMBLE_MS or (last and begin < clip.end_ms < end)
    return not (starts and ends)


def _put(clip: Laid) -> Mapping[str, Any]:
    put = clip.meta.get(META)
    return put if isinstance(put, Mapping) else {}
