"""Files of an edit → cameras of a session. Editing programs hand back plain files; where these still lie beside each other as the approved
sync lays them, they are shots of its cameras, which the angle editor opens.

A clip shows its file's frame for a while: whenever on the master's clock the timeline begins, within that while, the camera shows the same
frame at the clip's start. The timeline begins on the frame of the master's grid that the most clips agree upon.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import median
from typing import Any

from media_app.core.time.timebase import parse_rate
from render_app.core.edit.angle import Angle, Line
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.exchange.rebuilding import Json, Rebuilt, kept_ms
from render_app.core.timeline.edges import EPSILON_MS, edge_ms, exact, source_frame
from render_app.core.timeline.media import SLACK_MS

#: Clips that are named; of more the number is said.
MOST_NAMED = 100
#: Times are kept to less than this, in ms.
_TREMBLE_MS = Fraction(1, 100)
_TIMES = frozenset({"id", "in_ms", "out_ms", "start_ms_on_timeline"})


@dataclass(frozen=True, slots=True)
class _Shot:
    """A clip of a camera's file. The camera shows its first frame at its start where the timeline begins from `low` to `high`, in ms on
    the master's clock."""

    angle: Angle
    start: Fraction
    low: Fraction
    high: Fraction

    def frames_off(self, origin: int, rate: Fraction) -> int:
        """How many frames of the timeline earlier (negative) or later the sync has the clip."""
        begin, first, last = edge_ms(origin, rate), *self.frames(rate)
        if self.low <= begin < self.high:
            return 0
        return first - origin if origin < first else last - origin

    def frames(self, rate: Fraction) -> tuple[int, int]:
        """The first and the last frame of the master's grid that it agrees with; one before the other where it fits between two."""
        return math.ceil(self.low * rate / 1000), math.ceil(self.high * rate / 1000) - 1


def as_cameras(rebuilt: Rebuilt, shoot: MulticamEdit) -> Rebuilt:
    """The edit with cameras in the place of their files. What stays a file is among the notes, with the reason."""
    turning = _Turning(rebuilt.sequence, shoot)
    if not turning.files:
        return rebuilt
    origin = turning.origin()
    if origin is None:
        return replace(rebuilt, notes=(*rebuilt.notes, *turning.notes()))
    return replace(rebuilt, sequence=turning.turned(origin), notes=(*rebuilt.notes, *turning.notes()))


@dataclass
class _Turning:
    """One edit on its way. `shots`: clips that may be of a camera, `stay`: those that stay files and why, both by the clip's id;
    `beside`: by how many frames each shot was out of step."""

    sequence: Json
    shoot: MulticamEdit
    rate: Fraction = field(init=False)
    shots: dict[str, _Shot] = field(default_factory=dict)
    stay: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    beside: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rate = parse_rate(self.sequence["timebase"])
        self.angles = {angle.asset_id: angle for angle in self.shoot.angles}
        self.files = [
            (track, clip) for track in self.sequence["tracks"] for clip in track["clips"] if "asset_id" in clip
        ]
        for _, clip in self.files:
            found = _shot(clip, self.angles.get(clip["asset_id"]), self.rate)
            if isinstance(found, _Shot):
                self.shots[clip["id"]] = found
            else:
                self.stay[clip["id"]] = found

    def origin(self) -> int | None:
        """The frame of the master's grid on which the timeline begins; None where no two clips agree."""
        seen = [
            self.shots[clip["id"]]
            for track, clip in self.files
            if track["kind"] == "video" and clip["id"] in self.shots
        ]
        voters = seen or list(self.shots.values())
        found, agree = _agreed(voters, self.rate, self.shoot.master)
        if found is None or (agree == 1 < len(voters)):
            self.stay = dict.fromkeys(self.shots, "no two clips lie beside each other as the sync has them") | self.stay
            return None
        return found

    def turned(self, origin: int) -> Json:
        """The sequence with cameras: adjacent pieces of one are one, and a track of sound that is that of the pictures is theirs."""
        ids: dict[str, str] = {}
        joins = {(one["from_clip_id"], one["to_clip_id"]) for one in self.sequence["transitions"]}
        tracks = [
            {**track, "clips": _merged([self._clip(clip, origin) for clip in track["clips"]], joins, ids)}
            for track in self.sequence["tracks"]
        ]
        count, whole = len(self.files) - len(self.stay), len(self.files)
        begin = float(edge_ms(origin, self.rate) / 1000)
        if off := [one for one in self.beside if one]:
            most = f"up to {max(off)} frames" if max(off) > 1 else "a frame"
            self.said.append(f"{len(off)} of them were {most} out of sync; they are in sync now.")
        self.said.append(
            f"{count} of {whole} clips are shots of the session's cameras; the edit begins at {begin:+.3f} s on the master's clock."
        )
        tracks = _without_doubles(tracks, self.shoot)
        there = {clip["id"] for track in tracks for clip in track["clips"]}
        renamed = [
            {**one, **{end: ids.get(one[end], one[end]) for end in ("from_clip_id", "to_clip_id")}}
            for one in self.sequence["transitions"]
        ]
        transitions = [one for one in renamed if {one["from_clip_id"], one["to_clip_id"]} <= there]
        return {**self.sequence, "tracks": tracks, "transitions": transitions}

    def _clip(self, clip: Json, origin: int) -> Json:
        shot = self.shots.get(clip["id"])
        if shot is None:
            return clip
        begin, off = edge_ms(origin, self.rate) + shot.start, shot.frames_off(origin, self.rate)
        if abs(off) > 1 + self._drift_frames(shot.angle):
            late = f"{abs(off)} frames {'later' if off > 0 else 'earlier'}"
            self.stay[clip["id"]] = f"it begins {late} in its file than the sync has it there"
            return clip
        if begin < shot.angle.start * 1000 - SLACK_MS:
            self.stay[clip["id"]] = "in the sync its camera begins a frame later"
            return clip
        end = begin + exact(clip["out_ms"]) - exact(clip["in_ms"])
        until = min(end, max(begin, shot.angle.end * 1000))
        if end - until > edge_ms(1, self.rate):
            self.said.append(
                f"{self._named(clip)} ends {float(end - until):.0f} ms earlier: its camera's clock drifts."
            )
        self.beside.append(abs(off))
        made = {name: value for name, value in clip.items() if name != "asset_id"}
        of = {"session_id": self.shoot.session_id, "camera_label": shot.angle.label}
        return {**made, **of, "in_ms": kept_ms(begin), "out_ms": kept_ms(until)}

    def _drift_frames(self, angle: Angle) -> int:
        """By how many frames a camera's clock runs away over the edit: programs do not undo it."""
        ends = [
            exact(clip["start_ms_on_timeline"]) + exact(clip["out_ms"]) - exact(clip["in_ms"]) for _, clip in self.files
        ]
        drift = max(abs(line.pace - 1) for line in angle.lines)
        return math.ceil(max(ends) * drift * self.rate / 1000)

    def _named(self, clip: Json) -> str:
        angle = self.angles.get(clip["asset_id"])
        name = f"Camera {angle.camera} ({angle.original_filename})" if angle else "A file"
        return f"{name} at {float(clip['start_ms_on_timeline']) / 1000:.2f} s"

    def notes(self) -> Iterator[str]:
        """What became of the clips, as sentences."""
        left = [
            f"{self._named(clip)} stays a file: {self.stay[clip['id']]}."
            for _, clip in self.files
            if clip["id"] in self.stay
        ]
        lines = [*self.said[::-1], *left]
        yield from lines[:MOST_NAMED]
        if len(lines) > MOST_NAMED:
            yield f"And {len(lines) - MOST_NAMED} more."


def _shot(clip: Json, angle: Angle | None, rate: Fraction) -> _Shot | str:
    """A clip as a shot of its camera, or why it cannot be one."""
    begin, start = exact(clip["in_ms"]), exact(clip["start_ms_on_timeline"])
    last = exact(clip["out_ms"]) - edge_ms(1, rate)
    if angle is None:
        return "it is not in the approved sync"
    if clip["speed"] != 1:
        return f"it plays {clip['speed']:g} times as fast"
    line = _line_at(angle, begin)
    if _line_at(angle, max(begin, last)) != line:
        return "it lies across a pause of its camera"
    if angle.has_picture:
        shown = source_frame(begin, angle.rate)
        while_seen = [edge_ms(frame, angle.rate) - EPSILON_MS for frame in (shown, shown + 1)]
    else:
        while_seen = [begin - edge_ms(1, rate) / 2, begin + edge_ms(1, rate) / 2]
    low, high = (line.on_master(ms / 1000) * 1000 - start for ms in while_seen)
    return _Shot(angle, start, low, high)


def _line_at(angle: Angle, ms: Fraction) -> Line:
    """The line of a camera's clock that a time of its file lies on."""
    reached = [line for line in angle.lines if line.begin * 1000 <= ms + EPSILON_MS]
    return reached[-1] if reached else angle.lines[0]


def _agreed(shots: list[_Shot], rate: Fraction, master: str) -> tuple[int | None, int]:
    """The frame that most shots agree upon within a frame, and how many. It and its neighbors being as good, it is that which most shots of
    the master begin with exactly, whose frames are the grid, then most of all, then that in their middle."""
    near: Counter[int] = Counter()
    just: Counter[int] = Counter()
    masters: Counter[int] = Counter()
    for shot in shots:
        first, last = shot.frames(rate)
        near.update(range(first - 1, last + 2))
        just.update(range(first, last + 1))
        masters.update(range(first, last + 1) if shot.angle.camera == master else ())
    if not near:
        return None, 0
    agree = max(near.values())
    around = {frame + by for frame, count in near.items() if count == agree for by in (-1, 0, 1)}
    most = max((masters[frame], just[frame], near[frame]) for frame in around)
    best = [frame for frame in around if (masters[frame], just[frame], near[frame]) == most]
    there = [shot for shot in shots if any(abs(shot.frames_off(frame, rate)) <= 1 for frame in best)]
    middle = median((shot.low + shot.high) / 2 for shot in there)
    return min(best, key=lambda frame: (abs(edge_ms(frame, rate) - middle), frame)), agree


def _merged(clips: list[Json], joins: set[tuple[str, str]], ids: dict[str, str]) -> list[Json]:
    """The clips of a track, adjacent pieces of one camera as one. `ids` gets the id under which each piece is found."""
    kept: list[Json] = []
    last = ""
    for clip in sorted(clips, key=lambda one: float(one["start_ms_on_timeline"])):
        if kept and (last, clip["id"]) not in joins and _goes_on(kept[-1], clip):
            ids[clip["id"]] = kept[-1]["id"]
            kept[-1] = {**kept[-1], "out_ms": clip["out_ms"]}
        else:
            kept.append(clip)
        last = clip["id"]
    return kept


def _goes_on(before: Json, clip: Json) -> bool:
    if "camera_label" not in clip or _looks(before) != _looks(clip):
        return False
    return abs(exact(clip["in_ms"]) - exact(before["out_ms"])) < _TREMBLE_MS


def _looks(clip: Json) -> Mapping[str, Any]:
    return {name: value for name, value in clip.items() if name not in _TIMES}


def _without_doubles(tracks: list[Json], shoot: MulticamEdit) -> list[Json]:
    """The tracks without those of sound that say no more than one of the pictures, which sounds by itself."""
    silent = {label for label, angles in shoot.cameras.items() if not any(one.has_audio for one in angles)}
    doubled: dict[str, str] = {}
    for sound in (one for one in tracks if one["kind"] == "audio" and one["clips"]):
        for picture in (one for one in tracks if one["kind"] == "video" and one["clips"]):
            if _doubles(sound["clips"], picture["clips"], silent):
                doubled[sound["id"]] = picture["id"]
                break
    loud = set(doubled.values())
    return [
        {**track, "muted": False} if track["id"] in loud else track for track in tracks if track["id"] not in doubled
    ]


def _doubles(sounds: Iterable[Json], pictures: Iterable[Json], silent: set[str]) -> bool:
    heard = {_span(one) for one in sounds}
    seen = {_span(one): one.get("camera_label") for one in pictures if "text" not in one}
    return heard <= seen.keys() and all(label in silent for span, label in seen.items() if span not in heard)


def _span(clip: Json) -> tuple[Any, ...]:
    """What a clip plays and where, to compare."""
    content = (clip.get("camera_label"), clip.get("asset_id"), clip["speed"], clip.get("volume_db"))
    return (*content, *(round(float(clip[name]), 2) for name in ("in_ms", "out_ms", "start_ms_on_timeline")))
