"""An edit that came back → a sequence. What Studio wrote and nobody touched is taken as it was; a clip of ours that was moved or trimmed keeps
everything but its times; any other clip is made of the file that it matches. What has no file leaves a gap, and is listed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from media_app.core.time.timebase import format_rate, parse_rate
from render_app.core import catalogue
from render_app.core.exchange.found import BadEdit, Found, FoundClip, FoundJoin, FoundTrack
from render_app.core.exchange.matching import Match, NoMatch
from render_app.core.timeline import nouns, snapshot
from render_app.core.timeline.edges import edge_ms, plain_number
from render_app.core.timeline.refusals import TimelineRefused

Json = dict[str, Any]
Matching = Callable[[FoundClip], Match | NoMatch]
Known = Mapping[str, frozenset[str]]
#: Below a millionth of a millisecond times are the same decimal.
PLACES = 6


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A clip that has no file here."""

    name: str
    track: str
    start_ms: float | int
    reason: str
    reel: str = ""

    @property
    def as_json(self) -> Json:
        """As an answer lists it."""
        return {
            "name": self.name,
            "reel": self.reel,
            "track": self.track,
            "start_ms": self.start_ms,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A sequence as a snapshot, what has no file, and what else was left out; `notes`: what a person should know besides."""

    sequence: Json
    unmatched: tuple[Unmatched, ...]
    ignored: tuple[str, ...]
    untouched: bool = False
    notes: tuple[str, ...] = ()

    @property
    def clips(self) -> int:
        """How many clips it has."""
        return sum(len(track["clips"]) for track in self.sequence["tracks"])


def own_sequence(found: Found) -> nouns.Sequence | None:
    """The sequence that Studio wrote into an edit; None where it wrote none. Raises BadEdit for one that was changed by hand."""
    sent = found.own.get("sequence")
    if sent is None:
        return None
    try:
        return snapshot.read(sent).sequence
    except (TimelineRefused, ValueError) as error:
        message = f"The Studio data in the file cannot be read: {error}"
        raise BadEdit(f"{message} Export the edit again.", field="file") from None


def rebuild(found: Found, own: nouns.Sequence | None, known: Known, matching: Matching) -> Rebuilt:
    """The sequence of an edit. `known`: the clips of `own` whose media are here, each with the names that its file may have."""
    if own is not None and is_untouched(found, own):
        return _as_it_was(own, known, found)
    return _Rebuilding(found, own, known, matching).whole()


def is_untouched(found: Found, own: nouns.Sequence) -> bool:
    """Whether every part of an edit lies where Studio wrote it, and none is missing or new."""
    return (
        found.rate == own.timebase
        and found.own.get("tracks") == len(found.tracks)
        and all(_is_track_untouched(track) for track in found.tracks)
    )


def _is_track_untouched(track: FoundTrack) -> bool:
    counts = (track.own.get("events"), track.own.get("joins"))
    return (
        counts == (len(track.clips), len(track.joins))
        and all(is_as_laid(clip) for clip in track.clips)
        and all(one.own.get("laid") == [one.into, one.before, one.after] for one in track.joins)
    )


def is_as_laid(clip: FoundClip) -> bool:
    """Whether a clip is where, and begins with the frame that, Studio wrote."""
    laid = clip.own.get("laid")
    if not (isinstance(laid, list) and len(laid) == 4 and isinstance(laid[3], str)):
        return False
    try:
        unit = parse_rate(laid[3])
    except ValueError:
        return False
    return laid[:2] == [clip.at, clip.end] and laid[2] == clip.source * unit and clip.own.get("file") == clip.media.name


def _as_it_was(own: nouns.Sequence, known: Known, found: Found) -> Rebuilt:
    """Studio's own sequence, but for clips whose media are not here."""
    whole = snapshot.written(own)
    gone = [
        Unmatched(_name_of(clip), track.id, plain_number(clip.start_ms), "Its file is not in Studio.")
        for track in own.tracks
        for clip in track.clips
        if clip.id not in known
    ]
    for track in whole["tracks"]:
        track["clips"] = [clip for clip in track["clips"] if clip["id"] in known]
    return Rebuilt(
        _with_what_stands(whole, whole, {id: id for id in known}), tuple(gone), found.ignored, untouched=True
    )


def _name_of(clip: nouns.Clip) -> str:
    content = clip.content
    if isinstance(content, nouns.CameraReference):
        return f"Camera {content.camera_label}"
    return content.asset_id if isinstance(content, nouns.MediaReference) else type(content).__name__.lower()


def _with_what_stands(whole: Json, own: Json, ids: Mapping[str, str]) -> Json:
    """The sequence with the transitions, filters and curves of `own` whose records are still there. `ids`: a clip's own id → its new one."""
    tracks = {track["id"] for track in whole["tracks"]}
    there = {("sequence", own["id"]): own["id"], **{("track", id): id for id in tracks}}
    there |= {("clip", id): new for id, new in ids.items()}
    whole["transitions"] = [
        one for one in whole["transitions"] if one["from_clip_id"] in ids.values() and one["to_clip_id"] in ids.values()
    ]
    for name in ("filter_stacks", "automation"):
        rows = [one for one in own[name] if (one["target_type"], one["target_id"]) in there]
        whole[name] = [{**one, "target_id": there[one["target_type"], one["target_id"]]} for one in rows]
    return whole


@dataclass
class _Rebuilding:
    """One edit on its way to a sequence."""

    found: Found
    own: nouns.Sequence | None
    known: Known
    matching: Matching
    unmatched: list[Unmatched] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    transitions: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._written = snapshot.written(self.own) if self.own is not None else None
        self._tracks = {track["id"]: track for track in self._written["tracks"]} if self._written else {}
        self._clips = {clip["id"]: clip for track in self._tracks.values() for clip in track["clips"]}
        self._nouns = {clip.id: clip for clip in self.own.clips} if self.own is not None else {}

    def whole(self) -> Rebuilt:
        """The sequence, and what has no file."""
        written = self._written
        tracks = [self._track(number, track) for number, track in enumerate(self._taken())]
        made: Json = {
            "id": written["id"] if written else "sequence",
            "name": written["name"] if written else self.found.title,
            "timebase": format_rate(self.found.rate),
            "meta": written["meta"] if written else {},
            "tracks": tracks,
            "transitions": self.transitions,
            "filter_stacks": [],
            "automation": [],
        }
        if written is not None:
            made = _with_what_stands(made, written, self.ids)
        return Rebuilt(made, tuple(self.unmatched), self.found.ignored)

    def _taken(self) -> list[FoundTrack]:
        """The tracks of an edit without those that are the sound of Studio's own tracks of pictures."""
        seen = {track.own.get("trackId") for track in self.found.tracks if not track.sounds}
        return [track for track in self.found.tracks if not (track.sounds and track.own.get("trackId") in seen)]

    def _track(self, number: int, track: FoundTrack) -> Json:
        own = self._tracks.get(str(track.own.get("trackId")))
        # Where an edit has tracks of sound, a track of pictures is pictures alone.
        alone = track.kind == "video" and any(one.kind == "audio" for one in self.found.tracks)
        fields = {**own} if own else {"kind": track.kind, "order": number, "muted": alone}
        fields |= {"id": own["id"] if own else f"track-{number}", "clips": []}
        places: dict[int, Json] = {}
        name = track.name or f"{track.kind} {number + 1}"
        for place, clip in enumerate(track.clips):
            if made := self._clip(f"{number}-{place}", clip, name):
                places[place] = made
        for join in track.joins:
            if join.into in places and join.into - 1 in places:
                self._transition(f"{number}-{join.into}", (places[join.into - 1], places[join.into]), join)
        fields["clips"] = list(places.values())
        return fields

    def _clip(self, id: str, clip: FoundClip, track: str) -> Json | None:
        """A clip of ours with other times, or one of the file that it matches; None, and listed, without one."""
        own = str(clip.own.get("clipId"))
        if own in self._nouns and clip.media.name in self.known.get(own, ()):
            self.ids.setdefault(own, id)
            fields = self._clips[own]
            if clip.own.get("parts") == 1 and is_as_laid(clip):
                return {**fields, "id": id}
            return {**fields, "id": id, **self._times(self._moved(clip, self._nouns[own]), clip)}
        if "text" in clip.looks:
            return {"id": id, **clip.looks, **self._times(Fraction(0), clip)}
        found = self.matching(clip)
        if isinstance(found, NoMatch):
            start = plain_number(edge_ms(clip.at, self.found.rate))
            self.unmatched.append(Unmatched(clip.media.name or clip.name, track, start, found.reason, clip.media.reel))
            return None
        made: Json = {"id": id, "asset_id": found.asset_id, "volume_db": clip.volume_db, **clip.looks}
        made |= self._times(found.begin_ms, clip)
        made["out_ms"] = kept_ms(min(Fraction(repr(float(made["out_ms"]))), found.end_ms))
        return made if made["out_ms"] > made["in_ms"] else None

    def _moved(self, clip: FoundClip, own: nouns.Clip) -> Fraction:
        """The time of its content with which a clip of ours begins now: where it began, and how far its file was moved on."""
        laid = clip.own["laid"]
        try:
            unit, before = parse_rate(laid[3]), edge_ms(int(laid[0]), self.found.rate)
            passed = clip.source - Fraction(laid[2]) / unit
        except (ValueError, TypeError, IndexError):
            raise BadEdit(
                "The Studio data of a clip in the file was changed. Export the edit again.", field="file"
            ) from None
        return own.source_ms(before) + passed * 1000

    def _times(self, begin_ms: Fraction, clip: FoundClip) -> Json:
        start, end = (edge_ms(frame, self.found.rate) for frame in (clip.at, clip.end))
        return {
            "in_ms": kept_ms(begin_ms),
            "out_ms": kept_ms(begin_ms + (end - start) * clip.speed),
            "start_ms_on_timeline": kept_ms(start),
            "speed": plain_number(clip.speed),
        }

    def _transition(self, id: str, clips: tuple[Json, Json], join: FoundJoin) -> None:
        """A transition on the frames that it had: the clips overlap by them."""
        first, second = clips
        before, after = (edge_ms(frames, self.found.rate) for frames in (join.before, join.after))
        type = join.type if join.type in catalogue.transitions() else "crossfade"
        if not before + after:
            return
        begin = Fraction(repr(float(second["in_ms"]))) - before * Fraction(repr(float(second.get("speed", 1))))
        if begin < 0 and "session_id" not in second:
            return
        end = Fraction(repr(float(first["out_ms"]))) + after * Fraction(repr(float(first.get("speed", 1))))
        start = Fraction(repr(float(second["start_ms_on_timeline"]))) - before
        first["out_ms"], second["in_ms"], second["start_ms_on_timeline"] = (
            kept_ms(end),
            kept_ms(begin),
            kept_ms(max(start, Fraction(0))),
        )
        self.transitions.append(
            {
                "id": id,
                "type": type,
                "duration_ms": kept_ms(before + after),
                "from_clip_id": first["id"],
                "to_clip_id": second["id"],
            }
        )


def kept_ms(value: Fraction) -> float | int:
    """A time as it is stored."""
    return plain_number(Fraction(round(value * 10**PLACES), 10**PLACES))
