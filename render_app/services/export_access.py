"""Whether the files of exports are handed out: not those that show people who are to be hidden."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from media_app.models import MediaAsset
from media_app.services.withheld import Withheld, refuse_made
from render_app.models import Clip, Export


def refuse(export: Export, content_type: str = "") -> None:
    """Raise Withheld for an export that shows what is withheld, or was made before faces in it were hidden. Sound is handed out."""
    if content_type.startswith("audio/"):
        return
    why = withheld_among([export]).get(export.pk)
    if why is not None:
        raise Withheld(why)


def withheld_among(exports: Iterable[Export]) -> dict[uuid.UUID, str]:
    """Those of which the pictures are not handed out, and why."""
    read = {one: _read_by(one) for one in exports if one.outcome == Export.Outcome.COMPLETED}
    ids = set().union(*read.values()) if read else set()
    hidden = Q(faces_hidden_at__isnull=False) | ~Q(withheld="")
    assets = {str(one.pk): one for one in MediaAsset.objects.filter(hidden, pk__in=ids)} if ids else {}
    found: dict[uuid.UUID, str] = {}
    for export, names in read.items():
        try:
            for id in names & assets.keys():
                refuse_made(assets[id], export.created_at)
        except Withheld as why:
            found[export.pk] = why.message
    return found


def _read_by(export: Export) -> set[str]:
    """The assets that an export was made of; of one whose job was purged, all that it may have been made of."""
    if export.job is not None:
        return {str(one["asset_id"]) for one in export.job.input_json["plan"]["inputs"] if one.get("asset_id")}
    angles: dict[str, Any] = export.request_json.get("angles") or {}
    rows = MediaAsset.objects.in_tenant(export.context)
    of_session = rows.filter(session=export.session_id) if export.session_id else rows.none()
    clips = Clip.objects.in_tenant(export.context).filter(track__sequence__project=export.project_id)
    of_clips = clips.filter(asset__isnull=False).values_list("asset", flat=True) if export.project_id else ()
    of_shoots = clips.filter(session__isnull=False).values("session") if export.project_id else None
    shoots = rows.filter(session__in=of_shoots) if of_shoots is not None else rows.none()
    named = {str(one["assetId"]) for one in angles.values()} | {str(id) for id in of_clips}
    return named | {str(one.pk) for one in (*of_session, *shoots)}
