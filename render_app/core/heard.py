"""What is heard in a clip: a recording's events, beats and words on the clip's own clock.

A timeline is on the clock of the file that it was made of. A clip counts on its file's clock, or, where it names a camera of a
shoot, on the master's. Between two clocks lie stretches, each with an offset and a pace of its own; the same way leads from the
sound of one camera to the clip of another that stood in the same room.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from render_app.core.edit.angle import Angle
from render_app.core.edit.rates import to_ms
from render_app.core.registered import objects, plain


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start_ms` to `end_ms` of the sound's clock, the other clock shows `t · pace + offset_ms`."""

    start_ms: float
    end_ms: float
    pace: float = 1.0
    offset_ms: float = 0.0

    def at(self, time_ms: float) -> float:
        """An instant of the sound's clock on the other one."""
        return time_ms * self.pace + self.offset_ms


@dataclass(frozen=True, slots=True)
class Window:
    """A clip: from `in_ms` to `out_ms`, at `speed`."""

    in_ms: float
    out_ms: float
    speed: float = 1.0

    def relative(self, time_ms: float) -> float:
        """ms after the clip's beginning as it is heard."""
        return round((time_ms - self.in_ms) / self.speed, 3)


def to_master(angle: Angle) -> tuple[Stretch, ...]:
    """A camera's own clock → the master's."""
    begins = [to_ms(line.begin) for line in angle.lines]
    ends = [*begins[1:], angle.duration_ms]
    return tuple(
        Stretch(begin if place else 0.0, end, float(line.pace), to_ms(line.offset))
        for place, (begin, end, line) in enumerate(zip(begins, ends, angle.lines, strict=True))
    )


def of_part(recording: Sequence[Stretch], begins_ms: float) -> tuple[Stretch, ...]:
    """A recording's clock → another, for a part of the recording that counts from where it begins."""
    return tuple(
        Stretch(one.start_ms - begins_ms, one.end_ms - begins_ms, one.pace, one.at(begins_ms)) for one in recording
    )


def between(sound: Sequence[Stretch], clip: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """One camera's clock → another's, as both lead to the master's."""
    found = []
    for one in sound:
        for other in clip:
            start, end = (
                max(one.at(one.start_ms), other.at(other.start_ms)),
                min(one.at(one.end_ms), other.at(other.end_ms)),
            )
            if start < end:
                first, last = ((edge - one.offset_ms) / one.pace for edge in (start, end))
                pace, offset = one.pace / other.pace, (one.offset_ms - other.offset_ms) / other.pace
                found.append(Stretch(first, last, pace, offset))
    return tuple(found)


def cleaned(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A semantic timeline with what can be relied on."""
    events = [plain(one) for one in objects(document.get("events"), "start_ms", "end_ms")]
    beats = [plain(one) for one in objects(document.get("beats"), "time_ms")]
    return {"events": [one for one in events if isinstance(one.get("kind"), str)], "beats": beats}


def words_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The words of a transcript that have a time."""
    segments = objects(document.get("segments"))
    words = [plain(word) for segment in segments for word in objects(segment.get("words"), "start_ms")]
    return [word for word in words if isinstance(word.get("text"), str)]


def later(words: Iterable[Mapping[str, Any]], by_ms: float) -> list[dict[str, Any]]:
    """The words on a clock that is so much later, by where they start."""
    return [{**word, "start_ms": word["start_ms"] + by_ms} for word in words]


def in_clip(
    summary: Mapping[str, Any], stretches: Sequence[Stretch], window: Window, words: Iterable[Mapping[str, Any]] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(events, beats) in ms after the clip's beginning. Speech says what was said in it, where the words are known."""
    said = list(words)
    events = [
        {**_with_words(event, said, start, end), **_times(stretch, start, end, window)}
        for event in summary["events"]
        for stretch in stretches
        for start, end in _heard(event["start_ms"], event["end_ms"], stretch, window)
    ]
    beats = [
        {**beat, "time_ms": window.relative(stretch.at(beat["time_ms"]))}
        for beat in summary.get("beats", [])
        for stretch in stretches
        if stretch.start_ms <= beat["time_ms"] < stretch.end_ms
        and window.in_ms <= stretch.at(beat["time_ms"]) < window.out_ms
    ]
    return sorted(events, key=lambda event: (event["start_ms"], event["end_ms"])), beats


def _heard(start: float, end: float, stretch: Stretch, window: Window) -> list[tuple[float, float]]:
    """What of an event lies in the stretch and in the clip, on the sound's clock."""
    first = max(start, stretch.start_ms, (window.in_ms - stretch.offset_ms) / stretch.pace)
    last = min(end, stretch.end_ms, (window.out_ms - stretch.offset_ms) / stretch.pace)
    return [(first, last)] if first < last else []


def _times(stretch: Stretch, start: float, end: float, window: Window) -> dict[str, float]:
    return {"start_ms": window.relative(stretch.at(start)), "end_ms": window.relative(stretch.at(end))}


def _with_words(
    event: Mapping[str, Any], words: Sequence[Mapping[str, Any]], start: float, end: float
) -> dict[str, Any]:
    if event["kind"] != "speech" or not words:
        return dict(event)
    said = " ".join(word["text"] for word in words if start <= word["start_ms"] < end)
    return {**event, "transcription": said or event.get("transcription")}
