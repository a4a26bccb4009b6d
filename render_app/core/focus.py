"""A little closer to who is seen while somebody speaks: the frame holds one place for as long as an utterance lasts."""

from collections.abc import Sequence
from dataclasses import dataclass

from media_app.core.vision.boxes import Box
from render_app.core.reframe import WINDOW_MS, Look, Shot

#: How much larger than needed the picture is, so that it can be moved.
ZOOM = 1.25
NO_SPEECH = "no_speech"


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of the clip in which somebody speaks."""

    start_ms: float
    end_ms: float


def held(looks: Sequence[Look], shots: Sequence[Shot], speech: Sequence[Speech]) -> list[Look]:
    """The looks with one place of the subject for each utterance in a shot, from its beginning to its end, and none elsewhere. The frame
    is there a little before and after, as far as nobody else speaks then, since a path is smoothed."""
    found: dict[float, Box | None] = {look.time_ms: None for look in looks}
    for shot in shots:
        for before, said, after in zip([None, *speech], speech, [*speech[1:], None], strict=False):
            start, end = max(shot.start_ms, said.start_ms), min(shot.end_ms, said.end_ms)
            within = [look for look in looks if start <= look.time_ms < end]
            boxes = [look.box for look in within if look.box]
            if boxes:
                early, late = (min(WINDOW_MS / 2, gap / 2) for gap in (_gap(before, said), _gap(said, after)))
                around = max(shot.start_ms, start - early), max(start, min(shot.end_ms, end + late) - 1)
                times = [around[0], start, *(look.time_ms for look in within), max(start, end - 1), around[1]]
                found |= dict.fromkeys(times, _middle(boxes))
    return [Look(time, found[time]) for time in sorted(found)]


def _gap(earlier: Speech | None, later: Speech | None) -> float:
    """Milliseconds in which nobody speaks between two utterances."""
    return float("inf") if earlier is None or later is None else max(0.0, later.start_ms - earlier.end_ms)


def _middle(boxes: Sequence[Box]) -> Box:
    """Of each side the median."""
    x, y, width, height = (
        sorted(getattr(box, side) for box in boxes)[len(boxes) // 2] for side in ("x", "y", "width", "height")
    )
    return Box(x, y, width, height)


def reasons(shots: Sequence[Shot], speech: Sequence[Speech], found: Sequence[str]) -> tuple[str, ...]:
    """Why each shot shows its middle: nobody speaks in it, or nobody who speaks is seen."""
    spoken = [any(one.start_ms < shot.end_ms and shot.start_ms < one.end_ms for one in speech) for shot in shots]
    return tuple(reason and (reason if said else NO_SPEECH) for reason, said in zip(found, spoken, strict=True))
