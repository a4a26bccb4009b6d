"""The review page of three cameras of an hour each, measured in a real browser: `python -m bench.ui`.

The footage is made cheaply (an hour of 720p is a short clip joined to itself, the sound is noise in bursts), but the
browser is given files of full length and rate. Everything is measured in the page itself. Writes var/bench/ui.json.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ui.drawing import drag, first_paint, nudges
from bench.ui.own_studio import place
from bench.ui.playback import listening, lockstep, stall
from bench.ui.shoot import OFFSETS, prepare
from bench.ui.spread import spread

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PAGE_LOADS = 5
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=int, default=60)
    options.add_argument("--size", default="1280x720", help="of the proxies")
    options.add_argument("--out", type=Path, default=ROOT / "var" / "bench" / "ui.json")
    said = options.parse_args()
    if not (ROOT / "build" / "static" / "studio" / "review.js").exists() or not Path(CHROMIUM).exists():
        raise SystemExit("The page's script is not built, or there is no Chromium: run `make setup` first.")
    folder = Path(tempfile.mkdtemp(prefix="studio-bench-ui-"))
    try:
        report = bench(folder, said.minutes, said.size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(report)
    said.out.parent.mkdir(parents=True, exist_ok=True)
    said.out.write_text(json.dumps(report, indent=2) + "\n")


def bench(folder: Path, minutes: int, size: str) -> dict[str, Any]:
    """Make the shoot, serve it, measure it."""
    port = free_port()
    place(folder)
    begun = time.monotonic()
    path, cookie, sounds = prepare(folder, minutes * 60, size)
    print(f"The shoot is made ({time.monotonic() - begun:.0f} s). Measuring …")
    server = serve(port)
    load = round(os.getloadavg()[0], 1)
    try:
        measured = measure(f"http://127.0.0.1:{port}", path, cookie, sounds)
    finally:
        server.terminate()
        server.wait(20)
    return {
        "cameras": len(OFFSETS),
        "minutes": minutes,
        "proxy": size,
        "cpus": os.cpu_count(),
        "load": load,
        **measured,
    }


def serve(port: int) -> subprocess.Popen:
    config = ROOT / "studio" / "gunicorn.py"
    argv = [sys.executable, "-m", "gunicorn", *(["--config", str(config)] if config.exists() else ["--threads", "8"])]
    server = subprocess.Popen(
        [*argv, "--bind", f"127.0.0.1:{port}", "studio.wsgi:application"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.kill()
    raise SystemExit("The server did not start.")


def measure(origin: str, path: str, cookie: dict[str, str], sounds: dict[str, Path]) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        loads = []
        for _ in range(PAGE_LOADS):
            context, page = opened(browser, origin, cookie)
            loads.append(first_paint(page, path))
            context.close()
        context, page = opened(browser, origin, cookie)
        first_paint(page, path)
        measured = {
            "first_paint": {
                "first_contentful_paint_ms": spread([load["fcp"] for load in loads]),
                "waves_painted_ms": spread([load["ready"] for load in loads]),
                "peaks_bytes": max(load["peaks"] for load in loads),
            },
            "nudge": nudges(page),
            "listening": listening(page, sounds),
            "drag": drag(page),
            "lockstep": lockstep(page),
            "stall": stall(page),
        }
        browser.close()
    return measured


def opened(browser, origin: str, cookie: dict[str, str]):
    context = browser.new_context(base_url=origin, viewport={"width": 1440, "height": 900})
    context.add_cookies([cookie | {"url": origin}])
    return context, context.new_page()


def goals(report: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(what, measured, goal, met) for each figure that the project holds itself to."""
    paint, nudge = report["first_paint"], report["nudge"]
    work = max(view["work_ms"]["p95"] for view in nudge.values())
    fps = min(report["drag"]["fps"].values())
    waves, peaks = paint["waves_painted_ms"]["p50"], paint["peaks_bytes"]
    apart, stalled = report["lockstep"]["from_the_clock_ms"]["p95"], report["stall"]["apart_after_1_s_ms"]["max"]
    exact = report["listening"]["largest_difference"]
    return [
        ("first paint, waves on the screen", f"{waves:.0f} ms", "< 1000 ms", waves < 1000),
        ("peaks before interaction", f"{peaks / 1000:.0f} KB", "≤ 450 KB", peaks <= 450_000),
        ("nudge to paint, p95 of the slowest view", f"{work:.1f} ms", "< 16 ms", work < 16),
        ("drag, slowest angle", f"{fps:.1f} fps", "≥ 25 fps", fps >= 25),
        ("angles from the clock, p95", f"{apart:.0f} ms", "< 40 ms", apart < 40),
        ("angles 1 s after a stall, worst", f"{stalled:.0f} ms", "< 40 ms", stalled < 40),
        ("listening, largest difference of a sample", f"{exact:.1e}", "0", exact < 1e-6),
    ]


def show(report: dict[str, Any]) -> None:
    report["goals"] = [
        {"what": what, "measured": measured, "goal": goal, "met": met} for what, measured, goal, met in goals(report)
    ]
    print(
        f"\nReview of {report['cameras']} × {report['minutes']} min, proxies {report['proxy']}, {report['cpus']} CPUs, load {report['load']}"
    )
    for line in report["goals"]:
        print(f"  {'ok  ' if line['met'] else 'MISS'} {line['what']:<44} {line['measured']:>12}   {line['goal']}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
