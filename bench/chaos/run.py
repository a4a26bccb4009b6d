"""Studio under fire: what a seed says goes wrong goes wrong, and nothing is lost, doubled or left over.

    python -m bench.chaos [--faults 100] [--engine sqlite|services] [--exports | --renders] [--seed 1] [--only 7,12] [--lanes 4] [--minutes 10] [--keep]

Several Studios run side by side ("lanes"), because most of the time is spent waiting for leases to end. Prints each
fault, a table, and each broken promise with the command that repeats it; writes var/bench/chaos.json. Ends with 1 when a
promise was broken.
"""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench.chaos.plan import EXPORTS, RENDERS, Fault, deal, plan
from bench.chaos.rig import Rig, real_servers
from media_app import process

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "var" / "bench" / "chaos.json"
COUNTS = ("lost", "doubled", "stale_writes", "orphan_processes", "orphan_objects")
LANES = {"sqlite": 5, "services": 4}
LIMIT_S = 20.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=100)
    parser.add_argument("--engine", choices=("sqlite", "services"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--exports", action="store_true", help="exports alone, killed and canceled at every step")
    parser.add_argument(
        "--renders", action="store_true", help="renders alone, whole and in chunks, killed and canceled"
    )
    parser.add_argument("--only", default="", help="only these numbers of the plan")
    parser.add_argument("--lanes", type=int, default=0, help="how many Studios side by side")
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long, and report what there is")
    parser.add_argument("--keep", action="store_true", help="keep the lanes' folders, with their logs")
    parser.add_argument("--lane", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(143))
    if options.lane:
        return one_lane()
    only = {int(number) for number in options.only.split(",") if number}
    mix = EXPORTS if options.exports else RENDERS if options.renders else None
    planned = plan(options.seed, options.faults, options.engine, mix)
    faults = tuple(fault for fault in planned if not only or fault.number in only)
    began = time.monotonic()
    signal.alarm(round(options.minutes * 60))
    outcomes: list[dict] = []
    failed = ""
    with lanes(faults, options.engine, options.lanes or LANES[options.engine], keep=options.keep) as started:
        try:
            collect(started, outcomes, print_outcome)
        except (SystemExit, KeyboardInterrupt):
            pass
        except RuntimeError as error:
            failed = str(error)
        signal.alarm(0)
        report = summary(outcomes, faults, options.engine, options.seed, time.monotonic() - began)
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps(report, indent=2) + "\n")
        print_report(report, options)
        print(failed, end="")
    return 1 if failed or broken(report) else 0


def run(faults: tuple[Fault, ...], engine: str, count: int, *, settings: dict[str, str] | None = None) -> list[dict]:
    """What came of each fault, by number, from `count` Studios side by side. `settings`: of Studio, by name."""
    outcomes: list[dict] = []
    with lanes(faults, engine, count, settings=settings) as started:
        collect(started, outcomes)
    return sorted(outcomes, key=lambda outcome: outcome["number"])


@contextlib.contextmanager
def lanes(
    faults: tuple[Fault, ...], engine: str, count: int, *, settings: dict[str, str] | None = None, keep: bool = False
) -> Iterator[dict[Path, subprocess.Popen]]:
    """Folder → process of each Studio at work on its share; all ended and gone afterwards."""
    top = Path(tempfile.mkdtemp(prefix="studio-chaos-"))
    started: dict[Path, subprocess.Popen] = {}
    try:
        for number, hand in enumerate(hand for hand in deal(faults, count) if hand):
            folder = top / f"lane-{number}"
            started[folder] = _start_lane(folder, engine, hand, settings or {})
        yield started
    finally:
        for child in started.values():
            child.terminate()
        for child in started.values():
            child.wait()
        if keep:
            print(f"kept: {top}")
        else:
            shutil.rmtree(top, ignore_errors=True)


def collect(started: dict[Path, subprocess.Popen], outcomes: list[dict], report: Callable[[dict], None] = id) -> None:
    """Outcomes as they come, until every lane is through. Raises RuntimeError with what one said that failed."""
    readers = [
        threading.Thread(target=_read, args=(child, outcomes, report), daemon=True) for child in started.values()
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    for folder, child in started.items():
        if child.wait():
            said = (folder / "lane.log").read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{folder.name} ended with {child.returncode}:\n{said}")


def _start_lane(folder: Path, engine: str, faults: tuple[Fault, ...], settings: dict[str, str]) -> subprocess.Popen:
    folder.mkdir(parents=True)
    with (folder / "lane.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.chaos", "--lane"],
            cwd=ROOT, env=_environ() | {"STUDIO_VAR": str(folder / "var")}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=log, text=True,
        )  # fmt: skip
    orders = {
        "folder": str(folder),
        "engine": engine,
        "settings": settings,
        "faults": [asdict(fault) for fault in faults],
    }
    assert child.stdin
    child.stdin.write(json.dumps(orders) + "\n")
    child.stdin.close()
    return child


def _environ() -> dict[str, str]:
    """Ours, with compiled modules kept: a program that is started a hundred times is not to be compiled as often."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(ROOT / "var" / "pycache")}


def _read(child: subprocess.Popen, outcomes: list[dict], report: Callable[[dict], None]) -> None:
    assert child.stdout
    for line in child.stdout:
        outcome = json.loads(line)
        outcomes.append(outcome)
        report(outcome)


def one_lane() -> int:
    """In a process of its own: the settings of its Studio first, then Django, then the faults."""
    process.die_with_parent()
    orders = json.loads(sys.stdin.readline())
    folder, engine = Path(orders["folder"]), orders["engine"]
    with contextlib.ExitStack() as running:
        found = running.enter_context(real_servers()) if engine == "services" else None
        environment = {
            "SECRET_KEY": secrets.token_hex(20),
            **(found.environment if found else {}),
            **orders["settings"],
        }
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="studio.settings", STUDIO_VAR=str(folder / "var"))
        rig = Rig(folder, engine, environment, found)
        running.callback(rig.stop)
        # Django may be imported only once the environment has its settings.
        import django

        django.setup()
        from bench.chaos.lane import Lane
        from tests.support import database

        if engine == "sqlite":
            database.put_migrated(rig.var)
        rig.start()

        lane = Lane(rig, lambda outcome: print(json.dumps(asdict(outcome)), flush=True))
        lane.run([Fault(**fault) for fault in orders["faults"]])
    return 0


def summary(outcomes: list[dict], faults: tuple[Fault, ...], engine: str, seed: int, wall_s: float) -> dict:
    """The report. Quantiles are of the nearest rank above."""
    struck = [outcome for outcome in outcomes if outcome["struck"]]
    violations = [
        {"fault": outcome["number"], "struck": outcome["fault"], **violation}
        for outcome in outcomes
        for violation in outcome["violations"]
    ]
    times = sorted(outcome["recovery_s"] for outcome in struck)
    kinds: dict[str, list[float]] = defaultdict(list)
    for outcome in struck:
        kinds[outcome["kind"]].append(outcome["recovery_s"])
    return {
        "engine": engine,
        "seed": seed,
        "faults": len(struck),
        "missed": sorted({fault.number for fault in faults} - {outcome["number"] for outcome in struck}),
        **{count: sum(violation["what"] == count for violation in violations) for count in COUNTS},
        "recovery_p50_s": quantile(times, 0.5),
        "recovery_p95_s": quantile(times, 0.95),
        "recovery_max_s": quantile(times, 1.0),
        "server_errors": sum(len(outcome["server_errors"]) for outcome in outcomes),
        "wall_s": round(wall_s, 1),
        "kinds": {
            kind: {"faults": len(taken), "p50_s": quantile(sorted(taken), 0.5), "max_s": quantile(sorted(taken), 1.0)}
            for kind, taken in sorted(kinds.items())
        },
        "violations": violations,
        "said_5xx": sorted({error for outcome in outcomes for error in outcome["server_errors"]})[:20],
    }


def quantile(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1)], 2)


def broken(report: dict) -> bool:
    return any(report[count] for count in COUNTS) or (report["recovery_p95_s"] or 0) > LIMIT_S or not report["faults"]


def print_outcome(outcome: dict) -> None:
    took = "never struck" if outcome["recovery_s"] is None else f"{outcome['recovery_s']:6.2f} s"
    worst = ", ".join(sorted({violation["what"] for violation in outcome["violations"]})) or "ok"
    print(f"{outcome['number']:5d}  {outcome['fault']:72.72s} {took:>12s}  {worst}", flush=True)


def print_report(report: dict, options: argparse.Namespace) -> None:
    print(f"\n{'kind':22s} {'faults':>6s} {'p50 s':>7s} {'max s':>7s}")
    for kind, found in report["kinds"].items():
        print(f"{kind:22s} {found['faults']:6d} {found['p50_s']:7.2f} {found['max_s']:7.2f}")
    counts = ", ".join(f"{report[count]} {count.replace('_', ' ')}" for count in COUNTS)
    print(
        f"\n{report['faults']} faults on {report['engine']}, seed {report['seed']}, in {report['wall_s']:.0f} s: {counts}; "
        f"recovery p50 {report['recovery_p50_s']} s, p95 {report['recovery_p95_s']} s, at most {report['recovery_max_s']} s"
    )
    if report["missed"]:
        print(f"never struck, their moment did not come: {report['missed']}")
    for violation in report["violations"]:
        print(
            f"\nBROKEN ({violation['what']}) by fault {violation['fault']}, {violation['struck']}: {violation['sentence']}"
        )
        print(
            f"  again: python -m bench.chaos --engine {report['engine']} --seed {report['seed']} "
            f"{'--exports ' if options.exports else '--renders ' if options.renders else ''}--faults {options.faults} --only {violation['fault']} --keep"
        )
