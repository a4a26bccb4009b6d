"""The angle editor with six cameras of two hours and 300 cuts, measured in a real browser: `python -m bench.ui.angles`.

How long each action takes from the key to the end of the frame that it causes, whether cuts by key land on the frame that is on the
screen, and how far the angles are apart while they play. Writes var/bench/angles.json.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.ui.__main__ import CHROMIUM, FLAGS, ROOT, free_port, opened, serve
from bench.ui.cut_shoot import prepare
from bench.ui.own_studio import place
from bench.ui.spread import spread

CUTS, ROUNDS, KEYS = 300, 40, 100
READY = "html[data-angles=ready]"
#: Each action is made and, where it changes the cut, taken back: the cut keeps its 300 points.
ACTION = """async ([name, rounds]) => {
  const { history, clock, grid, strip } = studioAngles;
  const press = (code, key, more = {}) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true, ...more }),
  );
  const next = () => new Promise((done) => requestAnimationFrame(done));
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const layout = () => document.getElementById("strip").getBoundingClientRect().width;
  const actions = {
    nothing: () => {},
    cut: () => press("Digit1", "1"),
    undo: () => press("KeyZ", "z", { ctrlKey: true }),
    nudge: () => press("Period", "."),
    swap: () => press("Digit2", "2", { altKey: true }),
    remove: () => press("Delete", "Delete"),
    dissolve: () => press("KeyD", "d"),
    jump: () => press("ArrowDown", "ArrowDown"),
    frame: () => press("ArrowRight", "ArrowRight"),
    zoomIn: () => press("Equal", "+"),
    zoomFit: () => press("KeyZ", "z"),
    drag: () => history.drag((cut) => ({ ...cut, points: cut.points.with(150, { ...cut.points[150], at: cut.points[150].at + 1 }) })),
  };
  const work = [];
  for (let n = 0; n < rounds; n += 1) {
    clock.pause();
    clock.seek(grid.secondsOf(history.cut.points[(n * 7) % 290 + 3].at + 12));
    if (name === "undo") {
      press("Digit3", "3");
    }
    await wait(25);
    await next();
    const pressed = performance.now();
    actions[name]();
    const handled = performance.now() - pressed;
    const beat = await next();
    layout();
    work.push(handled + Math.max(0, performance.now() - Math.max(beat, pressed + handled)));
    history.drop();
    while (history.cut.points.length !== 300 && history.undo());
  }
  strip.fit();
  return work;
}"""
NAMES = ("cut", "undo", "nudge", "swap", "remove", "dissolve", "jump", "frame", "zoomIn", "zoomFit", "drag")
TOGETHER = """() => {
  const errors = Object.values(studioAngles.screens.angles.errors());
  return errors.length === 6 && errors.every((error) => Math.abs(error) < 0.02);
}"""
#: A number key while it plays; the picture that was on the screen, and the source frame that the film shows at the cut.
PRESS = """() => {
  const { screens, grid, history } = studioAngles;
  const angle = screens.angles.angles.find(({ camera, shown }) => camera.camera === screens.large && shown);
  const mediaTime = angle.onScreen.mediaTime;
  const { offset, ppm, rate } = angle.camera;
  const now = screens.labels.indexOf(screens.large);
  const number = ((now + 1 + Math.floor(Math.random() * 5)) % 6) + 1;
  const before = new Set(history.cut.points.map(({ at }) => at));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { code: `Digit${number}`, key: String(number), bubbles: true }));
  const point = history.cut.points.find(({ at }) => !before.has(at));
  if (!point) {
    return null;
  }
  const source = (grid.secondsOf(point.at) - offset / 1000) / (1 + ppm / 1e6);
  return { seen: Math.round(mediaTime * rate), cut: Math.floor((source + 0.0005) * rate) };
}"""
APART = """(seconds) => new Promise((done) => {
  const samples = [];
  const end = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    const { screens, clock } = studioAngles;
    const errors = Object.values(screens.angles.errors());
    samples.push({
      apart: errors.length === 6 ? 1000 * (Math.max(...errors) - Math.min(...errors)) : null,
      held: clock.playing && !clock.running,
    });
    if (performance.now() > end) {
      clearInterval(timer);
      done(samples);
    }
  }, 100);
})"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=int, default=120)
    options.add_argument("--size", default="1280x720", help="of the proxies")
    options.add_argument("--play", type=int, default=600, help="seconds that the angles play")
    options.add_argument("--out", type=Path, default=ROOT / "var" / "bench" / "angles.json")
    said = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="studio-bench-angles-"))
    try:
        report = bench(folder, said)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(report)
    said.out.parent.mkdir(parents=True, exist_ok=True)
    said.out.write_text(json.dumps(report, indent=2) + "\n")


def bench(folder: Path, said: argparse.Namespace) -> dict[str, Any]:
    """Make the shoot, serve it, measure it."""
    port = free_port()
    place(folder)
    begun = time.monotonic()
    path, cookie = prepare(folder, said.minutes * 60, said.size, CUTS)
    print(f"The shoot is made ({time.monotonic() - begun:.0f} s). Measuring …")
    server = serve(port)
    try:
        measured = measure(f"http://127.0.0.1:{port}", path, cookie, said.play)
    finally:
        server.terminate()
        server.wait(20)
    facts = {"minutes": said.minutes, "proxy": said.size, "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    return {**facts, **measured}


def measure(origin: str, path: str, cookie: dict[str, str], seconds: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        _, page = opened(browser, origin, cookie)
        page.set_default_timeout(120_000)
        page.goto(path, wait_until="commit")
        page.wait_for_selector(READY)
        page.wait_for_timeout(3000)
        measured = {
            "points": page.evaluate("() => studioAngles.history.cut.points.length"),
            "actions_ms": actions(page),
            "keys": keys(page),
            "apart": apart(page, seconds),
        }
        browser.close()
    return measured


def actions(page) -> dict[str, dict[str, float]]:
    """Each action's time to the end of its frame, and the processor time of the page that it costs, with what takes it back."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        found = cdp.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in found if one["name"] == "TaskDuration")

    def processor(name: str) -> tuple[list[float], float]:
        begun = busy()
        work = page.evaluate(ACTION, [name, ROUNDS])
        return work, (busy() - begun) / ROUNDS * 1000

    _, idle = processor("nothing")
    found = {}
    for name in NAMES:
        work, used = processor(name)
        found[name] = {**spread(work), "processor": round(max(0.0, used - idle), 1)}
    return found


def keys(page) -> dict[str, int]:
    """Cuts by key while it plays: how many, and how many of them on the frame that was on the screen."""
    page.evaluate("() => { const { clock } = studioAngles; clock.seek(1801); clock.play(); }")
    page.wait_for_function(TOGETHER)
    found: list[dict[str, int]] = []
    for _ in range(4 * KEYS):
        one = page.evaluate(PRESS)
        if one:
            found.append(one)
        if len(found) == KEYS:
            break
        page.wait_for_timeout(180)
    page.evaluate("() => studioAngles.clock.pause()")
    return {"cuts": len(found), "on_the_frame": sum(one["seen"] == one["cut"] for one in found)}


def apart(page, seconds: int) -> dict[str, Any]:
    """How far the six angles are apart while they play."""
    page.evaluate("() => { const { clock } = studioAngles; clock.seek(600); clock.play(); }")
    page.wait_for_function(TOGETHER)
    samples = page.evaluate(APART, seconds)
    known = [one["apart"] for one in samples if one["apart"] is not None]
    return {
        "seconds": seconds,
        **spread(known),
        "within_a_frame": round(sum(one <= 40 for one in known) / max(1, len(known)), 4),
        "held_share": round(sum(one["held"] for one in samples) / max(1, len(samples)), 3),
    }


def goals(report: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(what, measured, goal, met) for each figure."""
    slowest, times = max(report["actions_ms"].items(), key=lambda one: one[1]["p95"])
    dear, used = max(report["actions_ms"].items(), key=lambda one: one[1]["processor"])
    keyed, together = report["keys"], report["apart"]
    landed = keyed["on_the_frame"]
    return [
        (f"slowest action ({slowest}), p95", f"{times['p95']:.1f} ms", "≤ 50 ms", times["p95"] <= 50),
        (f"dearest action ({dear}), processor", f"{used['processor']:.1f} ms", "≤ 50 ms", used["processor"] <= 50),
        ("cuts by key on the frame shown", f"{landed} of {keyed['cuts']}", f"{KEYS} of {KEYS}", landed == KEYS),
        ("angles apart, p95", f"{together['p95']:.0f} ms", "≤ 40 ms (a frame)", together["p95"] <= 40),
    ]


def show(report: dict[str, Any]) -> None:
    report["goals"] = [
        {"what": what, "measured": measured, "goal": goal, "met": met} for what, measured, goal, met in goals(report)
    ]
    print(
        f"\nAngle editor: 6 × {report['minutes']} min, {report['points']} points, proxies {report['proxy']}, "
        f"{report['cpus']} CPUs, load {report['load']}"
    )
    for name, times in report["actions_ms"].items():
        print(
            f"       {name:<10} p50 {times['p50']:>6.1f}  p95 {times['p95']:>6.1f}  max {times['max']:>6.1f}  processor {times['processor']:>5.1f} ms"
        )
    for line in report["goals"]:
        print(f"  {'ok  ' if line['met'] else 'MISS'} {line['what']:<44} {line['measured']:>12}   {line['goal']}")


if __name__ == "__main__":
    main()
