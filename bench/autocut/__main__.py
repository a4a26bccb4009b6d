"""Automatic cuts of conversations with known truth: `python -m bench.autocut [--scenes 1000] [--seed 0] [--levels]`.

Each scene is drawn from its seed: two to six people, bleed of -6 to -18 dB, gains of ±12 dB, echo up to 0.3 s, somebody silent for 95 %,
people who talk over each other, applause, a microphone that dies half-way, cameras that start late, stop early or have a hole, one camera
for two people, with or without a wide. Every preset cuts each. Ends with 1 where less than 98 % of the speech of scenes with a wide is on
the speaker or on a justified wide, where more than 20 % of the clear speech is in the wide, where without a wide less than 98 % of
the best that the truth allows is on the speaker, or where a hard rule is broken anywhere.
"""

import argparse
import itertools
import json
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.autocut import bound, levels
from bench.autocut.judge import judged
from bench.autocut.scene import WIDE, Scene, scene
from render_app.core.autocut import director, hearing, speakers
from render_app.core.autocut.values import HOP_S, NOBODY, Conversation, Rules, Shot, Wish
from render_app.core.catalogue import cut_styles

OUT = Path("var/bench/autocut.json")
GOAL, MOST_WIDE = 0.98, 0.20


def main() -> int:
    """Cut every scene, judge each, print the sums."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first scene's")
    parser.add_argument("--levels", action="store_true", help="draw levels instead of sound: fast")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        seeds = range(options.seed, options.seed + options.scenes)
        cut = cut_by_levels if options.levels else cut_by_sound
        rows = [row for several in pool.map(cut, seeds, chunksize=4) for row in several]
    found = summed(rows)
    for name, value in found.items():
        print(f"{name:28s} {value}")
    print_kinds(rows)
    print_styles(rows)
    for row in rows:
        for fault in row["broken"]:
            print(f"scene {row['seed']}, {row['preset']}: {fault}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**found, "scenes": rows}, indent=1) + "\n")
    good = min(found["good_with_wide"], found["of_the_best_without_wide"]) >= GOAL
    return 0 if good and found["wide_of_clear_speech"] <= MOST_WIDE and not found["rules_broken"] else 1


def cut_by_sound(seed: int) -> list[dict[str, Any]]:
    """One scene with its sound, cut by each preset, with its figures."""
    staged = scene(seed)
    before = time.process_time()
    talk = speakers.who_speaks(hearing.listen(staged.microphones, 0.0, staged.seconds))
    return cut_and_judged(seed, staged, talk, time.process_time() - before)


def cut_by_levels(seed: int) -> list[dict[str, Any]]:
    """The same of levels."""
    staged, heard = levels.scene(seed)
    before = time.process_time()
    talk = speakers.who_speaks(heard)
    return cut_and_judged(seed, staged, talk, time.process_time() - before)


def cut_and_judged(seed: int, staged: Scene, talk: Conversation, heard_s: float) -> list[dict[str, Any]]:
    """A conversation, cut by each preset, with its figures."""
    right = heard_right(staged, talk)
    rules = {preset: style.rules for preset, style in cut_styles().items()}
    return [
        {"seed": seed, "preset": preset, **staged.about, **right, "cpu_s": heard_s, **figures(staged, talk, one, seed)}
        for preset, one in rules.items()
    ]


def figures(staged: Scene, talk: Conversation, rules: Rules, seed: int) -> dict[str, Any]:
    """A cut and what it is worth."""
    shots = director.direct(talk, staged.cameras, Wish(rules, seed))
    verdict = judged(staged, shots, rules)
    best = verdict.speech_s if staged.about["wide"] else min(verdict.speech_s, bound.most_seconds(staged, rules))
    return {
        "speech_s": verdict.speech_s,
        "good_s": verdict.good_s,
        "best_s": best,
        "clear_s": verdict.clear_s,
        "clear_wide_s": verdict.clear_wide_s,
        "broken": verdict.broken,
        "shots": len(shots),
        "film_s": staged.seconds,
        "cameras": _shown(shots, staged.seconds),
        "exceptions": sorted({code for one in shots for code in one.exceptions}),
    }


def _shown(shots: Sequence[Shot], seconds: float) -> str:
    """The camera that is seen, each half second; a dot for none."""
    times = np.arange(0.25, seconds, 0.5).tolist()
    return "".join(next((one.camera for one in shots if one.start <= at < one.end), ".") for at in times)


def heard_right(staged: Scene, talk: Conversation) -> dict[str, int]:
    """Frames in which one person says a word and somebody was named, and how many of them were named right."""
    spoken = np.zeros((len(staged.words), len(talk.labels)), bool)
    for number, words in enumerate(staged.words.values()):
        for word in words:
            spoken[number, round(word.start / HOP_S) : round(word.end / HOP_S)] = True
    numbers = np.array([talk.microphones.index(one) for one in staged.words])
    alone = (spoken.sum(axis=0) == 1) & (talk.labels > NOBODY)
    right = numbers[spoken.argmax(axis=0)] == talk.labels
    return {"named": int(alone.sum()), "named_right": int((alone & right).sum())}


def summed(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures of all scenes together."""
    with_wide = [row for row in rows if row["wide"]]
    without = [row for row in rows if not row["wide"]]
    return {
        "cuts": len(rows),
        "speakers_named_right": share(rows, "named_right", "named"),
        "good_with_wide": share(with_wide, "good_s", "speech_s"),
        "good_without_wide": share(without, "good_s", "speech_s"),
        "best_without_wide": share(without, "best_s", "speech_s"),
        "of_the_best_without_wide": share(without, "good_s", "best_s"),
        "wide_of_clear_speech": share(with_wide, "clear_wide_s", "clear_s"),
        "rules_broken": sum(len(row["broken"]) for row in rows),
        "cpu_s_per_minute": round(60 * sum(row["cpu_s"] for row in rows) / (40 * max(1, len(rows))), 2),
    }


def print_styles(rows: list[dict[str, Any]]) -> None:
    """How long the shots of each style are, how much of the film is in the wide, and how many scenes two styles cut alike."""
    styles = {name: [row for row in rows if row["preset"] == name] for name in cut_styles()}
    for name, mine in styles.items():
        wide = [row for row in mine if row["wide"]]
        seen = sum(row["cameras"].count(WIDE) for row in wide) / max(1, sum(len(row["cameras"]) for row in wide))
        print(f"{name:12s} {share(mine, 'film_s', 'shots'):6.2f} s a shot, {seen:6.3f} of the film in the wide")
    for one, other in itertools.combinations(styles, 2):
        alike = np.mean([_alike(a["cameras"], b["cameras"]) for a, b in zip(styles[one], styles[other], strict=True)])
        print(f"{one} and {other}: {alike:.3f} of the scenes cut alike")


def _alike(one: str, other: str) -> bool:
    """Whether two cuts show the same nearly all the time."""
    return sum(a == b for a, b in zip(one, other, strict=True)) >= 0.97 * len(one)


#: Name → which cuts are of that kind.
KINDS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "calm": lambda row: row["preset"] == "calm",
    "interview": lambda row: row["preset"] == "interview",
    "lively": lambda row: row["preset"] == "lively",
    "5 or 6 people": lambda row: row["people"] > 4,
    "silent for 95 %": lambda row: row["silent"],
    "echo 0.3 s": lambda row: row["echo_s"] == 0.3,
    "bleed over -9 dB": lambda row: row["bleed_db"] > -9,
    "applause": lambda row: row["applause"],
    "microphone dies": lambda row: row["dead"],
    "two at one camera": lambda row: row["shared"],
    "camera with gaps": lambda row: row["gaps"],
}


def print_kinds(rows: list[dict[str, Any]]) -> None:
    """A line for each kind of scene, and each preset."""
    print(f"{'':20s} {'cuts':>6s} {'named right':>12s} {'with wide':>10s} {'without':>8s} {'wide':>6s} {'broken':>7s}")
    for name, is_one in KINDS.items():
        found = summed([row for row in rows if is_one(row)])
        print(
            f"{name:20s} {found['cuts']:6.0f} {found['speakers_named_right']:12.4f} {found['good_with_wide']:10.4f} "
            f"{found['good_without_wide']:8.4f} {found['wide_of_clear_speech']:6.3f} {found['rules_broken']:7.0f}"
        )


def share(rows: Iterable[dict[str, Any]], part: str, whole: str) -> float:
    """One sum over another."""
    rows = list(rows)
    return round(float(sum(row[part] for row in rows) / max(1e-9, sum(row[whole] for row in rows))), 4)


if __name__ == "__main__":
    raise SystemExit(main())
