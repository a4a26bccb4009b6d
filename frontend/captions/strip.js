// Time to scale: a ruler, the waveform, and the captions as blocks. Only what is in view is in the document.

import { EditorStrip } from "../editing/strip.js";
import { sized } from "../playback/canvas.js";
import { DETAIL_FOR_SECONDS } from "../playback/peaks.js";
import { Blocks } from "./blocks.js";

/** The strip opens on so much. */
const OPEN_S = 20;

export class Strip extends EditorStrip {
  /** `seconds`: how long the recording is. */
  constructor(root, history, layout, peaks, seconds) {
    super(root, [0, seconds], { wave: "--line-strong", bar: "--busy-bar" });
    Object.assign(this, { history, peaks });
    this.wave = root.querySelector("[data-wave] canvas");
    this.blocks = new Blocks(root.querySelector("[data-cues]"));
    this.measure = (cue) => layout.measure(cue);
    this.view = [0, Math.min(seconds, OPEN_S)];
    [this.chosen, this.now] = [null, null];
    history.addEventListener("change", () => this.#drawCues());
    this.redraw();
  }

  /** The caption that is edited, and the one on the screen. */
  mark(chosen, now) {
    if (chosen !== this.chosen || now !== this.now) {
      Object.assign(this, { chosen, now });
      this.blocks.mark(chosen, now);
    }
  }

  redraw() {
    this.drawRuler();
    this.drawWave();
    this.#drawCues();
    this.markLoop(this.loop);
    this.moveHead(this.at ?? 0);
  }

  #drawCues() {
    this.blocks.draw(this.history.cut, this, this.measure);
    this.blocks.mark(this.chosen, this.now);
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
}
