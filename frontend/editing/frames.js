// The grid of a cut: whole frames of the sequence, counted from the master's time zero. A time falls on the nearest frame, halves up.

import { EPSILON_S } from "../playback/time.js";

const KEPT = 1e6;
const FASTEST_PROXY = 60;

export class Grid {
  /** `rate`: "30000/1001". */
  constructor(rate) {
    const [over, under] = String(rate).split("/").map(Number);
    Object.assign(this, { over, under: under || 1 });
    this.rate = this.over / this.under;
  }

  /** The frame that `ms` falls on. */
  frameOf(ms) {
    return Math.floor((ms * this.over) / (this.under * 1000) + 0.5 + 1e-7);
  }

  /** When a frame begins, in ms as the server keeps them. */
  msOf(frame) {
    return Math.round(((frame * 1000 * this.under) / this.over) * KEPT) / KEPT;
  }

  secondsOf(frame) {
    return (frame * this.under) / this.over;
  }

  /** The first frame of the film at which a picture is on the screen that begins at the master's `seconds`. */
  shownAt(seconds) {
    return Math.ceil((seconds - EPSILON_S) * this.rate - 1e-6) + 0;
  }

  /** The frame of the film that is on the screen at the master's `seconds`. */
  frameAt(seconds) {
    return Math.floor((seconds + EPSILON_S) * this.rate + 1e-6);
  }
}

/** A proxy of slow motion has every nth frame. */
export function proxyRate(rate) {
  return rate ? rate / Math.ceil(rate / FASTEST_PROXY) : 0;
}
