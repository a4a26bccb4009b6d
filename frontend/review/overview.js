// The whole shoot in one strip, a thin row for each camera, and a window on it: what the lanes show.

import { clamp, extentsOf, toCamera, whole } from "../playback/time.js";
import { sized } from "../playback/canvas.js";

export class Overview {
  constructor(root, cameras, reels, peaks, lanes, clock) {
    Object.assign(this, { root, cameras, reels, peaks, lanes, clock });
    this.canvas = root.querySelector("canvas");
    this.window = root.querySelector(".overview-window");
    this.head = root.querySelector(".overview-head");
    lanes.addEventListener("view", () => this.#placeWindow());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    root.addEventListener("pointerdown", (event) => {
      root.setPointerCapture(event.pointerId);
      this.#go(event);
    });
    root.addEventListener("pointermove", (event) => (event.buttons & 1 ? this.#go(event, true) : null));
    for (const over of ["pointerup", "pointercancel"]) {
      root.addEventListener(over, () => clock.drop());
    }
  }

  draw() {
    this.range = whole(this.cameras);
    const { context, width, height } = sized(this.canvas);
    context.clearRect(0, 0, width, height);
    const tall = height / this.reels.length;
    this.reels.forEach(({ many, clips }, index) => {
      for (const clip of clips.filter(({ label }) => !many || this.lanes.offsets.of(label) !== null)) {
        this.#drawClip(context, clip, { top: tall * index, tall, width });
      }
    });
    this.#placeWindow();
  }

  #drawClip(context, clip, { top, tall, width }) {
    const peaks = this.peaks.get(clip.label);
    const [from, to] = this.range;
    const step = (to - from) / width;
    const pair = [0, 0];
    const middle = top + tall / 2;
    const scale = ((tall / 2 - 1) * peaks.gain) / 127;
    for (const line of extentsOf(clip)) {
      const [start, end] = [line.start, line.end].map((t) => (t - from) / step);
      context.fillStyle = this.lanes.colors.ground;
      context.fillRect(start, top + 1, end - start, tall - 2);
      context.fillStyle = this.lanes.colors.tints.get(clip.label);
      for (let x = Math.max(0, Math.floor(start)); x < Math.min(width, end); x += 1) {
        const t = toCamera({ offset: line.offset, ppm: line.ppm }, from + x * step);
        if (peaks.extremes(t, t + step, false, pair)) {
          const upper = Math.max(top, middle - pair[1] * scale);
          context.fillRect(x, upper, 1, Math.max(1, Math.min(top + tall, middle - pair[0] * scale) - upper));
        }
      }
    }
  }

  moveHead(t) {
    this.head.style.transform = `translateX(${this.#x(t)}px)`;
  }

  #x(t) {
    const [from, to] = this.range ?? [0, 1];
    return clamp((t - from) / (to - from), 0, 1) * this.canvas.clientWidth;
  }

  #placeWindow() {
    const [left, right] = this.lanes.view.map((t) => this.#x(t));
    this.window.hidden = false;
    this.window.style.transform = `translateX(${left}px)`;
    this.window.style.width = `${Math.max(3, right - left)}px`;
  }

  #go(event, dragged = false) {
    const box = this.canvas.getBoundingClientRect();
    const [from, to] = this.range;
    const t = from + clamp((event.clientX - box.left) / box.width, 0, 1) * (to - from);
    const half = (this.lanes.view[1] - this.lanes.view[0]) / 2;
    this.lanes.show(t - half, t + half);
    if (dragged) {
      this.clock.drag(t);
    } else {
      this.clock.seek(t);
    }
  }
}
