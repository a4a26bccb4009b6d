"""The files of a sequence as a plan reads them, from the registry and from approved syncs."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import Q

from media_app.core import kinds
from media_app.models import DerivedMedia, MediaAsset
from media_app.services.withheld import is_handed_out, stand_in
from render_app.core.edit.angle import Angle
from render_app.core.plan.media import FileFacts, medium_of
from render_app.core.plan.placing import Canvas
from render_app.core.plan.reels import Medium, Reels, Segment
from render_app.core.plan.request import VoiceWish
from render_app.core.plan.rungs import kinds_for, lines_of, needed
from render_app.core.timeline.edges import exact
from render_app.core.timeline.media import Reference
from render_app.core.timeline.nouns import CameraReference, Clip, MediaReference, Sequence
from render_app.core.timeline.refusals import Place
from render_app.services import clearances
from render_app.services.edit import multicam_edit
from render_app.services.render_files import artifact_segment, copy_medium, is_copy, original_medium, picture_medium
from render_app.services.timeline_media import angles_of
from render_app.services.timeline_rows import as_id
from sessions_app.core.tenant import Context

#: A clock that jumps ahead by no more than this, as sync finds it in steps of a few ms, leaves no hole: a frame of it would be black.
BRIDGED_MS = 100
#: The sound of a recording may end so much before its picture.
TAIL_MS = 250
#: What a render names that its clips stand on, where it is there.
_NOTICED = (kinds.VIDEO_REGION_SUMMARY.name, kinds.VISUAL_META.name, kinds.ASR_TRANSCRIPT.name)


def reels_of(
    context: Context, sequence: Sequence, source: str, voice: VoiceWish | None = None, canvas: Canvas | None = None
) -> Reels:
    """What every clip's content is made of; its media were checked before. `canvas`: of a draft, which reads the proxies that it
    needs. Raises NotSupported, WrongMedia."""
    clips = {clip.content: clip for clip in sequence.clips if isinstance(clip.content, Reference)}
    reels = _Reels(context, source, clips, lines_of(sequence, canvas) if canvas else {})
    found: Reels = {of: tuple(reels.segments(clip)) for of, clip in clips.items()}
    if voice is None:
        return found
    return {of: tuple(reels.enhanced(one, voice) for one in made) for of, made in found.items()}


def notices_of(context: Context, reels: Reels, used: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """What engines found out about the files of a render, the latest of each kind, and the artifacts that it uses by their ids: by
    which version of which backend."""
    media = (medium for segments in reels.values() for one in segments for medium in (one.picture, one.sound) if medium)
    newest = Q(
        kind__in=(*_NOTICED, kinds.AUDIO_SEMANTIC_TIMELINE.name),
        asset__in={one.asset_id for one in media},
        expired_at=None,
    )
    rows = DerivedMedia.objects.in_tenant(context).filter(newest | Q(pk__in=used)).order_by("created_at")
    latest = {(row.asset_id, row.kind, str(row.pk) if str(row.pk) in used else ""): row for row in rows}
    found = sorted((_notice(row) for row in latest.values()), key=lambda one: (one["asset_id"], one["kind"]))
    return {
        "dependency_notices": [one for one in found if one["kind"] != kinds.AUDIO_SEMANTIC_TIMELINE.name],
        "audio_semantic_sources": [one for one in found if one["kind"] == kinds.AUDIO_SEMANTIC_TIMELINE.name],
    }


def _notice(row: DerivedMedia) -> dict[str, Any]:
    said = {name: row.meta.get(name, "") for name in ("backend_type", "backend_version", "cache_key")}
    return {"artifact_id": str(row.pk), "asset_id": str(row.asset_id), "kind": row.kind, **said}


def camera_reels(context: Context, cameras: Iterable[CameraReference], source: str) -> Reels:
    """What cameras of decided sessions are made of, on the master's clock. Raises NotDecided, NotFound."""
    wanted = list(cameras)
    reels = _Reels(context, source, wanted)
    return {one: reels.camera(one) for one in wanted}


@dataclass(frozen=True, slots=True)
class PlacedAsset:
    """An asset on somebody's clock: t = t_file · pace + offset."""

    asset: MediaAsset
    offset_ms: Fraction
    pace: Fraction


def placed_reels(context: Context, placed: Mapping[CameraReference, PlacedAsset], source: str) -> Reels:
    """What assets are made of where a request says how their clocks run."""
    clearances.doubt_outdated({one.asset.pk for one in placed.values()})
    reels = _Reels(context, source, [MediaReference(str(one.asset.pk)) for one in placed.values()])
    return {of: (reels.placed(one),) for of, one in placed.items()}


class _Reels:
    """Reads the edit of each session once, and all assets together."""

    def __init__(
        self, context: Context, source: str, references: Iterable[Reference], lines: Mapping[Reference, float] = {}
    ) -> None:
        """`lines`: that each content needs of a proxy."""
        of, self.source, self.lines = list(references), source, lines
        sessions = {one.session_id for one in of if isinstance(one, CameraReference)}
        self._edits = {id: multicam_edit(context, id) for id in sessions}
        ids = {one.asset_id for one in of if isinstance(one, MediaReference)}
        ids |= {angle.asset_id for edit in self._edits.values() for angle in edit.angles}
        rows = MediaAsset.objects.in_tenant(context).filter(pk__in=ids).prefetch_related("derivatives")
        self._assets: dict[UUID | None, MediaAsset] = {asset.pk: asset for asset in rows}

    def _asset(self, id: str) -> MediaAsset:
        """One of them. A client may write an id in any form that is one."""
        return self._assets[as_id(id)]

    def segments(self, clip: Clip) -> Iterator[Segment]:
        """The segments of a clip's content."""
        content = clip.content
        if isinstance(content, CameraReference):
            yield from self.camera(content)
            return
        assert isinstance(content, MediaReference)
        place = Place("clip", clip.id)
        asset = self._asset(content.asset_id)
        if content.artifact_id is not None:
            key = as_id(content.artifact_id)
            row = next(one for one in asset.derivatives.all() if one.pk == key)
            row.asset = asset
            yield artifact_segment(row, place)
        elif asset.kind == MediaAsset.Kind.IMAGE:
            yield Segment(picture_medium(asset, place, "asset_id"), None)
        else:
            yield self._segment(asset, content)

    def camera(self, content: CameraReference) -> tuple[Segment, ...]:
        """The segments of a camera, in order."""
        return tuple(sorted(self._camera(content), key=lambda segment: segment.start_ms or Fraction(0)))

    def placed(self, one: PlacedAsset) -> Segment:
        """An asset from its first moment to its last, where it is placed."""
        end_ms = exact(one.asset.duration_ms or 0) * one.pace + one.offset_ms
        asset = self._asset(str(one.asset.pk))
        return self._segment(
            asset,
            MediaReference(str(asset.pk)),
            start_ms=one.offset_ms,
            end_ms=end_ms,
            offset_ms=one.offset_ms,
            pace=one.pace,
        )

    def _segment(self, asset: MediaAsset, content: Reference, **place: Any) -> Segment:
        original = original_medium(asset)
        picture = self._seen(asset, content) or original if asset.kind == MediaAsset.Kind.VIDEO else None
        return Segment(picture, original if original.sound is not None else None, **place)

    def _seen(self, asset: MediaAsset, content: Reference) -> Medium | None:
        """What is seen of an asset in place of its original. Raises Withheld."""
        hidden = stand_in(asset)
        return self._copy(asset, content) or (copy_medium(asset, hidden) if hidden is not None else None)

    def _copy(self, asset: MediaAsset, content: Reference) -> Medium | None:
        """The mezzanine or the fitting proxy of an asset, where one is wanted and there."""
        proxies = kinds_for(needed(self.lines, content)) if self.source == "proxy" else ()
        wanted = proxies or ((kinds.MEZZANINE.name,) if self.source == "mezzanine" else ())
        kept = (row for row in asset.derivatives.all() if row.input_ref == asset.original_key and not row.expired_at)
        rows = [row for row in kept if is_copy(row) and is_handed_out(row)]
        found = (row for kind in wanted for row in rows if row.kind == kind)
        row = next(found, None)
        return copy_medium(asset, row) if row is not None else None

    def enhanced(self, segment: Segment, voice: VoiceWish) -> Segment:
        """The same segment with the latest enhanced voice of all that is heard of it, where there is one."""
        if segment.sound is None:
            return segment
        asset = self._asset(segment.sound.asset_id)
        named = segment.sound.artifact_id
        part = next((row for row in asset.derivatives.all() if str(row.pk) == named), None)
        rows = [
            row
            for row in asset.derivatives.all()
            if row.kind == kinds.AUDIO_VOICE_ENHANCED.name
            and (row.expired_at, row.input_ref) == (None, asset.original_key)
            and voice.mode in (None, row.meta.get("mode"))
            and _covers(row, part, asset)
        ]
        latest = max(rows, key=lambda row: row.created_at, default=None)
        return segment if latest is None else replace(segment, enhanced=_voice_medium(asset, latest))

    def _camera(self, content: CameraReference) -> Iterator[Segment]:
        for angle in angles_of(self._edits[content.session_id].angles, content.camera_label):
            yield from self._angle(angle, content)

    def _angle(self, angle: Angle, content: Reference) -> Iterator[Segment]:
        """A segment for each line of the camera's clock. Where the clock jumps by next to nothing, the picture goes on until it has."""
        lines, end = angle.lines, Fraction(exact(angle.duration_ms), 1000)
        ends = [*(after.begin for after in lines[1:]), end]
        starts = [line.on_master(line.begin) * 1000 for line in lines]
        for line, until, start_ms, next_ms in zip(lines, ends, starts, [*starts[1:], None], strict=True):
            end_ms = line.on_master(until) * 1000
            bridged = next_ms is not None and end_ms < next_ms <= end_ms + BRIDGED_MS
            yield self._segment(
                self._asset(angle.asset_id),
                content,
                start_ms=start_ms,
                end_ms=next_ms if bridged else end_ms,
                offset_ms=line.offset * 1000,
                pace=line.pace,
            )


def _covers(voice: DerivedMedia, part: DerivedMedia | None, asset: MediaAsset) -> bool:
    """Whether an enhanced voice is on the clock of a part of its recording, of all of it without one, and as long."""
    begins_ms = part.begins_ms if part is not None else 0.0
    ends_ms = part.end_ms if part is not None and part.end_ms is not None else float(asset.duration_ms or 0)
    return voice.begins_ms == begins_ms and (voice.end_ms is None or voice.end_ms >= ends_ms - TAIL_MS)


def _voice_medium(asset: MediaAsset, row: DerivedMedia) -> Medium:
    """An enhanced voice: sound alone, on the clock of what it was made of."""
    audio = {"index": 0, "channels": int(row.meta.get("channels", 2)), "layout": ""}
    found = {"audio": audio, "video": None, "container": Path(row.key).suffix.lstrip(".")}
    id = f"artifact:{row.pk}"
    return medium_of(FileFacts(id, str(asset.pk), asset.original_filename, row.checksum, found, str(row.pk)))
