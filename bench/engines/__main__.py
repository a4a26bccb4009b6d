"""Engines against known truth, and what they cost.

    python -m bench.engines [--only words timeline sound pictures speakers same long] [--quick] [--minutes 60]

Exits with 1 when a goal is missed. `--quick`: ten minutes without speech in place of 30, no long talk. Processor time is what is
measured, so the figures hold on a busy machine. Writes var/bench/engines.json.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import django

OUT = Path(__file__).resolve().parent.parent.parent / "var" / "bench" / "engines.json"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", nargs="*", default=["words", "timeline", "sound", "pictures", "speakers", "same", "long"]
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, default=60, help="of the long talk")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
    django.setup()
    from bench.engines import long, pictures, same, sound, speakers, timeline, words
    from bench.engines.scores import shown

    parts: dict[str, Callable[[], Iterator]] = {
        "words": lambda: words.rows(options.quick),
        "timeline": timeline.rows,
        "sound": sound.rows,
        "pictures": pictures.rows,
        "speakers": lambda: speakers.rows(options.quick),
        "same": same.rows,
        "long": lambda: iter(()) if options.quick else long.rows(options.minutes),
    }
    found = [row for name in options.only for row in parts[name]()]
    missed = shown(found)
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps([{**asdict(row), "good": row.good} for row in found], indent=2) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
