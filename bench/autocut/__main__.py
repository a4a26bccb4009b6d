"""Automatic cuts of conversations with known truth: `python -m bench.autocut [--scenes 1000] [--seed 0]`.

Each scene is drawn from its seed: two to four people, bleed of -6 to -18 dB, gains of ±12 dB, echo up to 0.3 s, somebody silent for 95 %,
people who talk over each other, applause, cameras that start late or stop early, with or without a wide. Ends with 1 where less than
98 % of the speech of scenes with a wide is on the speaker or on a justified wide, or where a hard rule is broken anywhere.
"""

import argparse
import json
import os
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.autocut.judge import judged
from bench.autocut.scene import Scene, scene
from render_app.core.autocut import director, hearing, speakers
from render_app.core.autocut.values import HOP_S, NOBODY, Conversation
from render_app.core.catalogue import cut_styles

OUT = Path("var/bench/autocut.json")
GOAL, MOST_WIDE = 0.98, 0.20


def main() -> int:
    """Cut every scene, judge each, print the sums."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first scene's")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        rows = list(pool.map(cut_and_judged, range(options.seed, options.seed + options.scenes), chunksize=4))
    found = summed(rows)
    for name, value in found.items():
        print(f"{name:28s} {value}")
    for row in rows:
        for fault in row["broken"]:
            print(f"scene {row['seed']}: {fault}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**found, "scenes": rows}, indent=1) + "\n")
    kept = found["good_with_wide"] >= GOAL and found["wide_of_clear_speech"] <= MOST_WIDE and not found["rules_broken"]
    return 0 if kept else 1


def cut_and_judged(seed: int) -> dict[str, Any]:
    """One scene with its figures."""
    preset = sorted(cut_styles())[seed % 3]
    told = scene(seed)
    before = time.process_time()
    talk = speakers.who_speaks(hearing.listen(told.microphones, 0.0, told.seconds))
    shots = director.direct(talk, told.cameras, director.Wish(cut_styles()[preset].rules, seed))
    spent = time.process_time() - before
    verdict = judged(told, shots, cut_styles()[preset].rules)
    return {
        "seed": seed,
        "preset": preset,
        **told.about,
        "speech_s": verdict.speech_s,
        "good_s": verdict.good_s,
        "clear_s": verdict.clear_s,
        "clear_wide_s": verdict.clear_wide_s,
        "broken": verdict.broken,
        "cpu_s": spent,
        **heard_right(told, talk),
    }


def heard_right(told: Scene, talk: Conversation) -> dict[str, int]:
    """Frames in which one person says a word and somebody was named, and how many of them were named right."""
    spoken = np.zeros((len(told.words), len(talk.labels)), bool)
    for number, words in enumerate(told.words.values()):
        for word in words:
            spoken[number, round(word.start / HOP_S) : round(word.end / HOP_S)] = True
    numbers = np.array([talk.microphones.index(one) for one in told.words])
    alone = (spoken.sum(axis=0) == 1) & (talk.labels > NOBODY)
    right = numbers[spoken.argmax(axis=0)] == talk.labels
    return {"named": int(alone.sum()), "named_right": int((alone & right).sum())}


def summed(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of all scenes together."""
    with_wide = [row for row in rows if row["wide"]]
    without = [row for row in rows if not row["wide"]]
    return {
        "count": len(rows),
        "speakers_named_right": share(rows, "named_right", "named"),
        "good_with_wide": share(with_wide, "good_s", "speech_s"),
        "good_without_wide": share(without, "good_s", "speech_s"),
        "wide_of_clear_speech": share(with_wide, "clear_wide_s", "clear_s"),
        "rules_broken": sum(len(row["broken"]) for row in rows),
        "cpu_s_per_minute": round(60 * sum(row["cpu_s"] for row in rows) / (40 * max(1, len(rows))), 2),
    }


def share(rows: Iterable[dict[str, Any]], part: str, whole: str) -> float:
    """One sum over another."""
    rows = list(rows)
    return round(float(sum(row[part] for row in rows) / max(1e-9, sum(row[whole] for row in rows))), 4)


if __name__ == "__main__":
    raise SystemExit(main())
