// The sounds as a lane on the page's clock: speech over music, the words in the speech, and beats as ticks below. Only what is in view is
// looked at and drawn.

import "./lane.css";
import { cssColors } from "../playback/css_colors.js";
import { spansIn, timesIn } from "./places.js";

/** Top and height of each kind, in px. Speech and music may sound together. */
const ROWS = { silence: [9, 4], other: [2, 18], music: [12, 8], speech: [2, 8] };
const WORD = [7, 3];
const TICK = [23, 9];
/** Nearer ticks would be one block. */
const APART_PX = 3;
const WORDS_FROM_PX_PER_S = 12;
const COLORS = { speech: "--good-bar", music: "--busy-bar", silence: "--line-strong", other: "--cam-a-line", words: "--ink", beats: "--ink-2" };

export class SoundLane {
  /** `view` has `x(t)`, `scale`, `view`, and fires "view"; `legend` says what the marks mean. */
  constructor(root, view, sounds, legend) {
    Object.assign(this, { root, view, sounds, legend });
    this.canvas = root.querySelector("canvas");
    this.#readColors();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColors();
      this.#soon();
    });
    sounds.addEventListener("change", () => this.#changed());
    view.addEventListener("view", () => this.#soon());
    new ResizeObserver(() => this.#soon()).observe(this.canvas);
    this.#changed();
  }

  #changed() {
    const { empty, camera, placed } = this.sounds;
    this.root.hidden = empty;
    this.legend.hidden = empty;
    this.legend.querySelector("[data-of]").textContent = camera;
    for (const part of this.legend.querySelectorAll("[data-kind]")) {
      const { kind } = part.dataset;
      part.hidden = !(placed.stretches[kind] ?? placed[kind])?.length;
    }
    this.#soon();
  }

  /** All drawing of one frame at once. */
  #soon() {
    this.planned ||= requestAnimationFrame(() => {
      this.planned = 0;
      this.#draw();
    });
  }

  #draw() {
    const { canvas, view, colors } = this;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width || this.root.hidden) {
      return;
    }
    const ratio = Math.min(2, devicePixelRatio || 1);
    Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const { stretches, words, beats } = this.sounds.placed;
    for (const [kind, row] of Object.entries(ROWS)) {
      this.#spans(context, spansIn(stretches[kind] ?? [], view.view), row, colors[kind]);
    }
    if (view.scale >= WORDS_FROM_PX_PER_S) {
      this.#spans(context, spansIn(words, view.view), WORD, colors.words);
    }
    this.drawn = this.#ticks(context, timesIn(beats, view.view));
  }

  #spans(context, spans, [top, high], color) {
    context.fillStyle = color;
    for (const [start, end] of spans) {
      const x = this.view.x(start);
      context.fillRect(x, top, Math.max(1, this.view.x(end) - x - 0.5), high);
    }
  }

  /** A tick for each beat; where they are too dense, one for each few pixels. Answers how many. */
  #ticks(context, beats) {
    context.fillStyle = this.colors.beats;
    let [last, count] = [-Infinity, 0];
    for (const beat of beats) {
      const x = Math.round(this.view.x(beat));
      if (x - last >= APART_PX) {
        context.fillRect(x, TICK[0], 1, TICK[1]);
        [last, count] = [x, count + 1];
      }
    }
    return count;
  }

  #readColors() {
    const colors = cssColors(this.root.parentElement);
    this.colors = Object.fromEntries(Object.entries(COLORS).map(([name, color]) => [name, colors.read(color)]));
    colors.done();
  }
}
