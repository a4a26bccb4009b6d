// What is heard: a camera, the one that is seen, or all of them, each sample where its sync puts it.

import { RATE, Stream } from "../playback/stream.js";
import { extent } from "../playback/time.js";
import { pointAt } from "./cut.js";

export const FOLLOW = "follow";
export const MIX = "mix";

export class Program extends Stream {
  constructor(clock, cameras, history, grid, renew) {
    super(clock, [...cameras.values()].flatMap(({ clips }) => clips), renew);
    Object.assign(this, { cameras, history, grid });
  }

  async render(t, frames) {
    const { source, gainDb } = this.history.cut.audio;
    const sound = await (source === FOLLOW ? this.#followed(t, frames) : this.#of(this.#heard(source), t, frames));
    const gain = 10 ** (gainDb / 20);
    const left = gain === 1 ? sound : sound.map((sample) => sample * gain);
    return { left, right: left };
  }

  #heard(source) {
    const heard = [...this.cameras.values()].filter(({ clips }) => clips.some(({ label }) => this.wavs.has(label)));
    return heard.filter(source === MIX ? (camera) => this.#inRange(camera) : ({ label }) => label === source);
  }

  /** Whether a camera recorded in the film's range: only those are mixed, and divide the level. */
  #inRange({ spans }) {
    const [from, to] = [this.history.cut.start, this.history.cut.end].map((frame) => this.grid.secondsOf(frame));
    return spans.some(([start, end]) => start < to && end > from);
  }

  /** Cameras together, as loud as one. */
  async #of(cameras, t, frames) {
    const clips = cameras.flatMap(({ clips }) => clips).filter((clip) => {
      const [from, to] = extent(clip);
      return from < t + frames / RATE && to > t;
    });
    const sounds = await Promise.all(clips.map((clip) => this.soundOf(clip, t, frames)));
    const out = new Float32Array(frames);
    for (const sound of sounds) {
      for (let i = 0; i < frames; i += 1) {
        out[i] += sound[i] / cameras.length;
      }
    }
    return out;
  }

  /** Each shot's own sound. */
  async #followed(t, frames) {
    const { cut } = this.history;
    const out = new Float32Array(frames);
    let number = Math.max(0, pointAt(cut, this.grid.frameAt(t)));
    for (let done = 0; done < frames; number += 1) {
      const next = cut.points[number + 1];
      const ends = next ? Math.round((this.grid.secondsOf(next.at) - t) * RATE) : frames;
      const count = Math.min(frames, Math.max(done, ends)) - done;
      if (count > 0) {
        out.set(await this.#of(this.#heard(cut.points[number].angle), t + done / RATE, count), done);
      }
      done += count;
    }
    return out;
  }
}
