"""Measure Studio's sync engine against its peers: `python -m bench.sync [--suite S] [--pairs N] [--seed S] [--quick]`.

A long run may be cut into slices (`--first`, `--pairs`, `--out`) and reported as one (`--join FILE…`).
"""

import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from bench.sync import devices, field_run, scenes, sources, suites
from bench.sync.peers import PEERS, track
from bench.sync.scenes import Case, Truth

OUT = Path("var/bench/sync.json")
MEDIA = Path("../shared/media")
HOURS = Path("var/bench/hours")
SPEED_FILES = {"60 min, two cameras": 2, "60 min, three cameras": 3}


def main() -> None:
    """Run the pairs, then the clocks, print the table and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--suite", choices=[*suites.KINDS, "field"], default="anywhere")
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--first", type=int, default=0, help="start at this pair")
    parser.add_argument("--seed", type=int, help="4711 by default; for field 1")
    parser.add_argument("--quick", action="store_true", help="Studio alone, 39 pairs, no one-hour files")
    parser.add_argument("--workers", "--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--only", help=f"one engine alone ({', '.join(PEERS)}); for field: kinds that begin so, with commas between"
    )
    parser.add_argument("--per", type=int, default=1, help="field: cases of each kind; 0 for the full run")
    parser.add_argument("--no-hours", action="store_true", help="leave the one-hour files out")
    parser.add_argument("--only-hours", action="store_true", help="nothing but the one-hour files")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--join", type=Path, nargs="+", help="tell runs as one")
    options = parser.parse_args()
    options.seed = options.seed or (1 if options.suite == "field" else suites.HELD_OUT_SEED)
    if options.suite == "field":
        field_run.run(options)
        return
    if options.join:
        print(joined(options.join))
        return
    names = ["Studio"] if options.quick else [options.only] if options.only else list(PEERS)
    count = min(options.pairs, 39) if options.quick else 0 if options.only_hours else options.pairs

    jobs = [(options.suite, options.seed, index, names) for index in range(options.first, options.first + count)]
    with ProcessPoolExecutor(options.workers) as pool:
        rows = [row for found in pool.map(measured, jobs) for row in found]
    if count and options.first == 0:
        rows += [row for case in real_cases() for row in compared(case, names)]
    summary = {name: summed([row for row in rows if row["engine"] == name]) for name in names}
    if not options.quick and not options.no_hours:
        for name, cost in costs(names).items():
            summary[name].update(cost)
    kind = suites.seed_kind(options.seed)
    report = {"suite": options.suite, "seed": options.seed, "seed_kind": kind, "summary": summary, "rows": rows}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(report, indent=1))
    print(f"Suite {options.suite}, seed {options.seed} ({kind}), {count} simulated pairs from {options.first}\n")
    print(table(summary))


def joined(reports: list[Path]) -> str:
    """One table over the rows of several runs."""
    rows = [row for path in reports for row in json.loads(path.read_text())["rows"]]
    engines = dict.fromkeys(row["engine"] for row in rows)
    return table({name: summed([row for row in rows if row["engine"] == name]) for name in engines})


def measured(job: tuple[str, int, int, list[str]]) -> list[dict]:
    """Every engine on one simulated pair."""
    suite, seed, index, names = job
    return compared(scenes.case(seed, index, suite), names)


def compared(case: Case, names: list[str]) -> list[dict]:
    """Every engine on one pair, with its errors in milliseconds at start, middle and end of the overlap."""
    rows = []
    for name in names:
        began = time.process_time()
        found = PEERS[name](track("A", case.a), track("B", case.b))
        row = {"engine": name, "case": case.name, "kind": case.kind, "easy": case.easy, "findable": case.findable}
        row |= {"cpu_s": round(time.process_time() - began, 3), "class": found["class"], "rank": found["rank"]}
        row |= {"score": found["score"], "errors_ms": errors(found, case.truths)}
        rows.append(row)
    return rows


def errors(found: dict, truths: tuple[Truth, ...]) -> list[float] | None:
    """Errors in ms; a recording with a jump is judged segment by segment, just inside."""
    if found["offset_s"] is None or not truths:
        return None
    out = []
    for truth in truths:
        inset = 0.06 * (truth.end_s - truth.start_s) if len(truths) > 1 else 0.0
        for at in (truth.start_s + inset, (truth.start_s + truth.end_s) / 2, truth.end_s - inset):
            line = (found["offset_s"], found["ppm"])
            offset, ppm = next(((o, p) for s, e, o, p in found["segments"] if s <= at <= e), line)
            error = offset + at * ppm * 1e-6 - truth.offset_s - at * truth.ppm * 1e-6
            out.append(round(1000 * error, 4))
    return out


def real_cases() -> list[Case]:
    """Cuts of the recordings that lie next to the project, when they do."""
    talk, first, second = (MEDIA / name for name in ("talk.mp4", "timbl_1.mp3", "timbl_2.mp3"))
    if not talk.exists():
        return []
    sound, one, two = (heard(path) for path in (talk, first, second))
    rate = sources.RATE
    cut = sound[6 * rate + 123 : 38 * rate]
    return [
        Case("talk-cut", "real", sound, cut, (Truth(6 + 123 / rate, 0.0, 0.0, cut.size / rate),), True),
        Case("talk-itself", "real", sound, sound.copy(), (Truth(0.0, 0.0, 0.0, sound.size / rate),), True),
        Case("timbl-talk", "real-negative", one, sound, ()),
        Case("timbl", "real-10ms", one, two, (Truth(12.26, 0.0, 0.0, 1.0),)),
    ]


def heard(path: Path) -> np.ndarray:
    """A file's sound, 48 kHz mono."""
    shape = ["-ac", "1", "-ar", str(sources.RATE), "-f", "f32le", "-"]
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), *shape]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32)


def summed(rows: list[dict]) -> dict[str, float]:
    """The shares of one engine."""
    findable = [r for r in rows if r["findable"] and r["kind"] != "real-10ms"]
    hopeless = [r for r in rows if not r["findable"]]
    worst = [max(map(abs, r["errors_ms"])) if r["errors_ms"] else np.inf for r in findable]
    sure = [r["class"] == "looks-good" for r in findable]
    right = [w <= 33 for w in worst]
    wrongly = sum(s and not ok for s, ok in zip(sure, right, strict=True))
    wrongly += sum(r["class"] == "looks-good" for r in hopeless)
    good_ranks = [r["rank"] for r, ok in zip(findable, right, strict=True) if ok]
    bad_ranks = [r["rank"] for r, ok in zip(findable, right, strict=True) if not ok] + [r["rank"] for r in hopeless]
    drifting = [w for r, w in zip(findable, worst, strict=True) if r["kind"] in ("drift", "long")]
    return {
        "pairs": len(findable) + len(hopeless),
        "within_33_ms": share(right),
        "within_10_ms": share([w <= 10 for w in worst]),
        "within_1_ms": share([w <= 1 for w in worst]),
        "drifting_within_10_ms": share([w <= 10 for w in drifting]),
        "looks_good_and_wrong": wrongly,
        "looks_good_when_right": share([s for s, ok in zip(sure, right, strict=True) if ok]),
        "refused_when_hopeless": share([r["class"] == "needs-manual-nudge" for r in hopeless]),
        "manual_when_easy": share([r["class"] == "needs-manual-nudge" for r in findable if r["easy"]]),
        "auc": area(good_ranks, bad_ranks),
    }


def share(found: list[bool]) -> float:
    """The share of true ones; 0 of none."""
    return round(float(np.mean(found)), 4) if found else 0.0


def area(good: list[float], bad: list[float]) -> float:
    """The chance that a right answer ranks over a wrong one; ties count half."""
    if not good or not bad:
        return 1.0
    one, two = np.array(good)[:, None], np.array(bad)[None, :]
    return round(float(np.mean((one > two) + 0.5 * (one == two))), 4)


def costs(names: list[str]) -> dict[str, dict[str, float]]:
    """Seconds and peak megabytes of a fresh process over one-hour files, decoding and all."""
    with ProcessPoolExecutor(1) as pool:  # a process that has held an hour would lend its size to those it starts
        files = pool.submit(hours).result()
    out: dict[str, dict[str, float]] = {}
    for name in names:
        out[name] = {}
        for title, count in SPEED_FILES.items():
            if count > 2 and name != "Studio":
                continue
            began = time.monotonic()
            process = subprocess.Popen(once(name, files[:count]), stdout=subprocess.DEVNULL)
            _, _, used = os.wait4(process.pid, 0)
            out[name][f"{title}: s"] = round(time.monotonic() - began, 1)
            out[name][f"{title}: processor s"] = round(used.ru_utime + used.ru_stime, 1)
            out[name][f"{title}: MB"] = round(used.ru_maxrss / 1024)
    return out


def once(name: str, files: list[str]) -> list[str]:
    """The command that syncs files in a process of its own: Studio's as a person types it."""
    if name == "Studio":
        return [sys.executable, "manage.py", "sync_files", *files, "--json"]
    return [sys.executable, "-m", "bench.sync.once", name, *files]


def hours() -> list[str]:
    """Three cameras of one hour at one event, as AAC. Made once, then kept on disk."""
    paths = [HOURS / f"{label}.m4a" for label in "abc"]
    if not all(path.exists() for path in paths):
        HOURS.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(11)
        sound = sources.ambience(rng, 3700.0)
        for path, start, ppm in zip(paths, (0.0, 40.0, 70.0), (0.0, 48.0, -80.0), strict=True):
            heard_ = devices.add_noise(rng, devices.recorded(sound, start, start + 3600, ppm), 25, "pink")
            raw = ["-f", "f32le", "-ar", str(sources.RATE), "-ac", "1", "-i", "-"]
            coded = ["-ac", "2", "-c:a", "aac", "-b:a", "128k", "-f", "mp4", f"{path}.part"]
            subprocess.run(["ffmpeg", "-v", "error", "-y", *raw, *coded], input=heard_.tobytes(), check=True)
            path.with_name(f"{path.name}.part").rename(path)
    return [str(path) for path in paths]


def table(summary: dict[str, dict[str, float]]) -> str:
    """The summary as a Markdown table, one column per engine."""
    names = list(summary)
    keys = list(dict.fromkeys(key for numbers in summary.values() for key in numbers))
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for key in keys:
        cells = [shown(key, summary[name].get(key)) for name in names]
        lines.append(f"| {key.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def shown(key: str, value: float | None) -> str:
    """A cell: shares in per cent, counts and sizes as they are."""
    if value is None:
        return "–"
    if key in ("pairs", "looks_good_and_wrong") or ": " in key:
        return f"{value:g}"
    return f"{value:.3f}" if key == "auc" else f"{100 * value:.1f} %"


if __name__ == "__main__":
    main()
