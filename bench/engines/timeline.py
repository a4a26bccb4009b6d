"""The semantic timeline on a mix whose parts are known."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.engines import footage, noises
from bench.engines.footage import RATE, Sound
from bench.engines.running import run
from bench.engines.scores import LEAST, Row
from media_app.engines import semantic_timeline
from tests.support import talk

#: Frames of 10 ms this near to an edge are not judged.
EDGE = 30
KINDS = ("speech", "music", "silence", "other")


def rows() -> Iterator[Row]:
    """Every figure of the timeline."""
    yield from _mix()
    yield from _both()


def mixed(seed: int = 4) -> tuple[Sound, list[tuple[str, int]]]:
    """Speech, music, noises and silence in any order: the sound, and (kind, frames) of each part."""
    rng = np.random.default_rng(seed)
    parts = [
        ("speech", talk.said(text, voice)) for voice, text in zip(footage.VOICES * 2, footage.SENTENCES, strict=True)
    ]
    parts += [("speech", sound) for sound, _ in footage.librivox()]
    parts += [("music", noises.noise("music", 15, seed)) for seed in range(4)]
    parts += [("other", noises.noise(kind, 10)) for kind in ("white", "pink", "brown", "hum", "applause", "clicks")]
    parts += [("silence", talk.silence(8)), ("silence", talk.noise(8, 0.0003))]
    order = rng.permutation(len(parts))
    whole = [(kind, sound[: len(sound) // 160 * 160]) for kind, sound in (parts[place] for place in order)]
    return np.concatenate([sound for _, sound in whole]), [(kind, len(sound) // 160) for kind, sound in whole]


def flags_of(body: dict, frames: int) -> dict[str, NDArray[np.bool_]]:
    """Which frames are of each kind."""
    flags = {kind: np.zeros(frames, bool) for kind in KINDS}
    for event in body["events"]:
        flags[event["kind"]][event["start_ms"] // 10 : event["end_ms"] // 10] = True
    return flags


def _mix() -> Iterator[Row]:
    sound, parts = mixed()
    params = semantic_timeline.Params(include_beats=False)
    done = run(semantic_timeline, sound, params)
    frames = len(sound) // 160
    found = flags_of(done.body, frames)
    label, core, at = np.empty(frames, object), np.zeros(frames, bool), 0
    for kind, count in parts:
        label[at : at + count] = kind
        core[at + EDGE : at + count - EDGE] = True
        at += count
    right = np.array([found[label[frame]][frame] for frame in range(frames)])
    note = f"{frames / 6000:.1f} min, {done.cpu_share:.4f} cpu s per s"
    yield Row("timeline", "right frames away from edges", 100 * float(right[core].mean()), "%", 96.0, LEAST, note)
    for kind in KINDS:
        goal = 90.0 if kind == "other" else None
        yield Row(
            "timeline", f"right frames of {kind}", 100 * float(right[core & (label == kind)].mean()), "%", goal, LEAST
        )
    wrong = found["speech"] & core & np.isin(label, ("other", "music"))
    yield Row("timeline", "frames of noise or music taken for speech", float(wrong.sum()), "", 0.0)
    yield Row("timeline", "processor seconds for a second of sound", done.cpu_share, "", 0.02)


def _both() -> Iterator[Row]:
    speech = np.concatenate([talk.said(text) for text in footage.SENTENCES[:4]])
    music = noises.noise("music", len(speech) / RATE + 1, 9)[: len(speech)]
    for under in (0, 10):
        gain = np.sqrt((speech**2).mean() / (music**2).mean()) * 10 ** (-under / 20)
        done = run(semantic_timeline, (0.5 * (speech + gain * music)).astype(np.float32))
        found = flags_of(done.body, len(speech) // 160)
        least = 100 * min(float(found["speech"].mean()), float(found["music"].mean()))
        yield Row(
            "timeline", f"both found, music {under} dB under speech", least, "%", 50.0, LEAST, "the worse of the two"
        )
