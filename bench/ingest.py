"""Ingest of one file against the bare ffmpeg command that makes the same outputs from one decode.

    python -m bench.ingest [--seconds 60] [--rounds 3]

Both run in turn in one process, nothing else between them; the best of `--rounds` counts. "CPU" is the processor time
of the children and of Python together, which other work on the machine disturbs less than wall time. Peak RSS is that
of the Python process, measured for the short and for the four times longer recording. Writes var/bench/ingest.json.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from media_app.core.ffmpeg import ProxySettings, input_guard, picture_args, proxy_rate, tracks_args
from media_app.making.derive import derive_picture, derive_sound
from media_app.making.inspect import Inspection, inspect
from media_app.making.workspace import Workspace

OUT = Path(__file__).resolve().parent.parent / "var" / "bench" / "ingest.json"
CASES = {
    "1080p30 H.264": ("1920x1080", "30", ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "22", "-g", "60"]),
    "720p29.97 H.264": (
        "1280x720",
        "30000/1001",
        ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "22", "-g", "60"],
    ),
}
LIMIT = 1.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        for name, (size, rate, codec) in CASES.items():
            source = made(Path(scratch) / "source.mp4", size, rate, codec, options.seconds)
            rows.append({"case": name, "seconds": options.seconds} | compare(source, options.rounds))
            source.unlink()
        memory = peak_rss(Path(scratch), options.seconds)
    print(
        f"{'case':18s} {'bare s':>8s} {'ingest s':>9s} {'ratio':>6s} {'bare cpu':>9s} {'ingest cpu':>10s} {'ratio':>6s}"
    )
    for row in rows:
        print(
            f"{row['case']:18s} {row['bare_s']:8.2f} {row['ingest_s']:9.2f} {row['ratio']:6.3f} "
            f"{row['bare_cpu_s']:9.2f} {row['ingest_cpu_s']:10.2f} {row['cpu_ratio']:6.3f}"
        )
    for seconds, mib in memory.items():
        print(f"peak RSS of the Python process, {seconds} s recording: {mib:.0f} MiB")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    result = {"limit": LIMIT, "cases": rows, "peak_rss_mib": memory}
    OUT.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if all(row["ratio"] <= LIMIT for row in rows) else 1


def made(path: Path, size: str, rate: str, codec: list[str], seconds: int) -> Path:
    """A recording with moving detail, grain and speech-like noise, cheap to make."""
    picture = f"testsrc2=s={size}:r={rate},noise=alls=8:allf=t"
    subprocess.run(
        [
            *["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", picture],
            *["-f", "lavfi", "-i", "anoisesrc=a=0.2:c=pink:r=48000,tremolo=f=4:d=0.9", "-t", str(seconds)],
            *[*codec, "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", str(path)],
        ],
        check=True,
    )
    return path


def compare(source: Path, rounds: int) -> dict[str, float]:
    bare, ingest = [], []
    for _ in range(rounds):
        bare.append(measured(lambda scratch: run_bare(source, scratch)))
        ingest.append(measured(lambda scratch: run_ingest(source, scratch)))
    bare_s, bare_cpu = min(wall for wall, _ in bare), min(cpu for _, cpu in bare)
    ingest_s, ingest_cpu = min(wall for wall, _ in ingest), min(cpu for _, cpu in ingest)
    return {
        "bare_s": bare_s,
        "ingest_s": ingest_s,
        "ratio": ingest_s / bare_s,
        "bare_cpu_s": bare_cpu,
        "ingest_cpu_s": ingest_cpu,
        "cpu_ratio": ingest_cpu / bare_cpu,
    }


def run_bare(source: Path, scratch: Path) -> None:
    """What a person would type who already knew everything about the file."""
    found = KNOWN[source] if source in KNOWN else KNOWN.setdefault(source, inspect(source))
    assert found.frames
    rate = proxy_rate(found.frames.rate)
    files, still_at = (scratch / "proxy.mp4", scratch / "thumbnail.jpg"), int(found.duration * rate / 10)
    args = picture_args(found.source(source), *files, rate=rate, thumbnail_frame=still_at, settings=ProxySettings())
    args += tracks_args(source, found.tracks(scratch))[len(input_guard(source)) :]
    subprocess.run(["nice", "-n", "10", "ffmpeg", "-v", "error", "-nostdin", "-y", *args], check=True)


KNOWN: dict[Path, Inspection] = {}


def run_ingest(source: Path, scratch: Path) -> None:
    derive_sound(source, inspect(source), Workspace(scratch))
    derive_picture(source, inspect(source), Workspace(scratch))


def measured(work) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    scratch = Path(tempfile.mkdtemp(dir="/var/tmp"))
    cpu, wall = processor_time(), time.perf_counter()
    try:
        work(scratch)
        return time.perf_counter() - wall, processor_time() - cpu
    finally:
        shutil.rmtree(scratch)


def processor_time() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_rss(scratch: Path, seconds: int) -> dict[int, float]:
    """MiB at the most, in a Python of its own for each length."""
    found = {}
    for length in (seconds, 4 * seconds):
        source = made(scratch / f"{length}.mp4", "320x180", "30", ["-c:v", "libx264", "-preset", "ultrafast"], length)
        argv = [sys.executable, "-c", "import sys; from bench.ingest import rss_of; rss_of(sys.argv[1])", str(source)]
        found[length] = float(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
        source.unlink()
    return found


def rss_of(source: str) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        run_ingest(Path(source), Path(scratch))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    raise SystemExit(main())
