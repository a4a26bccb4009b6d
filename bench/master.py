"""Mastering of one recording against the very same ffmpeg commands typed by hand.

    python -m bench.master [--seconds 120] [--rounds 5]

The engine runs once and its commands are kept; then hand and engine run in turn, nothing else between them, and the best of
`--rounds` counts. What the engine adds is looking at the files, finding speech, deciding on the gain, and checking what came
out. Writes var/bench/master.json.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.ingest import processor_time
from media_app import process
from media_app.core.sound import presets
from media_app.making import master
from media_app.making.workspace import Workspace

OUT = Path(__file__).resolve().parent.parent / "var" / "bench" / "master.json"
PRESETS = ("normalise_v1", "music_mix_roll_duck_v1", "music_replace_v1")
LIMIT = 1.10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        film, music = made(Path(folder), options.seconds)
        for name in PRESETS:
            rows.append(
                {"preset": name, "seconds": options.seconds} | compare(film, music, name, options.rounds, Path(folder))
            )
    print(f"{'preset':24s} {'by hand s':>10s} {'engine s':>9s} {'ratio':>6s} {'of cpu':>7s} {'times real':>11s}")
    for row in rows:
        print(
            f"{row['preset']:24s} {row['hand_s']:10.2f} {row['engine_s']:9.2f} {row['ratio']:6.3f} "
            f"{row['cpu_ratio']:7.3f} "
            f"{row['seconds'] / row['engine_s']:11.1f}"
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({"limit": LIMIT, "cases": rows}, indent=2) + "\n")
    return 0 if all(row["ratio"] <= LIMIT for row in rows) else 1


def made(folder: Path, seconds: int) -> tuple[Path, Path]:
    """A film with talk in it, and a tune that is shorter."""
    film, music = folder / "film.mp4", folder / "tune.mp3"
    talk = "anoisesrc=a=0.3:c=pink:r=48000,highpass=f=200,lowpass=f=3500,tremolo=f=4:d=0.9,volume='lt(mod(t,10),6)':eval=frame"
    run(["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-f", "lavfi", "-i", talk, "-t", str(seconds), "-c:v", "libx264",
         "-preset", "ultrafast", "-crf", "28", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", str(film)])  # fmt: skip
    run(
        ["-f", "lavfi", "-i", "sine=f=330:r=44100,tremolo=f=2", "-t", str(max(5, seconds // 3)), "-ac", "2", str(music)]
    )
    return film, music


def compare(film: Path, music: Path, name: str, rounds: int, folder: Path) -> dict[str, float]:
    kept = folder / "kept"
    commands = engine(film, music, name, kept)
    hand, own = [], []
    for _ in range(rounds):
        hand.append(timed(lambda: by_hand(commands, kept)))
        again = folder / "again"
        own.append(timed(lambda again=again: engine(film, music, name, again)))
        shutil.rmtree(again)
    shutil.rmtree(kept)
    (hand_s, hand_cpu), (own_s, own_cpu) = (tuple(map(min, zip(*runs, strict=True))) for runs in (hand, own))
    return {
        "hand_s": hand_s,
        "engine_s": own_s,
        "ratio": own_s / hand_s,
        "cpu_ratio": own_cpu / hand_cpu,
        "commands": len(commands),
    }


def engine(film: Path, music: Path, name: str, scratch: Path) -> list[list[str]]:
    """Run it; ffmpeg's commands as a person would type them."""
    preset, ran = presets.load(name), []
    scratch.mkdir()
    with process.observed(lambda argv: ran.append(list(argv))):
        master.master(film, preset, Workspace(scratch), music=music if preset.takes_music else None)
    return [typed(argv) for argv in ran if argv[0] == "ffmpeg"]


def typed(argv: Sequence[str]) -> list[str]:
    """Without the pipe that progress comes through."""
    at = argv.index("-stats_period")
    return [*argv[:at], *argv[at + 4 :]]


def by_hand(commands: list[list[str]], folder: Path) -> None:
    for argv in commands:
        subprocess.run(["nice", "-n", "10", *argv], cwd=folder, check=True, capture_output=True)


def run(args: list[str]) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *args], check=True)


def timed(work) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Wall and processor seconds, those of the children included: other work on the machine disturbs the latter less."""
    cpu, began = processor_time(), time.perf_counter()
    work()
    return time.perf_counter() - began, processor_time() - cpu


if __name__ == "__main__":
    raise SystemExit(main())
