// The strip of an editor: a ruler, and what the editor draws below it.

import { cssColors } from "../playback/css_colors.js";
import { clamp, timecode } from "../playback/time.js";
import { Timescale } from "../playback/timescale.js";

const CLOSEST_PX_PER_S = 600;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600];
const TICK_PX = 84;

/** A subclass has `redraw()`. */
export class EditorStrip extends Timescale {
  /** `extent`: the first and the last second; `colors`: name → the CSS variable that it is read from. */
  constructor(root, extent, colors = {}) {
    super();
    Object.assign(this, { root, extent, view: extent });
    this.ruler = root.querySelector("[data-ruler] canvas");
    this.head = root.querySelector(".playhead");
    this.loopMark = root.querySelector(".loop-mark");
    this.variables = { text: "--ink-3", ...colors };
    this.#measure();
    this.#readColors();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColors();
      this.ruled = null;
      this.redraw();
    });
    new ResizeObserver(() => this.#resized()).observe(root);
  }

  /** The playhead, where it is on the screen. */
  get middle() {
    return this.at >= this.view[0] && this.at <= this.view[1] ? this.at : super.middle;
  }

  show(from, to) {
    const [first, last] = this.extent;
    const wide = clamp(to - from, Math.min(last - first, this.width / CLOSEST_PX_PER_S), last - first);
    const start = clamp(from, first, last - wide);
    this.view = [start, start + wide];
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  fit() {
    this.show(...this.extent);
  }

  moveHead(t) {
    this.at = t;
    super.moveHead(t);
  }

  drawRuler() {
    const key = `${this.view} ${this.width} ${this.high} ${window.devicePixelRatio}`;
    if (key === this.ruled) {
      return;
    }
    this.ruled = key;
    const { width, high: height } = this;
    const context = drawnOn(this.ruler, width, height);
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.colors.text;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    const step = STEPS_S.find((seconds) => seconds * this.scale >= TICK_PX) ?? STEPS_S.at(-1);
    for (let tick = Math.ceil(this.view[0] / step); tick * step <= this.view[1]; tick += 1) {
      const x = Math.round(this.x(tick * step));
      context.fillRect(x, height - 6, 1, 6);
      context.fillText(timecode(tick * step, step < 1 ? 1 : 0), x + 4, height / 2);
    }
  }

  /** Read once: to ask in the midst of drawing would have the page laid out then and there. */
  #measure() {
    this.width = Math.max(1, this.ruler.clientWidth);
    this.high = this.ruler.clientHeight;
  }

  #resized() {
    const { width, high } = this;
    this.#measure();
    if (width !== this.width || high !== this.high) {
      this.show(...this.view);
    }
  }

  #readColors() {
    const { read, done } = cssColors(this.root);
    this.colors = Object.fromEntries(Object.entries(this.variables).map(([name, variable]) => [name, read(variable)]));
    done();
  }
}

/** A canvas of a size that is known already, in the screen's own pixels; drawn on in CSS pixels. */
function drawnOn(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    Object.assign(canvas, { width: across, height: down });
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
