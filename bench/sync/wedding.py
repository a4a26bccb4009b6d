"""A wedding day: two recorders of hours and three cameras of many clips, `python -m bench.sync.wedding [--hours 5] [--clips 40]`.

The day's sound is made once, at 16 kHz, and every recording reads it through its own clock, echo, level and noise, so that
twenty hours need no twenty hours of files. Four clips are of something else.
"""

import argparse
import json
import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sync_app.core.engine import align
from sync_app.core.values import Alignment

RATE = 16_000
KEPT = Path("var/bench/wedding")
FOREIGN = 4
NEAR_MS, WRONG_MS = 10.0, 33.0
LOOKS_GOOD = "looks-good"
SHORTEST_S, LONGEST_S = 8.0, 1200.0
_BLOCK_S = 600
#: Processor time that each reading of made sound took: a file would be read instead.
MAKING_S: list[float] = []


@dataclass(frozen=True, slots=True)
class Recording:
    """What one device writes of a sound from `start_s` on: its clock, an echo, its gain, and noise of its own."""

    label: str
    sound: NDArray[np.int16]
    start_s: float
    seconds: float
    ppm: float
    echo_s: float
    gain: float
    noise: float
    seed: int
    rate: int = RATE

    @property
    def frames(self) -> int:
        """Samples in all."""
        return int(self.seconds * RATE)

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Samples in −1..1; the same ones however they are asked for."""
        begun = time.thread_time()
        made = self._made(start, count)
        MAKING_S.append(time.thread_time() - begun)
        return made

    def _made(self, start: int, count: int) -> NDArray[np.float32]:
        count = max(min(count, self.frames - start), 0)
        at = self.start_s * RATE + (start + np.arange(count)) * (1 + self.ppm * 1e-6)
        heard = self._at(at) + np.float32(0.4) * self._at(at - self.echo_s * RATE)
        hiss = np.random.default_rng([self.seed, 7]).standard_normal(RATE).astype(np.float32)
        shifts = np.random.default_rng([self.seed, 8]).integers(0, RATE, self.frames // RATE + 1)
        index = start + np.arange(count)
        return self.gain * heard + self.noise * hiss[(index + shifts[index // RATE]) % RATE]

    def _at(self, at: NDArray[np.float64]) -> NDArray[np.float32]:
        if not at.size:
            return np.zeros(0, np.float32)
        first = int(at[0]) - 1
        index = np.clip(np.arange(first, int(at[-1]) + 3), 0, self.sound.size - 1)
        held = self.sound[index].astype(np.float32) / 32768
        whole = at.astype(np.int64) - first
        share = (at - at.astype(np.int64)).astype(np.float32)
        y0, y1, y2, y3 = (held[whole + k] for k in (-1, 0, 1, 2))
        bend = 0.5 * (y3 - y0) + 1.5 * (y1 - y2)
        found: NDArray[np.float32] = (
            (bend * share + (y0 - 2.5 * y1 + 2 * y2 - 0.5 * y3)) * share + 0.5 * (y2 - y0)
        ) * share + y1
        return found


def day(seed: int, seconds: float) -> NDArray[np.int16]:
    """The day's sound: talk of several voices with pauses, some of them long. Made once, then read in place."""
    path = KEPT / f"day-{seed}-{seconds:.0f}.i16"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as out:
            for block in range(-(-int(seconds) // _BLOCK_S)):
                out.write(_talk(np.random.default_rng([seed, block]), _BLOCK_S).tobytes())
        part.rename(path)
    return np.memmap(path, np.int16, "r")


def _talk(rng: np.random.Generator, seconds: int) -> NDArray[np.int16]:
    """Bursts of noise in a band of their own, at uneven times, with a quiet minute now and then."""
    out = np.zeros(seconds * RATE, np.float32)
    at = 0
    while at < out.size:
        length = min(int(rng.uniform(0.06, 0.3) * RATE), out.size - at)
        hertz = np.fft.rfftfreq(length, 1 / RATE)
        low = rng.uniform(150, 1800)
        band = np.exp(-np.square((np.log(hertz + 1) - np.log(low * 1.6)) / 0.4))
        burst = np.fft.irfft(np.fft.rfft(rng.standard_normal(length)) * band, length) * np.hanning(length)
        out[at : at + length] += (burst * rng.uniform(0.2, 1)).astype(np.float32)
        at += int(length * rng.uniform(0.5, 1.2)) + int(rng.exponential(0.1) * RATE)
    quiet = int(rng.uniform(0, seconds - 60) * RATE)
    out[quiet : quiet + 45 * RATE] *= 0.02
    out *= 0.1 / max(float(np.sqrt(np.mean(np.square(out)))), 1e-9)
    return (np.clip(out, -1, 1) * 32767).astype(np.int16)


def recordings(seed: int, hours: float, clips: int) -> tuple[list[Recording], dict[str, float | None]]:
    """All tracks, and where each clip truly starts on recorder Y's clock in seconds; None for those of something else."""
    rng = np.random.default_rng(seed)
    seconds = hours * 3600
    sound, other = day(seed, seconds + 600), day(seed + 1000, 1200)
    made = [_recording(rng, "Y", sound, 5.0, seconds), _recording(rng, "Z", sound, 125.0, seconds - 60)]
    truth: dict[str, float | None] = {}
    strangers = set(rng.choice(3 * clips, FOREIGN, replace=False).tolist())
    filmed = [clip for _ in "ABC" for clip in _takes(rng, clips, seconds - 400)]
    for index, (start, long) in enumerate(filmed):
        camera, number = "ABC"[index // clips], index % clips + 1
        label = camera if number == 1 else f"{camera}.{number}"
        if index in strangers:
            made.append(_recording(rng, label, other, float(rng.uniform(0, 1200 - min(long, 1000))), min(long, 1000)))
            truth[label] = None
            continue
        made.append(_recording(rng, label, sound, start, long))
        truth[label] = (start - made[0].start_s) / (1 + made[0].ppm * 1e-6)
    return made, truth


def _takes(rng: np.random.Generator, clips: int, seconds: float) -> list[tuple[float, float]]:
    """Start and length of one camera's clips, 8 s to 20 min long, with gaps between them; shorter where the day is."""
    shares, longest = rng.uniform(size=clips), LONGEST_S
    while (lengths := SHORTEST_S * (longest / SHORTEST_S) ** shares).sum() > 0.8 * seconds:
        longest *= 0.9
    gaps = rng.dirichlet(np.ones(clips + 1)) * (seconds - lengths.sum())
    starts = 200 + np.cumsum(gaps[:-1]) + np.cumsum(lengths) - lengths
    return list(zip(starts.tolist(), lengths.tolist(), strict=True))


def _recording(
    rng: np.random.Generator, label: str, sound: NDArray[np.int16], start_s: float, seconds: float
) -> Recording:
    ppm, echo = float(rng.uniform(-60, 60)), float(rng.uniform(0.004, 0.02))
    gain, noise = float(10 ** rng.uniform(-1, 0)), float(10 ** rng.uniform(-3.2, -2.4))
    return Recording(label, sound, start_s, seconds, ppm, echo, gain, noise, int(rng.integers(1 << 30)))


def judged(found: Alignment, truth: dict[str, float | None]) -> dict[str, float]:
    """How many were placed rightly, refused, and sure and wrong."""
    near = far = lost = strangers = accepted = sure_and_wrong = 0
    for label, start in truth.items():
        said = found.cameras[label]
        error = None if said.offset_ms is None or start is None else abs(said.offset_ms - 1000 * start)
        good = said.classification == LOOKS_GOOD
        strangers += start is None
        accepted += start is None and said.offset_ms is not None
        lost += start is not None and error is None
        near += error is not None and error <= NEAR_MS
        far += error is not None and error > NEAR_MS
        sure_and_wrong += good and (start is None or error is None or error > WRONG_MS)
    return {"clips": len(truth) - strangers, "within_10_ms": near, "farther": far, "refused": lost,
            "strangers": strangers, "accepted": accepted, "looks_good_and_wrong": sure_and_wrong}  # fmt: skip


def main() -> None:
    """Make the day, sync it, print what came of it and what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=5.0)
    parser.add_argument("--clips", type=int, default=40)
    options = parser.parse_args()
    tracks, truth = recordings(options.seed, options.hours, options.clips)
    wall, processor = time.monotonic(), time.process_time()
    found = align(tracks, master="Y")
    cost = {
        "hours": round(sum(track.seconds for track in tracks) / 3600, 2),
        "wall_s": round(time.monotonic() - wall, 1),
        "processor_s": round(time.process_time() - processor, 1),
        "of_it_for_making_sound_s": round(sum(MAKING_S), 1),
        "load": round(os.getloadavg()[0], 1),
        "mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(judged(found, truth) | cost, indent=1))
    for label, start in truth.items():
        said = found.cameras[label]
        wrong = said.offset_ms is not None and (start is None or abs(said.offset_ms - 1000 * start) > NEAR_MS)
        if wrong or (start is not None and said.offset_ms is None):
            print(label, start, said.offset_ms, said.classification, said.warnings[:1])


if __name__ == "__main__":
    main()
