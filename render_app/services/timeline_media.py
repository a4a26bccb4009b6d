"""What the media of a timeline have, read from the registry and from approved syncs."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from media_app.models import DerivedMedia, MediaAsset
from media_app.services.withheld import Withheld, refuse_file, stand_in
from render_app.core.edit.angle import Angle
from render_app.core.timeline.edges import exact
from render_app.core.timeline.media import Media, MediaFacts, Reference, Span
from render_app.core.timeline.nouns import CameraReference, MediaReference, Sequence
from render_app.core.timeline.refusals import Place, UnknownMedia, refuse
from render_app.services import clearances
from render_app.services.edit import NotDecided, multicam_edit
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound


def media_of(context: Context, sequence: Sequence) -> Media:
    """What there is of every medium that a sequence names. One that the tenant has not is left out."""
    return facts_of(context, {clip.content for clip in sequence.clips if isinstance(clip.content, Reference)})


def facts_of(context: Context, references: Iterable[Reference]) -> dict[Reference, MediaFacts]:
    """What there is of each of these media; those that the tenant has not are left out."""
    wanted = list(references)
    clearances.doubt_outdated({id for one in wanted if isinstance(one, MediaReference) and (id := as_id(one.asset_id))})
    files = [one for one in wanted if isinstance(one, MediaReference)]
    cameras = [one for one in wanted if isinstance(one, CameraReference)]
    return {**_files(context, files), **_cameras(context, cameras)}


def refuse_unknown_artifacts(context: Context, named: Mapping[str, tuple[Place, str]]) -> None:
    """Raise UnknownMedia for the first artifact that the tenant has not. `named`: id → the record and field that name it.

    An asset that is a picture, a font or a LUT by itself may stand there too.
    """
    known = {**rows_by_id(MediaAsset, context, named), **rows_by_id(DerivedMedia, context, named)}
    for id, (place, field) in named.items():
        if id not in known:
            raise refuse(UnknownMedia, place, field, "names no artifact that there is here.")


def _files(context: Context, references: list[MediaReference]) -> dict[Reference, MediaFacts]:
    assets = rows_by_id(MediaAsset, context, {one.asset_id for one in references})
    artifacts = rows_by_id(DerivedMedia, context, {one.artifact_id for one in references if one.artifact_id})
    found: dict[Reference, MediaFacts] = {}
    for one in references:
        asset = assets.get(one.asset_id)
        if asset is None:
            continue
        if one.artifact_id is None:
            found[one] = _asset_facts(asset)
        elif (row := artifacts.get(one.artifact_id)) is not None and row.asset_id == asset.pk:
            found[one] = _artifact_facts(row, asset)
    return found


def _asset_facts(asset: MediaAsset) -> MediaFacts:
    """Of an asset that has not been looked at yet, nothing but why."""
    name, still = asset.original_filename, asset.kind == MediaAsset.Kind.IMAGE
    if asset.status != MediaAsset.Status.READY:
        fault = f"its file is {asset.status}. {asset.status_message}".strip()
        return MediaFacts(name, has_picture=True, has_sound=True, fault=fault)
    if asset.withheld or asset.faces_hidden_at:
        try:
            stand_in(asset)
        except Withheld as why:
            return MediaFacts(
                name, True, asset.has_audio, _to(asset.duration_ms), fault=f"it is withheld. {why.message}"
            )
    if asset.kind == MediaAsset.Kind.OTHER:
        return MediaFacts(name, False, False, fault="it is no video, sound or picture.")
    has_picture = asset.kind in (MediaAsset.Kind.VIDEO, MediaAsset.Kind.IMAGE)
    return MediaFacts(name, has_picture, asset.has_audio, () if still else _to(asset.duration_ms))


def _artifact_facts(row: DerivedMedia, asset: MediaAsset) -> MediaFacts:
    """A stretch lasts as long as it says; what says nothing lasts as long as its asset."""
    name = f"{row.get_kind_display()} of {asset.original_filename}"
    sound = row.content_type.startswith("audio/")
    picture = row.content_type.startswith(("video/", "image/"))
    if row.expired_at is not None:
        return MediaFacts(name, picture, sound, fault="its file was deleted by the retention policy. Make it again.")
    try:
        refuse_file(row)
    except Withheld as why:
        return MediaFacts(name, picture, sound, fault=f"it is withheld. {why.message}")
    if row.content_type.startswith("image/"):
        return MediaFacts(name, has_picture=True, has_sound=False)
    if not (sound or picture):
        return MediaFacts(name, False, False, fault="it is no video, sound or picture.")
    long = row.end_ms - row.start_ms if row.end_ms is not None and row.start_ms is not None else asset.duration_ms
    return MediaFacts(name, picture, sound or asset.has_audio, _to(long))


def _to(duration_ms: float | None) -> tuple[Span, ...]:
    return () if duration_ms is None else (Span(Fraction(0), exact(duration_ms)),)


def _cameras(context: Context, references: list[CameraReference]) -> dict[Reference, MediaFacts]:
    found: dict[Reference, MediaFacts] = {}
    for session_id in {one.session_id for one in references}:
        cameras = [one for one in references if one.session_id == session_id]
        found |= _of_session(context, session_id, cameras)
    return found


def _of_session(context: Context, session_id: str, references: list[CameraReference]) -> dict[Reference, MediaFacts]:
    if as_id(session_id) is None:
        return {}
    try:
        edit = multicam_edit(context, session_id)
    except NotFound:
        return {}
    except (NotDecided, Withheld) as waiting:
        return {one: MediaFacts(one.camera_label, True, True, fault=waiting.message) for one in references}
    angles = {one: angles_of(edit.angles, one.camera_label) for one in references}
    return {one: _camera_facts(one.camera_label, of) for one, of in angles.items() if of}


def angles_of(angles: tuple[Angle, ...], label: str) -> list[Angle]:
    """The clips of a camera, or the one clip that a key such as B.2 names."""
    return [one for one in angles if label in (one.label, one.camera)]


def _camera_facts(label: str, angles: list[Angle]) -> MediaFacts:
    spans = sorted((Span(exact(one.start_ms), exact(one.end_ms)) for one in angles), key=lambda one: one.start_ms)
    has_picture = any(one.has_picture for one in angles)
    return MediaFacts(f"Camera {label}", has_picture, any(one.audio_channels for one in angles), tuple(spans))


def rows_by_id(model: Any, context: Context, ids: Iterable[str]) -> dict[str, Any]:
    """The tenant's rows by their ids as text; what is no id names none."""
    wanted = {id: key for id in ids if (key := as_id(id)) is not None}
    rows = {row.pk: row for row in model.objects.in_tenant(context).filter(pk__in=wanted.values())}
    return {id: rows[key] for id, key in wanted.items() if key in rows}
