"""Shots and what is heard → a sequence, whose time 0 is where the export begins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from render_app.core import catalogue
from render_app.core.cut import FOLLOW, MIX, mix_db
from render_app.core.export.refusals import NotCovered, UnknownAngle, refused
from render_app.core.export.switching import Shot, Stretch, uncovered
from render_app.core.timeline.edges import frames_between
from render_app.core.timeline.media import SLACK_MS, Reference
from render_app.core.timeline.nouns import Clip, Track, Transition
from render_app.core.timeline.nouns import Sequence as Timeline


@dataclass(frozen=True, slots=True)
class Angle:
    """An angle as the export cuts it. `seen`, `heard`: when it has picture and sound, on the master's clock, in order.

    `whole`: a camera, and not one clip of it, which a mix must not hear twice.
    """

    name: str
    content: Reference
    seen: tuple[Stretch, ...] = ()
    heard: tuple[Stretch, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """The sound: of one angle, of the one that is seen (FOLLOW), or of all (MIX)."""

    source: str
    gain_db: float = 0


Angles = Mapping[str, Angle]


def refuse_uncovered(shots: Sequence[Shot], angles: Angles, rates: Collection[Fraction]) -> None:
    """Raise NotCovered for the first shot, of those with a frame at one of these rates, whose camera was not recording all the time."""
    origin = shots[0].start_ms
    for shot in shots:
        if not any(frames_between(shot.start_ms - origin, shot.end_ms - origin, rate) for rate in rates):
            continue
        gap = uncovered((shot.start_ms, shot.end_ms), angles[shot.angle].seen, SLACK_MS)
        if gap is not None:
            start, end = (float(ms) for ms in gap)
            there = ", ".join(f"{float(a):g} to {float(b):g}" for a, b in angles[shot.angle].seen) or "none"
            message = (
                f"shows angle {shot.angle} from {start:g} to {end:g} ms, when it has no picture. It has {there} ms."
            )
            raise refused(shot.point.field, message, NotCovered, missingFromMs=start, missingToMs=end)


def timeline_of(shots: Sequence[Shot], angles: Angles, heard: Heard, rate: Fraction) -> Timeline:
    """The sequence of an edit. Raises UnknownAngle, NotCovered for what cannot be heard."""
    start, end = shots[0].start_ms, shots[-1].end_ms
    follow = heard.source == FOLLOW
    clips = tuple(_clip(shot.point.field, angles[shot.angle], (shot.start_ms, shot.end_ms), start) for shot in shots)
    picture = Track("picture", "video", clips, muted=not follow, volume_db=heard.gain_db if follow else 0)
    sounds = () if follow else _sounds(angles, heard, (start, end))
    return Timeline(
        "export", rate, duration_ms=end - start, tracks=(picture, *sounds), transitions=tuple(_transitions(shots))
    )


def _clip(id: str, angle: Angle, stretch: Stretch, origin: Fraction) -> Clip:
    return Clip(id, angle.content, stretch[1], stretch[0], stretch[0] - origin)


def _transitions(shots: Sequence[Shot]) -> list[Transition]:
    found = []
    for before, shot in pairwise(shots):
        point = shot.point
        if point.transition:
            own = Fraction(catalogue.transitions()[point.transition].duration_ms)
            ms = own if point.transition_ms is None else point.transition_ms
            id = f"{point.field}.transition"
            found.append(Transition(id, point.transition, ms, before.point.field, point.field))
    return found


def _sounds(angles: Angles, heard: Heard, whole: Stretch) -> tuple[Track, ...]:
    """A track of each angle that is heard."""
    if heard.source == MIX:
        voices = [angle for angle in angles.values() if angle.whole and _within(angle.heard, whole)]
        gain = heard.gain_db + mix_db(len(voices))
        return tuple(_sound(angle, gain, whole) for angle in voices)
    angle = angles.get(heard.source)
    if angle is None:
        known = [*angles, FOLLOW, MIX]
        raise refused("audio.source", f"({heard.source!r}) is none of {', '.join(known)}.", UnknownAngle, choices=known)
    if not _within(angle.heard, whole):
        raise refused("audio.source", f"({angle.name}) has no sound in what is exported. Choose another.", NotCovered)
    return (_sound(angle, heard.gain_db, whole),)


def _sound(angle: Angle, gain_db: float, whole: Stretch) -> Track:
    stretch = _within(angle.heard, whole)
    assert stretch
    clip = _clip(f"audio.{angle.name}", angle, stretch, whole[0])
    return Track(f"audio.{angle.name}", "audio", (clip,), volume_db=gain_db)


def _within(there: Sequence[Stretch], whole: Stretch) -> Stretch | None:
    """From the first to the last of its sound inside the export."""
    inside = [(max(a, whole[0]), min(b, whole[1])) for a, b in there if a < whole[1] and whole[0] < b]
    return (inside[0][0], inside[-1][1]) if inside else None


def silent(angle: Angle, whole: Stretch) -> Stretch | None:
    """The first stretch of an export in which a camera that is heard was not recording."""
    return uncovered(whole, angle.heard, SLACK_MS)
