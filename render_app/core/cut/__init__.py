"""A cut of a session: which camera is seen when, what is heard, and titles over it, in the words of an export's switch points.

All times are exact milliseconds on the master's clock. The cut lies in a sequence whose first frame is the beginning of its range.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import log10
from typing import Any

from render_app.core.timeline.edges import edge_ms, frame_edge
from sessions_app.errors import StudioError

#: What is heard instead of one camera: the camera that is seen, or all of them.
FOLLOW, MIX = "follow", "mix"
#: A stretch of the master's clock, in ms.
Stretch = tuple[Fraction, Fraction]
MOST_POINTS, MOST_TITLES = 5_000, 1_000
#: Times are kept to the nanosecond: as decimals that add up without a remainder.
_KEPT = 1_000_000


class CutRefused(StudioError):
    """A cut cannot be kept as it was sent; the field names the point at fault."""

    code = "cut_refused"
    status = 422


class NotACut(StudioError):
    """A project has what the words of a cut do not: slowed clips, files beside the cameras, gaps."""

    code = "not_a_cut"
    status = 409


@dataclass(frozen=True, slots=True)
class Join:
    """How one camera gives way to the next: a transition, centered on the cut."""

    type: str
    duration_ms: Fraction


@dataclass(frozen=True, slots=True)
class Switch:
    """From `at_ms` on a camera is seen. `join`: None for a hard cut; `meta`: what its clip remembers, such as why it was chosen;
    `place`: where a request says it."""

    at_ms: Fraction
    angle: str
    join: Join | None = None
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """Words over the picture. `style`: the fields of a text clip that are not as they come; None in a request: as they stand."""

    text: str
    start_ms: Fraction
    end_ms: Fraction
    style: Mapping[str, Any] | None = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Sound:
    """What is heard: a camera by its label, FOLLOW or MIX."""

    source: str = FOLLOW
    gain_db: float = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """A range of the master's clock with its switches, in the order of time. Those outside the range are kept for a wider one."""

    start_ms: Fraction
    end_ms: Fraction
    switches: tuple[Switch, ...]
    sound: Sound = Sound()
    titles: tuple[Title, ...] = ()


@dataclass(frozen=True, slots=True)
class Cameras:
    """The cameras that have a picture and those that have sound: label → when it recorded, from the first moment to the last."""

    seen: Mapping[str, tuple[Fraction, Fraction]]
    heard: Mapping[str, tuple[Fraction, Fraction]]


@dataclass(frozen=True, slots=True)
class Shot:
    """A camera on the screen from `start_ms` to `end_ms`, because of a switch."""

    switch: Switch
    start_ms: Fraction
    end_ms: Fraction

    @property
    def angle(self) -> str:
        """The camera that is seen."""
        return self.switch.angle


def with_styles(cut: Cut, before: Iterable[Title]) -> Cut:
    """The cut with the style of each title of which nothing is said: that of the same words before, else none."""
    known = {one.text: one.style for one in before}
    titles = (one if one.style is not None else replace(one, style=known.get(one.text, {})) for one in cut.titles)
    return replace(cut, titles=tuple(titles))


def mix_db(count: int) -> float:
    """The gain of each of so many sounds of one event, as a track keeps it: their sum is no louder than one of them can be."""
    return round(-20 * log10(max(1, count)), 4)


def kept(ms: Fraction) -> Fraction:
    """A time as it is kept."""
    return Fraction(round(ms * _KEPT), _KEPT)


def on_frame(ms: Fraction, rate: Fraction) -> Fraction:
    """A time on the grid of the sequence, which has a frame at the master's time zero."""
    return kept(edge_ms(frame_edge(ms, rate), rate))


def normalized(cut: Cut, rate: Fraction, cameras: Cameras) -> Cut:
    """The cut on whole frames, in order, of two points on one frame the last. Raises CutRefused."""
    start, end = on_frame(cut.start_ms, rate), on_frame(cut.end_ms, rate)
    if end <= start:
        raise CutRefused("The range must have one frame at least: endMs after startMs.", field="range.endMs")
    _refuse_unknown(cut, cameras)
    switches = _in_order(cut.switches, rate)
    if not any(one.at_ms <= start for one in switches):
        message = "No angle is seen at the start of the range. Send a point at range.startMs or before it."
        raise CutRefused(message, field="switchPoints")
    titles = tuple(sorted((_framed(one, rate) for one in cut.titles), key=lambda one: (one.start_ms, one.end_ms)))
    return replace(cut, start_ms=start, end_ms=end, switches=switches, titles=titles)


def _refuse_unknown(cut: Cut, cameras: Cameras) -> None:
    """Refuse a camera that there is not."""
    for number, one in enumerate(cut.switches):
        if one.angle not in cameras.seen:
            there = ", ".join(cameras.seen) or "none"
            message = f"There is no angle {one.angle[:20]!r} with a picture. There are: {there}."
            raise CutRefused(message, field=f"switchPoints[{number}].angle", details={"index": number})
    choices = (*cameras.heard, FOLLOW, MIX)
    if cut.sound.source not in choices:
        message = f"There is no sound {cut.sound.source[:20]!r}. Choose one of {', '.join(choices)}."
        raise CutRefused(message, field="audio.source")


def _in_order(switches: tuple[Switch, ...], rate: Fraction) -> tuple[Switch, ...]:
    on_frames = {on_frame(one.at_ms, rate): one for one in sorted(switches, key=lambda one: one.at_ms)}
    return tuple(replace(one, at_ms=at) for at, one in on_frames.items())


def _framed(title: Title, rate: Fraction) -> Title:
    """A title on whole frames, one at least."""
    start, end = frame_edge(title.start_ms, rate), frame_edge(title.end_ms, rate)
    return replace(title, start_ms=kept(edge_ms(start, rate)), end_ms=kept(edge_ms(max(end, start + 1), rate)))


def shots(cut: Cut) -> tuple[Shot, ...]:
    """What is seen from the beginning of the range to its end; a normalized cut has no gap."""
    return shots_between(cut.switches, cut.start_ms, cut.end_ms)


def shots_between(switches: Iterable[Switch], start_ms: Fraction, end_ms: Fraction) -> tuple[Shot, ...]:
    """The shots of switches in the order of time, one of which is not after the start. Of those at one time the last counts, and all
    that lie before the start are one time."""
    last = {max(one.at_ms, start_ms): one for one in switches if one.at_ms < end_ms}
    ends = [*list(last)[1:], end_ms]
    return tuple(Shot(one, at, end) for (at, one), end in zip(last.items(), ends, strict=True))


def outside(cut: Cut) -> tuple[tuple[Switch, ...], tuple[Title, ...]]:
    """The switches and titles that the range leaves out."""
    switches = tuple(one for one in cut.switches if not cut.start_ms <= one.at_ms < cut.end_ms)
    return switches, tuple(one for one in cut.titles if one.end_ms <= cut.start_ms or one.start_ms >= cut.end_ms)


def beginning(start_ms: Fraction, end_ms: Fraction, angle: str) -> Cut:
    """The cut of a session that nobody has cut yet: one camera all along."""
    return Cut(start_ms, end_ms, (Switch(start_ms, angle),))
