"""The `field` suite: every kind of a seed put to the engine, judged, reported as the table of goals."""

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.sync import field, suites
from bench.sync.ask import asked
from bench.sync.field_files import FileCase
from bench.sync.judge import LOOKS_GOOD, judged
from bench.sync.reliability import reliability

Job = tuple[int, str, int]


def run(options: argparse.Namespace) -> None:
    """Measure, print a line for each case as it comes and the tables at the end, keep the rows."""
    jobs = list(chosen(options))
    out: Path = options.out
    rows: list[dict] = []
    with ProcessPoolExecutor(options.workers) as pool:
        for row in pool.map(measured, jobs):
            rows.append(row)
            print(line(row), flush=True)
            kept(out, options.seed, rows)
    print(f"\nSuite field, seed {options.seed} ({suites.seed_kind(options.seed)}), {len(rows)} cameras\n")
    print(table(rows))
    print(reliability(rows))


def kept(out: Path, seed: int, rows: list[dict]) -> None:
    """Write what there is, so that a run that is stopped leaves its rows."""
    out.parent.mkdir(parents=True, exist_ok=True)
    report = {"suite": "field", "seed": seed, "seed_kind": suites.seed_kind(seed), "rows": rows}
    out.write_text(json.dumps(report, indent=1))


def chosen(options: argparse.Namespace) -> Iterator[Job]:
    """The cases asked for: `--only` takes the beginning of a kind's name, `--per` how many of each (0: the full run)."""
    for kind, found in field.KINDS.items():
        if options.only and not kind.startswith(tuple(options.only.split(","))):
            continue
        if found.costly and options.quick:
            continue
        count = 1 if found.costly else options.per or suites.FIELD_COUNTS[found.group]
        yield from ((options.seed, kind, index) for index in range(count))


def measured(job: Job) -> dict:
    """The engine on one case."""
    seed, kind, index = job
    case = field.case(seed, kind, index)
    answer, used = asked(case)
    heard = case.heard if isinstance(case, FileCase) else None
    row = judged(answer, case.truths, field.KINDS[kind].group, heard)
    return {"case": case.name, "kind": kind, "seed": seed, "cpu_s": round(used, 2)} | row


def line(row: dict) -> str:
    """One case, for a terminal."""
    verdict = fault(row) or "ok"
    worst = "–" if row["worst_ms"] is None else f"{row['worst_ms']:.2f} ms"
    return f"{row['case']:32} {row['class']:19} p {row['probability']}  worst {worst:>12}  {row['cpu_s']:5.1f} s  {verdict}"


def fault(row: dict) -> str:
    """What is wrong with an answer, in a few words; empty where nothing is."""
    faults = []
    if row["sure_and_wrong"]:
        faults.append("SURE AND WRONG")
    if over_foreign(row):
        faults.append("looks-good over a foreign stretch")
    if not row["truth"]:
        return "; ".join([*faults, "accepted with nothing to find"] if row["accepted"] else faults)
    if not row["accepted"]:
        return "refused"
    missing = [s["start_s"] for s in row["segment_errors"] if s["error_ms"] is None or s["error_ms"] > 33]
    if missing:
        faults.append(f"segments missed at {', '.join(f'{at:.0f} s' for at in missing)}")
    elif not row["right"]:
        faults.append("wrong")
    if row.get("named") is False:
        faults.append(f"heard {row['heard']}, wanted {row['wanted']}")
    return "; ".join(faults)


def table(rows: list[dict]) -> str:
    """The rows of the goals."""
    of = {group: [r for r in rows if r["group"] == group] for group in suites.FIELD_COUNTS}
    goals = [r for r in rows if r["group"] not in ("edge", "adverse", "short")]
    lines, bent = of["line"], of["segments"] + of["bent"]
    within = " / ".join(
        str(sum((r["worst_ms"] is not None and r["worst_ms"] <= ms) for r in lines)) for ms in (33, 10, 1)
    )
    nothing, strange = of["nothing"], [r for r in of["short"] if not r["truth"]]
    foreign = sum(map(holds_foreign, rows))
    found = [
        ("looks-good and more than 33 ms wrong anywhere", f"{counted(rows, 'sure_and_wrong')} of {len(rows)}"),
        ("looks-good and more than 10 ms wrong anywhere", f"{sum(map(over_10_ms, rows))} of {len(rows)}"),
        ("nothing to find, accepted (of these looks-good)",
         f"{counted(nothing, 'accepted')} of {len(nothing)} ({counted(nothing, 'sure_and_wrong')})"),
        ("one line: within 33 / 10 / 1 ms", f"{within} of {len(lines)}"),
        ("one line: looks-good when right", f"{sum(r['right'] and r['class'] == 'looks-good' for r in lines)}"
                                            f" of {counted(lines, 'right')}"),
        ("segments and bent clocks: all within 33 ms", f"{counted(bent, 'segments_found')} of {len(bent)}"),
        ("looks-good over a stretch of another place", f"{sum(map(over_foreign, rows))} of {foreign}"),
        ("adverse: right by 33 ms", f"{counted(of['adverse'], 'right')} of {sum(bool(r['truth']) for r in of['adverse'])}"),
        ("short: right by 33 ms", f"{counted(of['short'], 'right')} of {sum(bool(r['truth']) for r in of['short'])}"),
        ("short, nothing to find: accepted (looks-good)",
         f"{counted(strange, 'accepted')} of {len(strange)} ({counted(strange, 'sure_and_wrong')})"),
        ("channels and tracks: kinds right and named",
         f"{kinds_right(of['channels'])} of {len({r['kind'] for r in of['channels']})}"),
        ("rates: kinds right", f"{kinds_right(of['rates'])} of {len({r['kind'] for r in of['rates']})}"),
        ("right by 33 ms, all that can be found", f"{counted(goals, 'right')} of {sum(bool(r['truth']) for r in goals)}"),
    ]  # fmt: skip
    return "| | |\n|---|---|\n" + "\n".join(f"| {name} | {value} |" for name, value in found) + "\n"


def over_10_ms(row: dict) -> bool:
    """Whether an answer looks good though somewhere it is not within 10 ms."""
    return row["class"] == LOOKS_GOOD and (row["worst_ms"] is None or row["worst_ms"] > 10)


def holds_foreign(row: dict) -> bool:
    """Whether a long stretch inside of the overlap is of another place."""
    return row["kind"].endswith("foreign") and row["group"] != "line"


def over_foreign(row: dict) -> bool:
    """Whether an answer looks good though a long stretch of the file is of another place."""
    return holds_foreign(row) and row["class"] == LOOKS_GOOD


def counted(rows: list[dict], key: str) -> int:
    """How many rows have it."""
    return sum(bool(row[key]) for row in rows)


def kinds_right(rows: list[dict]) -> int:
    """Kinds of which every case is right, and named where that is asked for."""
    kinds = {row["kind"] for row in rows}
    return sum(all(r["right"] and r.get("named", True) for r in rows if r["kind"] == kind) for kind in kinds)
