"""The cut of a session: kept as a project that is linked to it, read and written as a whole in the words of an export."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import transaction

from media_app.core.time.timebase import format_rate
from render_app.core import cut as cuts
from render_app.core.autocut.changes import Choice, Laid, choices
from render_app.core.cut import Cameras, Cut, NotACut, Switch, laying
from render_app.core.cut.laying import Lane
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.timeline import nouns, snapshot
from render_app.core.timeline.refusals import TimelineRefused
from render_app.models import Clip, Sequence, Track, Transition, VideoProject
from render_app.services import timeline_media, timeline_notices, timeline_rows
from render_app.services.edit import multicam_edit
from render_app.services.timeline_edits import Caller, Edit, editing
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound, StaleVersion
from sessions_app.services import lock_session
from sync_app.services.runs import CURRENT

Values = dict[str, Any]
#: How the project of a session's cut says what it is.
MARK = {"editor": "angles"}
#: Less than any frame.
_TREMBLE_MS = 1
_PROFILE = "social_1080p_h264"


@dataclass(frozen=True, slots=True)
class Point:
    """A switch, and who chose the shot that it begins; None where no automatic cut was made."""

    switch: Switch
    choice: Choice | None


@dataclass(frozen=True, slots=True)
class CutPage:
    """A session's cut as it is kept; `project` is None while nobody has saved one, and the cut its beginning."""

    edit: MulticamEdit
    project: VideoProject | None
    cut: Cut
    rate: Fraction
    warnings: tuple[Values, ...] = ()
    laid: tuple[Laid, ...] = ()

    @property
    def revision(self) -> int:
        """What a change must have seen; 0: that there is none."""
        return self.project.revision if self.project else 0

    @property
    def points(self) -> list[Point]:
        """The switches, each with who chose the shot that it begins, and why."""
        chosen: dict[int, Choice] = {}
        for clip, choice in choices(self.laid):
            begun = [n for n, one in enumerate(self.cut.switches) if one.at_ms <= clip.start_ms + _TREMBLE_MS]
            chosen |= {begun[-1]: choice} if begun else {}
        return [Point(one, chosen.get(number)) for number, one in enumerate(self.cut.switches)]


def read(context: Context, session_id: Any, project_id: Any = None) -> CutPage:
    """A session's cut: of the project that is named, else of the session's own. Raises NotDecided, NotFound, NotACut."""
    edit = multicam_edit(context, session_id)
    project = find(context, session_id, project_id)
    row = _sequence_of(project)
    if project is None or row is None:
        return CutPage(edit, project, _beginning(edit), edit.rate)
    sequence = _noun(row)
    found = laying.cut_of(sequence, str(session_id))
    if found is None:
        return CutPage(edit, project, _beginning(edit), sequence.timebase)
    return CutPage(edit, project, found, sequence.timebase, _warnings(row, sequence), _laid(sequence))


def write(caller: Caller, session_id: Any, cut: Cut, project_id: Any = None) -> CutPage:
    """Keep a cut, as one edit of its project; the first one makes the project.

    Raises NotDecided, NotFound, CutRefused, NotACut, and StaleVersion where another was kept since `caller.revision`.
    """
    edit = multicam_edit(caller.context, session_id)
    with transaction.atomic():
        lock_session(session_id)
        project = find(caller.context, session_id, project_id) or _made(caller, edit)
        with editing(_seen(caller, project), project.pk, "change cut") as change:
            _write(caller, change, edit, cut)
    return read(caller.context, session_id, project.pk)


def find(context: Context, session_id: Any, project_id: Any = None) -> VideoProject | None:
    """The project that is named, of this session; without a name the latest cut of it. Raises NotFound."""
    rows = VideoProject.objects.in_tenant(context).filter(session_id=session_id)
    if project_id is None:
        latest: VideoProject | None = rows.filter(meta__editor=MARK["editor"]).order_by("-created_at", "pk").first()
        return latest
    found: VideoProject | None = rows.filter(pk=project_id).first()
    if found is None:
        raise NotFound(f"This session has no project {project_id}. Check the id.", field="projectId")
    return found


def last_actor(project: VideoProject | None) -> str:
    """Who changed a project last; empty where nobody did."""
    edit = project.edits.order_by("-position").first() if project else None
    return str(edit.actor) if edit else ""


def text_of(words: str, style: Mapping[str, Any]) -> nouns.Text:
    """The text of a title as its clip has it. Raises TimelineRefused."""
    sent = {"text": {"text": words, **style}, "in_ms": 0, "out_ms": 1, "start_ms_on_timeline": 0}
    content = timeline_rows.read("clip", sent).noun.content
    assert isinstance(content, nouns.Text)
    return content


def sync_version(session_id: Any) -> int:
    """The version of a session's sync; 0 where it has none."""
    result = CURRENT.first(session=session_id)
    return result.version if result else 0


def cameras_of(edit: MulticamEdit) -> Cameras:
    """The cameras of a decided session, each with all its clips."""
    return Cameras(
        {label: _span(clips) for label, clips in edit.cameras.items() if any(one.has_picture for one in clips)},
        {label: _span(clips) for label, clips in edit.cameras.items() if any(one.audio_channels for one in clips)},
    )


def _span(clips: Iterable[Angle]) -> tuple[Fraction, Fraction]:
    clips = list(clips)
    return min(one.start for one in clips) * 1000, max(one.end for one in clips) * 1000


def _beginning(edit: MulticamEdit) -> Cut:
    """One camera all along: the master, or the first that has a picture."""
    seen = cameras_of(edit).seen
    if not seen:
        raise NotACut("No camera of this session has a picture, so there is nothing to cut.")
    label = edit.leader.label if edit.leader else next(iter(seen))
    start, end = (cuts.on_frame(ms, edit.rate) for ms in seen[label])
    return cuts.beginning(start, max(end, start + cuts.kept(1000 / edit.rate)), label)


def _sequence_of(project: VideoProject | None) -> Sequence | None:
    return project.sequences.first() if project else None


def _noun(row: Sequence) -> nouns.Sequence:
    """A sequence as a value. Raises NotACut for one that cannot be read."""
    try:
        return snapshot.read(timeline_rows.snapshot_json(row)).sequence
    except TimelineRefused as refused:
        raise NotACut(f"This project cannot be shown as a cut: {refused.message}", details=refused.details) from refused


def _laid(sequence: nouns.Sequence) -> tuple[Laid, ...]:
    """The clips of cameras with what they remember."""
    joined = {one.to_clip_id for one in sequence.transitions}
    return tuple(
        Laid(clip.content.camera_label[:1], float(clip.in_ms), float(clip.out_ms), clip.meta, clip.id in joined)
        for track in sequence.tracks
        if track.kind == "video"
        for clip in track.clips
        if isinstance(clip.content, nouns.CameraReference)
    )


def _warnings(row: Sequence, sequence: nouns.Sequence) -> tuple[Values, ...]:
    """What a person should know of the cut, each with the time of its clip on the master's clock."""
    media = timeline_media.media_of(row.context, sequence)
    _, found = timeline_notices.looked_at(sequence, media)
    at = {clip.id: clip.in_ms for clip in sequence.clips if not isinstance(clip.content, nouns.Text)}
    at |= {one.id: at[one.to_clip_id] for one in sequence.transitions if one.to_clip_id in at}
    return tuple({**one, "at_ms": _place(one, at)} for one in found)


def _place(warning: Values, at: Mapping[str, Fraction]) -> float | None:
    id = str(warning.get("clip_id") or warning.get("transition_id"))
    return float(at[id]) if id in at else None


def _made(caller: Caller, edit: MulticamEdit) -> VideoProject:
    """The project of a cut that is kept for the first time. Raises StaleVersion for a caller who has seen one."""
    if caller.revision:
        message = "The cut you saw no longer exists. Read it again, then repeat this."
        raise StaleVersion(message, field="If-Match", details={"revision": 0})
    title = f"{edit.title[:180]} – cut"
    made: VideoProject = VideoProject.objects.create(
        **caller.stamp(), session_id=edit.session_id, title=title, render_profile=_PROFILE, meta=dict(MARK)
    )
    made.fresh = True  # type: ignore[attr-defined]
    return made


def _seen(caller: Caller, project: VideoProject) -> Caller:
    """A caller who has seen no cut has seen the one that was just made."""
    fresh = getattr(project, "fresh", False)
    return Caller(caller.context, caller.user_id, None if fresh else caller.revision)


def _write(caller: Caller, change: Edit, edit: MulticamEdit, cut: Cut) -> None:
    """Bring a project's sequence to a cut. Raises CutRefused, NotACut."""
    row = _sequence_of(change.project)
    there = None if row is None else _noun(row)
    rate = edit.rate if there is None else there.timebase
    cameras = cameras_of(edit)
    # What cannot be shown as a cut is not overwritten by one.
    before = laying.cut_of(there, edit.session_id) if there is not None else None
    normalized = cuts.normalized(cuts.with_styles(cut, before.titles if before else ()), rate, cameras)
    if row is None:
        row = Sequence(**caller.stamp(), project=change.project, name="Cut", timebase=format_rate(rate))
        change.create(row)
    change.change(row, {"meta": {**row.meta, **laying.meta_of(normalized)}})
    free = _tracks_by_role(row, laying.roles_of(there.tracks) if there else {})
    _write_lanes(_Writing(caller, change, row), laying.lanes_of(normalized, edit.session_id, cameras), free)


@dataclass(frozen=True, slots=True)
class _Writing:
    """A sequence that is being brought to a cut."""

    caller: Caller
    change: Edit
    row: Sequence

    def make(self, model: Callable[..., Any], **columns: Any) -> Any:
        """A new row, stored."""
        made = model(**self.caller.stamp(), **columns)
        self.change.create(made)
        return made


def _write_lanes(writing: _Writing, lanes: Iterable[Lane], free: dict[str, list[Track]]) -> None:
    """Each lane into the free track that plays its part; tracks of sound and words that the cut has not any more go."""
    for lane in lanes:
        tracks = free.get(lane.role, [])
        track = tracks.pop(0) if tracks else writing.make(Track, sequence=writing.row, **lane.fields)
        kept = {"order": track.order} if lane.role != laying.SOUND else {}
        writing.change.change(track, {**lane.fields, **kept})
        clips = _write_clips(writing, track, lane.clips)
        if lane.role == laying.PICTURE:
            _write_joins(writing, clips, lane)
    for track in (one for tracks in free.values() for one in tracks):
        writing.change.delete(track)


def _tracks_by_role(row: Sequence, roles: Mapping[str, str]) -> dict[str, list[Track]]:
    found: dict[str, list[Track]] = {}
    for track in Track.objects.filter(sequence=row):
        if str(track.pk) in roles:
            found.setdefault(roles[str(track.pk)], []).append(track)
    return found


def _write_clips(writing: _Writing, track: Track, wanted: Iterable[Values]) -> list[Clip]:
    """A track's clips: those that begin as before with the same content stay the same record, with all that hangs on it."""
    there: dict[Any, list[Clip]] = {}
    for clip in Clip.objects.filter(track=track):
        there.setdefault(_same(timeline_rows.own_fields("clip", clip)), []).append(clip)
    matched = [(values, _taken(there.get(_same(values)))) for values in wanted]
    for clip in (one for rest in there.values() for one in rest):
        writing.change.delete(clip)
    return [_write_clip(writing, track, values, clip) for values, clip in matched]


def _taken(clips: list[Clip] | None) -> Clip | None:
    return clips.pop(0) if clips else None


def _same(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What stays of a clip when it is trimmed: its camera and its beginning, or its words."""
    words = values.get("text")
    if words:
        return (words["text"],)
    return str(values.get("camera_label")), round(float(values["in_ms"]), 3)


def _write_clip(writing: _Writing, track: Track, values: Values, clip: Clip | None) -> Clip:
    columns = timeline_rows.read("clip", values).columns
    if clip is None:
        ids = {name: timeline_rows.as_id(columns[name]) for name in ("session_id", "asset_id", "artifact_id")}
        made: Clip = writing.make(Clip, track=track, **{**columns, **ids})
        return made
    times = {name: values[name] for name in ("in_ms", "out_ms", "start_ms_on_timeline")}
    meta = {name: one for name, one in clip.meta.items() if name != laying.META}
    words = {"text": columns["text"]} if values.get("text") else {}
    writing.change.change(clip, {**times, **words, "meta": {**meta, **values.get("meta", {})}})
    return clip


def _write_joins(writing: _Writing, clips: list[Clip], lane: Lane) -> None:
    """The transitions between a track's clips, one for each point that has one."""
    wanted = {
        (clips[place - 1].pk, clips[place].pk): join
        for place, join in enumerate(lane.joins)
        if join is not None and place
    }
    there = {(one.from_clip_id, one.to_clip_id): one for one in _joins_of(clips)}
    for pair in there.keys() - wanted.keys():
        writing.change.delete(there[pair])
    for pair, join in wanted.items():
        values = timeline_rows.read("transition", _join_values(pair, join)).columns
        own = {"type": values["type"], "duration_ms": values["duration_ms"]}
        if pair in there:
            writing.change.change(there[pair], own)
        else:
            writing.make(Transition, sequence=writing.row, from_clip_id=pair[0], to_clip_id=pair[1], **own)


def _joins_of(clips: list[Clip]) -> Iterable[Transition]:
    return Transition.objects.filter(from_clip__track_id=clips[0].track_id) if clips else ()


def _join_values(pair: tuple[uuid.UUID, uuid.UUID], join: cuts.Join) -> Values:
    return {
        "type": join.type,
        "duration_ms": float(join.duration_ms),
        "from_clip_id": str(pair[0]),
        "to_clip_id": str(pair[1]),
    }
