"""Outputs whose frames are copied from the originals: what their ingest found of these, or why it cannot be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from media_app.models import MediaAsset
from render_app.core.export.outputs import Output
from render_app.core.export.refusals import ExportRefused, refused
from render_app.core.plan import smart
from render_app.core.plan.films import Extras, Film, OutputsPlan
from render_app.core.plan.outputs import compile_outputs
from render_app.core.plan.reels import Medium, Reels
from render_app.core.plan.smart import Gops
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import Sequence as Timeline
from sessions_app.core.tenant import Context


class CannotCopy(ExportRefused):
    """The packets of the originals cannot be a part of this film."""

    code = "cannot_copy"


def like_originals(
    context: Context, output: Output, timeline: Timeline, reels: Reels
) -> tuple[Output, Mapping[str, Gops]]:
    """The output as large and fast as its originals, and their GOPs; any other output as it is. Raises CannotCopy."""
    if not output.smart:
        return output, {}
    media = {one.id: one for one in _seen(timeline, reels)}
    gops = _gops(context, f"{output.field}.mode", media.values())
    return replace(output, profile=smart.profile_like(next(iter(gops.values())), output.profile)), gops


def encoded(films: Sequence[Film], reels: Reels, extras: Extras) -> OutputsPlan:
    """The films that copy, as they are made without it: they show the same, so without a watermark."""
    plain = [replace(film, gops={}) for film in films if film.gops]
    return compile_outputs(plain, reels, replace(extras, still_ms=None, materials=extras.materials.unmarked))


def refuse_useless(outputs: Sequence[Output], plan: OutputsPlan) -> None:
    """Raise CannotCopy for an output of which nothing can be copied."""
    for one, film in zip(outputs, plan.films, strict=True):
        if one.smart and not film.share:
            message = "copies nothing here: no whole GOP of an original lies inside a shot. Leave it out."
            raise refused(f"{one.field}.mode", message, CannotCopy)


def _seen(timeline: Timeline, reels: Reels) -> Iterable[Medium]:
    """The files whose pictures a sequence shows."""
    tracks = [track for track in timeline.tracks if track.kind == "video" and not track.hidden]
    contents: dict[Any, None] = dict.fromkeys(
        clip.content for track in tracks for clip in track.clips if isinstance(clip.content, Reference)
    )
    return (segment.picture for of in contents for segment in reels.get(of, ()) if segment.picture is not None)


def _gops(context: Context, field: str, media: Iterable[Medium]) -> dict[str, Gops]:
    rows = MediaAsset.objects.in_tenant(context).filter(pk__in=[one.asset_id for one in media])
    infos = {str(pk): info for pk, info in rows.values_list("pk", "media_info")}
    found: dict[str, Gops] = {}
    for medium in media:
        known = "is a copy; set source to original" if medium.artifact_id else smart.gops_of(infos[medium.asset_id])
        if isinstance(known, str):
            raise refused(field, f"cannot be smart: {medium.name} {known}.", CannotCopy)
        other = next(iter(found.values()), known)
        if other.alike != known.alike:
            alike = "size, profile, level, pixels, colors or rate"
            raise refused(field, f"cannot be smart: {medium.name} differs from the others in {alike}.", CannotCopy)
        found[medium.id] = known
    if not found:
        raise refused(field, "cannot be smart: nothing is seen that could be copied.", CannotCopy)
    return found
