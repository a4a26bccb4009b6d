"""Random timelines × 8 rates × 5 formats, read back by others' readers.

    python -m bench.exchange [--timelines 1000] [--seed 1] [--formats otio,fcpxml,fcp7xml,edl,aaf] [--dtd FCPXMLv1_10.dtd]

Half of the timelines have files of their own rate alone, half of any rate; a third of each has other speeds. Prints what was off and writes
var/bench/exchange.json. The DTD is Apple's: whoever has it names it, here or in FCPXML_DTD; without it nothing is said of it.
"""

import argparse
import json
import os
import resource
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bench.exchange.judge import READERS, assembly_of, judged
from bench.exchange.readers import dtd_faults
from bench.exchange.timelines import RATES, random_film
from render_app.exchange import Document, formats

OUT = Path(__file__).resolve().parent.parent.parent / "var" / "bench" / "exchange.json"
SHOWN = 5
Rows = dict[tuple[str, str], Counter]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--timelines", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--formats", default=",".join(READERS), help="an AAF costs nine times what the others do together"
    )
    parser.add_argument("--dtd", type=Path, default=os.environ.get("FCPXML_DTD"))
    parser.add_argument("--seconds", type=float, default=float("inf"), help="of processor, after which it stops early")
    options = parser.parse_args()
    names = options.formats.split(",")
    rows = {(name, reader): Counter() for name in names for reader in READERS[name]}
    valid, done = Counter(), 0
    # Control-C ends it early, too.
    with suppress(KeyboardInterrupt):
        for number in range(options.timelines):
            if processor_seconds() > options.seconds:
                break
            _one(number, options, rows, valid)
            done += 1
    _print(rows)
    print(
        f"DTD: {valid['documents'] - valid['faults']} of {valid['documents']} valid"
        if options.dtd
        else "DTD: not there, not judged"
    )
    print(f"{done} timelines, {processor_seconds():.0f} s of processor")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps(
            {
                "timelines": done,
                "seed": options.seed,
                "rows": {"/".join(key): dict(row) for key, row in rows.items()},
                "dtd": dict(valid),
            },
            indent=2,
        )
    )
    return 1 if any(row["faults"] or row["beyond"] for row in rows.values()) or valid["faults"] else 0


def _one(number: int, options: argparse.Namespace, rows: Rows, valid: Counter) -> None:
    """One timeline in every format, by every reader."""
    rate = RATES[number % len(RATES)]
    turn = number // len(RATES)
    film = random_film(options.seed * 1_000_000 + number, rate, mixed=turn % 2 == 1, speeds=turn % 3 == 0)
    assembly = assembly_of(film)
    names = dict.fromkeys(name for name, _ in rows)
    written = {name: formats()[name].write_assembly(assembly, "") for name in names}
    for (name, reader), row in rows.items():
        row += _judged(film, assembly, name, reader, number, written[name])
    if options.dtd and "fcpxml" in written:
        valid["documents"] += 1
        valid["faults"] += bool(dtd_faults(written["fcpxml"].body, Path(options.dtd)))


def processor_seconds() -> float:
    """What this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _judged(film, assembly, name: str, reader: str, number: int, document: Document) -> Counter:
    try:
        verdict = judged(film, assembly, name, reader, document)
    except Exception as error:
        print(f"{name} by {reader}, timeline {number}: {type(error).__name__}: {error}")
        return Counter(timelines=1, faults=1)
    for fault in verdict.faults[:SHOWN]:
        print(f"{name} by {reader}, timeline {number}: {fault}")
    return Counter(
        timelines=1,
        frames=verdict.frames,
        off=verdict.off,
        said=verdict.said,
        beyond=verdict.beyond,
        faults=len(verdict.faults),
    )


def _print(rows: Rows) -> None:
    print(
        f"{'format':8s} {'read by':15s} {'timelines':>9s} {'frames':>11s} {'off, unsaid':>11s} {'off, said':>10s} {'beyond media':>12s} {'faults':>7s}"
    )
    for (name, reader), row in rows.items():
        unsaid = row["off"] - row["said"]
        print(
            f"{name:8s} {reader:15s} {row['timelines']:9d} {row['frames']:11,d} {unsaid:11d} {row['said']:10d} {row['beyond']:12d} {row['faults']:7d}"
        )


if __name__ == "__main__":
    raise SystemExit(main())
