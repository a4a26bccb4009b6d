"""The edit of a decided shoot: gather its cameras and files, and write them in an editing program's format."""

from collections.abc import Callable
from dataclasses import replace

from media_app import storage
from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import originals, withheld
from render_app.core.edit import media
from render_app.core.edit.angle import Angle, AngleSegment, MediaFile
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.edit.readers import as_read_by
from render_app.exchange import Document, formats, usual_target
from render_app.services import clearances
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.tenancy import Context
from sync_app.core.synced import SyncedCamera
from sync_app.models import SyncResult
from sync_app.services.runs import CURRENT

#: The format that is every other one at once, with its media.
PACKAGE = "zip"
Link = Callable[[str], str]


class NotDecided(StudioError):
    """A session without a decision about its sync, so without final offsets."""

    code = "not_decided"
    status = 409


def multicam_edit(context: Context, session_id, *, absolute: Link = str) -> MulticamEdit:
    """The data of a decided session's edit; `absolute` makes a full address of a store's link.

    Raises NotDecided while no decision stands, Withheld while faces in a camera are to be hidden, NotFound for an unknown session.
    """
    session = get_session(context, session_id)
    result = CURRENT.first(session=session.pk)
    if session.status != RecordingSession.Status.READY or result is None or not result.decided:
        raise NotDecided(_what_to_do(session), details={"status": session.status})
    clearances.doubt_outdated(session.assets.values("pk"))
    assets = list(session.assets.prefetch_related("derivatives"))
    placed = _placed(assets, result)
    for asset, *_ in placed:
        withheld.refuse_withheld(asset)
    here = {asset.pk for asset, *_ in placed}

    def link(key: str) -> str:
        return absolute(storage.fronted(storage.store().url(key)))

    return MulticamEdit(
        session_id=str(session.pk),
        title=session.title,
        project_id=session.project_id,
        day=session.date,
        status=session.status,
        master=result.master_camera,
        operator_status=result.operator_status,
        decided_by=result.decided_by,
        approved_at=result.approved_at,
        version=result.version,
        angles=tuple(_angle(asset, camera, offset_ms, link) for asset, camera, offset_ms in placed),
        left_out=tuple((asset.camera_key, _why_left_out(asset)) for asset in assets if asset.pk not in here),
    )


def version_of(session: RecordingSession) -> int:
    """Of the sync that stands; 0 without one."""
    result = CURRENT.first(session=session.pk)
    return result.version if result is not None else 0


def _placed(assets: list[MediaAsset], result: SyncResult) -> list[tuple[MediaAsset, SyncedCamera, float]]:
    """The assets that can be used and have a decided offset, each with its sync and that offset. An edit needs no proxies."""
    usable = [asset for asset in assets if asset.inspected]
    pairs = ((asset, result.camera(asset.camera_key)) for asset in usable)
    return [(asset, synced, synced.final_offset_ms) for asset, synced in pairs if synced.final_offset_ms is not None]


def export(edit: MulticamEdit, name: str, camera: str | None = None, target: str = "") -> Document:
    """The edit in the format called `name`, for the program `target`; with `camera`, that camera's part alone.

    Raises InvalidInput naming what there is to choose from, CannotExport.
    """
    known = formats()
    if name not in known:
        raise unknown_format()
    edit = as_read_by(edit, target or usual_target(name))
    if camera is None:
        return known[name].write(edit)
    write_camera = known[name].write_camera
    if write_camera is None:
        single = ", ".join(n for n, found in known.items() if found.write_camera)
        raise InvalidInput(
            f"{name} holds all cameras in one file: leave camera out. It goes with {single}.", field="camera"
        )
    if camera not in edit.cameras:
        there = ", ".join(edit.cameras)
        raise InvalidInput(f"This camera is not in the edit. It has {there}.", field="camera")
    return write_camera(edit, camera)


def pointed_at(edit: MulticamEdit, choice: str, root: str) -> MulticamEdit:
    """The edit with its media of this choice: in the folder `root` of the editor's machine, or linked to the store.

    Raises InvalidInput, CannotExport.
    """
    if choice not in media.CHOICES:
        raise InvalidInput(f"This media does not exist. Choose one of {', '.join(media.CHOICES)}.", field="media")
    if not root:
        return media.with_links(edit, choice)
    try:
        return media.with_folder(edit, choice, media.folder_url(root))
    except media.BadMediaRoot as error:
        raise InvalidInput(str(error), field="mediaRoot") from error


def unknown_format() -> InvalidInput:
    choices = ["json", *formats(), PACKAGE]
    return InvalidInput(
        f"This format does not exist. Choose one of {', '.join(choices)}.", field="format", details={"choices": choices}
    )


def _what_to_do(session: RecordingSession) -> str:
    status = RecordingSession.Status
    if session.status in (status.NEEDS_REVIEW, status.READY):
        return (
            "The current sync of this session has not been approved or corrected yet. Approve it with POST "
            f"/v2/sessions/{session.pk}/sync/approve, or correct it with …/sync/correct; then ask again."
        )
    if session.status == status.DRAFT:
        return "The session has no recordings. Upload them, and approve the sync when the session needs review."
    return f"The session is {session.status}. Wait until it needs review, approve or correct the sync, then ask again."


def _why_left_out(asset: MediaAsset) -> str:
    if not asset.inspected:
        return f"Its file is {asset.status}. {asset.status_message}".strip()
    return "It has no offset in the sync that was decided. Run the sync again."


def _angle(asset: MediaAsset, synced: SyncedCamera, offset_ms: float, link: Link) -> Angle:
    return replace(
        angle_of(asset, link),
        camera=synced.key,
        offset_ms=float(offset_ms) + 0.0,
        drift_ppm=synced.drift_ppm,
        segments=tuple(AngleSegment(s.start_ms, s.end_ms, s.offset_ms, s.drift_ppm) for s in synced.segments_in_force),
        warnings=(*asset.warnings, *synced.warnings),
    )


def angle_of(asset: MediaAsset, link: Link) -> Angle:
    """A file by itself, on its own clock, with the copies that were made of it. Raises OriginalChanged."""
    originals.refuse_changed(asset)
    return recorded_angle(asset, link)


def recorded_angle(asset: MediaAsset, link: Link) -> Angle:
    """The same by what is recorded of it, without a look at the store; the copy with hidden faces where there is one."""
    angle = _of_original(asset, link)
    copy = None if asset.withheld else withheld.stand_in(asset)
    if copy is None:
        return angle
    file = MediaFile(link(copy.key), copy.checksum, copy.key)
    return media.stood_in(replace(angle, mezzanine=file), originals.hidden_name(asset, copy))


def _of_original(asset: MediaAsset, link: Link) -> Angle:
    made = {
        row.kind: MediaFile(link(row.key), row.checksum, row.key)
        for row in asset.derivatives.all()
        if row.expired_at is None and _current(row, asset) and (asset.withheld or withheld.is_handed_out(row))
    }
    info = asset.media_info or {}
    return Angle(
        camera="",
        asset_id=str(asset.pk),
        kind=asset.kind,
        offset_ms=0.0,
        duration_ms=asset.duration_ms or 0,
        fps=asset.fps,
        variable_frame_rate=asset.variable_frame_rate,
        frames=None if asset.variable_frame_rate else info.get("frames"),
        width=asset.width,
        height=asset.height,
        codec=asset.codec,
        timecode=asset.timecode,
        timecode_fps=asset.timecode_rate,
        timecode_source=asset.timecode_source,
        seconds_of_day=info.get("seconds_of_day"),
        video_start_ms=asset.video_start_ms,
        audio_start_ms=asset.audio_start_ms,
        has_audio=asset.has_audio,
        audio_codec=asset.audio_codec,
        sample_rate=asset.sample_rate,
        audio_channels=asset.audio_channels,
        track_channels=tuple(len(track["channels"]) for track in asset.tracks),
        original_filename=asset.original_filename,
        original=MediaFile(link(asset.original_key), asset.checksum, asset.original_key),
        mezzanine=made.get(kinds.MEZZANINE.name),
        proxy=made.get(kinds.PROXY.name),
        audio=made.get(kinds.AUDIO_WAV.name),
        warnings=tuple(asset.warnings),
    )


def _current(derivative: DerivedMedia, asset: MediaAsset) -> bool:
    """Made of the file that the asset has now."""
    return derivative.input_ref == asset.original_key
