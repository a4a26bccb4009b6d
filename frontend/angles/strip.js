// The cuts on a strip to scale. Only what is in view is in the document; an edit redraws what it changed, and asks for no layout. The lane of sounds below
// listens to "view" and places by `x`.

import { EditorStrip } from "../editing/strip.js";
import { clamp } from "../playback/time.js";
import { shotsInView } from "./in_view.js";
import { ShotBoxes } from "./shot_boxes.js";
import { SnapTargets } from "./snapping.js";

export class Strip extends EditorStrip {
  /** `whole`: the first and the last frame of the recording. */
  constructor(root, history, grid, whole, thumbnails) {
    const first = grid.secondsOf(whole.start);
    super(root, [first, Math.max(grid.secondsOf(whole.end), first + 1 / grid.rate)]);
    Object.assign(this, { history, grid, thumbnails, whole });
    this.targets = new SnapTargets();
    this.titles = root.querySelector("[data-titles]");
    this.snapMark = root.querySelector(".snap-mark");
    this.boxes = new ShotBoxes(root.querySelector("[data-shots]"), thumbnails);
    this.current = -1;
    history.addEventListener("change", () => this.redraw());
    thumbnails.addEventListener("ready", () => this.redraw());
    this.redraw();
  }

  /** The shot under the playhead. */
  mark(number) {
    if (number !== this.current) {
      this.current = number;
      this.boxes.mark(number);
    }
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
    this.drawRuler();
    if (this.at !== undefined) {
      this.moveHead(this.at);
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
}
