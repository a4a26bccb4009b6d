"""Cleaned audio: mono, one rate, no constant offset, in its samples where the recording has it."""

from dataclasses import field, replace
from typing import Literal

from media_app.audio import Wav, WavWriter
from media_app.core import kinds
from media_app.core.sound.cleaning import OffsetMeter, without
from media_app.engines.base import Backend, Engine, EngineParams, Source
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.files import Outputs, describe
from media_app.making.workspace import Workspace

DOWNMIX = "mean of the channels that are heard"


class Params(EngineParams):
    """Samples per second of what comes out."""

    sample_rate: Literal[16000, 22050, 24000, 32000, 44100, 48000] = field(default=48000)


ENGINE = Engine(
    "preprocess",
    kinds.AUDIO_CLEAN,
    "Cleaning the sound",
    params=Params,
    backend=Backend("soxr"),
    route="audio/preprocess",
    hears=True,
    scratch_bytes=lambda found: 2 * decoded_bytes(found, rate=48_000),
)


def make(source: Source, params: Params, work: Workspace) -> Outputs:
    path = work.folder / "clean.wav"
    with decoded(source.path, source.found, work.share(0, 60), rate=params.sample_rate) as sound:
        offset = _offset(sound)
        with WavWriter(path, sound.rate, 1) as out:
            for block in sound.blocks():
                work.check()
                out.write(without(block, offset))
    meta = {
        "sample_rate": params.sample_rate,
        "samples": out.frames,
        "downmix": DOWNMIX,
        "resampler": "soxr, 28 bits",
        "dc_offset": round(offset, 9),
        "lag_samples": 0,
    }
    file = describe(kinds.AUDIO_CLEAN, path, meta)
    return Outputs((replace(file, start_ms=0.0, end_ms=1000 * out.frames / params.sample_rate),))


def _offset(sound: Wav) -> float:
    meter = OffsetMeter()
    for block in sound.blocks():
        meter.feed(block)
    return meter.offset
