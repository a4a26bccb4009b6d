"""What the page plays: its samples, and how far the angles are apart."""

import base64
from pathlib import Path
from typing import Any

from bench.ui.shoot import OFFSETS, RATE
from bench.ui.spread import NEVER, spread

PLAY_SECONDS = 12
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


def listening(page, sounds: dict[str, Path]) -> dict[str, Any]:
    """What the page plays next to the samples of the files, at three places of the hour and after a nudge of 1 ms."""
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
