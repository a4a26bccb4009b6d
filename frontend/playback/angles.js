// The pictures, in step with the page's clock. Playing: each video's rate is bent a little until it is on time, a
// large error is a seek. Standing: the frame that belongs to the clock, the newest wish only, one seek at a time.

import { clamp, insideFrame, toCamera } from "./time.js";

const EVERY_MS = 80;
const SEEK_OVER_S = 0.12;
const STEADY_UNDER_S = 0.008;
const PULL = 3;
const MOST_BEND = 0.25;
const SEEK_LOST_MS = 1500;
/** Frames from one key frame of a proxy to the next. */
const KEY_EVERY = 2;

export class Angles {
  /** `boxes`: label → the element that holds a camera's <video>. */
  constructor(clock, cameras, boxes) {
    this.clock = clock;
    this.angles = cameras
      .filter((camera) => boxes.get(camera.label)?.querySelector("video"))
      .map((camera) => new Angle(clock, camera, boxes.get(camera.label)));
    clock.addEventListener("seek", () => this.follow(true));
    clock.addEventListener("state", () => this.follow(true));
    setInterval(() => this.follow(false), EVERY_MS);
  }

  /** Bring every angle to the clock; `jumped`: time did not just pass. */
  follow(jumped) {
    for (const angle of this.angles) {
      angle.follow(jumped);
    }
  }

  /** Seconds that each angle on the screen is ahead of the clock, by its own clock: label → error. */
  errors() {
    const now = this.angles.filter((angle) => angle.shown && !angle.busy);
    return Object.fromEntries(now.map((angle) => [angle.camera.label, angle.error()]));
  }
}

class Angle {
  constructor(clock, camera, box) {
    this.clock = clock;
    this.camera = camera;
    this.box = box;
    this.video = box.querySelector("video");
    this.shown = true;
    this.wanted = null;
    this.sought = 0;
    this.lag = 0.05;
    this.frames = 0;
    this.video.addEventListener("seeked", () => this.#arrived());
    this.video.addEventListener("loadedmetadata", () => this.follow(true));
    this.video.addEventListener("waiting", () => this.#late());
    for (const ready of ["playing", "canplay", "error", "emptied"]) {
      this.video.addEventListener(ready, () => clock.release(this));
    }
    this.#count();
  }

  get busy() {
    return this.sought > 0;
  }

  target() {
    return toCamera(this.camera, this.clock.time);
  }

  error() {
    return this.video.currentTime - this.target();
  }

  follow(jumped) {
    const { video, clock, camera } = this;
    const target = this.target();
    this.#show(target >= -0.0005 && target < camera.duration);
    if (!this.shown || video.readyState < 1) {
      this.#rest();
      return;
    }
    if (!clock.running || clock.rate < 0) {
      this.#rest();
      // Under a hand that moves, key frames are enough: every second one, and no other must be decoded before it.
      this.seek(insideFrame(target, clock.dragged ? camera.rate / KEY_EVERY : camera.rate));
      return;
    }
    if (this.busy && performance.now() - this.sought < SEEK_LOST_MS) {
      return;
    }
    this.sought = 0;
    const error = this.error();
    if (Math.abs(error) > SEEK_OVER_S || (jumped && Math.abs(error) > 0.04)) {
      this.seek(target + this.lag * clock.rate);
    } else {
      const bend = Math.abs(error) < STEADY_UNDER_S ? 0 : clamp(error * PULL, -MOST_BEND, MOST_BEND);
      this.#setRate(clock.rate * (1 - bend));
    }
    if (video.paused) {
      video.play().catch(() => {});
    }
  }

  seek(to) {
    const last = Math.max(0, (this.video.duration || this.camera.duration) - 0.002);
    this.wanted = clamp(to, 0, last);
    if (this.busy && performance.now() - this.sought < SEEK_LOST_MS) {
      return;
    }
    this.#go();
  }

  #go() {
    const to = this.wanted;
    this.wanted = null;
    if (Math.abs(this.video.currentTime - to) < 0.0005) {
      return;
    }
    this.sought = performance.now();
    this.video.currentTime = to;
  }

  #arrived() {
    if (this.busy && this.clock.running) {
      this.lag = clamp(0.7 * this.lag + 0.3 * ((performance.now() - this.sought) / 1000), 0.01, 0.3);
    }
    this.sought = 0;
    if (this.wanted !== null) {
      this.#go();
    } else if (this.clock.running) {
      this.follow(false);
    }
  }

  #late() {
    if (this.clock.running && !this.video.seeking && this.shown) {
      this.clock.hold(this);
    }
  }

  #rest() {
    if (!this.video.paused) {
      this.video.pause();
    }
    this.#setRate(1);
  }

  #setRate(rate) {
    const wanted = clamp(rate, 0.0625, 16);
    if (Math.abs(this.video.playbackRate - wanted) > 0.001) {
      this.video.playbackRate = wanted;
    }
  }

  #show(shown) {
    if (shown !== this.shown) {
      this.shown = shown;
      this.box.classList.toggle("is-away", !shown);
      this.clock.release(this);
    }
  }

  /** Remembers which frame is on the screen, and when it got there: the truth that `currentTime` is not. */
  #count() {
    this.video.requestVideoFrameCallback?.((now, frame) => {
      this.frames += 1;
      this.onScreen = { at: frame.expectedDisplayTime, mediaTime: frame.mediaTime };
      this.#count();
    });
  }
}
