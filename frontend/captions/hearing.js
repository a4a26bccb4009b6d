// The recording's own sound in both ears.

import { Stream } from "../playback/stream.js";

export class Hearing extends Stream {
  constructor(clock, recording, renew) {
    super(clock, [recording], renew);
    this.recording = recording;
  }

  async render(t, frames) {
    const left = await this.soundOf(this.recording, t, frames);
    return { left, right: left };
  }
}
