"""Words said by ffmpeg's flite, one at a time, so that it is known when each begins and ends; noise with a voice's envelope where
this ffmpeg cannot speak."""

import functools
import subprocess
from pathlib import Path

import numpy as np

from bench.sync.sources import WORDS, has_flite
from render_app.core.autocut.values import RATE, Samples

VOICES = ("awb", "kal16", "rms", "slt")
CACHE = Path("var/bench/autocut-voices")


def word(voice: str, rng: np.random.Generator) -> Samples:
    """One of the words, at an RMS of 0.1."""
    said = _spoken(voice) if has_flite() else _hummed(voice)
    return said[int(rng.integers(0, len(said)))]


@functools.cache
def _spoken(voice: str) -> list[Samples]:
    kept = CACHE / f"{voice}.npz"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez(kept, *(_said(voice, one) for one in WORDS[:60]))
    with np.load(kept) as found:
        return [found[name] for name in found.files]


def _said(voice: str, text: str) -> Samples:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"flite=voice={voice}:text='{text}'"]
    raw = subprocess.run([*command, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"], capture_output=True, check=True)
    return _trimmed(np.frombuffer(raw.stdout, np.float32))


def _trimmed(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    return (sound * (0.1 / np.sqrt(np.mean(sound**2)))).astype(np.float32)


@functools.cache
def _hummed(voice: str) -> list[Samples]:
    rng = np.random.default_rng(VOICES.index(voice))
    pitch = (110.0, 90.0, 140.0, 200.0)[VOICES.index(voice)]
    return [_syllables(rng, pitch) for _ in range(60)]


def _syllables(rng: np.random.Generator, pitch: float) -> Samples:
    """Some syllables of a buzzing source with moving formants."""
    parts = []
    for _ in range(int(rng.integers(1, 4))):
        time = np.arange(round(rng.uniform(0.12, 0.22) * RATE)) / RATE
        glide = pitch * rng.uniform(0.9, 1.15) * (1 + rng.uniform(-0.3, 0.3) * time)
        phase = 2 * np.pi * np.cumsum(glide) / RATE
        formants = rng.uniform((300, 900, 2200), (800, 2000, 3200))
        partials = np.arange(1, int(3600 / pitch))
        weight = sum(np.exp(-(((partials * pitch - one) / 180) ** 2)) for one in formants) + 0.02
        sound = np.sum(weight[:, None] * np.sin(partials[:, None] * phase), axis=0)
        parts.append(sound * np.hanning(time.size) ** 0.3)
    sound = np.concatenate(parts)
    return (sound * (0.1 / np.sqrt(np.mean(sound**2)))).astype(np.float32)
