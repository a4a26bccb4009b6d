// Time to scale: a ruler, the waveform, and the captions as blocks. Only what is in view is in the document.

import { sized } from "../playback/canvas.js";
import { cssColors } from "../playback/css_colors.js";
import { DETAIL_FOR_SECONDS } from "../playback/peaks.js";
import { clamp, timecode } from "../playback/time.js";
import { Blocks } from "./blocks.js";

const CLOSEST_PX_PER_S = 600;
const STEPS_S = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600];
const TICK_PX = 84;
/** The strip opens on so much. */
const OPEN_S = 20;

export class Strip {
  /** `seconds`: how long the recording is. */
  constructor(root, history, layout, peaks, seconds) {
    Object.assign(this, { root, history, peaks, seconds });
    this.ruler = root.querySelector("[data-ruler] canvas");
    this.wave = root.querySelector("[data-wave] canvas");
    this.head = root.querySelector(".playhead");
    this.loopMark = root.querySelector(".loop-mark");
    this.blocks = new Blocks(root.querySelector("[data-cues]"));
    this.measure = (cue) => layout.measure(cue);
    this.view = [0, Math.min(seconds, OPEN_S)];
    [this.chosen, this.now] = [null, null];
    this.#readColors();
    this.width = Math.max(1, root.clientWidth);
    history.addEventListener("change", () => this.#drawCues());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColors();
      this.redraw();
    });
    new ResizeObserver(() => {
      this.width = Math.max(1, root.clientWidth);
      this.show(...this.view);
    }).observe(root);
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
    const wide = clamp(to - from, Math.min(this.seconds, this.width / CLOSEST_PX_PER_S), this.seconds);
    const start = clamp(from, 0, this.seconds - wide);
    this.view = [start, start + wide];
    this.redraw();
  }

  zoom(by, around = this.#middle()) {
    const [from, to] = this.view;
    this.show(around - (around - from) / by, around + (to - around) / by);
  }

  fit() {
    this.show(0, this.seconds);
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
    this.at = t;
    const x = this.x(t);
    this.head.style.transform = `translateX(${x}px)`;
    this.head.hidden = x < 0 || x > this.width;
  }

  /** The caption that is edited, and the one on the screen. */
  mark(chosen, now) {
    if (chosen !== this.chosen || now !== this.now) {
      Object.assign(this, { chosen, now });
      this.blocks.mark(chosen, now);
    }
  }

  markLoop(loop) {
    this.loop = loop;
    const [from, to] = loop ? loop.map((t) => clamp(this.x(t), 0, this.width)) : [0, 0];
    this.loopMark.hidden = to - from < 1;
    this.loopMark.style.transform = `translateX(${from}px)`;
    this.loopMark.style.width = `${to - from}px`;
  }

  redraw() {
    this.#drawRuler();
    this.drawWave();
    this.#drawCues();
    this.markLoop(this.loop);
    this.moveHead(this.at ?? 0);
  }

  #drawCues() {
    this.blocks.draw(this.history.cut, this, this.measure);
    this.blocks.mark(this.chosen, this.now);
  }

  #drawRuler() {
    const { context, width, height } = sized(this.ruler);
    const ratio = width / this.width;
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.colors.text;
    context.font = `${11 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    const step = STEPS_S.find((seconds) => seconds * this.scale >= TICK_PX) ?? STEPS_S.at(-1);
    for (let tick = Math.ceil(this.view[0] / step); tick * step <= this.view[1]; tick += 1) {
      const x = Math.round(this.x(tick * step) * ratio);
      context.fillRect(x, height - 6 * ratio, ratio, 6 * ratio);
      context.fillText(timecode(tick * step, step < 1 ? 1 : 0), x + 4 * ratio, height / 2);
    }
  }

  /** The waveform as it is known by now; what is missing of it is fetched, and drawn when it is there. */
  drawWave() {
    const { context, width, height } = sized(this.wave);
    const [from, to] = this.view;
    const sharp = to - from <= DETAIL_FOR_SECONDS;
    const tall = ((height / 2 - 2) * this.peaks.gain) / 127;
    const step = (to - from) / width;
    const pair = [0, 0];
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.colors.wave;
    for (let x = 0; x < width; x += 1) {
      const t = from + x * step;
      if (this.peaks.extremes(t, t + step, sharp, pair)) {
        const top = Math.round(Math.max(0, height / 2 - pair[1] * tall));
        const bottom = Math.round(Math.min(height, height / 2 - pair[0] * tall));
        context.fillRect(x, top, 1, Math.max(1, bottom - top));
      }
    }
    clearTimeout(this.sharpening);
    this.sharpening = sharp ? setTimeout(() => this.#sharpen(from, to), 60) : null;
  }

  async #sharpen(from, to) {
    try {
      if (await this.peaks.sharpen(from, to)) {
        this.drawWave();
      }
    } catch {
      // The overview is drawn already; it is less sharp.
    }
  }

  #middle() {
    const [from, to] = this.view;
    return this.at >= from && this.at <= to ? this.at : (from + to) / 2;
  }

  #readColors() {
    const { read, done } = cssColors(this.root);
    this.colors = { text: read("--ink-3"), wave: read("--line-strong"), bar: read("--busy-bar") };
    done();
  }
}
