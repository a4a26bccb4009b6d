"""Align: each word of a transcript in the bar and beat in which it starts. No word is moved, and no bar is made up."""

import json
import math
from collections.abc import Mapping
from typing import Any

from media_app.core import kinds
from media_app.core.hearing.bars import Beat, align, beats_of
from media_app.core.hearing.transcript import words_of
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.errors import CannotSucceed
from media_app.making.files import Document, Outputs
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

MOST_BEATS = 100_000
#: What an artifact's `meta.beat_features` has in place of its beats.
SUMMARY = {"beat_count": 0}
#: Why there are no bars where the beats say nothing of it themselves.
NO_BEATS = "no_beats"


class Params(EngineParams):
    """`beat_meta`: `{"beats": [{"time_ms": 0, "bar_index": 0}, …]}` in place of the beats that Studio finds; or an artifact's
    `meta.beat_features`, which stands for the beats of that artifact."""

    beat_meta: dict | None = None

    def refuse(self, duration_ms: int | None) -> None:
        if self.beat_meta is not None and not _is_summary(self.beat_meta):
            _given(self.beat_meta)


ENGINE = Engine(
    "align_bars",
    kinds.BARS,
    "Aligning words to bars",
    params=Params,
    route="audio/align",
    backend=Backend("words_to_bars", "none", "2"),
    takes=(kinds.ASR_TRANSCRIPT,),
    wants=lambda params: (kinds.BEAT_FEATURES,) if _is_summary(params.beat_meta or SUMMARY) else (),
    artifact_field="asr_artifact",
    answers=("bars",),
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    words = words_of(json.loads(source.path.read_text(encoding="utf-8")))
    found, reason = _found(source, params)
    beats = found if _is_summary(params.beat_meta or SUMMARY) else _given(params.beat_meta or {})
    bars, outside = align(words, beats)
    body = {"bars": bars, "outside": outside, "reason": reason if not bars else ""}
    meta = {"bar_count": len(bars), "beat_count": len(beats), "downbeat_source": _downbeats(source, params)}
    return Outputs(documents=(Document(kinds.BARS, body, meta),))


def _is_summary(beat_meta: Mapping[str, Any]) -> bool:
    return "beats" not in beat_meta and SUMMARY.keys() <= beat_meta.keys()


def _found(source: Source, params: Params) -> tuple[tuple[Beat, ...], str]:
    """The beats that the beat engine found, and why there are none. Raises CannotSucceed where they are others than were meant."""
    path = source.artifacts.get(kinds.BEAT_FEATURES.name)
    if path is None:
        return (), NO_BEATS
    stored = json.loads(path.read_text(encoding="utf-8"))
    if params.beat_meta is not None and params.beat_meta.get("beats") is None:
        _refuse_others(stored, params.beat_meta)
    return _beats(stored.get("beats", [])), stored.get("reason") or NO_BEATS


def _refuse_others(stored: Mapping[str, Any], meant: Mapping[str, Any]) -> None:
    meta = stored.get("meta")
    known = meta.get("beat_features") if isinstance(meta, Mapping) else None
    if known != meant:
        raise CannotSucceed(
            "beat_meta is the summary of other beats than the newest of this recording. Leave it out, or send the beats themselves."
        )


def _beats(listed: list[Mapping[str, Any]]) -> tuple[Beat, ...]:
    return beats_of([beat["time_ms"] for beat in listed], [beat.get("bar_index") for beat in listed])


def _downbeats(source: Source, params: Params) -> str:
    """Where the bars come from: the request, or the assumption of four beats."""
    given = (params.beat_meta or {}).get("beats") or [{}]
    return "given" if all(beat.get("bar_index") is not None for beat in given) else "assumed"


def _given(beat_meta: Mapping[str, Any]) -> tuple[Beat, ...]:
    """The beats of a request. Raises InvalidInput."""
    listed = beat_meta.get("beats")
    if not isinstance(listed, list) or len(listed) > MOST_BEATS or not all(_is_beat(beat) for beat in listed):
        raise InvalidInput(
            'beat_meta is {"beats": [{"time_ms": 0, "bar_index": 0}, …]}, in ms; bar_index may be left out. Or send meta.beat_features '
            "of the recording's own beats as it is.",
            field="beat_meta",
        )
    times = [beat["time_ms"] for beat in listed]
    if times != sorted(times):
        raise InvalidInput("The beats of beat_meta are in order of time.", field="beat_meta")
    return _beats(listed)


def _is_beat(beat: Any) -> bool:
    if not isinstance(beat, Mapping):
        return False
    time, bar = beat.get("time_ms"), beat.get("bar_index")
    timed = isinstance(time, int | float) and not isinstance(time, bool) and math.isfinite(time)
    return timed and (bar is None or (isinstance(bar, int) and not isinstance(bar, bool)))
