"""What a sequence takes besides the media of its clips, read from the registry: masks and LUTs, looked into before a render."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import F

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import withheld
from render_app.core.cube import LARGEST_BYTES, BadCube, read_cube
from render_app.core.plan.materials import Materials, of_summary
from render_app.core.plan.media import medium_of
from render_app.core.plan.reels import Medium, Reels
from render_app.core.plan.unmasked import lacking
from render_app.core.plan.watermark import Watermark
from render_app.core.timeline.build import of_target
from render_app.core.timeline.nouns import Sequence
from render_app.core.timeline.refusals import Place, UnknownMedia, WrongMedia, refuse
from render_app.services.render_files import Row, facts_of, original_medium, picture_medium, read_bytes
from render_app.services.timeline_media import rows_by_id
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput

#: Id → where it is named, and in which field.
Named = Mapping[str, tuple[Place, str]]


def materials_of(context: Context, sequence: Sequence, reels: Reels) -> Materials:
    """Every mask and LUT that a sequence names, and the faces found in its media. Raises UnknownMedia, WrongMedia, which name the
    record and the field."""
    masks, tables = _masks_named(sequence), dict(_in_filters(sequence, "lut_artifact_id"))
    summaries = dict(_in_filters(sequence, "source_summary_id"))
    rows = named_files(context, {**masks, **tables, **summaries})
    of_summaries = {of_summary(id): _mask_of_summary(rows[id], *summaries[id]) for id in summaries}
    return Materials(
        masks={id: mask_medium(rows[id], *masks[id]) for id in masks} | of_summaries,
        regions=_regions(context, sequence, reels),
        tables={id: _table(rows[id], *tables[id]) for id in tables},
    )


def _regions(context: Context, sequence: Sequence, reels: Reels) -> dict[str, Medium]:
    """Of each asset that is shown, the newest mask of its faces, where a filter asks for it."""
    if not any(True for stack in sequence.filter_stacks for _ in lacking(stack)):
        return {}
    shown = {segment.picture.asset_id for segments in reels.values() for segment in segments if segment.picture} - {""}
    ids = [id for one in shown if (id := as_id(one)) is not None]
    rows = DerivedMedia.objects.in_tenant(context).filter(
        kind=kinds.REGION_MASK.name, asset_id__in=ids, expired_at=None, input_ref=F("asset__original_key")
    )
    return {str(row.asset_id): _film_of_masks(row) for row in rows.select_related("asset").order_by("created_at")}


def _mask_of_summary(row: Row, place: Place, field: str) -> Medium:
    """The mask that was made with a summary of faces. Raises WrongMedia."""
    if isinstance(row, DerivedMedia) and row.kind == kinds.VIDEO_REGION_SUMMARY.name:
        masks = DerivedMedia.objects.filter(
            kind=kinds.REGION_MASK.name, asset_id=row.asset_id, created_by_job=row.created_by_job, expired_at=None
        )
        mask = masks.select_related("asset").order_by("-created_at").first()
        if mask is not None and row.created_by_job_id is not None:
            return _film_of_masks(mask)
    message = "names no summary of faces that has its mask. Make one with POST /video/regions."
    raise refuse(WrongMedia, place, field, message)


def _film_of_masks(row: DerivedMedia) -> Medium:
    """A mask of faces, which runs with its recording."""
    facts = facts_of(row)
    return medium_of(replace(facts, found=row.meta["media_info"]))


def watermark_of(context: Context, asked: Mapping[str, Any] | None) -> Watermark | None:
    """The watermark of a render. Raises InvalidInput, UnknownMedia, WrongMedia."""
    if not asked:
        return None
    named = [name for name in ("asset_id", "artifact_id") if asked.get(name)]
    if len(named) != 1:
        raise InvalidInput("Send either asset_id or artifact_id of the watermark.", field="watermark.asset_id")
    [name] = named
    id = str(asked[name])
    place = Place("watermark", id).into("watermark")
    row = named_files(context, {id: (place, name)})[id]
    corner = {"corner": asked["corner"]} if asked.get("corner") else {}
    shares: Any = {of: float(asked[of]) for of in ("width", "opacity") if asked.get(of) is not None}
    return Watermark(picture_medium(row, place, name), **corner, **shares)


def named_files(context: Context, named: Named) -> dict[str, Row]:
    """The artifacts and assets of the tenant by their ids. Raises UnknownMedia for the first that there is not."""
    found = {**rows_by_id(MediaAsset, context, named), **rows_by_id(DerivedMedia, context, named)}
    for id, (place, field) in named.items():
        if id not in found:
            raise refuse(UnknownMedia, place, field, "names no artifact and no asset that there is here.")
        _refuse_away(found[id], place, field)
    return found


def mask_medium(row: Row, place: Place, field: str) -> Medium:
    """A mask: a picture, or a film that runs with the clip. Raises WrongMedia."""
    if isinstance(row, MediaAsset) and row.kind == MediaAsset.Kind.VIDEO:
        return original_medium(row)
    if isinstance(row, DerivedMedia) and row.kind == kinds.REGION_MASK.name:
        return _film_of_masks(row)
    return picture_medium(row, place, field)


def _masks_named(sequence: Sequence) -> dict[str, tuple[Place, str]]:
    of_clips = {
        clip.mask_artifact_id: (Place("clip", clip.id), "mask_artifact_id")
        for clip in sequence.clips
        if clip.mask_artifact_id
    }
    return {**of_clips, **dict(_in_filters(sequence, "mask_artifact_id"))}


def _in_filters(sequence: Sequence, field: str) -> Iterator[tuple[str, tuple[Place, str]]]:
    for stack in sequence.filter_stacks:
        place = of_target("filter_stack", stack.id, stack.target)
        for number, one in enumerate(stack.filters):
            if one.enabled and (id := one.params.get(field)):
                yield id, (place.entry("filters", "filter_index", number).into("params"), field)


def _refuse_away(row: Row, place: Place, field: str) -> None:
    if isinstance(row, DerivedMedia) and row.expired_at is not None:
        raise refuse(WrongMedia, place, field, "names a file that the retention policy deleted. Make it again.")
    try:
        withheld.refuse_withheld(row) if isinstance(row, MediaAsset) else withheld.refuse_file(row)
    except withheld.Withheld as why:
        raise refuse(WrongMedia, place, field, f"is withheld. {why.message}") from why
    if isinstance(row, MediaAsset) and row.status != MediaAsset.Status.READY:
        raise refuse(WrongMedia, place, field, f"names a file that is {row.status}. {row.status_message}".strip())


def _table(row: Row, place: Place, field: str) -> Medium:
    """A LUT, read to its end. Raises WrongMedia."""
    if row.size_bytes > LARGEST_BYTES:
        raise refuse(
            WrongMedia,
            place,
            field,
            f"names a file of more than {LARGEST_BYTES >> 20} MiB, which is too large for a LUT.",
        )
    try:
        read_cube(read_bytes(row, LARGEST_BYTES, place, field))
    except BadCube as error:
        raise refuse(WrongMedia, place, field, f"names a file that is not a LUT: it {error}") from error
    facts = facts_of(row)
    return medium_of(facts)
