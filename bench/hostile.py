"""Hostile files at full length: every made one, and honest ones with bytes bent at random.

    python -m bench.hostile [--count 1000] [--seed 1]

Each is looked at and, where it passes, ingested as a worker would, without a database. It must end in a sentence or as
media, within 10 s and 1 GiB; nobody may be called, no foreign byte read. Ends with 1 when one does not. Times are of this
machine, two files at once. Writes var/bench/hostile.json; a file at fault is kept in var/bench/hostile/.
"""

import argparse
import itertools
import json
import resource
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support import hostile

OUT = Path(__file__).resolve().parent.parent / "var" / "bench" / "hostile.json"
SECONDS, MIB = 10.0, 1024
AT_ONCE = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="how many bent files")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    groups: dict[str, list[hostile.Ended]] = defaultdict(list)
    faults: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        grounds = hostile.Grounds(Path(folder))
        with grounds.open(), ThreadPoolExecutor(AT_ONCE) as pool:
            thrown = itertools.chain(hostile.cases(grounds.bait), hostile.mutated(options.count, options.seed))
            for ended in pool.map(grounds.throw, thrown):
                groups[ended.case.group].append(ended)
                wrong = grounds.faults(ended)
                wrong += [f"took {ended.seconds:.1f} s"] if ended.seconds > SECONDS else []
                if wrong:
                    faults[ended.case.name] = wrong
                    save_case(ended.case)
                ended.left = ended.made = b""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{'group':10s} {'files':>6s} {'refused':>8s} {'taken':>6s} {'slowest s':>10s}  {'which'}")
    rows = []
    for name, ended_ones in sorted(groups.items()):
        slowest = max(ended_ones, key=lambda ended: ended.seconds)
        refused = sum(ended.refusal is not None for ended in ended_ones)
        row = {"group": name, "files": len(ended_ones), "refused": refused, "slowest_s": round(slowest.seconds, 2)}
        rows.append(row | {"slowest": slowest.case.name})
        print(
            f"{name:10s} {len(ended_ones):6d} {refused:8d} {len(ended_ones) - refused:6d} {slowest.seconds:10.2f}  "
            f"{slowest.case.name}"
        )
    for name, wrong in faults.items():
        print(f"FAULT {name}: {'; '.join(wrong)}")
    print(f"calls heard: {len(grounds.calls)}; peak memory of a program: {peak} MiB; files at fault: {len(faults)}")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    result = {"seed": options.seed, "groups": rows, "calls": len(grounds.calls), "peak_mib": peak, "faults": faults}
    OUT.write_text(json.dumps(result, indent=2) + "\n")
    return 1 if faults or grounds.calls or peak > MIB else 0


def save_case(case: hostile.Case) -> None:
    place = OUT.with_suffix("")
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{case.name}{Path(case.filename).suffix}").write_bytes(case.data)


if __name__ == "__main__":
    sys.exit(main())
