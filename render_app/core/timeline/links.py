"""What the records of a sequence say of each other: every id once, every reference to a record that is there."""

from collections.abc import Iterable

from render_app.core.timeline import nouns
from render_app.core.timeline.build import of_target
from render_app.core.timeline.refusals import Contradiction, DuplicateRecord, Place, UnknownRecord, refuse, shown


def refuse_broken_links(sequence: nouns.Sequence) -> None:
    """Raise for the first record that is there twice, points at nothing, or stands where it cannot.

    Raises DuplicateRecord, UnknownRecord, Contradiction.
    """
    _refuse_twice("track", (track.id for track in sequence.tracks))
    _refuse_twice("clip", (clip.id for clip in sequence.clips))
    _refuse_twice("transition", (one.id for one in sequence.transitions))
    _refuse_twice("filter_stack", (one.id for one in sequence.filter_stacks))
    _refuse_twice("automation", (one.id for one in sequence.automation))
    for track in sequence.tracks:
        refuse_silent_pictures(track)
    _refuse_transitions(sequence)
    _refuse_targets(sequence)


def refuse_silent_pictures(track: nouns.Track) -> None:
    """Raise Contradiction for words or shapes on a track of sound."""
    for clip in track.clips if track.kind == "audio" else ():
        if isinstance(clip.content, nouns.Text | nouns.Vector):
            name = "text" if isinstance(clip.content, nouns.Text) else "vector"
            message = f"cannot stand on track {track.id}, which is of sound. Put it on a video track."
            raise refuse(Contradiction, Place("clip", clip.id), name, message)


def _refuse_twice(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            raise refuse(DuplicateRecord, Place(kind, id), "id", "appears twice in the sequence.")
        seen.add(id)


def _refuse_transitions(sequence: nouns.Sequence) -> None:
    """Both clips are there, on one track; no two transitions lead from or to one clip."""
    track_of = {clip.id: track.id for track in sequence.tracks for clip in track.clips}
    used: set[tuple[str, str]] = set()
    for one in sequence.transitions:
        place = Place("transition", one.id)
        for name, clip_id in (("from_clip_id", one.from_clip_id), ("to_clip_id", one.to_clip_id)):
            if clip_id not in track_of:
                raise refuse(UnknownRecord, place, name, f"is {shown(clip_id)}, which is no clip of the sequence.")
            if (name, clip_id) in used:
                raise refuse(DuplicateRecord, place, name, f"is {shown(clip_id)}, as in another transition.")
            used.add((name, clip_id))
        if track_of[one.from_clip_id] != track_of[one.to_clip_id]:
            raise refuse(Contradiction, place, "to_clip_id", "lies on another track than from_clip_id.")


def _refuse_targets(sequence: nouns.Sequence) -> None:
    """Stacks and curves are of records that are there; one stack each, and one curve of a property."""
    known = {
        nouns.Target("sequence", sequence.id),
        *(nouns.Target("track", track.id) for track in sequence.tracks),
        *(nouns.Target("clip", clip.id) for clip in sequence.clips),
    }
    seen: set[tuple[nouns.Target, str]] = set()
    rows = [("filter_stack", one.id, one.target, "") for one in sequence.filter_stacks]
    rows += [("automation", one.id, one.target, one.property) for one in sequence.automation]
    for kind, id, target, of in rows:
        place = of_target(kind, id, target)
        if target not in known:
            raise refuse(UnknownRecord, place, "target_id", f"is {shown(target.id)}, which is no {target.type} of it.")
        if (target, of) in seen:
            what = f"another curve of its {of}" if of else "another filter stack"
            raise refuse(DuplicateRecord, place, "target_id", f"has {what} already.")
        seen.add((target, of))
