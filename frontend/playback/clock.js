// The one clock of the page: seconds on the master's time. Pictures and sound follow it, it follows nothing.
// Fires "seek" when time jumps (so followers jump too), "state" when playing, rate, loop or hold change.

import { clamp } from "./time.js";

const LONGEST_HOLD_MS = 3000;

export class Clock extends EventTarget {
  #base = 0;
  #since = 0;
  #held = new Map();

  constructor([from, to]) {
    super();
    this.bounds = [from, to];
    this.playing = false;
    this.rate = 1;
    this.loop = null;
    /** A hand drags the time: followers may be coarse until it lets go. */
    this.dragged = false;
    this.#base = clamp(0, from, to);
  }

  get time() {
    return this.at(performance.now());
  }

  /** The clock's time when performance.now() is `moment`, if nothing changes until then. */
  at(moment) {
    return this.running ? this.#base + ((moment - this.#since) / 1000) * this.rate : this.#base;
  }

  get running() {
    return this.playing && this.#held.size === 0;
  }

  play() {
    if (this.playing) {
      return;
    }
    const [from, to] = this.range;
    const atEnd = this.rate > 0 ? this.#base >= to - 0.01 : this.#base <= from + 0.01;
    if (atEnd) {
      this.#base = this.rate > 0 ? from : to;
    }
    this.#since = performance.now();
    this.playing = true;
    this.#emit("state");
    this.#emit("seek");
  }

  pause() {
    if (!this.playing) {
      return;
    }
    this.#rebase();
    this.playing = false;
    this.rate = 1;
    this.#held.clear();
    this.#emit("state");
  }

  toggle() {
    (this.playing ? () => this.pause() : () => this.play())();
  }

  seek(to) {
    this.#base = clamp(to, ...this.bounds);
    this.#since = performance.now();
    if (this.loop && (this.#base < this.loop[0] - 1e-6 || this.#base > this.loop[1] + 1e-6)) {
      this.loop = null;
      this.#emit("state");
    }
    this.#emit("seek");
  }

  drag(to) {
    this.dragged = true;
    this.seek(to);
  }

  drop() {
    this.dragged = false;
    this.#emit("seek");
  }

  setRate(rate) {
    this.#rebase();
    this.rate = rate;
    this.#emit("state");
    this.#emit("seek");
  }

  setLoop(loop) {
    this.loop = loop && [clamp(loop[0], ...this.bounds), clamp(loop[1], ...this.bounds)];
    this.#emit("state");
  }

  /** Stand still until `who` has caught up, though never for long: one dead angle must not stop the others. */
  hold(who) {
    if (this.playing && !this.#held.has(who)) {
      this.#rebase();
      this.#held.set(who, setTimeout(() => this.release(who), LONGEST_HOLD_MS));
      this.#emit("state");
    }
  }

  release(who) {
    if (this.#held.has(who)) {
      clearTimeout(this.#held.get(who));
      this.#rebase();
      this.#held.delete(who);
      this.#emit("state");
      this.#emit("seek");
    }
  }

  get range() {
    return this.loop ?? this.bounds;
  }

  /** To be called at every frame: turns round at the end of a loop, stops at the end of it all. */
  tick() {
    if (!this.running) {
      return;
    }
    const [from, to] = this.range;
    const now = this.time;
    if (now < to && (now > from || this.rate > 0)) {
      return;
    }
    if (this.loop) {
      this.seek(this.rate > 0 ? from : to);
    } else {
      this.pause();
      this.seek(this.rate > 0 ? to : from);
    }
  }

  #rebase() {
    this.#base = clamp(this.time, ...this.bounds);
    this.#since = performance.now();
  }

  #emit(what) {
    this.dispatchEvent(new Event(what));
  }
}
