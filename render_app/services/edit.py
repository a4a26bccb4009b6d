"""The verbs of the edit: gather what a decided shoot is made of, and write it in an editing program's format."""

from collections.abc import Callable, Mapping

from media_app import storage
from media_app.models import DerivedMedia, MediaAsset
from render_app.core.multicam import Angle, File, MulticamEdit, Piece
from render_app.exchange import Document, formats
from sessions_app.errors import InvalidInput, StudioError
from sessions_app.models import RecordingSession
from sessions_app.services import get_session
from sessions_app.tenancy import Context
from sync_app.models import SyncResult
from sync_app.services.review import CURRENT

Link = Callable[[str], str]


class NotDecided(StudioError):
    """No operator's decision about the sync stands, so there are no final offsets."""

    code = "not_decided"
    status = 409


def multicam_edit(context: Context, session_id, *, absolute: Link = str) -> MulticamEdit:
    """Everything that the edit of a decided session needs; `absolute` makes a full address of a store's link.

    Raises NotDecided while no decision stands, NotFound for an unknown session.
    """
    session = get_session(context, session_id)
    result = CURRENT.first(session=session.pk)
    final = result.final_offsets if result is not None else None
    if session.status != RecordingSession.Status.READY or result is None or final is None:
        raise NotDecided(_what_to_do(session), details={"status": session.status})
    assets = list(session.assets.prefetch_related("derivatives"))
    placed = [asset for asset in assets if asset.status == MediaAsset.Status.READY and asset.camera_label in final]

    def link(key: str) -> str:
        return absolute(storage.store().url(key))

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
        angles=tuple(_angle(asset, result, final[asset.camera_label], link) for asset in placed),
        left_out=tuple((asset.camera_label, _why_left_out(asset)) for asset in assets if asset not in placed),
    )


def export(edit: MulticamEdit, name: str, camera: str | None = None) -> Document:
    """The edit in the format called `name`; with `camera`, that camera's part alone.

    Raises InvalidInput naming what there is to choose from, CannotExport.
    """
    known = formats()
    if name not in known:
        raise unknown_format()
    if camera is None:
        return known[name].write(edit)
    write_camera = known[name].write_camera
    if write_camera is None:
        single = ", ".join(n for n, found in known.items() if found.write_camera)
        raise InvalidInput(
            f"{name} holds all cameras in one file: leave camera out. It goes with {single}.", field="camera"
        )
    if edit.angle(camera) is None:
        there = ", ".join(angle.camera for angle in edit.angles)
        raise InvalidInput(f"There is no such camera in this edit. It has {there}.", field="camera")
    return write_camera(edit, camera)


def unknown_format() -> InvalidInput:
    choices = ["json", *formats()]
    return InvalidInput(
        f"There is no such format. Choose one of {', '.join(choices)}.", field="format", details={"choices": choices}
    )


def _what_to_do(session: RecordingSession) -> str:
    status = RecordingSession.Status
    if session.status in (status.NEEDS_REVIEW, status.READY):
        return (
            "Nobody has decided about the sync of this session as it is now. Approve it with POST "
            f"/v2/sessions/{session.pk}/sync/approve, or correct it with …/sync/correct; then ask again."
        )
    if session.status == status.DRAFT:
        return "The session has no recordings. Upload them, and approve the sync when the session needs review."
    return f"The session is {session.status}. Wait until it needs review, approve or correct the sync, then ask again."


def _why_left_out(asset: MediaAsset) -> str:
    if asset.status != MediaAsset.Status.READY:
        return f"Its file is {asset.status}. {asset.status_message}".strip()
    return "It has no offset in the sync that was decided. Run the sync again."


def _angle(asset: MediaAsset, result: SyncResult, offset_ms: float, link: Link) -> Angle:
    made = {
        row.kind: File(link(row.key), row.checksum)
        for row in asset.derivatives.all()
        if row.expired_at is None and _current(row, asset)
    }
    label, info = asset.camera_label, asset.media_info or {}
    return Angle(
        camera=label,
        asset_id=str(asset.pk),
        kind=asset.kind,
        offset_ms=float(offset_ms) + 0.0,
        drift_ppm=0.0 if label == result.master_camera else result.drift_ppm.get(label),
        duration_ms=asset.duration_ms or 0,
        fps=asset.fps,
        variable_frame_rate=asset.variable_frame_rate,
        frames=None if asset.variable_frame_rate else info.get("frames"),
        width=asset.width,
        height=asset.height,
        codec=asset.codec,
        timecode=asset.timecode,
        timecode_fps=info.get("timecode_rate") or "",
        seconds_of_day=info.get("seconds_of_day"),
        video_start_ms=asset.video_start_ms,
        audio_start_ms=asset.audio_start_ms,
        has_audio=asset.has_audio,
        audio_codec=asset.audio_codec,
        sample_rate=asset.sample_rate,
        audio_channels=asset.audio_channels,
        original_filename=asset.original_filename,
        original=File(link(asset.original_key), asset.checksum),
        mezzanine=made.get(DerivedMedia.Kind.MEZZANINE),
        proxy=made.get(DerivedMedia.Kind.PROXY),
        audio=made.get(DerivedMedia.Kind.AUDIO_WAV),
        pieces=_pieces(result, label, offset_ms),
        warnings=(*asset.warnings, *result.warnings.get(label, [])),
    )


def _current(derivative: DerivedMedia, asset: MediaAsset) -> bool:
    """Made of the file that the asset has now."""
    return derivative.input_ref == asset.original_key


def _pieces(result: SyncResult, label: str, offset_ms: float) -> tuple[Piece, ...]:
    """The stretches of a camera that was paused. An operator's offset moves all of them together."""
    found: Mapping[str, list[dict]] = result.details.get("pieces") or {}
    measured = result.offsets_ms.get(label)
    rows = found.get(label) or []
    if measured is None or len(rows) < 2:
        return ()
    moved = offset_ms - measured
    return tuple(
        Piece(row["start_s"] * 1000, row["end_s"] * 1000, round(row["offset_ms"] + moved, 4))
        for row in sorted(rows, key=lambda row: row["start_s"])
    )
