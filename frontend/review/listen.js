// Hearing: master left, camera right, each sample where the offset on the screen puts it.

import { Stream } from "../playback/stream.js";

export class Listen extends Stream {
  /** `chosen()` is the camera that is heard against `master`. */
  constructor(clock, cameras, chosen, renew) {
    super(clock, cameras, renew);
    this.master = cameras.find((camera) => camera.isMaster);
    this.chosen = chosen;
    this.who = "both";
  }

  /** "both", "camera" (solo) or "master" (the camera muted). */
  hear(who) {
    this.who = who;
    this.restart();
    this.dispatchEvent(new Event("change"));
  }

  /** What the left and the right ear get: samples of `frames` frames from the master's `t`. */
  async render(t, frames) {
    const camera = this.chosen();
    const ear = (which) => this.soundOf(which, t, frames);
    if (camera.isMaster || this.who === "master") {
      const left = await ear(this.master);
      return { left, right: left };
    }
    if (this.who === "camera") {
      const right = await ear(camera);
      return { left: right, right };
    }
    const [left, right] = await Promise.all([ear(this.master), ear(camera)]);
    return { left, right };
  }
}
