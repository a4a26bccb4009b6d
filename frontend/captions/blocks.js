// The captions in view as blocks on the strip. Where there are more than a person could take hold of, they are drawn as bars instead.

import { sized } from "../playback/canvas.js";
import { between } from "./cues.js";

const MOST = 150;
const NAMED_FROM_PX = 22;

export class Blocks {
  constructor(root) {
    Object.assign(this, { root, canvas: root.querySelector("canvas") });
    this.known = new Map();
    this.spare = [];
  }

  /** `strip` knows where a time is and what is in view. */
  draw(cues, strip, measure) {
    const [from, to] = strip.view.map((t) => 1000 * t);
    const inView = between(cues, from, to);
    this.crowded = inView.length > MOST;
    const shown = this.crowded ? [] : inView;
    const left = new Set(shown.map(({ id }) => id));
    for (const [id, block] of this.known) {
      if (!left.has(id)) {
        block.root.hidden = true;
        block.cue = null;
        this.known.delete(id);
        this.spare.push(block);
      }
    }
    for (const cue of shown) {
      const block = this.known.get(cue.id) ?? this.spare.pop() ?? this.#add();
      this.known.set(cue.id, block);
      this.#fill(block, cue, strip, measure);
    }
    this.#bars(this.crowded ? inView : [], strip);
  }

  mark(chosen, now) {
    for (const [id, { root }] of this.known) {
      root.classList.toggle("is-chosen", id === chosen);
      root.classList.toggle("is-now", id === now);
    }
  }

  #add() {
    const root = document.createElement("div");
    root.className = "block";
    const name = root.appendChild(document.createElement("span"));
    this.root.append(root);
    return { root, name };
  }

  #fill(block, cue, strip, measure) {
    const [left, right] = [cue.start, cue.end].map((ms) => strip.x(ms / 1000));
    if (block.cue !== cue) {
      block.cue = cue;
      block.root.hidden = false;
      block.name.textContent = cue.text;
      const { fast, fits } = measure(cue);
      block.root.classList.toggle("is-over", fast || !fits);
    }
    block.root.style.transform = `translateX(${left}px)`;
    block.root.style.width = `${Math.max(2, right - left - 1)}px`;
    block.name.hidden = right - left < NAMED_FROM_PX;
  }

  #bars(cues, strip) {
    if (!cues.length && !this.drawn) {
      return;
    }
    this.drawn = cues.length > 0;
    const { context, width, height } = sized(this.canvas);
    const ratio = width / strip.width;
    context.clearRect(0, 0, width, height);
    context.fillStyle = strip.colors.bar;
    for (const { start, end } of cues) {
      const [left, right] = [start, end].map((ms) => strip.x(ms / 1000) * ratio);
      context.fillRect(left, height * 0.25, Math.max(1, right - left - ratio), height * 0.5);
    }
  }
}
