"""The review page of three cameras of an hour each, measured in a real browser: `python -m bench.ui`.

The footage is made cheaply (an hour of 720p is a short clip joined to itself, the sound is noise in bursts), but the
browser is given files of full length and rate. Everything is measured in the page itself. Writes var/bench/ui.json.
"""

import argparse
import base64
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OFFSETS = {"A": 0.0, "B": 1234.0, "C": -777.0}
RATE = 48_000
CLIP_SECONDS = 20
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--autoplay-policy=no-user-gesture-required"]
PAGE_LOADS, NUDGES = 5, 120
DRAG_SECONDS, PLAY_SECONDS = 6, 12
#: Stands for "not within the time that was watched", ms.
NEVER = 9999.0


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
    os.environ |= {
        "STUDIO_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'studio.sqlite3'}",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "LOG_LEVEL": "WARNING",
    }
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


# --- the shoot ----------------------------------------------------------------------------------------------------


def prepare(folder: Path, seconds: int, size: str) -> tuple[str, dict[str, str], dict[str, Path]]:
    """A synced session in a new database; answers its path, a signed-in cookie, and each camera's WAV."""
    import django

    django.setup()
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    from sessions_app.models import Membership
    from tests import review_shoot as made

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    user = get_user_model().objects.create_user("bench", password=secrets.token_hex())
    Membership.objects.create(user=user, tenant_id="t_local", env="dev")
    client = Client()
    client.force_login(user)

    picture = long_picture(folder, seconds, size)
    session = made.shot(title="An hour", status="needs-review")
    sounds = {}
    for label, offset in OFFSETS.items():
        camera = made.Camera(label, float(seconds), offset)
        sounds[label] = add_camera(session, camera, picture, folder)
    made.add_result(session, OFFSETS)
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    return f"/sessions/{session.pk}/review/", cookie, sounds


def long_picture(folder: Path, seconds: int, size: str) -> Path:
    clip, whole = folder / "clip.mp4", folder / "picture.mp4"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "baseline", "-crf", "28", "-pix_fmt", "yuv420p"]
    card = f"testsrc2=size={size}:rate=25:duration={CLIP_SECONDS}"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", card, *encoder, "-g", "2", "-bf", "0", str(clip))
    loops = str(seconds // CLIP_SECONDS - 1)
    run(
        *["ffmpeg", "-v", "error", "-stream_loop", loops, "-i", str(clip)],
        *["-c", "copy", "-movflags", "+faststart", str(whole)],
    )
    return whole


def add_camera(session, camera, picture: Path, folder: Path) -> Path:
    """The rows and files of one camera: hour-long sound and its true peaks, written block by block."""
    import wave

    import numpy as np

    from media_app import storage
    from media_app.core.files import keys
    from media_app.core.sound.peaks import PeakBuilder
    from media_app.models import DerivedMedia, MediaAsset
    from tests.review_shoot import PEAKS

    asset = MediaAsset.objects.create(
        session=session,
        camera_label=camera.label,
        status="ready",
        original_filename=f"camera-{camera.label}.mp4",
        project_id=session.project_id,
        shoot_date=session.date,
        kind="video",
        duration_ms=round(camera.seconds * 1000),
        fps="25",
        has_audio=True,
    )
    builders = {tier: PeakBuilder(RATE, size) for tier, size in PEAKS.items()}
    path = folder / f"{camera.label}.wav"
    first = round((10 + camera.offset_ms / 1000) * RATE)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        for second in range(int(camera.seconds)):
            samples = heard(np, first + second * RATE)
            out.writeframes(samples.tobytes())
            for builder in builders.values():
                builder.feed(samples)
    files = {("audio-wav", ""): path, ("proxy", ""): picture}
    for tier, builder in builders.items():
        files["waveform", tier] = folder / f"{camera.label}.{tier}.dat"
        files["waveform", tier].write_bytes(builder.dat())
    for (kind, variant), file in files.items():
        key = keys.derived_key(asset.angle(), kind, variant)
        target = storage.store().root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)
        DerivedMedia.objects.create(
            asset=asset, kind=kind, variant=variant, input_ref="x", key=key, size_bytes=file.stat().st_size
        )
    return path


def heard(np, start: int):
    """One second of the event from sample `start`: the same samples whichever camera asks."""
    out = np.empty(RATE, np.int16)
    at = start
    while at < start + RATE:
        block, inside = divmod(at, RATE)
        rng = np.random.default_rng(block)
        loud = np.repeat(rng.random(8) ** 3, RATE // 8)
        noise = (rng.standard_normal(RATE, dtype=np.float32) * loud * 9000).clip(-32768, 32767).astype(np.int16)
        piece = noise[inside : inside + start + RATE - at]
        out[at - start : at - start + piece.size] = piece
        at += piece.size
    return out


# --- the server and the browser -------------------------------------------------------------------------------------


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


def first_paint(page, path: str) -> dict[str, float]:
    """From the click on a link to the first paint, and to all waves on the screen; peaks fetched up to then and 1 s on."""
    peaks: list[int] = []

    def count(response) -> None:
        if ".dat" in response.url:
            peaks.append(int(response.headers.get("content-length", 0)))

    page.on("response", count)
    page.goto(path)
    page.wait_for_selector("html[data-review=ready]")
    page.wait_for_timeout(1000)
    times = page.evaluate(
        """() => ({
          fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
          ready: performance.getEntriesByName("studio-ready")[0].startTime,
        })"""
    )
    page.remove_listener("response", count)
    return {**times, "peaks": sum(peaks)}


def nudges(page) -> dict[str, Any]:
    """`work`: the key's handler and the frame it causes, pixels read back. `to_screen`: from the key to the end of that
    frame, the wait for the screen's next beat (up to 16.7 ms) included."""
    found = page.evaluate(
        """async (count) => {
          const next = () => new Promise((done) => requestAnimationFrame(done));
          const canvas = document.querySelector('[data-lane="B"] canvas');
          const views = { opening: null, closest: "zoomClosest", hour: "zoomFit" };
          const found = {};
          for (const [name, command] of Object.entries(views)) {
            if (command) {
              studioReview.commands[command]();
              await new Promise((done) => setTimeout(done, 1200));
            }
            const work = [];
            const toScreen = [];
            for (let i = 0; i < count; i += 1) {
              await new Promise((done) => setTimeout(done, 20 + Math.random() * 20));
              const pressed = performance.now();
              document.dispatchEvent(
                new KeyboardEvent("keydown", { code: i % 2 ? "Comma" : "Period", key: i % 2 ? "," : ".", altKey: true }),
              );
              const handled = performance.now() - pressed;
              const beat = await next();
              canvas.getContext("2d").getImageData(0, 0, 1, 1);
              const painted = performance.now();
              work.push(handled + Math.max(0, painted - Math.max(beat, pressed + handled)));
              toScreen.push(painted - pressed);
            }
            found[name] = { work, toScreen };
          }
          return found;
        }""",
        NUDGES,
    )
    return {
        name: {"work_ms": spread(view["work"]), "to_screen_ms": spread(view["toScreen"])}
        for name, view in found.items()
    }


def listening(page, sounds: dict[str, Path]) -> dict[str, Any]:
    """What the page plays beside the samples of the files, at three places of the hour and after a nudge of 1 ms."""
    import numpy as np

    frames, worst, moved = 4800, 0.0, 0
    seconds = page.evaluate("studioReview.cameras[0].duration")
    page.evaluate("studioReview.choose('B'); studioReview.offsets.reset('B')")
    for nudge_ms in (0, 1):
        if nudge_ms:
            page.evaluate("studioReview.offsets.nudge('B', 1)")
        for t in (5.0, seconds / 2, seconds - 30):
            left, right = rendered(np, page, t, frames)
            first = round(t * RATE)
            at = first - round((OFFSETS["B"] + nudge_ms) * RATE / 1000)
            worst = max(worst, np.abs(left - samples(np, sounds["A"], first, frames)).max())
            worst = max(worst, np.abs(right - samples(np, sounds["B"], at, frames)).max())
            moved += 1
    page.evaluate("studioReview.offsets.reset('B')")
    return {"places": moved, "largest_difference": float(worst), "samples_off": 0 if worst < 1e-6 else None}


def rendered(np, page, t: float, frames: int):
    text = page.evaluate(
        """async ([t, frames]) => {
          const { listen } = studioReview;
          const context = new OfflineAudioContext(2, frames, 48000);
          const source = listen.source(context, await listen.render(t, frames));
          source.connect(context.destination);
          source.start(0);
          const made = await context.startRendering();
          const bytes = [0, 1].flatMap((side) => Array.from(new Uint8Array(made.getChannelData(side).slice().buffer)));
          return btoa(bytes.map((byte) => String.fromCharCode(byte)).join(""));
        }""",
        [t, frames],
    )
    return np.frombuffer(base64.b64decode(text), np.float32).reshape(2, frames)


def samples(np, path: Path, first: int, count: int):
    with path.open("rb") as file:
        file.seek(44 + 2 * first)
        return np.frombuffer(file.read(2 * count), "<i2").astype(np.float32) / 32768


#: A hand moves a mouse at each frame of the screen; Playwright's own mouse waits for an answer to each move, and so
#: would measure itself.
HAND = """({ seconds, from, way, y }) => new Promise((done) => {
  const ruler = document.querySelector("[data-scrub]");
  const counts = () => Object.fromEntries(studioReview.angles.angles.map((angle) => [angle.camera.label, angle.frames]));
  const before = counts();
  const begun = performance.now();
  const move = () => {
    const elapsed = (performance.now() - begun) / 1000;
    if (elapsed >= seconds) {
      const frames = Object.entries(counts()).map(([label, count]) => [label, count - before[label]]);
      done({ elapsed, frames: Object.fromEntries(frames) });
      return;
    }
    const clientX = from + (elapsed / seconds) * way;
    const moved = { pointerId: 1, buttons: 1, bubbles: true, clientX, clientY: y };
    ruler.dispatchEvent(new PointerEvent("pointermove", moved));
    requestAnimationFrame(move);
  };
  requestAnimationFrame(move);
})"""


def drag(page) -> dict[str, Any]:
    """The playhead dragged along the ruler: pictures a second on each of the three angles."""
    page.evaluate(
        """() => {
          const { clock, lanes, cameras } = studioReview;
          clock.pause();
          clock.setLoop(null);
          lanes.show(cameras[0].duration / 3, cameras[0].duration / 3 + 30);
        }"""
    )
    page.wait_for_timeout(500)
    box = page.locator(".ruler-wave").bounding_box()
    y = box["y"] + 8
    page.mouse.move(box["x"] + 5, y)
    page.mouse.down()
    page.wait_for_timeout(500)
    found = page.evaluate(
        HAND, {"seconds": DRAG_SECONDS, "from": box["x"] + 5, "way": 0.9 * (box["width"] - 10), "y": y}
    )
    page.mouse.up()
    return {"fps": {label: round(frames / found["elapsed"], 1) for label, frames in found["frames"].items()}}


SAMPLE = """(seconds) => new Promise((done) => {
  const samples = [];
  const end = performance.now() + seconds * 1000;
  const timer = setInterval(() => {
    const { angles, clock } = studioReview;
    const errors = Object.values(angles.errors());
    const shown = angles.angles.filter((angle) => angle.onScreen).map((angle) => {
      const due = clock.at(angle.onScreen.at);
      return angle.onScreen.mediaTime - (due - angle.camera.offset / 1000);
    });
    samples.push({
      at: performance.now(),
      clock: errors.length === 3 ? 1000 * (Math.max(...errors) - Math.min(...errors)) : null,
      worst: errors.length === 3 ? 1000 * Math.max(...errors.map(Math.abs)) : null,
      frame: shown.length === 3 ? 1000 * (Math.max(...shown) - Math.min(...shown)) : null,
      held: clock.playing && !clock.running,
    });
    if (performance.now() > end) {
      clearInterval(timer);
      done(samples);
    }
  }, 50);
})"""


def lockstep(page) -> dict[str, Any]:
    """How far apart the angles are while they play, by their clocks and by the frames on the screen."""
    page.evaluate("studioReview.clock.setLoop(null); studioReview.clock.seek(studioReview.cameras[0].duration / 2)")
    page.wait_for_timeout(500)
    page.evaluate("studioReview.clock.play()")
    page.wait_for_timeout(2000)
    found = page.evaluate(SAMPLE, PLAY_SECONDS)
    return {
        "apart_ms": spread([one["clock"] for one in found if one["clock"] is not None]),
        "apart_by_frames_ms": spread([one["frame"] for one in found if one["frame"] is not None]),
        "from_the_clock_ms": spread([one["worst"] for one in found if one["worst"] is not None]),
        "held_share": round(sum(one["held"] for one in found) / len(found), 3),
    }


def stall(page) -> dict[str, Any]:
    """One angle is kept still for 1.2 s while the others play: how soon are all within 40 ms again, and how far apart
    are they 1 s after it was let go."""
    times, after_a_second = [], []
    for _ in range(3):
        page.evaluate(
            """() => new Promise((done) => {
              const video = document.querySelector('[data-angle="B"] video');
              const hold = setInterval(() => video.pause(), 10);
              setTimeout(() => { clearInterval(hold); done(); }, 1200);
            })"""
        )
        found = page.evaluate(SAMPLE, 2.5)
        begun = found[0]["at"]
        good = [one for one in found if one["clock"] is not None and one["worst"] < 40]
        late = [one["at"] for one in found if one["clock"] is None or one["worst"] >= 40]
        times.append(((late[-1] - begun) if late else 0.0) if good else NEVER)
        soon = [one["worst"] for one in found if one["worst"] is not None and 950 <= one["at"] - begun <= 1300]
        after_a_second.append(max(soon) if soon else NEVER)
        page.wait_for_timeout(1000)
    page.evaluate("studioReview.clock.pause()")
    return {"within_40_ms_after_ms": spread(times), "apart_after_1_s_ms": spread(after_a_second)}


# --- small things -------------------------------------------------------------------------------------------------


def spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    if not ordered:
        return {"p50": NEVER, "p95": NEVER, "max": NEVER}
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {"p50": round(statistics.median(ordered), 1), "p95": round(p95, 1), "max": round(ordered[-1], 1)}


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


def run(*argv: str) -> None:
    subprocess.run(argv, check=True)


if __name__ == "__main__":
    main()
