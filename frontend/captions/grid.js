// The recording's frames as captions lie on them: in whole ms, rounded down, by which a player shows each on just its frames.

import { Grid } from "../editing/frames.js";
import { placeAt } from "./cues.js";

const ROUNDING = 1e-6;

export class CaptionGrid extends Grid {
  /** A caption is shown for a frame at least. */
  get least() {
    return Math.ceil(1000 / this.rate);
  }

  /** The ms of the frame nearest to a time. */
  onFrame(ms) {
    return this.#ms(this.frameOf(ms));
  }

  /** The ms of the next frame in a direction, 1 or −1: of a time between two frames, the one that lies there. */
  next(ms, way) {
    const nearest = this.frameOf(ms);
    const there = this.#ms(nearest);
    return way * (there - ms) > 0 ? there : this.#ms(nearest + way);
  }

  #ms(frame) {
    return Math.max(0, Math.floor(this.msOf(frame) + ROUNDING));
  }

  /** When the frame that a time falls on is on the screen, in seconds. */
  seconds(ms) {
    return this.secondsOf(this.frameOf(ms));
  }

  /** The caption that is burnt into a frame; null for none. */
  shownAt(cues, frame) {
    const place = placeAt(cues, this.msOf(frame + 1));
    const near = [cues[place], cues[place - 1]].filter(Boolean);
    return near.find(({ start, end }) => this.frameOf(start) <= frame && frame < this.frameOf(end)) ?? null;
  }
}
