"""Shots and what is heard → a sequence, whose time 0 is where the export begins."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from render_app.core.cut import FOLLOW, MIX, Shot, Sound, Stretch
from render_app.core.cut.tracks import Voice, tracks_of, within
from render_app.core.export.refusals import NotCovered, UnknownAngle, refused
from render_app.core.export.switching import uncovered
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
            raise refused(shot.switch.place, message, NotCovered, missingFromMs=start, missingToMs=end)


def timeline_of(shots: Sequence[Shot], angles: Angles, sound: Sound, rate: Fraction) -> Timeline:
    """The sequence of an edit. Raises UnknownAngle, NotCovered for what cannot be heard."""
    start, end = shots[0].start_ms, shots[-1].end_ms
    _refuse_unheard(angles, sound.source, (start, end))
    heard = {name: angle.heard for name, angle in angles.items() if angle.whole or name == sound.source}
    tracks = tracks_of(shots, sound, heard)
    clips = (_clip(one.switch.place, angles[one.angle], (one.start_ms, one.end_ms), start) for one in tracks.shots)
    picture = Track("picture", "video", tuple(clips), muted=not tracks.follows, volume_db=tracks.gain_db)
    sounds = (_sound(angles[one.angle], one, start) for one in tracks.voices)
    joins = (
        Transition(
            f"{after.switch.place}.transition", join.type, join.duration_ms, before.switch.place, after.switch.place
        )
        for join, before, after in tracks.joins
    )
    return Timeline("export", rate, duration_ms=end - start, tracks=(picture, *sounds), transitions=tuple(joins))


def _clip(id: str, angle: Angle, stretch: Stretch, origin: Fraction) -> Clip:
    return Clip(id, angle.content, stretch[1], stretch[0], stretch[0] - origin)


def _sound(angle: Angle, voice: Voice, origin: Fraction) -> Track:
    id = f"audio.{angle.name}"
    return Track(id, "audio", (_clip(id, angle, voice.stretch, origin),), volume_db=voice.gain_db)


def _refuse_unheard(angles: Angles, source: str, whole: Stretch) -> None:
    if source in (FOLLOW, MIX):
        return
    angle = angles.get(source)
    if angle is None:
        known = [*angles, FOLLOW, MIX]
        raise refused("audio.source", f"({source!r}) is none of {', '.join(known)}.", UnknownAngle, choices=known)
    if not within(angle.heard, whole):
        raise refused("audio.source", f"({angle.name}) has no sound in what is exported. Choose another.", NotCovered)


def silent(angle: Angle, whole: Stretch) -> Stretch | None:
    """The first stretch of an export in which a camera that is heard was not recording."""
    return uncovered(whole, angle.heard, SLACK_MS)
