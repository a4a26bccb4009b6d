// The cuts on a strip to scale. Only what is in view is in the document; an edit redraws what it changed, and asks for no layout. The lane of sounds below
// listens to "view" and places by `x`.

import { cssColors } from "../playback/css_colors.js";
import { clamp, timecode } from "../playback/time.js";
import { shotsInView } from "./in_view.js";
import { ShotBoxes } from "./shot_boxes.js";
import { SnapTargets } from "./snapping.js";

const CLOSEST_PX_PER_S = 600;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600];
const TICK_PX = 84;

export class Strip extends EventTarget {
  /** `whole`: the first and the last frame of the recording. */
  constructor(root, history, grid, whole, thumbnails) {
    super();
    Object.assign(this, { root, history, grid, thumbnails });
    this.whole = whole;
    this.targets = new SnapTargets();
    this.ruler = root.querySelector("[data-ruler] canvas");
    this.titles = root.querySelector("[data-titles]");
    this.snapMark = root.querySelector(".snap-mark");
    this.head = root.querySelector(".playhead");
    this.loopMark = root.querySelector(".loop-mark");
    this.boxes = new ShotBoxes(root.querySelector("[data-shots]"), thumbnails);
    this.view = [grid.secondsOf(whole.start), grid.secondsOf(whole.end)];
    this.current = -1;
    this.#measure();
    this.#readColors();
    history.addEventListener("change", () => this.redraw());
    thumbnails.addEventListener("ready", () => this.redraw());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColors();
      this.ruled = null;
      this.redraw();
    });
    new ResizeObserver(() => this.#resized()).observe(root);
    this.redraw();
  }

  get scale() {
    return this.width / (this.view[1] - this.view[0]);
  }

  x(t) {
    return (t - this.view[0]) * this.scale;
  }

  timeAt(x) {
    return this.view[0] + x / this.scale;
  }

  show(from, to) {
    const [first, last] = [this.whole.start, this.whole.end].map((frame) => this.grid.secondsOf(frame));
    const wide = clamp(to - from, this.width / CLOSEST_PX_PER_S, Math.max(last - first, 1 / this.grid.rate));
    const start = clamp(from, first, Math.max(first, last - wide));
    this.view = [start, start + wide];
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  zoom(by, around = this.#middle()) {
    const [from, to] = this.view;
    this.show(around - (around - from) / by, around + (to - around) / by);
  }

  fit() {
    this.show(this.grid.secondsOf(this.whole.start), this.grid.secondsOf(this.whole.end));
  }

  pan(seconds) {
    this.show(this.view[0] + seconds, this.view[1] + seconds);
  }

  /** Turn the page when `t` is off the screen. */
  keepInView(t) {
    const [from, to] = this.view;
    if (t < from || t > to) {
      this.show(t - (to - from) * 0.1, t + (to - from) * 0.9);
    }
  }

  moveHead(t) {
    const x = this.x(t);
    this.head.style.transform = `translateX(${x}px)`;
    this.head.hidden = x < 0 || x > this.width;
  }

  /** The shot under the playhead. */
  mark(number) {
    if (number !== this.current) {
      this.current = number;
      this.boxes.mark(number);
    }
  }

  markLoop(loop) {
    this.loop = loop;
    const [from, to] = loop ? loop.map((t) => clamp(this.x(t), 0, this.width)) : [0, 0];
    this.loopMark.hidden = to - from < 1;
    this.loopMark.style.transform = `translateX(${from}px)`;
    this.loopMark.style.width = `${to - from}px`;
  }

  /** The frame that a dragged cut was drawn to; null for none. */
  markSnap(frame) {
    this.snapMark.hidden = frame === null;
    if (frame !== null) {
      this.snapMark.style.transform = `translateX(${this.x(this.grid.secondsOf(frame))}px)`;
    }
  }

  /** What changed is drawn at once: an edit is on the screen with the next frame. */
  redraw() {
    const { cut } = this.history;
    this.targets.set("range", [cut.start, cut.end]);
    this.boxes.draw(shotsInView(cut, this.whole, this.grid, this.view), this);
    this.boxes.mark(this.current);
    this.#drawTitles(cut);
    this.#drawRange(cut);
    this.markLoop(this.loop);
    this.#drawRuler();
    if (this.drawnHead !== undefined) {
      this.moveHead(this.drawnHead);
    }
  }

  #drawTitles({ titles }) {
    const key = `${this.view} ${this.width}`;
    if (titles === this.titled && key === this.titledAt) {
      return;
    }
    [this.titled, this.titledAt] = [titles, key];
    const inView = titles.filter(({ start, end }) => this.grid.secondsOf(end) > this.view[0] && this.grid.secondsOf(start) < this.view[1]);
    this.titles.hidden = titles.length === 0;
    while (this.titles.children.length > inView.length) {
      this.titles.lastChild.remove();
    }
    inView.forEach(({ text, start, end }, place) => {
      const bar = this.titles.children[place] ?? this.titles.appendChild(document.createElement("div"));
      const [from, to] = [start, end].map((frame) => this.x(this.grid.secondsOf(frame)));
      bar.className = "strip-title";
      bar.textContent = text;
      bar.style.transform = `translateX(${from}px)`;
      bar.style.width = `${Math.max(2, to - from)}px`;
    });
  }

  #drawRange({ start, end }) {
    const [from, to] = [start, end].map((frame) => clamp(this.x(this.grid.secondsOf(frame)), 0, this.width));
    const key = `${from} ${to} ${this.width}`;
    if (key === this.ranged) {
      return;
    }
    this.ranged = key;
    const [before, after] = [this.root.querySelector("[data-before]"), this.root.querySelector("[data-after]")];
    before.style.width = `${from}px`;
    after.style.left = `${to}px`;
    after.style.width = `${this.width - to}px`;
  }

  #drawRuler() {
    const key = `${this.view} ${this.width} ${this.high} ${window.devicePixelRatio}`;
    if (key === this.ruled) {
      return;
    }
    this.ruled = key;
    const { width, high: height } = this;
    const context = sized(this.ruler, width, height);
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.colors.text;
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    const step = STEPS_S.find((seconds) => seconds * this.scale >= TICK_PX) ?? STEPS_S.at(-1);
    for (let t = Math.ceil(this.view[0] / step) * step; t <= this.view[1]; t += step) {
      const x = Math.round(this.x(t));
      context.fillRect(x, height - 6, 1, 6);
      context.fillText(timecode(t, step < 1 ? 1 : 0), x + 4, height / 2);
    }
  }

  #middle() {
    const { drawnHead: t, view } = this;
    return t >= view[0] && t <= view[1] ? t : (view[0] + view[1]) / 2;
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
      this.redraw();
      this.dispatchEvent(new Event("view"));
    }
  }

  #readColors() {
    const colors = cssColors(this.root);
    this.colors = { text: colors.read("--ink-3") };
    colors.done();
  }
}

/** A canvas as large as it is shown, in the screen's own pixels. */
function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    Object.assign(canvas, { width: across, height: down });
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
