"""An edited file taken back: read, matched to the tenant's files, and kept as a new project."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from operator import or_
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.db.models import Q

from media_app.models import MediaAsset
from render_app.core.edit.angle import Angle
from render_app.core.edit.media import CHOICES, has, names_of
from render_app.core.exchange.found import Found, FoundClip
from render_app.core.exchange.matching import Candidate, Match, NoMatch, candidates_of, match
from render_app.core.exchange.rebuilding import Known, Rebuilt, Unmatched, own_sequence, rebuild
from render_app.core.exchange.turning import as_cameras
from render_app.core.timeline import build, nouns, snapshot
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.edges import plain_number
from render_app.core.timeline.media import Media, Reference, check_media
from render_app.core.timeline.refusals import TimelineRefused
from render_app.exchange import formats
from render_app.exchange.base import one_line
from render_app.models import AutomationCurve, Clip, FilterStack, Sequence, Track, Transition, VideoProject
from render_app.services import projects, timeline_media, timeline_rows
from render_app.services.edit import multicam_edit, recorded_angle
from render_app.services.timeline_edits import Caller, Edit, editing
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.services import get_session

#: The profile of a project that does not say another.
PROFILE = "social_1080p_h264"
#: Names asked for at once.
BATCH = 100
#: Records of an edit that are left out since they contradict its media, before the edit is refused as a whole.
MOST_FAULTS = 200


class NothingMatched(TimelineRefused):
    """No clip of an edit has its file here."""

    code = "nothing_matched"


@dataclass(frozen=True, slots=True)
class Sent:
    """An edit as it was sent: its format and bytes; a title for the project, the session whose files are meant, and the rate, where the format
    does not say it."""

    format: str
    body: bytes
    title: str = ""
    session_id: str | None = None
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """The project that was made, what of the edit is not in it, and what became of its clips."""

    project: VideoProject
    sequence: Sequence
    clips: int
    untouched: bool
    unmatched: tuple[Unmatched, ...]
    ignored: tuple[str, ...]
    notes: tuple[str, ...] = ()


def readable() -> list[str]:
    """The formats that are taken back."""
    return [name for name, known in formats().items() if known.read is not None]


def import_edit(caller: Caller, sent: Sent) -> Imported:
    """A new project of an edit. Raises InvalidInput, BadEdit, NotFound, NothingMatched, and what a project's making raises."""
    read = _reader(sent.format)
    session_id = get_session(caller.context, sent.session_id).pk if sent.session_id else None
    found = read(sent.body, sent.rate)
    own = own_sequence(found)
    candidates = _candidates(caller.context, found, session_id)
    known = _known(caller.context, own, candidates)

    def matching(clip: FoundClip) -> Match | NoMatch:
        return match(clip, candidates, found.rate)

    rebuilt = rebuild(found, own, known, matching)
    if session_id is not None and own is None:
        rebuilt = _of_cameras(caller.context, session_id, rebuilt)
    rebuilt, sequence = _accepted(caller.context, rebuilt)
    if not sequence.clips:
        message = "No clip of this edit has its file in Studio. Upload the files, or check their names."
        raise _listing(NothingMatched(message, field="file"), rebuilt)
    title = one_line(sent.title or found.title, 200) or "Imported edit"
    return _kept(caller, (title, session_id), rebuilt, sequence)


def _listing(refused: TimelineRefused, rebuilt: Rebuilt) -> TimelineRefused:
    """The refusal of an edit with all that was not taken of it, so that a person can mend the file."""
    refused.details |= {
        "unmatched": [one.as_json for one in rebuilt.unmatched[:MOST_FAULTS]],
        "ignored": list(rebuilt.ignored[:MOST_FAULTS]),
    }
    return refused


def _reader(name: str) -> Callable[[bytes, Fraction | None], Found]:
    """What reads a format. Raises InvalidInput."""
    choices = readable()
    read = formats()[name].read if name in choices else None
    if read is None:
        message = f"This format does not exist. Choose one of {', '.join(choices)}."
        raise InvalidInput(message, field="format", details={"choices": choices})
    return read


def _candidates(context: Context, found: Found, session_id: Any) -> list[Candidate]:
    """The tenant's files of the names that an edit has."""
    media = [clip.media for track in found.tracks for clip in track.clips]
    names = {name for one in media for name in (one.name, one.reel) if name}
    rows = MediaAsset.objects.in_tenant(context).inspected().prefetch_related("derivatives")
    rows = rows.filter(kind__in=(MediaAsset.Kind.VIDEO, MediaAsset.Kind.AUDIO))
    if session_id is not None:
        rows = rows.filter(session=session_id)
    assets: dict[Any, MediaAsset] = {}
    wanted = sorted(names)
    for at in range(0, len(wanted), BATCH):
        some = reduce(or_, map(_named, wanted[at : at + BATCH]))
        assets |= {row.pk: row for row in rows.filter(some)}
    return [one for asset in assets.values() for one in candidates_of(_angle(asset))]


def _named(name: str) -> Q:
    """Files of a name; of a copy's, the original; of one without extension, any."""
    stem = PurePosixPath(name).stem.removesuffix(".mezzanine").removesuffix(".proxy")
    return Q(original_filename__iexact=name) | Q(original_filename__istartswith=f"{stem}.")


def _angle(asset: MediaAsset) -> Angle:
    return replace(recorded_angle(asset, str), camera=asset.camera_key)


def _known(context: Context, own: nouns.Sequence | None, candidates: list[Candidate]) -> Known:
    """The clips of Studio's own sequence whose media are in the tenant, with the names that their files may have."""
    if own is None:
        return {}
    facts = timeline_media.facts_of(
        context, {clip.content for clip in own.clips if isinstance(clip.content, Reference)}
    )
    names = _names(context, own)
    return {
        clip.id: names.get(clip.content, frozenset()) if isinstance(clip.content, Reference) else frozenset()
        for clip in own.clips
        if not isinstance(clip.content, Reference) or clip.content in facts
    }


def _names(context: Context, own: nouns.Sequence) -> Mapping[Reference, frozenset[str]]:
    """The names of the files of each content, copies included."""
    contents = {clip.content for clip in own.clips if isinstance(clip.content, Reference)}
    files = {one: as_id(one.asset_id) for one in contents if isinstance(one, nouns.MediaReference)}
    cameras = [one for one in contents if isinstance(one, nouns.CameraReference)]
    of_sessions = Q(session__in=[id for one in cameras if (id := as_id(one.session_id))])
    rows = MediaAsset.objects.in_tenant(context).inspected().prefetch_related("derivatives")
    angles = [(row, _angle(row)) for row in rows.filter(Q(pk__in=[id for id in files.values() if id]) | of_sessions)]
    found: dict[Reference, frozenset[str]] = {}
    for one, id in files.items():
        found[one] = _all_names(angle for row, angle in angles if row.pk == id)
    for camera in cameras:
        here = (angle for row, angle in angles if row.session_id == as_id(camera.session_id))
        found[camera] = _all_names(timeline_media.angles_of(tuple(here), camera.camera_label))
    return found


def _all_names(angles: Iterable[Angle]) -> frozenset[str]:
    return frozenset(
        one_line(name)
        for angle in angles
        for choice in CHOICES
        if has(angle, choice)
        for name in names_of([angle], choice)
    )


def _of_cameras(context: Context, session_id: Any, rebuilt: Rebuilt) -> Rebuilt:
    """The edit with the session's cameras in the place of their files; as it is, with the reason, where its sync cannot be used."""
    try:
        return as_cameras(rebuilt, multicam_edit(context, session_id))
    except StudioError as why:
        return replace(rebuilt, notes=(*rebuilt.notes, f"The clips stay files. {why.message}"))


def _accepted(context: Context, rebuilt: Rebuilt) -> tuple[Rebuilt, nouns.Sequence]:
    """The sequence without the records that its media contradict; each of them is listed."""
    facts = timeline_media.media_of(context, snapshot.read(rebuilt.sequence).sequence)
    # A file that is still being ingested may be cut before it can be rendered.
    media = {of: replace(one, fault="") for of, one in facts.items()}
    for _ in range(MOST_FAULTS):
        sequence = snapshot.read(rebuilt.sequence).sequence
        try:
            check_media(sequence, media)
            lay_transitions(sequence, media, sequence.timebase)
        except TimelineRefused as refused:
            rebuilt = _without(rebuilt, (sequence, media), refused)
        else:
            return rebuilt, sequence
    message = "Too many clips of this edit use more than their files have. Check which files it was made of."
    raise _listing(NothingMatched(message, field="file"), rebuilt)


def _without(rebuilt: Rebuilt, at: tuple[nouns.Sequence, Media], refused: TimelineRefused) -> Rebuilt:
    """What is left without the record at fault. Raises the refusal where it names none that can go."""
    sequence, media = at
    whole, clip, transition = rebuilt.sequence, refused.details.get("clip_id"), refused.details.get("transition_id")
    if transition is not None:
        kept = [one for one in whole["transitions"] if one["id"] != transition]
        said = f"A transition: {refused.message}"
        return replace(rebuilt, sequence={**whole, "transitions": kept}, ignored=(*rebuilt.ignored, said))
    found = next((one for one in sequence.clips if one.id == clip), None)
    if found is None:
        raise _listing(refused, rebuilt)
    tracks = [{**track, "clips": [one for one in track["clips"] if one["id"] != clip]} for track in whole["tracks"]]
    kept = [one for one in whole["transitions"] if clip not in (one["from_clip_id"], one["to_clip_id"])]
    of_others = {
        name: [one for one in whole[name] if (one["target_type"], one["target_id"]) != ("clip", clip)]
        for name in ("filter_stacks", "automation")
    }
    facts = media.get(found.content) if isinstance(found.content, Reference) else None
    gone = Unmatched(facts.name if facts else "", "", plain_number(found.start_ms), refused.message)
    whole = {**whole, "tracks": tracks, "transitions": kept, **of_others}
    return replace(rebuilt, sequence=whole, unmatched=(*rebuilt.unmatched, gone))


def _kept(caller: Caller, about: tuple[str, Any], rebuilt: Rebuilt, sequence: nouns.Sequence) -> Imported:
    title, session_id = about
    values: dict[str, Any] = {"title": title, "render_profile": PROFILE}
    if session_id is not None:
        values["session_id"] = str(session_id)
    with transaction.atomic():
        project = projects.create(caller, values)
        with editing(replace(caller, revision=None), project.pk, "import an edit") as edit:
            row = _Rows(caller, edit).write(rebuilt.sequence)
    project.refresh_from_db()
    return Imported(
        project,
        row,
        len(sequence.clips),
        rebuilt.untouched and not rebuilt.unmatched,
        rebuilt.unmatched,
        rebuilt.ignored,
        rebuilt.notes,
    )


class _Rows:
    """The rows of a snapshot, under new ids, in one edit."""

    def __init__(self, caller: Caller, edit: Edit) -> None:
        self.caller, self.edit = caller, edit
        self.ids: dict[tuple[str, str], Any] = {}

    def write(self, whole: Mapping[str, Any]) -> Sequence:
        """Every record of a snapshot that was read before."""
        made: Sequence = self._row("sequence", Sequence, whole, project=self.edit.project)
        for track in whole["tracks"]:
            row = self._row("track", Track, track, sequence=made)
            for clip in track["clips"]:
                self._row("clip", Clip, clip, track=row)
        for one in whole["transitions"]:
            pair = {name: self.ids["clip", one[f"{name}_id"]] for name in ("from_clip", "to_clip")}
            named = {f"{name}_id": str(row.pk) for name, row in pair.items()}
            self._row("transition", Transition, {**one, **named}, sequence=made)
        for name, kind, model in (
            ("filter_stacks", "filter_stack", FilterStack),
            ("automation", "automation", AutomationCurve),
        ):
            for one in whole[name]:
                self._of_target(kind, model, one, made)
        return made

    def _of_target(self, kind: str, model: Any, one: Mapping[str, Any], sequence: Sequence) -> None:
        of, row = one["target_type"], self.ids[one["target_type"], one["target_id"]]
        place = {"track": row if of == "track" else None, "clip": row if of == "clip" else None}
        self._row(kind, model, one, target=nouns.Target(of, str(row.pk)), sequence=sequence, **place)

    def _row(
        self, kind: str, model: Any, one: Mapping[str, Any], target: nouns.Target | None = None, **place: Any
    ) -> Any:
        """One row with its own fields."""
        own = {field.name for field in build.FIELDS[kind]}
        read = timeline_rows.read(kind, {name: value for name, value in one.items() if name in own}, target=target)
        columns = {
            name: as_id(value) or value if name.endswith("_id") else value for name, value in read.columns.items()
        }
        row = model(**self.caller.stamp(), **place, **columns)
        self.edit.create(row)
        self.ids[kind, str(one["id"])] = row
        return row
