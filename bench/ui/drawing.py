"""First paint, nudges and drags, measured in the page."""

from typing import Any

from bench.ui.spread import spread

NUDGES = 120
DRAG_SECONDS = 6
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
