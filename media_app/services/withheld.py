"""Pictures that are not handed out, because people in them are to be hidden: the one place that decides it for every door.

An asset is withheld from the request on. Once its copy with hidden faces is there, what was made of it earlier is never handed out
again; what was made since shows nobody, as it is made of the copy.
"""

from datetime import datetime

from django.db.models import Q, QuerySet

from media_app import storage
from media_app.core import kinds
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from sessions_app.core.tenant import Context
from sessions_app.errors import StudioError

#: What Studio's own pages show of an asset that is withheld, once faces are hidden in it.
PREVIEWS = (kinds.PROXY.name, kinds.THUMBNAIL.name)
#: Films and pictures that show no people, and files of an unnamed type that show nothing.
_MASKS = (kinds.REGION_MASK.name, kinds.REGION_MASK_FOUND.name, kinds.MASK.name)
_PLAIN = (kinds.WAVEFORM.name, kinds.MASTER_PEAKS.name, kinds.KEYFRAMES.name)
#: Kinds of pictures that no client registers.
_ALWAYS_OURS = (*PREVIEWS, kinds.MEZZANINE.name, kinds.ANONYMISED.name, kinds.FACES_PREVIEW.name)
_PLAIN_TYPES = ("audio/", "application/json", "text/", "font/")
#: Files of assets of which Studio's own pages show something.
SHOWN = Q(asset__withheld="") | Q(asset__faces_hidden_at__isnull=False)


class Withheld(StudioError):
    """People in the pictures of an asset are to be hidden, and these are not hidden yet."""

    code = "withheld"
    status = 409


def refuse_withheld(asset: MediaAsset) -> None:
    """Raise Withheld for an asset whose pictures are not handed out."""
    if asset.withheld:
        raise Withheld(f"{asset.original_filename}: {asset.withheld}", details={"asset_id": str(asset.pk)})


def refuse_made(asset: MediaAsset, made_at: datetime) -> None:
    """Raise Withheld for what was made of an asset's pictures before its faces were hidden, or while it is withheld."""
    refuse_withheld(asset)
    if asset.faces_hidden_at is not None and made_at < asset.faces_hidden_at:
        raise Withheld(
            f"{asset.original_filename}: this was made before its faces were hidden. Make it again.",
            details={"asset_id": str(asset.pk)},
        )


def refuse_file(row: DerivedMedia, *, on_page: bool = False) -> None:
    """Raise Withheld for a file that may show people who are to be hidden. `on_page`: for Studio's own pages."""
    if not shows_people(row):
        return
    asset = row.asset
    if row.withheld:
        raise Withheld(row.withheld, details={"artifact_id": str(row.pk)})
    if row.kind == kinds.FACES_PREVIEW.name:
        raise Withheld(
            "This film is shown only on the page of its asset, to the person who reviews the doubtful ranges."
        )
    hidden = asset.faces_hidden_at is not None and row.created_at >= asset.faces_hidden_at
    if not (on_page and hidden and row.kind in PREVIEWS):
        refuse_made(asset, row.created_at)


def shows_people(row: DerivedMedia) -> bool:
    """Whether people may be seen in a file; one of an unknown type may show anything."""
    if row.kind in (*_MASKS, *_PLAIN):
        return False
    known = kinds.BY_NAME.get(row.kind)
    return not (row.content_type or (known.content_type if known else "")).startswith(_PLAIN_TYPES)


def is_handed_out(row: DerivedMedia, *, on_page: bool = False) -> bool:
    """The same as an answer."""
    try:
        refuse_file(row, on_page=on_page)
    except Withheld:
        return False
    return True


def link_of(row: DerivedMedia, *, on_page: bool = False) -> str | None:
    """A link to a file; None for one that has expired or is not handed out."""
    if row.expired_at is not None or not is_handed_out(row, on_page=on_page):
        return None
    return storage.fronted(storage.store().url(row.key))


def refuse_key(key: str, context: Context | None = None) -> None:
    """Raise Withheld for an object that is the original of an asset whose faces are to be hidden, or a picture of it."""
    rows, assets = DerivedMedia.objects.all(), MediaAsset.objects.all()
    if context is not None:
        rows, assets = rows.in_tenant(context), assets.in_tenant(context)
    row = rows.filter(key=key).select_related("asset").first()
    if row is not None and row.key != row.asset.original_key:
        if row.kind != kinds.FACES_PREVIEW.name:
            refuse_file(row, on_page=True)
        return
    for guarded in (assets.filter(faces_hidden_at__isnull=False), assets.exclude(withheld="")):
        asset = guarded.filter(original_key=key).exclude(kind=MediaAsset.Kind.AUDIO).first()
        if asset is not None:
            refuse_withheld(asset)
            raise Withheld(f"{asset.original_filename}: its faces are hidden, so its original is not handed out.")


def withhold_made(asset: MediaAsset) -> None:
    """Withhold for good what shows an asset that is withheld: what was made of its pictures, under whatever asset, and what was made
    of that. Music that was taken of it shows nothing."""
    why = f"It shows {asset.original_filename[:120]}, whose faces were to be hidden after this was made. Make it again."
    waiting, seen = [asset], {asset.pk}
    while waiting:
        of = waiting.pop()
        own = of.derivatives.values("pk")
        named = ArtifactSource.objects.filter(Q(source_asset=of) | Q(source_artifact__in=own)).exclude(role="music")
        rows = (
            DerivedMedia.objects.filter(pk__in=named.values("artifact")).exclude(asset__in=seen).select_related("asset")
        )
        for row in filter(shows_people, rows):
            DerivedMedia.objects.filter(pk=row.pk).update(withheld=why)
            if row.key == row.asset.original_key and row.asset.pk not in seen:
                MediaAsset.objects.filter(pk=row.asset.pk, withheld="").update(withheld=why)
                seen.add(row.asset.pk)
                waiting.append(row.asset)


def refuse_of_job(job: MediaJob, key: str = "") -> None:
    """Raise Withheld for what a job made of pictures that are withheld, or whose faces were hidden since; `key`: the one object."""
    if key:
        refuse_key(key)
    if not key or _may_show_people(key):
        for asset in _seen_by(job):
            refuse_made(asset, job.created_at)


def _may_show_people(key: str) -> bool:
    return not storage.content_type_of(key).startswith(_PLAIN_TYPES)


def _seen_by(job: MediaJob) -> list[MediaAsset]:
    """The films and pictures that a job read: its own asset, and those of its plan."""
    read = ((job.input_json or {}).get("plan") or {}).get("inputs") or ()
    ids = {str(one["asset_id"]) for one in read if one.get("asset_id")} | (
        {str(job.asset_id)} if job.asset_id else set()
    )
    rows = MediaAsset.objects.in_tenant(job.context).filter(pk__in=ids)
    return list(rows.exclude(kind=MediaAsset.Kind.AUDIO))


def stand_in(asset: MediaAsset) -> DerivedMedia | None:
    """The copy in which faces are hidden, which stands for the original; None for an asset of which nothing is to be hidden.

    Raises Withheld while there should be one and is none.
    """
    refuse_withheld(asset)
    if asset.faces_hidden_at is None:
        return None
    rows = asset.derivatives.all()
    row = next((one for one in rows if one.kind == kinds.ANONYMISED.name and one.expired_at is None), None)
    if row is None:
        raise Withheld(
            f"{asset.original_filename}: its copy with hidden faces is gone. Request it again: POST /video/anonymise/faces.",
            details={"asset_id": str(asset.pk)},
        )
    return row


def pictures_of(asset: MediaAsset) -> QuerySet[DerivedMedia]:
    """The films and pictures that Studio made of an asset's original, also those whose jobs were purged."""
    seen = Q(content_type__startswith="image/") | Q(content_type__startswith="video/")
    made = Q(created_by_job__isnull=False) | Q(kind__in=_ALWAYS_OURS)
    rows = asset.derivatives.filter(seen, made).exclude(kind__in=_MASKS)
    found: QuerySet[DerivedMedia] = rows.exclude(key=asset.original_key)
    return found
