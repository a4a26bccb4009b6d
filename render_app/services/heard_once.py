"""A shoot listened to once: what one camera heard serves the others that stood in the same sound, through the sync that was decided."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from media_app.core import kinds
from media_app.core.kinds import Kind
from media_app.engines import asr, beat_features, runner, semantic_timeline
from media_app.engines.base import By, Engine, Subject
from media_app.models import ArtifactSource, DerivedMedia, MediaAsset, MediaJob
from media_app.services import captions, deletion, documents
from render_app.core import heard, heard_once
from render_app.core.autocut.session import best_heard
from render_app.core.edit.angle import Angle
from render_app.core.edit.multicam import MulticamEdit
from render_app.core.heard import Stretch
from render_app.core.heard_once import Spans
from render_app.services.edit import multicam_edit
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, NotFound, StudioError
from sessions_app.models import RecordingSession
from sync_app.services.runs import CURRENT

#: What may be heard once, by the name that a request has for it.
ENGINES: dict[str, Engine] = {
    "words": asr.ENGINE,
    "timeline": semantic_timeline.ENGINE,
    "beats": beat_features.ENGINE,
}
#: The role in which an artifact names what it was moved from.
THROUGH_SYNC = "through_sync"
#: Counts our own changes to what is moved.
VERSION = "1"


class NotTheSameSound(StudioError):
    """A recording shares too little of its sound with those that were listened to."""

    code = "not_the_same_sound"
    status = 409


@dataclass(frozen=True, slots=True)
class Moved:
    """One recording of a shoot: `state` is `own` where it was listened to itself, `derived` where another was, `not_shared` where no
    other heard the same; `artifact`: what there is of it, `source`: what that was moved from, `share`: how much of it agrees with that."""

    angle: Angle
    state: str
    artifact: DerivedMedia | None = None
    source: DerivedMedia | None = None
    share: float = 0.0


def hear(context: Context, session_id: Any, what: str, by: By | None = None) -> MediaJob | list[Moved]:
    """What every recording of a decided shoot has of `what`; else the job that listens to the best heard one.

    Raises NotDecided, NotFound, InvalidInput without sound, and as `runner.request`.
    """
    edit, engine = multicam_edit(context, session_id), ENGINES[what]
    angles = [one for one in edit.angles if one.audio_channels]
    if not angles:
        raise InvalidInput("No camera of the session has sound.", field="session_id")
    recordings = MediaAsset.objects.in_tenant(context).filter(pk__in=[one.asset_id for one in angles])
    assets = {str(one.pk): one for one in recordings}
    own = _own(assets.values(), engine.produces)
    if not own:
        found = runner.request(engine, Subject(_best(edit, assets)), engine.params(), by)
        if isinstance(found, MediaJob):
            return found
        own = {str(found.asset_id): found}
    shoot = _Shoot(edit, _agreeing(edit), own)
    return [shoot.of(assets[one.asset_id], one, engine.produces) for one in angles]


def one_of(moved: list[Moved], asset_id: Any) -> list[Moved]:
    """That of one recording. Raises NotFound, and NotTheSameSound where nothing could be moved to it."""
    found = [one for one in moved if one.angle.asset_id == str(asset_id)]
    if not found:
        raise NotFound(f"The session has no recording {asset_id} with sound. Check the id.", field="asset_id")
    [one] = found
    if one.artifact is None:
        message = (
            f"The sync found {100 * one.share:.0f} percent of camera {one.angle.camera} to match the recording that was analyzed, and at least "
            f"{100 * heard_once.LEAST_SHARE:.0f} are needed. Analyze the recording itself."
        )
        raise NotTheSameSound(message, field="asset_id", details={"share": round(one.share, 4)})
    return found


def outdate(session: RecordingSession) -> None:
    """What was moved through a sync that does not stand any more goes, in the caller's transaction; captions that a person has worked
    on stay."""
    moved = DerivedMedia.objects.filter(asset__session=session, expired_at=None, meta__has_key="derived_from")
    gone = [row for row in moved if not captions.is_changed_by_hand(row)]
    deletion.schedule_deletion([row.key for row in gone])
    DerivedMedia.objects.filter(pk__in=[row.pk for row in gone]).update(expired_at=timezone.now())


def _own(assets: Iterable[MediaAsset], kind: Kind) -> dict[str, DerivedMedia]:
    """Asset → the newest of a kind that its own sound was listened to for."""
    rows = documents.of_recordings(list(assets), [kind]).order_by("created_at")
    return {str(row.asset_id): row for row in rows if "derived_from" not in row.meta}


def _best(edit: MulticamEdit, assets: dict[str, MediaAsset]) -> MediaAsset:
    """The longest recording of the camera that is heard best."""
    clips = [one for one in edit.cameras[best_heard(edit)] if one.audio_channels]
    return assets[max(clips, key=lambda one: one.duration_ms).asset_id]


def _agreeing(edit: MulticamEdit) -> dict[str, Spans]:
    """Camera → where it was found to hear what the master hears: all of the master, and nothing of one that a person moved, as that was
    compared at another place."""
    result = CURRENT.first(session=edit.session_id)
    assert result is not None, "an edit rests on it"
    found: dict[str, Spans] = {}
    for one in edit.angles:
        synced = result.camera(one.camera)
        if synced.is_master:
            found[one.camera] = ((0.0, float("inf")),)
        else:
            found[one.camera] = () if synced.corrected else heard_once.agreeing(synced.coverage)
    return found


@dataclass(frozen=True, slots=True)
class _Shoot:
    """A decided shoot, where its cameras hear the same, and what was listened to."""

    edit: MulticamEdit
    agreeing: dict[str, Spans]
    own: dict[str, DerivedMedia]

    def of(self, asset: MediaAsset, angle: Angle, kind: Kind) -> Moved:
        """What a recording has of its own, else what is moved to it."""
        if angle.asset_id in self.own:
            return Moved(angle, "own", self.own[angle.asset_id], share=1.0)
        ways = [
            (self._way(other, angle), self.own[other.asset_id])
            for other in self.edit.angles
            if other.asset_id in self.own
        ]
        way, source = max(ways, key=lambda one: heard_once.share(one[0], angle.duration_ms))
        share = heard_once.share(way, angle.duration_ms)
        if share < heard_once.LEAST_SHARE:
            return Moved(angle, "not_shared", share=share)
        return Moved(angle, "derived", self._kept(asset, kind, source, way), source, share)

    def _way(self, source: Angle, target: Angle) -> tuple[Stretch, ...]:
        clocks = heard.between(heard.to_master(source), heard.to_master(target))
        return heard_once.shared(clocks, self.agreeing[source.camera], self.agreeing[target.camera])

    def _kept(self, asset: MediaAsset, kind: Kind, source: DerivedMedia, way: tuple[Stretch, ...]) -> DerivedMedia:
        """The artifact, where the same was moved before; else it is moved now."""
        meta = _meta(source, way, self.edit.version)
        key = hashlib.sha256(json.dumps([VERSION, str(asset.pk), meta], sort_keys=True).encode()).hexdigest()
        there: DerivedMedia | None = asset.derivatives.filter(kind=kind.name, cache_key=key, expired_at=None).first()
        return there or _store(asset, source, way, meta | {"cache_key": key})


def _meta(source: DerivedMedia, way: tuple[Stretch, ...], version: int) -> dict[str, Any]:
    """Where it comes from, and by which way."""
    return {
        "derived_from": {
            "artifact_id": str(source.pk),
            "asset_id": str(source.asset_id),
            "camera": source.asset.camera_key,
        },
        "offset_ms": round(way[0].offset_ms, 4),
        "drift_ppm": round(1e6 * (way[0].pace - 1), 3),
        "agreeing_ms": [[round(part.at(part.start_ms)), round(part.at(part.end_ms))] for part in way],
        "sync_version": version,
    }


def _store(asset: MediaAsset, source: DerivedMedia, way: tuple[Stretch, ...], meta: dict[str, Any]) -> DerivedMedia:
    kind = kinds.BY_NAME[source.kind]
    body = heard_once.moved(kind.name, documents.read(source), way)
    about = {"asset_id": str(asset.pk), "artifact_id": None, "duration_ms": asset.duration_ms}
    meta = {**source.meta, **meta, **heard_once.counts(kind.name, body), "duration_ms": asset.duration_ms}
    variant = f"sync-{meta['cache_key'][:16]}"
    text = json.dumps(about | body | {"meta": meta}, sort_keys=True)
    stored = documents.store(asset, kind, text, f"{kind.name}-{variant}")
    with transaction.atomic():
        row = documents.register(stored, variant, meta)
        ArtifactSource.objects.record(row, [source], THROUGH_SYNC)
    return row
