"""Sound to record: speech, music, ambience, and the sounds that fool a sync engine. Seeded; 48 kHz mono float32."""

import functools
import hashlib
import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

RATE = 48_000
CACHE = Path("var/bench/sync-cache")
VOICES = ("awb", "kal16", "rms", "slt")
WORDS = [
    "time",
    "camera",
    "light",
    "window",
    "morning",
    "river",
    "music",
    "teacher",
    "question",
    "answer",
    "garden",
    "paper",
    "yellow",
    "seven",
    "mountain",
    "simple",
    "people",
    "begin",
    "walking",
    "slowly",
    "under",
    "bridge",
    "nobody",
    "knows",
    "market",
    "open",
    "early",
    "winter",
    "children",
    "story",
    "table",
    "green",
    "bottle",
    "listen",
    "again",
    "careful",
    "number",
    "eleven",
    "doctor",
    "engine",
    "quiet",
    "street",
    "evening",
    "record",
    "start",
    "stop",
    "please",
    "ready",
    "welcome",
    "studio",
    "version",
    "second",
    "minute",
    "present",
    "history",
    "science",
    "language",
    "village",
    "coffee",
    "travel",
    "station",
    "always",
    "never",
    "often",
    "brother",
    "sister",
    "hundred",
    "thousand",
    "silver",
    "copper",
    "weather",
    "thunder",
    "animal",
    "forest",
    "island",
    "captain",
    "letter",
    "pocket",
    "corner",
    "kitchen",
    "summer",
    "picture",
    "system",
    "project",
    "reason",
    "because",
    "before",
    "behind",
    "between",
    "against",
    "without",
    "through",
    "another",
]

Signal = NDArray[np.float32]


def speech(rng: np.random.Generator, seconds: float) -> Signal:
    """Somebody talks, with pauses: ffmpeg's flite where this ffmpeg has it, shaped noise where not."""
    return _flite(rng, seconds) if has_flite() else _babble(rng, seconds)


@functools.cache
def has_flite() -> bool:
    """Whether the ffmpeg at hand can speak."""
    if shutil.which("ffmpeg") is None:
        return False
    filters = subprocess.run(["ffmpeg", "-hide_banner", "-filters"], capture_output=True, text=True, check=False).stdout
    return " flite " in filters


def _flite(rng: np.random.Generator, seconds: float) -> Signal:
    voice = str(rng.choice(VOICES))
    out: list[Signal] = []
    have = 0
    while have < seconds * RATE:
        text = ". ".join(" ".join(rng.choice(WORDS, size=int(rng.integers(4, 12)))) for _ in range(24))
        said = _said(voice, text)
        pause = np.zeros(int(rng.uniform(0.2, 2.0) * RATE), np.float32)
        out += [said, pause]
        have += said.size + pause.size
    return normalised(np.concatenate(out)[: int(seconds * RATE)])


def _said(voice: str, text: str) -> Signal:
    key = hashlib.sha256(f"{voice}:{text}".encode()).hexdigest()[:24]
    kept = CACHE / f"{key}.npy"
    if kept.exists():
        return np.load(kept).astype(np.float32) / 32768
    command = ["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"flite=voice={voice}:text='{text}'"]
    raw = subprocess.run([*command, "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"], capture_output=True, check=True)
    said = np.frombuffer(raw.stdout, np.int16)
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(kept, said)
    return said.astype(np.float32) / 32768


def _babble(rng: np.random.Generator, seconds: float) -> Signal:
    out = np.zeros(int(seconds * RATE), np.float32)
    at = 0
    while at < out.size:
        length = int(rng.uniform(0.05, 0.25) * RATE)
        time = np.arange(length) / RATE
        if rng.random() < 0.3:
            sound = rng.standard_normal(length)
        else:
            pitch = rng.uniform(90, 220) * (1 + 0.1 * rng.standard_normal() * time / 0.2)
            sound = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE)
        for formant in (rng.uniform(300, 900), rng.uniform(900, 2500), rng.uniform(2500, 3500)):
            low, high = formant * 0.85, formant * 1.15
            sound = sound * 0.4 + signal.sosfilt(
                signal.butter(2, [low, high], "bandpass", fs=RATE, output="sos"), sound
            )
        sound = sound * np.hanning(length) * rng.uniform(0.3, 1.0)
        room = min(length, out.size - at)
        out[at : at + room] += sound[:room].astype(np.float32)
        at += int(length * rng.uniform(0.7, 1.1)) + (int(rng.exponential(0.4) * RATE) if rng.random() < 0.15 else 0)
    return normalised(out)


def music(rng: np.random.Generator, seconds: float, bpm: float | None = None) -> Signal:
    """A band that never plays a bar twice alike: melody, chords, bass, drums."""
    beat = 60 / (bpm or rng.uniform(80, 150))
    out = np.zeros(int(seconds * RATE) + 4 * RATE, np.float32)
    scale = np.array([0, 2, 3, 5, 7, 8, 10]) + rng.integers(40, 52)
    for step in range(int(seconds / beat * 2)):
        at = int((step * beat / 2 + rng.normal(0, 0.004)) * RATE)
        if at < 0:
            continue
        if rng.random() < 0.6:
            _add(out, at, _note(rng, float(rng.choice(scale)) + 24, beat * rng.uniform(0.4, 1.5), 0.5))
        if step % 4 == 0:
            for pitch in rng.choice(scale, size=3, replace=False):
                _add(out, at, _note(rng, float(pitch) + 12, beat * 2, 0.25))
            _add(out, at, _note(rng, float(rng.choice(scale)), beat, 0.6))
        if step % 2 == 0 or rng.random() < 0.4:
            _add(out, at, _drum(rng))
    return normalised(out[: int(seconds * RATE)])


def _note(rng: np.random.Generator, midi: float, seconds: float, level: float) -> Signal:
    time = np.arange(int(seconds * RATE), dtype=np.float32) / RATE
    pitch = 440 * 2 ** ((midi - 69) / 12)
    sound = np.zeros_like(time)
    for partial in range(1, 9):
        if pitch * partial < 16_000:
            phase = rng.uniform(0, 2 * np.pi)
            sound += np.sin(2 * np.pi * pitch * partial * time + phase) / partial * rng.uniform(0.5, 1)
    return (level * rng.uniform(0.6, 1) * sound * np.exp(-3 * time / seconds)).astype(np.float32)


def _drum(rng: np.random.Generator) -> Signal:
    time = np.arange(int(0.12 * RATE)) / RATE
    kick = np.sin(2 * np.pi * (50 + 60 * np.exp(-30 * time)) * time) if rng.random() < 0.5 else 0
    return ((kick + 0.5 * rng.standard_normal(time.size)) * np.exp(-40 * time) * rng.uniform(0.5, 1)).astype(np.float32)


def _add(out: Signal, at: int, sound: Signal) -> None:
    room = min(sound.size, out.size - at)
    if room > 0:
        out[at : at + room] += sound[:room]


def ambience(rng: np.random.Generator, seconds: float) -> Signal:
    """Outdoors: wind, a road, birds and steps."""
    n = int(seconds * RATE)
    out = 0.25 * coloured(rng, n, 1.0) * (1 + 0.5 * _slow(rng, n, 0.3)) + 0.03 * rng.standard_normal(n)
    for _ in range(int(seconds * 1.2)):
        at = int(rng.integers(0, n))
        if rng.random() < 0.5:
            time = np.arange(int(rng.uniform(0.05, 0.3) * RATE)) / RATE
            sweep = rng.uniform(2000, 5000) + rng.uniform(-4000, 4000) * time
            _add(out, at, (0.3 * np.sin(2 * np.pi * sweep * time) * np.hanning(time.size)).astype(np.float32))
        else:
            _add(out, at, 0.6 * _drum(rng))
    return normalised(out.astype(np.float32))


def applause(rng: np.random.Generator, seconds: float) -> Signal:
    """Many hands, each clap a short burst; nothing repeats."""
    n = int(seconds * RATE)
    out = np.zeros(n, np.float32)
    clap = np.exp(-np.arange(int(0.02 * RATE)) / (0.003 * RATE))
    for at in rng.integers(0, n, size=int(seconds * 120)):
        _add(out, int(at), (clap * rng.standard_normal(clap.size) * rng.uniform(0.2, 1)).astype(np.float32))
    return normalised(out)


def loop(rng: np.random.Generator, seconds: float, period: float) -> Signal:
    """One bar of music, again and again, to the sample."""
    bar = music(rng, period)
    return np.tile(bar, int(np.ceil(seconds / period)))[: int(seconds * RATE)]


def metronome(rng: np.random.Generator, seconds: float, bpm: float = 120) -> Signal:
    """The same click on every beat."""
    out = np.zeros(int(seconds * RATE), np.float32)
    time = np.arange(int(0.03 * RATE)) / RATE
    click = (np.sin(2 * np.pi * 1800 * time) * np.exp(-150 * time)).astype(np.float32)
    for at in np.arange(0, seconds, 60 / bpm):
        _add(out, round(at * RATE), click)
    return normalised(out)


def tone(seconds: float, pitch: float = 1000) -> Signal:
    """Line-up tone."""
    return (0.25 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def hum(seconds: float, mains: float = 50) -> Signal:
    """Mains hum with its harmonics."""
    time = np.arange(int(seconds * RATE)) / RATE
    return normalised(sum(np.sin(2 * np.pi * mains * k * time) / k for k in range(1, 12)).astype(np.float32))


def coloured(rng: np.random.Generator, n: int, slope: float) -> Signal:
    """Noise whose amplitude falls with frequency to the power `slope` / 2: 0 white, 1 pink, 2 brown."""
    length = fft.next_fast_len(n, real=True)
    spectrum = fft.rfft(rng.standard_normal(length).astype(np.float32))
    spectrum *= np.maximum(np.arange(spectrum.size), 20 * n / RATE).astype(np.float32) ** (-slope / 2)
    return normalised(fft.irfft(spectrum, length)[:n])


def _slow(rng: np.random.Generator, n: int, hertz: float) -> Signal:
    points = rng.standard_normal(int(n / RATE * hertz) + 4)
    return np.interp(np.arange(n), np.linspace(0, n, points.size), points).astype(np.float32)


def normalised(sound: Signal) -> Signal:
    """The same sound at an RMS of 0.1 (−20 dBFS)."""
    level = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    return (sound * (0.1 / level)).astype(np.float32) if level > 0 else sound.astype(np.float32)
