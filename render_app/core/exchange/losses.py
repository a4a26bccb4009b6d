"""What of a sequence does not come through: everywhere, and in formats that carry less than others."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from fractions import Fraction

from media_app.core.time.timebase import format_rate
from render_app.core import catalogue
from render_app.core.edit.angle import Angle
from render_app.core.exchange.nouns import Assembly, Event, Lane, Loss, volume_of
from render_app.core.exchange.titles import lost_of_title
from render_app.core.timeline import nouns


class Carries(StrEnum):
    """What formats differ in."""

    SPEED = "speed"
    VOLUME = "volume"
    FADES = "fades"
    DISSOLVES = "dissolves"
    TRANSITION_TYPES = "transition types"
    SOURCE_RATES = "source rates"
    SAMPLES = "samples"
    ANY_RATE = "any rate of the timeline"
    PLACEMENT = "opacity and placement"
    STRETCH = "pictures whose width and height are scaled apart"
    TITLES = "titles"


#: A clip's field → what it is called, and the value at which it does nothing.
_CLIP_FIELDS = {
    "slowmo_quality": ("slow-motion quality", ""),
    "optical_flow": ("optical flow", False),
    "stabilise": ("stabilization", None),
    "opacity": ("opacity", 1),
    "blend_mode": ("blend mode", "normal"),
    "scale_mode": ("placement in the frame", "fit"),
    "scale": ("scale", 1),
    "rotation": ("rotation", 0),
    "position": ("position", nouns.Position()),
    "crop": ("crop", nouns.Crop()),
    "mask_artifact_id": ("mask", None),
}


#: What of a clip goes with its placement.
_PLACEMENT = frozenset({"opacity", "scale_mode", "scale", "rotation", "position", "crop"})


def lost_everywhere(sequence: nouns.Sequence) -> Iterator[Loss]:
    """What is no cut, level or transition: its words name the record, so that it can be made again by hand."""
    for track in sequence.tracks:
        yield from _of_track(track)
        for clip in track.clips:
            yield from _of_clip(clip)
    for stack in sequence.filter_stacks:
        names = [catalogue.filters()[one.type].label for one in stack.filters if one.enabled]
        if names:
            yield Loss("filters", f"Filters of a {stack.target.type}: {', '.join(names)}.", _target(stack.target))
    for curve in sequence.automation:
        label = catalogue.properties()[curve.property].label
        yield Loss("automation", f"Keyframes of a {curve.target.type}: {label}.", _target(curve.target))


def _target(target: nouns.Target) -> dict[str, str]:
    return {f"{target.type}_id": target.id}


def _of_track(track: nouns.Track) -> Iterator[Loss]:
    here = {"track_id": track.id}
    if track.ducking is not None:
        yield Loss("ducking", f"The track is ducked by {track.ducking.key_role}; set its level by hand.", here)
    if track.audio_role != "generic":
        yield Loss("audio_role", f"The audio role of a track, {track.audio_role}.", here)
    if track.kind == "video" and track.hidden:
        yield Loss("hidden", "A hidden track is left out; only its sound is included.", here)
    if track.muted:
        yield Loss("muted", "The sound of a muted track is left out.", here)


def _of_clip(clip: nouns.Clip) -> Iterator[Loss]:
    here = {"clip_id": clip.id}
    if isinstance(clip.content, nouns.Text):
        yield Loss("text", f"A title: {clip.content.text[:80]!r}. It leaves a gap.", here)
    if isinstance(clip.content, nouns.Vector):
        yield Loss("vector", "A drawing. It leaves a gap.", here)
    if isinstance(clip.content, nouns.MediaReference) and clip.content.artifact_id:
        yield Loss("artifact", "A file made by Studio. It leaves a gap.", here)
    for name, (label, nothing) in _CLIP_FIELDS.items():
        if getattr(clip, name) != nothing:
            yield Loss(name, f"The clip's {label}.", here)


def lost_in(assembly: Assembly, carries: Iterable[Carries]) -> tuple[Loss, ...]:
    """What a format that carries so much does not have of an assembly, besides what none has."""
    has = frozenset(carries)
    titles = {title.clip.id for title in assembly.titles} if Carries.TITLES in has else set()
    carried = _placed(assembly, has, titles) | {(id, "text") for id in titles}
    found = [loss for loss in assembly.losses if (loss.details.get("clip_id"), loss.code) not in carried]
    found += [loss for title in assembly.titles if titles for loss in lost_of_title(title.clip)]
    found += _of_sources(assembly)
    for lane in assembly.lanes:
        found += [loss for event in lane.events for loss in _of_event(event, has)]
        found += _of_joins(lane, has)
    for lane in assembly.pictures:
        found += [loss for event in _begun(lane) for loss in _of_picture(event, has)]
        found += _of_slow_dissolves(lane, has)
    for lane in assembly.sounds:
        found += [loss for event in lane.events for loss in _of_sound(event, lane, has)]
    return tuple({(one.code, one.message, *one.details.items()): one for one in found}.values())


def _placed(assembly: Assembly, has: frozenset[Carries], titles: set[str]) -> set[tuple[str, str]]:
    """Each clip that is seen with the fields of its placement that a format writes. `titles`: the clips that it writes as titles."""
    if Carries.PLACEMENT not in has:
        return set()
    shown = {event.clip.id: event.clip for lane in assembly.pictures for event in lane.events}
    found = {(id, code) for id in (*shown, *titles) for code in _PLACEMENT} - {(id, "crop") for id in titles}
    if Carries.STRETCH not in has:
        found -= {(id, "scale_mode") for id, clip in shown.items() if clip.scale_mode == "stretch"}
    return found


def _of_event(event: Event, has: frozenset[Carries]) -> Iterator[Loss]:
    here = {"clip_id": event.clip.id}
    if event.speed != 1 and Carries.SPEED not in has:
        message = f"The clip's speed, {float(event.speed):g} times: it plays at normal speed from the right frame on."
        if event.start_in(event.rate) + event.length > event.source.run * event.rate:
            message = f"{message} Where its file ends before the clip does, there is a gap."
        yield Loss("speed", message, here)
    if event.drift >= Fraction(1, 2):
        message = (
            f"The camera's clock drifts {float(event.drift):.1f} frames within the clip; its first frame is right."
        )
        yield Loss("drift", message, here)


def _begun(lane: Lane) -> Iterator[Event]:
    """A lane's events, and those that begin with a dissolve once more as they begin there."""
    joins = lane.joins_at()
    for number, event in enumerate(lane.events):
        yield event
        head = joins.get(number)
        if head is not None:
            yield event.between(head.start, event.end)


def _of_picture(event: Event, has: frozenset[Carries]) -> Iterator[Loss]:
    if Carries.SOURCE_RATES not in has and not event.is_exact_in(event.rate):
        message = "It begins a frame of its file later: the format counts every file at the timeline's rate."
        yield Loss("source_rate", message, {"clip_id": event.clip.id})


def _of_slow_dissolves(lane: Lane, has: frozenset[Carries]) -> Iterator[Loss]:
    """Clips at another speed and rate that begin with a dissolve in which no whole number of their frames passes."""
    for join in lane.joins if Carries.SOURCE_RATES not in has else ():
        event = lane.events[join.into]
        if event.unit != event.rate and (join.before * event.speed).denominator != 1:
            message = "It may begin a frame of its file off: no whole number of frames passes in its dissolve."
            yield Loss("source_rate", message, {"clip_id": event.clip.id})


def _of_sound(event: Event, lane: Lane, has: frozenset[Carries]) -> Iterator[Loss]:
    here, level = {"clip_id": event.clip.id}, volume_of(event, lane.track)
    if level and Carries.VOLUME not in has:
        yield Loss("volume", f"The clip's level, {level:+g} dB.", here)
    if (event.clip.fade_in_ms or event.clip.fade_out_ms) and Carries.FADES not in has:
        yield Loss("fades", "The fades of the clip's sound.", here)
    if event.source.has_picture or Carries.SAMPLES in has:
        return
    late = event.start_in(event.rate) / event.rate - event.first_unit / event.unit
    if late:
        message = f"Sound counted in frames: it is {float(abs(late) * 1000):.1f} ms {'late' if late < 0 else 'early'}."
        yield Loss("sub_frame", message, here)


def _of_joins(lane: Lane, has: frozenset[Carries]) -> Iterator[Loss]:
    for join in lane.joins:
        kind, here = catalogue.transitions()[join.transition.type], {"transition_id": join.transition.id}
        if Carries.DISSOLVES not in has:
            yield Loss("transition", f"A transition ({kind.label}) is written as a cut.", here)
        elif kind.name != "crossfade" and Carries.TRANSITION_TYPES not in has:
            yield Loss("transition", f"A transition ({kind.label}) is written as a cross dissolve.", here)


def _of_sources(assembly: Assembly) -> Iterator[Loss]:
    for source in assembly.sources:
        here = {"asset_id": source.asset_id}
        if source.variable_frame_rate:
            message = (
                f"The frame rate of {source.original_filename} varies. Export with media=mezzanine for exact frames."
            )
            yield Loss("variable_frame_rate", message, here)
        elif source.has_picture and source.rate != assembly.rate:
            yield Loss("mixed_rates", _mixed(source, assembly.rate), here)


def _mixed(source: Angle, rate: Fraction) -> str:
    return (
        f"{source.original_filename} has {format_rate(source.rate)} frames per second, and the timeline {format_rate(rate)}: "
        "every clip begins at its right frame, and the editing program decides which frames it repeats or leaves out."
    )
