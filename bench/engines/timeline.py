"""The semantic timeline on a mix whose parts are known."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.engines import footage, noises, songs
from bench.engines.footage import RATE, Sound
from bench.engines.running import Done, timeline_of
from bench.engines.scores import LEAST, Row
from media_app.core.sound.speech import frame_levels
from tests.support import talk

#: Frames of 10 ms this near to an edge are not judged.
EDGE = 30
#: Seeds of the mixes that no rule was made on, their noises and what is said in them.
SEEDS = (21, 22)
NOISES = ("white", "pink", "brown", "hum", "applause", "clicks", "wind", "birds", "sweeps", "typing", "ringing")
OTHERS = (
    "The ferry leaves at seven, and the last bus comes back a little after ten.",
    "Put the flour in first and stir it slowly, or you will get lumps in the sauce.",
    "Three of the lamps were broken, so we carried on with what daylight there was.",
    "My grandmother kept bees behind the house and sold the honey at the market.",
)
KINDS = ("speech", "music", "silence", "other")


@dataclass(frozen=True, slots=True)
class Part:
    """One sound of a mix. `pauses`: where it is so many dB under its mean, nothing can be said of its kind."""

    kind: str
    sound: Sound
    pauses: float = 99.0


def rows() -> Iterator[Row]:
    """Every figure of the timeline."""
    yield from _judged("", known(), goals=True)
    for seed in SEEDS:
        yield from _judged(f"unknown mix {seed}: ", unknown(seed), goals=False)
    yield from _both()


def known(seed: int = 4) -> list[Part]:
    """Speech, music, noises and silence in any order."""
    rng = np.random.default_rng(seed)
    parts = [
        Part("speech", talk.said(text, voice))
        for voice, text in zip(footage.VOICES * 2, footage.SENTENCES, strict=True)
    ]
    parts += [Part("speech", sound) for sound, _ in footage.librivox()]
    parts += [Part("music", noises.noise("music", 15, seed)) for seed in range(4)]
    parts += [Part("other", noises.noise(kind, 10)) for kind in ("white", "pink", "brown", "hum", "applause", "clicks")]
    parts += [Part("silence", talk.silence(8)), Part("silence", talk.noise(8, 0.0003))]
    return [parts[place] for place in rng.permutation(len(parts))]


def unknown(seed: int) -> list[Part]:
    """A mix that no rule was made on: other sentences in other pitches and at any level, all kinds of music and of noise."""
    rng = np.random.default_rng(seed)
    voices = zip(OTHERS, rng.permutation(footage.VOICES), strict=True)
    parts = [
        Part("speech", _pitched(talk.said(text, str(voice)), rng.uniform(0.88, 1.12)), 20) for text, voice in voices
    ]
    parts += [Part("speech", sound, 20) for sound, _ in footage.librivox()]
    parts += [Part("music", songs.song(kind, rng.uniform(65, 170), 12, seed=seed).sound) for kind in songs.KINDS]
    parts += [Part("music", noises.noise(kind, 10, seed)) for kind in ("organ", "choir")]
    parts += [Part("other", noises.noise(kind, 9, seed), 20) for kind in NOISES]
    parts += [Part("silence", talk.silence(6)), Part("silence", talk.noise(6, 0.0002, seed))]
    loud = [replace(part, sound=_leveled(part, rng.uniform(-36, -17))) for part in parts]
    return [loud[place] for place in rng.permutation(len(loud))]


def _pitched(sound: Sound, factor: float) -> Sound:
    """Faster and higher, or slower and lower."""
    return np.interp(np.arange(0, len(sound) - 1, factor), np.arange(len(sound)), sound).astype(np.float32)


def _leveled(part: Part, db: float) -> Sound:
    """At this level, as far as full scale allows it; silence as it is."""
    level = float(np.sqrt(np.mean(part.sound**2)))
    if part.kind == "silence":
        return part.sound
    return part.sound * np.float32(min(10 ** (db / 20) / level, 0.99 / np.abs(part.sound).max()))


def whole(sound: Sound) -> Done:
    """The timeline of a sound with its beats, as a request has it that says nothing of them."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        return timeline_of(talk.wav(Path(folder) / "sound.wav", sound))


def flags_of(body: dict, frames: int) -> dict[str, NDArray[np.bool_]]:
    """Which frames are of each kind."""
    flags = {kind: np.zeros(frames, bool) for kind in KINDS}
    for event in body["events"]:
        flags[event["kind"]][event["start_ms"] // 10 : event["end_ms"] // 10] = True
    return flags


def _judged(name: str, parts: list[Part], *, goals: bool) -> Iterator[Row]:
    parts = [replace(part, sound=part.sound[: len(part.sound) // 160 * 160]) for part in parts]
    sound = np.concatenate([part.sound for part in parts])
    done = whole(sound)
    found = flags_of(done.body, len(sound) // 160)
    label = np.concatenate([np.full(len(part.sound) // 160, part.kind, object) for part in parts])
    core = np.concatenate([_core(part) for part in parts])
    right = np.select([label == kind for kind in KINDS], [found[kind] for kind in KINDS])
    note = f"{len(sound) / 60 / RATE:.1f} min, {done.cpu_share:.4f} cpu s per s"
    yield Row("timeline", f"{name}right frames", 100 * float(right[core].mean()), "%", 96.0, LEAST, note)
    for kind in KINDS:
        share = 100 * float(right[core & (label == kind)].mean())
        yield Row(
            "timeline", f"{name}right frames of {kind}", share, "%", 90.0 if goals and kind == "other" else None, LEAST
        )
    wrong = found["speech"] & core & np.isin(label, ("other", "music"))
    yield Row("timeline", f"{name}noise or music taken for speech", float(wrong.sum()), "frames", 0.0)
    if goals:
        yield Row("timeline", "processor seconds for a second of sound, with its beats", done.cpu_share, "", 0.02)


def _core(part: Part) -> NDArray[np.bool_]:
    """Frames that are judged: away from the edges, and where there is sound."""
    levels = frame_levels(part.sound)
    core = levels > 10 * np.log10(np.mean(np.float64(part.sound) ** 2) + 1e-12) - part.pauses
    core[:EDGE] = core[-EDGE:] = False
    return core


def _both() -> Iterator[Row]:
    speech = np.concatenate([talk.said(text) for text in footage.SENTENCES[:4]])
    music = noises.noise("music", len(speech) / RATE + 1, 9)[: len(speech)]
    for under in (0, 10):
        gain = np.sqrt((speech**2).mean() / (music**2).mean()) * 10 ** (-under / 20)
        done = whole((0.5 * (speech + gain * music)).astype(np.float32))
        found = flags_of(done.body, len(speech) // 160)
        least = 100 * min(float(found["speech"].mean()), float(found["music"].mean()))
        yield Row(
            "timeline", f"both found, music {under} dB under speech", least, "%", 50.0, LEAST, "the worse of the two"
        )
