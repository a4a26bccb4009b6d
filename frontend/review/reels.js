// A camera with all its clips: one lane, one picture, one number, however often it was stopped and started.

import { byKey, cameraOf } from "../camera_keys.js";
import { extentsOf } from "../playback/time.js";

/** To the pictures a reel is a camera like any other: the clip that is at the clock. */
export class Reel {
  constructor(label, clips) {
    this.label = label;
    this.clips = clips;
    this.now = clips[0];
  }

  get many() {
    return this.clips.length > 1;
  }

  get isMaster() {
    return this.clips.some((clip) => clip.isMaster);
  }

  get clip() {
    return this.now.label;
  }

  get offset() {
    return this.now.offset;
  }

  get ppm() {
    return this.now.ppm;
  }

  get duration() {
    return this.now.duration;
  }

  get lines() {
    return this.now.lines;
  }

  get rate() {
    return this.now.rate;
  }

  get proxy() {
    return this.now.proxy;
  }

  get original() {
    return this.now.original;
  }

  get trouble() {
    return this.now.trouble;
  }

  /** The clip that recorded at the master's `t`; undefined in a gap. `placed(label)`: whether it lies anywhere. */
  at(t, placed = () => true) {
    return this.clips.find((clip) => placed(clip.label) && covers(clip, t));
  }

  /** Take the clip at `t`; in a gap the last one stays. Answers whether it is another one. */
  turn(t, placed) {
    if (!this.many || covers(this.now, t)) {
      return false;
    }
    const before = this.now;
    this.now = this.at(t, placed) ?? before;
    return this.now !== before;
  }
}

/** The reels in the cameras' order: the master's first. */
export function reelsOf(cameras) {
  const reels = new Map();
  for (const camera of cameras) {
    const letter = cameraOf(camera.label);
    reels.set(letter, [...(reels.get(letter) ?? []), camera]);
  }
  return [...reels].map(([letter, clips]) => new Reel(letter, clips.toSorted((a, b) => byKey(a.label, b.label))));
}

function covers(clip, t) {
  return extentsOf(clip).some(({ start, end }) => t >= start && t < end);
}

/** Names in a sentence, of many the first ones and how many more. */
export function named(labels, most = 6) {
  const more = labels.length - most;
  return more > 1 ? `${labels.slice(0, most).join(", ")} and ${more} more` : labels.join(", ");
}
