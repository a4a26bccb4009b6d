"""The highlights of recordings, from what was analyzed of them before: nothing is looked at or listened to here. The same analyses
give the same highlights, so an answer is kept until one of them is another."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from media_app.core import kinds
from media_app.core.kinds import Kind
from media_app.models import DerivedMedia, MediaAsset
from media_app.services import documents
from media_app.services.registry import find_asset
from render_app.core.highlights import choosing, readers, scoring
from render_app.core.highlights.choosing import PACINGS, Highlight
from render_app.core.highlights.scoring import Observed, Scored
from render_app.models import Clip
from render_app.services import timelines
from render_app.services.edit import multicam_edit
from render_app.services.timeline_media import angles_of
from sessions_app.core.tenant import Context
from sessions_app.errors import InvalidInput, StudioError, WrongStatus

#: Recordings of one question.
MOST = 50
#: Seconds for which an answer is kept.
KEPT_S = 24 * 3600
_USED = (kinds.AUDIO_SEMANTIC_TIMELINE, kinds.ASR_TRANSCRIPT, kinds.VIDEO_REGION_SUMMARY, kinds.VISUAL_META)


class NotAnalyzed(StudioError):
    """Nothing is known of a recording by which a highlight could be found."""

    code = "not_analyzed"
    status = 409


class NoHighlights(StudioError):
    """Nothing in the recordings stands out."""

    code = "no_highlights"
    status = 422


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: of a project's recordings, or of those named."""

    target_duration_ms: float
    pacing: str
    project_id: Any = None
    asset_ids: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class _Recording:
    """A recording with what was analyzed of it."""

    asset: MediaAsset
    rows: Mapping[str, DerivedMedia]
    observed: Observed
    scored: Scored


def find(context: Context, wish: Wish) -> dict[str, Any]:
    """The stretches that stand out, each with its terms, also as a track for a sequence.

    Raises NotFound, InvalidInput, WrongStatus, NotAnalyzed, NoHighlights.
    """
    assets = _assets(context, wish)
    analyzed = [(asset, _rows_of(asset)) for asset in assets]
    key = _cache_key(wish, analyzed)
    if (kept := cache.get(key)) is not None:
        return kept | {"meta": {**kept["meta"], "cache_hit": True}}
    answer = _chosen(wish, [_recording(asset, rows) for asset, rows in analyzed])
    answer["meta"] |= {"cache_key": key, "cache_hit": False}
    cache.set(key, answer, KEPT_S)
    return answer


def _cache_key(wish: Wish, analyzed: Sequence[tuple[MediaAsset, Mapping[str, DerivedMedia]]]) -> str:
    """A digest of what decides the answer: what was asked for, the recordings, and the analyses of them. Their ids are of one tenant."""
    seen = [
        [
            *(str(asset.pk), asset.original_filename, asset.duration_ms),
            sorted((name, str(row.pk), row.checksum, row.key) for name, row in rows.items()),
        ]
        for asset, rows in analyzed
    ]
    asked = [None if wish.project_id is None else str(wish.project_id), wish.target_duration_ms, wish.pacing]
    what = ["highlights", scoring.VERSION, asked, seen]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def _chosen(wish: Wish, recordings: Sequence[_Recording]) -> dict[str, Any]:
    """Raises NoHighlights."""
    pairs = [(one.observed, one.scored) for one in recordings]
    chosen = choosing.choose(pairs, wish.target_duration_ms, PACINGS[wish.pacing])
    if not chosen:
        raise NoHighlights(
            "Nothing in these recordings stands out between two pauses and is short enough. Ask for a longer target, or "
            "analyze more of them: speech, words, faces, or shots.",
            field="target_duration_ms",
        )
    return _answer(wish, recordings, chosen)


def _assets(context: Context, wish: Wish) -> list[MediaAsset]:
    """Each once, in order. Raises NotFound, InvalidInput, WrongStatus."""
    of_project = wish.project_id is not None
    ids = _ids_in_project(context, wish.project_id) if of_project else list(dict.fromkeys(map(str, wish.asset_ids)))
    field = "project_id" if of_project else "asset_ids"
    if not 0 < len(ids) <= MOST:
        raise InvalidInput(f"These are {len(ids)} recordings. Name 1 to {MOST} of them in asset_ids.", field=field)
    found = [find_asset(context, id) for id in ids]
    for asset in found:
        name = asset.original_filename
        if asset.status != MediaAsset.Status.READY:
            raise WrongStatus(f"{name} is {asset.status}, not ready. Ask again when it is.", field=field)
        if not asset.duration_ms:
            raise InvalidInput(f"{name} is neither video nor audio, so it has no highlights.", field=field)
    return found


def _ids_in_project(context: Context, project_id: Any) -> list[str]:
    """The recordings that a project's clips show, in their order."""
    project = timelines.find(context, "project", project_id)
    clips = Clip.objects.filter(track__sequence__project=project).order_by("start_ms_on_timeline", "pk")
    return list(dict.fromkeys(id for clip in clips for id in _ids_of(context, clip)))


def _ids_of(context: Context, clip: Clip) -> list[str]:
    if clip.asset_id:
        return [str(clip.asset_id)]
    if not clip.session_id:
        return []
    angles = multicam_edit(context, clip.session_id).angles
    return [angle.asset_id for angle in angles_of(angles, str(clip.camera_label))]


def _rows_of(asset: MediaAsset) -> Mapping[str, DerivedMedia]:
    """The newest analysis of each kind. Raises NotAnalyzed."""
    rows = {kind.name: row for kind in _USED if (row := documents.newest(asset, kind)) is not None}
    _refuse_unknown(asset, rows)
    return rows


def _recording(asset: MediaAsset, rows: Mapping[str, DerivedMedia]) -> _Recording:
    """Raises NotAnalyzed."""
    observed = _observed(asset, rows)
    return _Recording(asset, rows, observed, scoring.score(observed))


def _refuse_unknown(asset: MediaAsset, rows: Mapping[str, DerivedMedia]) -> None:
    """Where people may speak, nothing is cut that was not listened to; a silent film has to be looked at."""
    if asset.has_audio:
        missing = not _any(rows, kinds.AUDIO_SEMANTIC_TIMELINE, kinds.ASR_TRANSCRIPT)
        route, what = "/audio/semantic-timeline/analyze", "was not listened to"
    else:
        missing = not _any(rows, kinds.VISUAL_META, kinds.VIDEO_REGION_SUMMARY)
        route, what = "/video/visual-meta/analyze or /video/regions", "has no sound and was not looked at"
    if missing:
        raise NotAnalyzed(
            f"{asset.original_filename} {what} yet. Ask for it with POST {route} first.",
            field="asset_ids",
            details={"asset_id": str(asset.pk), "run_first": route.split(" or ")},
        )


def _any(rows: Mapping[str, DerivedMedia], *wanted: Kind) -> bool:
    return any(kind.name in rows for kind in wanted)


def _observed(asset: MediaAsset, rows: Mapping[str, DerivedMedia]) -> Observed:
    """What the analyses say. Raises NotAnalyzed for one of another form, which a client may have registered."""
    try:
        return readers.observed(
            float(asset.duration_ms or 0), {name: documents.read(row) for name, row in rows.items()}
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotAnalyzed(
            f"An analysis of {asset.original_filename} cannot be read: it is not as Studio writes it. Make it again.",
            field="asset_ids",
            details={"asset_id": str(asset.pk), "artifact_ids": [str(row.pk) for row in rows.values()]},
        ) from error


def _answer(wish: Wish, recordings: Sequence[_Recording], chosen: Sequence[Highlight]) -> dict[str, Any]:
    lasts = round(sum(one.duration_ms for one in chosen), 3)
    meta = {"highlight_score_version": scoring.VERSION, "pacing": wish.pacing}
    return {
        "project_id": None if wish.project_id is None else str(wish.project_id),
        "target_duration_ms": wish.target_duration_ms,
        "duration_ms": lasts,
        "highlights": [_shown(one, recordings[one.number]) for one in chosen],
        "tracks": [{"kind": "video", "meta": dict(meta), "clips": _clips(chosen, recordings)}],
        "sources": [_source(one) for one in recordings],
        "warnings": _warnings(wish, recordings, lasts),
        "meta": meta,
    }


def _shown(one: Highlight, recording: _Recording) -> dict[str, Any]:
    scored, stretch = recording.scored, (one.start_ms, one.end_ms)
    return {
        "asset_id": str(recording.asset.pk),
        "start_ms": one.start_ms,
        "end_ms": one.end_ms,
        "score": one.score,
        "terms": {
            name: {
                "measured": round(scored.means(values)(*stretch), 4),
                "deviation": round(scored.means(scored.deviations[name])(*stretch), 4),
            }
            for name, values in scored.measured.items()
        },
    }


def _clips(chosen: Sequence[Highlight], recordings: Sequence[_Recording]) -> list[dict[str, Any]]:
    """As `POST /video/tracks/{id}/clips` takes them, one after the other."""
    clips, at = [], 0.0
    for one in chosen:
        clips.append(
            {
                "asset_id": str(recordings[one.number].asset.pk),
                "in_ms": one.start_ms,
                "out_ms": one.end_ms,
                "start_ms_on_timeline": round(at, 3),
                "meta": {"highlight_score": one.score},
            }
        )
        at += one.duration_ms
    return clips


def _source(recording: _Recording) -> dict[str, Any]:
    """What a recording was judged by, and what was not known of it."""
    return {
        "asset_id": str(recording.asset.pk),
        "artifact_ids": {name: str(row.pk) for name, row in recording.rows.items()},
        "terms": [name for name, values in recording.scored.deviations.items() if values.any()],
        "unknown": [name for name in scoring.TERMS if name not in recording.scored.measured],
    }


def _warnings(wish: Wish, recordings: Sequence[_Recording], lasts: float) -> list[str]:
    found = []
    if lasts < 0.9 * wish.target_duration_ms:
        found.append(f"Only {lasts / 1000:.1f} s of {wish.target_duration_ms / 1000:.1f} s stand out.")
    for one in recordings:
        if not one.scored.total.any():
            found.append(f"Nothing in {one.asset.original_filename} stands out from the rest in the analysis.")
    return found
