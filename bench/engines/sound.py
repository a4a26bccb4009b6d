"""Segments, cleaned sound, beats and clearer voices, against truth that is made here; `ENGINES_SPEECH` names real speech that is used
besides."""

import os
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import mir_eval
import numpy as np
from pesq import pesq
from pystoi import stoi
from scipy import signal

from bench.engines import noises, songs
from bench.engines.scores import LEAST, Row
from media_app.audio import WavWriter, open_wav
from media_app.engines import beat_features, preprocess, segment, voice_enhance
from media_app.engines.base import Source
from media_app.making.files import Outputs
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import talk, voices

RATE = voices.RATE
TEMPOS = (60, 72, 80, 90, 100, 110, 120, 128, 140, 150, 160, 174, 180)
#: By how much of itself a drifting tempo changes in 20 s.
DRIFT = 0.06
#: Among what is no speech, these have beats.
RHYTHMIC = ("music", "drums", "clicks")
VOICES = ("slt", "rms", "awb")


def rows() -> Iterator[Row]:
    """All goals."""
    warnings.simplefilter("ignore")
    yield from exact()
    yield from beats()
    yield from enhance()


def made(engine: ModuleType, sound: np.ndarray, rate: int, folder: Path, **params: Any) -> Outputs:
    """What the engine makes of this mono sound, heard on both sides."""
    heard = folder / "heard.wav"
    with WavWriter(heard, rate, 2) as out:
        out.write(np.stack([sound, sound], axis=1).astype(np.float32))
    found = inspect(heard)
    source = Source(heard, found, backend=engine.ENGINE.backend.name, duration_ms=1000 * float(found.duration))
    outputs: Outputs = engine.make(source, engine.Params(**params), Workspace(folder).subfolder("made"))
    return outputs


def sound_of(outputs: Outputs) -> np.ndarray:
    with open_wav(outputs.files[0].path) as wav:
        return np.concatenate(list(wav.blocks()))


def lag(before: np.ndarray, after: np.ndarray) -> int:
    return int(np.argmax(signal.correlate(after, before, method="fft"))) - (len(before) - 1)


def exact() -> Iterator[Row]:
    """Lengths and places, in samples."""
    sound = voices.spoken()[: 6 * RATE]
    with tempfile.TemporaryDirectory() as folder:
        clean = sound_of(made(preprocess, sound, RATE, Path(folder)))
    yield Row("clean", "lag, samples", abs(lag(sound, clean)), "", 1)
    yield Row("clean", "length, samples off", abs(len(clean) - len(sound)), "", 1)
    with tempfile.TemporaryDirectory() as folder:
        files = made(segment, sound, RATE, Path(folder), segment_seconds=0.7).files
        joined = np.concatenate([_read(file.path) for file in files])
    yield Row("segment", "samples that differ from the recording", float(np.sum(joined != sound)), "", 0)


def _read(path: Path) -> np.ndarray:
    with open_wav(path) as wav:
        return np.concatenate(list(wav.blocks()))


def beats() -> Iterator[Row]:
    """F at ±30 ms with the octave counted, over five kinds of music, steady and drifting; and beats where there is none."""
    for kind in songs.KINDS:
        found = [_f_measure(songs.song(kind, bpm, drift=drift)) for drift in (0.0, DRIFT, -DRIFT) for bpm in TEMPOS]
        yield Row("beats", f"{kind}, 60 to 180 bpm: F(30 ms), mean", float(np.mean(found)), "", 0.97, LEAST)
        yield Row("beats", f"{kind}, 60 to 180 bpm: F(30 ms), worst", float(np.min(found)), "", 0.9, LEAST)
    speech = np.concatenate([talk.said(voices.TEXT, voice) for voice in VOICES])
    silent = {kind: noises.noise(kind, 30) for kind in noises.KINDS if kind not in RHYTHMIC}
    for name, sound in ({"speech": speech} | silent).items():
        yield Row("beats", f"beats in {name}", len(_beats(sound)), "", 0)
    if (real := real_speech(16_000)) is not None:
        yield Row("beats", "beats in real speech", len(_beats(real)), "", 0)


def _f_measure(song: songs.Song) -> float:
    trimmed = (mir_eval.beat.trim_beats(each, 1.0) for each in (song.beats, np.array(_beats(song.sound))))
    return float(mir_eval.beat.f_measure(*trimmed, 0.03))


def _beats(sound: np.ndarray) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        [document] = made(beat_features, sound, talk.RATE, Path(folder)).documents
    return [beat["time_ms"] / 1000 for beat in document.body["beats"]]


def real_speech(rate: int) -> np.ndarray | None:
    """The recording that ENGINES_SPEECH names, its first 20 s; None where none is named."""
    named = os.environ.get("ENGINES_SPEECH")
    if not named:
        return None
    argv = ["ffmpeg", "-v", "error", "-t", "20", "-i", named, "-ac", "1", "-ar", str(rate), "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(argv, check=True, capture_output=True).stdout, np.float32)


def enhance(seconds: int = 6) -> Iterator[Row]:
    """PESQ and STOI against the clean voice, and the lag, mean over voices; what was rejected counts as it came."""
    spoken = {voice: voices.spoken(voice)[: seconds * RATE] for voice in VOICES}
    noises = {voice: voices.at_snr(sound, voices.white(len(sound)), 10) for voice, sound in spoken.items()}
    crowds = {voice: voices.at_snr(sound, voices.babble(len(sound)), 5) for voice, sound in spoken.items()}
    clean = [_enhanced(sound, sound) for sound in spoken.values()]
    yield Row("enhance", "clean voice: PESQ, mean", _mean(clean, "pesq"), "", 4.5, LEAST)
    white = [_enhanced(spoken[one], spoken[one] + noises[one], mode="phone_recording") for one in VOICES]
    yield Row("enhance", "white noise 10 dB, phone: PESQ gained, mean", _mean(white, "pesq_gained"), "", 1.0, LEAST)
    yield Row(
        "enhance",
        "white noise 10 dB, phone: STOI gained, worst",
        min(one["stoi_gained"] for one in white),
        "",
        -0.01,
        LEAST,
    )
    for strength in (None, 1.0):
        babble = [_enhanced(spoken[one], spoken[one] + crowds[one], aggressiveness=strength) for one in VOICES]
        name = "default" if strength is None else "full strength"
        yield Row(
            "enhance",
            f"babble 5 dB, {name}: STOI gained, worst",
            min(b["stoi_gained"] for b in babble),
            "",
            -0.01,
            LEAST,
        )
    everything = [*clean, *white, *babble]
    yield Row("enhance", "lag, samples, worst", max(abs(one["lag"]) for one in everything), "", 1)
    if (real := real_speech(RATE)) is not None:
        yield Row("enhance", "real speech as it is: PESQ to itself", _enhanced(real, real)["pesq"], "", 4.0, LEAST)


def _enhanced(clean: np.ndarray, sound: np.ndarray, **params: Any) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        out = sound_of(made(voice_enhance, sound, RATE, Path(folder), **params))
    before, after = _against(clean, sound), _against(clean, out)
    gained = {f"{name}_gained": after[name] - before[name] for name in before}
    return after | gained | {"lag": lag(sound, out)}


def _against(clean: np.ndarray, sound: np.ndarray) -> dict[str, float]:
    reference, heard = (signal.resample_poly(each, 1, 3) for each in (clean, sound))
    return {"pesq": float(pesq(16_000, reference, heard, "wb")), "stoi": float(stoi(reference, heard, 16_000))}


def _mean(found: list[dict[str, float]], name: str) -> float:
    return float(np.mean([one[name] for one in found]))
