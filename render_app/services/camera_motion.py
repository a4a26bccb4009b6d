"""When the cameras of a shoot are being moved, as far as their pictures were analyzed."""

from media_app.core import kinds
from media_app.models import MediaAsset
from media_app.services import documents
from render_app.core import heard, seen
from render_app.core.autocut.motion import moving
from render_app.core.autocut.values import Span
from render_app.core.edit.multicam import MulticamEdit
from sessions_app.core.tenant import Context
from sessions_app.errors import NotFound


def of_cameras(context: Context, edit: MulticamEdit) -> dict[str, tuple[Span, ...]]:
    """Camera → when it is moved, on the master's clock; nothing of those whose pictures nobody analyzed."""
    angles = {one.asset_id: one for one in edit.angles if one.has_picture}
    assets = list(MediaAsset.objects.in_tenant(context).filter(pk__in=angles))
    newest = {row.asset_id: row for row in documents.of_recordings(assets, [kinds.VISUAL_META]).order_by("created_at")}
    found: dict[str, tuple[Span, ...]] = {}
    for asset_id, row in newest.items():
        angle = angles[str(asset_id)]
        try:
            summary = seen.cleaned(documents.read(row))
        except NotFound:
            continue
        found[angle.label] = found.get(angle.label, ()) + moving(summary, heard.to_master(angle))
    return found
