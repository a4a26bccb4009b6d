"""A cut as the tracks of a sequence, and back: the picture below, titles above it, sound on tracks of its own unless it follows the picture."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from render_app.core.cut import (
    FOLLOW,
    MIX,
    Cameras,
    Cut,
    Join,
    NotACut,
    Shot,
    Sound,
    Stretch,
    Switch,
    Title,
    kept,
    mix_db,
    outside,
    shots,
)
from render_app.core.cut.tracks import Voice, tracks_of
from render_app.core.timeline.edges import exact, plain_number
from render_app.core.timeline.nouns import CameraReference, Clip, Sequence, Text, Track

Values = dict[str, Any]
#: Tracks of pictures by their order, and those of sound below them.
PICTURE, TITLES, SOUND = "picture", "titles", "sound"
_ORDER = {PICTURE: 0, TITLES: 10, SOUND: -1}
#: How far a clip may stand from the master's clock: less than any frame.
_TREMBLE_MS = Fraction(1, 100)
META = "cut"


@dataclass(frozen=True, slots=True)
class Lane:
    """A track as a cut wants it: its own fields, its clips' fields, and for each clip the transition that leads to it."""

    role: str
    fields: Values
    clips: tuple[Values, ...]
    joins: tuple[Join | None, ...] = ()


def lanes_of(cut: Cut, session_id: str, cameras: Cameras) -> tuple[Lane, ...]:
    """The tracks of a normalized cut."""
    heard = {label: [(kept(start), kept(end))] for label, (start, end) in cameras.heard.items()}
    tracks = tracks_of(shots(cut), cut.sound, heard)
    picture = Lane(
        PICTURE,
        {"kind": "video", "order": _ORDER[PICTURE], "muted": not tracks.follows, "volume_db": tracks.gain_db},
        tuple(_shown(session_id, one, cut.start_ms) for one in tracks.shots),
        tuple(one.switch.join for one in tracks.shots),
    )
    return (picture, *_titles(cut), *_sounds(tracks.voices, session_id, cut.start_ms))


def _shown(session_id: str, shot: Shot, origin: Fraction) -> Values:
    remembered = {"meta": dict(shot.switch.meta)} if shot.switch.meta else {}
    return _camera(session_id, shot.angle, (shot.start_ms, shot.end_ms), origin) | remembered


def _camera(session_id: str, label: str, stretch: Stretch, origin: Fraction) -> Values:
    start, end = stretch
    times = {"in_ms": start, "out_ms": end, "start_ms_on_timeline": start - origin}
    plain = {name: float(plain_number(ms)) for name, ms in times.items()}
    return {"session_id": session_id, "camera_label": label, **plain}


def _titles(cut: Cut) -> Iterator[Lane]:
    """The titles that the range shows, each as long as it shows them; one that is cut off remembers how long it was."""
    clips = []
    for one in cut.titles:
        start, end = max(one.start_ms, cut.start_ms), min(one.end_ms, cut.end_ms)
        if start < end:
            whole = {} if (start, end) == (one.start_ms, one.end_ms) else {META: [_ms(one.start_ms), _ms(one.end_ms)]}
            clips.append(
                {
                    "text": {"text": one.text, **(one.style or {})},
                    "in_ms": 0.0,
                    "out_ms": _ms(end - start),
                    "start_ms_on_timeline": _ms(start - cut.start_ms),
                    "meta": whole,
                }
            )
    if clips:
        yield Lane(TITLES, {"kind": "video", "order": _ORDER[TITLES]}, tuple(clips))


def _sounds(voices: Iterable[Voice], session_id: str, origin: Fraction) -> Iterator[Lane]:
    """A track for each camera that is heard, while it recorded."""
    for number, one in enumerate(voices):
        fields = {"kind": "audio", "order": _ORDER[SOUND] - number, "volume_db": one.gain_db, "muted": False}
        yield Lane(SOUND, fields, (_camera(session_id, one.angle, one.stretch, origin),))


def meta_of(cut: Cut) -> Values:
    """What the sequence remembers besides its tracks: the switches and titles outside the range."""
    switches, titles = outside(cut)
    return {
        META: {
            "startMs": _ms(cut.start_ms),
            "source": cut.sound.source,
            "switchPoints": [_point(one) for one in switches],
            "titles": [_remembered(one) for one in titles],
        }
    }


def _remembered(one: Title) -> Values:
    style = {"style": dict(one.style)} if one.style else {}
    return {"text": one.text, "startMs": _ms(one.start_ms), "endMs": _ms(one.end_ms), **style}


def _point(one: Switch) -> Values:
    join = {"type": one.join.type, "durationMs": _ms(one.join.duration_ms)} if one.join else None
    return {"atMs": _ms(one.at_ms), "angle": one.angle, "transition": join}


def _ms(value: Fraction) -> float:
    return float(plain_number(value))


def cut_of(sequence: Sequence, session_id: str) -> Cut | None:
    """The cut that a sequence is; None for one without clips. Raises NotACut."""
    roles = roles_of(sequence.tracks)
    _refuse_others(sequence.tracks, roles)
    pictures = [track for track in sequence.tracks if roles.get(track.id) == PICTURE]
    if not pictures or not pictures[0].clips:
        return None
    clips = sorted(pictures[0].clips, key=lambda one: one.start_ms)
    origin = _origin(clips, session_id)
    start, end = kept(clips[0].in_ms), kept(origin + clips[-1].end_ms)
    left_out = sequence.meta.get(META) if isinstance(sequence.meta, Mapping) else None
    cut = Cut(start, end, tuple(_switches(sequence, clips, origin)), _sound(sequence.tracks, roles, left_out))
    titles = [
        _title(one, cut, origin) for track in sequence.tracks if roles.get(track.id) == TITLES for one in track.clips
    ]
    return _with_left_out(replace(cut, titles=tuple(titles)), left_out)


def roles_of(tracks: Iterable[Track]) -> dict[str, str]:
    """What each track is to a cut, by its id: pictures of cameras, words, or the sound of cameras."""
    roles: dict[str, str] = {}
    for track in sorted(tracks, key=lambda one: one.order):
        contents = {type(clip.content) for clip in track.clips}
        if track.kind == "audio" and contents <= {CameraReference} and len(_labels(track)) <= 1:
            roles[track.id] = SOUND
        elif track.kind == "video" and contents <= {Text} and (contents or PICTURE in roles.values()):
            roles[track.id] = TITLES
        elif track.kind == "video" and contents <= {CameraReference} and PICTURE not in roles.values():
            roles[track.id] = PICTURE
    return roles


def _labels(track: Track) -> set[str]:
    return {_letter(clip.content) for clip in track.clips if isinstance(clip.content, CameraReference)}


def _refuse_others(tracks: Iterable[Track], roles: Mapping[str, str]) -> None:
    for track in tracks:
        if track.clips and track.id not in roles:
            raise NotACut(
                "This project has more than one picture track of cameras, sound that changes cameras on its own, or other files "
                "next to them, so it cannot be shown as a cut. Change it through the API, or start a new cut of the session.",
                details={"track_id": track.id},
            )


def _origin(clips: list[Clip], session_id: str) -> Fraction:
    """The master's time at the sequence's first frame. Raises NotACut for a clip that is elsewhere than its time."""
    origin = clips[0].in_ms - clips[0].start_ms
    for one in clips:
        content = one.content
        other = not isinstance(content, CameraReference) or content.session_id != session_id
        if other or one.speed != 1 or abs(one.in_ms - one.start_ms - origin) > _TREMBLE_MS:
            raise NotACut(
                "A clip of this project is of another session, has another speed, or was slipped, so the cameras are not in "
                "step. Change it through the API, or start a new cut of the session.",
                details={"clip_id": one.id},
            )
    for before, after in pairwise(clips):
        if after.start_ms - before.end_ms > _TREMBLE_MS:
            raise NotACut(
                "This project has a gap between two clips, which a cut cannot have. Close it through the API, or start a new cut.",
                details={"clip_id": after.id},
            )
    return origin


def _switches(sequence: Sequence, clips: list[Clip], origin: Fraction) -> Iterator[Switch]:
    joins = {one.to_clip_id: Join(one.type, one.duration_ms) for one in sequence.transitions}
    for one in clips:
        assert isinstance(one.content, CameraReference)
        yield Switch(kept(origin + one.start_ms), _letter(one.content), joins.get(one.id))


def _letter(content: CameraReference) -> str:
    """The camera of a key: B of B.2, since a camera is seen with all its clips."""
    return content.camera_label.partition(".")[0]


def _sound(tracks: Iterable[Track], roles: Mapping[str, str], left_out: Any) -> Sound:
    """What is heard; of a source that is silent in the range, as the sequence remembers it."""
    of = {role: [one for one in tracks if roles.get(one.id) == role] for role in (PICTURE, SOUND)}
    heard = [one for one in of[SOUND] if one.clips and not one.muted]
    remembered = left_out.get("source") if isinstance(left_out, Mapping) else None
    if not heard:
        silent = of[PICTURE][0].muted and isinstance(remembered, str)
        return Sound(str(remembered)) if silent else Sound(FOLLOW, of[PICTURE][0].volume_db)
    if len(heard) > 1 or remembered == MIX:
        return Sound(MIX, round(heard[0].volume_db - mix_db(len(heard)), 4))
    content = heard[0].clips[0].content
    assert isinstance(content, CameraReference)
    return Sound(_letter(content), heard[0].volume_db)


def _title(clip: Clip, cut: Cut, origin: Fraction) -> Title:
    """A title, as long as it was before the range cut it off."""
    assert isinstance(clip.content, Text)
    start, end = kept(origin + clip.start_ms), kept(origin + clip.end_ms)
    whole = _numbers(clip.meta.get(META))
    if len(whole) == 2 and start == cut.start_ms:
        start = min(start, whole[0])
    if len(whole) == 2 and end == cut.end_ms:
        end = max(end, whole[1])
    return Title(clip.content.text, start, end, own_style(clip.content))


def own_style(text: Text) -> Values:
    """What of a text is not as it comes, besides its words."""
    plain = asdict(Text(text.text))
    return {name: value for name, value in asdict(text).items() if value != plain[name]}


def _numbers(values: Any) -> list[Fraction]:
    """Times that were remembered; none where what stands there is something else."""
    plain = isinstance(values, list) and all(isinstance(one, int | float) and math.isfinite(one) for one in values)
    return [kept(exact(one)) for one in values] if plain else []


def _with_left_out(cut: Cut, left_out: Any) -> Cut:
    """The cut with the switches and titles that were outside its range; those that stand in the range now are forgotten."""
    if not isinstance(left_out, Mapping):
        return cut
    points = [one for one in map(_read_point, _rows(left_out, "switchPoints")) if one]
    there = [one for one in points if not cut.start_ms <= one.at_ms < cut.end_ms]
    before = [one for one in there if one.at_ms < cut.start_ms]
    own = cut.switches
    # The first clip repeats what was in force before the range.
    if before and before[-1].angle == own[0].angle:
        own = own[1:]
    switches = sorted([*there, *own], key=lambda one: one.at_ms)
    titles = [one for one in map(_read_title, _rows(left_out, "titles")) if one]
    return replace(cut, switches=tuple(switches), titles=(*cut.titles, *titles))


def _rows(left_out: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    rows = left_out.get(name)
    return [one for one in rows if isinstance(one, Mapping)] if isinstance(rows, list) else []


def _read_point(row: Mapping[str, Any]) -> Switch | None:
    at, angle, join = _numbers([row.get("atMs")]), row.get("angle"), row.get("transition")
    if not at or not isinstance(angle, str):
        return None
    length = _numbers([join.get("durationMs")]) if isinstance(join, Mapping) else []
    made = Join(str(join["type"]), length[0]) if length and isinstance(join, Mapping) and "type" in join else None
    return Switch(at[0], angle, made)


def _read_title(row: Mapping[str, Any]) -> Title | None:
    times, text = _numbers([row.get("startMs"), row.get("endMs")]), row.get("text")
    if len(times) != 2 or not isinstance(text, str) or times[0] >= times[1]:
        return None
    style = row.get("style")
    return Title(text, times[0], times[1], dict(style) if isinstance(style, Mapping) else {})
