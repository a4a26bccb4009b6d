"""Speech with known words, music, noise and silence, made on this machine."""

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.sync.sources import has_flite
from tests.support.media import FOOTAGE

RATE = 16_000
TEXT = "We started this shoot on a Tuesday, because the hall was free. Nobody heard the director."

needs_speech = pytest.mark.skipif(not has_flite(), reason="this ffmpeg cannot speak")


def said(text: str = TEXT, voice: str = "slt") -> NDArray[np.float32]:
    """Somebody says it, at 16 kHz."""
    argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"flite=voice={voice}:text='{text}'"]
    raw = subprocess.run([*argv, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"], check=True, capture_output=True)
    return np.frombuffer(raw.stdout, np.int16).astype(np.float32) / 32768


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE), np.float32)


def noise(seconds: float, level: float = 0.05, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, level, round(seconds * RATE)).astype(np.float32)


def music(seconds: float, bpm: float = 120, seed: int = 1) -> NDArray[np.float32]:
    """A bass drum on each beat, chords and a melody of plucked notes over it."""
    rng, out = np.random.default_rng(seed), np.zeros(round(seconds * RATE))
    beat = 60 * RATE / bpm
    for number in range(int(2 * len(out) / beat)):
        at = round(number * beat / 2)
        if number % 2 == 0:
            _add(out, at, _drum())
        for hertz in rng.choice([220, 262, 294, 330, 392, 440, 523], 2):
            _add(out, at, _note(float(hertz)))
    return (0.7 * out / np.abs(out).max()).astype(np.float32)


def _note(hertz: float) -> NDArray[np.float64]:
    time = np.arange(round(0.6 * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * hertz * part * time) / part**1.3 for part in range(1, 7))
    return 0.1 * np.asarray(tones) * np.exp(-3 * time) * (1 - np.exp(-200 * time))


def _drum() -> NDArray[np.float64]:
    time = np.arange(round(0.2 * RATE)) / RATE
    return 0.4 * np.sin(2 * np.pi * (50 + 80 * np.exp(-30 * time)) * time) * np.exp(-15 * time)


def _add(out: NDArray[np.float64], at: int, sound: NDArray[np.float64]) -> None:
    part = sound[: max(0, len(out) - at)]
    out[at : at + len(part)] += part


def wav(path: Path, *parts: NDArray[np.float32], rate: int = RATE) -> Path:
    """The parts one after another as a 16-bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(np.concatenate(parts), -1, 1) * 32767).astype("<i2").tobytes())
    return path


def kept(name: str) -> Path:
    """A place for footage that is made once."""
    FOOTAGE.mkdir(parents=True, exist_ok=True)
    return FOOTAGE / name
