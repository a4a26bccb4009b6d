"""A sequence → its assembly. Edges are those of the renderer: a time falls on frame `round(t · rate / 1000)`, a transition on the frames
that `lay_transitions` gives it, and of two clips of a track the one that starts later is seen.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.exchange.losses import lost_everywhere
from render_app.core.exchange.nouns import Assembly, Event, Join, Lane, Loss, Part, Title
from render_app.core.plan.stretches import stretches_of
from render_app.core.timeline import nouns
from render_app.core.timeline.blending import Blend
from render_app.core.timeline.edges import exact, frame_edge
from render_app.core.timeline.media import Reference

Parts = Mapping[Reference, tuple[Part, ...]]


@dataclass(frozen=True, slots=True)
class _Run:
    """A clip on frames of a track."""

    clip: nouns.Clip
    start: int
    end: int


def parts_of(angles: Iterable[Angle]) -> tuple[Part, ...]:
    """The parts of a camera's content on the master's clock: one for each line of each of its recordings."""
    found = [part for angle in angles for part in _parts(angle)]
    return tuple(sorted(found, key=lambda part: part.start_ms or Fraction(0)))


def _parts(angle: Angle) -> Iterator[Part]:
    lines = angle.lines
    ends = [*(after.begin for after in lines[1:]), exact(angle.duration_ms) / 1000]
    for line, until in zip(lines, ends, strict=True):
        begin, end = (line.on_master(seconds) * 1000 for seconds in (line.begin, until))
        yield Part(angle, begin, end, line.offset * 1000, line.pace)


def lay(
    sequence: nouns.Sequence, parts: Parts, blends: Sequence[Blend], shoots: tuple[MulticamEdit, ...] = ()
) -> Assembly:
    """The assembly of a sequence whose media were checked. What has no file leaves a gap, and is among the losses."""
    lanes = [(track, *_lane(track, sequence, parts, blends)) for track in sequence.stacked]
    pictures = [_seen(track, events, joins) for track, events, joins in lanes if track.kind == "video"]
    sounds = [_heard(track, events, joins) for track, events, joins in lanes if not track.muted]
    joined = {join.transition.id for lane in (*pictures, *sounds) for join in lane.joins}
    gone = [one for one in sequence.transitions if one.id not in joined]
    missing = [clip for clip in sequence.clips if _has_no_file(clip, parts)]
    return Assembly(
        title=sequence.name,
        day="",
        sequence=sequence,
        pictures=tuple(lane for lane in pictures if lane.events),
        sounds=tuple(lane for lane in sounds if lane.events),
        shoots=shoots,
        losses=(*lost_everywhere(sequence), *map(_lost_transition, gone), *map(_no_file, missing)),
        titles=tuple(_titles(sequence, pictures, blends)),
    )


def _titles(sequence: nouns.Sequence, pictures: list[Lane], blends: Sequence[Blend]) -> Iterator[Title]:
    """The words that are on top of their tracks."""
    above = 0
    for track in sequence.stacked:
        above += any(lane.track is track and lane.events for lane in pictures)
        if (
            track.kind == "video"
            and not track.hidden
            and any(isinstance(one.content, nouns.Text) for one in track.clips)
        ):
            for run in _runs(track, sequence, blends):
                if isinstance(run.clip.content, nouns.Text):
                    yield Title(run.clip, run.start, run.end, above)


def shoot_assembled(edit: MulticamEdit) -> Assembly:
    """A session's sync as an assembly: each camera on a track of its own, from the first frame of the first camera on."""
    start_ms = edit.origin * 1000
    end_ms = max(
        (line.on_master(exact(one.duration_ms) / 1000) * 1000 for one in edit.angles for line in one.lines[-1:]),
        default=start_ms,
    )
    tracks: list[nouns.Track] = []
    parts: dict[Reference, tuple[Part, ...]] = {}
    for label, angles in edit.cameras.items():
        of = nouns.CameraReference(edit.session_id, label)
        parts[of] = parts_of(angles)
        clip = nouns.Clip(id=label, content=of, in_ms=start_ms, out_ms=max(end_ms, start_ms + 1))
        kind = "video" if any(angle.has_picture for angle in angles) else "audio"
        tracks.append(nouns.Track(id=label, kind=kind, clips=(clip,), order=len(tracks)))
    sequence = nouns.Sequence(id=edit.session_id, timebase=edit.rate, name=edit.title, tracks=tuple(tracks))
    assembly = lay(sequence, parts, (), (edit,))
    losses = (*map(_left_out, edit.left_out), *assembly.losses)
    return replace(assembly, day=f"{edit.day:%Y%m%d}", drop=edit.drop_frame(edit.rate), losses=losses)


def _lane(
    track: nouns.Track, sequence: nouns.Sequence, parts: Parts, blends: Sequence[Blend]
) -> tuple[tuple[Event, ...], tuple[Join, ...]]:
    """All events of a track, and its transitions."""
    rate = sequence.timebase
    events = tuple(event for run in _runs(track, sequence, blends) for event in _events(run, parts, rate))
    return events, tuple(_joins(events, [blend for blend in blends if blend.track_id == track.id]))


def _runs(track: nouns.Track, sequence: nouns.Sequence, blends: Sequence[Blend]) -> list[_Run]:
    """Which clip is on top from which frame to which; a transition is cut in its middle."""
    runs: list[_Run] = []
    for one in stretches_of(track, blends, sequence.end_ms):
        start, end = frame_edge(one.start_ms, sequence.timebase), frame_edge(one.end_ms, sequence.timebase)
        middle = middle_of(one.blend) if one.blend else end
        for clip, begins, ends in zip(one.clips, (start, middle), (middle, end), strict=False):
            begins, ends = max(start, begins), min(end, ends)
            if runs and runs[-1].clip is clip and runs[-1].end == begins:
                runs[-1] = replace(runs[-1], end=ends)
            elif begins < ends:
                runs.append(_Run(clip, begins, ends))
    return runs


def middle_of(blend: Blend) -> int:
    """The frame at which a transition is cut."""
    return blend.start + blend.frames // 2


def _events(run: _Run, parts: Parts, rate: Fraction) -> Iterator[Event]:
    """The files that a run shows; between them, and for what is no file, nothing."""
    clip = run.clip
    if not isinstance(clip.content, Reference):
        return
    reached = run.start
    for part in parts.get(clip.content, ()):
        begins = run.start if part.start_ms is None else frame_edge(clip.timeline_ms(part.start_ms), rate)
        ends = run.end if part.end_ms is None else frame_edge(clip.timeline_ms(part.end_ms), rate)
        begins, ends = max(begins, reached), min(ends, run.end)
        if begins >= ends:
            continue
        begin_ms = part.file_ms(clip.source_ms(begins * 1000 / rate))
        yield Event(clip, part.source, begins, ends, begin_ms, rate, part.pace)
        reached = ends


def _joins(events: tuple[Event, ...], blends: list[Blend]) -> Iterator[Join]:
    """The transitions of a track that have a clip on either side of their cut."""
    begins = {(event.at, event.clip.id): number for number, event in enumerate(events)}
    for blend in blends:
        cut = middle_of(blend)
        into = begins.get((cut, blend.transition.to_clip_id), 0)
        before = events[into - 1] if into else None
        if before is not None and (before.end, before.clip.id) == (cut, blend.transition.from_clip_id):
            yield Join(blend.transition, into, cut, cut - blend.start, blend.end - cut)


def _seen(track: nouns.Track, events: tuple[Event, ...], joins: tuple[Join, ...]) -> Lane:
    return _of(track, events, joins, [event.source.has_picture and not track.hidden for event in events])


def _heard(track: nouns.Track, events: tuple[Event, ...], joins: tuple[Join, ...]) -> Lane:
    return _of(track, events, joins, [event.source.has_audio for event in events])


def _of(track: nouns.Track, events: tuple[Event, ...], joins: tuple[Join, ...], kept: list[bool]) -> Lane:
    """The events that are kept, and the transitions between two of them."""
    numbers = [number for number, keeps in enumerate(kept) if keeps]
    places = {number: place for place, number in enumerate(numbers)}
    there = (join for join in joins if join.into in places and join.into - 1 in places)
    return Lane(
        track,
        tuple(events[number] for number in numbers),
        tuple(replace(join, into=places[join.into]) for join in there),
    )


def _lost_transition(one: nouns.Transition) -> Loss:
    message = "A transition without a file on either side is left out."
    return Loss("transition", message, {"transition_id": one.id})


def _has_no_file(clip: nouns.Clip, parts: Parts) -> bool:
    """Whether a clip's file cannot stand in an edit; that it is one that Studio made is among its own losses."""
    content = clip.content
    made = isinstance(content, nouns.MediaReference) and content.artifact_id is not None
    return isinstance(content, Reference) and not made and content not in parts


def _left_out(camera: tuple[str, str]) -> Loss:
    label, why = camera
    return Loss("camera_left_out", f"Camera {label} is not in the edit. {why}", {"camera": label})


def _no_file(clip: nouns.Clip) -> Loss:
    return Loss("still", "A still picture. It leaves a gap.", {"clip_id": clip.id})
