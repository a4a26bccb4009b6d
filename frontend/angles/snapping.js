// What a cut that is moved is drawn to: frames that somebody put up as targets by name. Of sounds they are "beats" and "gaps".

import { firstThat } from "../sounds/places.js";

const KEPT = "studio-snapping";
/** The targets that a cut is sent to by key. */
export const OF_SOUND = ["beats", "gaps"];

export class SnapTargets {
  constructor() {
    this.lists = new Map();
    this.on = globalThis.localStorage?.getItem(KEPT) !== "off";
  }

  /** On or off, for the next visit too. */
  turn(on) {
    this.on = on;
    globalThis.localStorage?.setItem(KEPT, on ? "on" : "off");
  }

  /** `frames`: ascending; an empty list takes the targets of that name away. */
  set(name, frames) {
    this.lists.set(name, frames);
  }

  /** The target nearest to `frame`, no farther than `reach` frames; `frame` itself where there is none, or snapping is off. */
  near(frame, reach) {
    let best = frame;
    let least = this.on ? reach + 1e-9 : 0;
    for (const frames of this.lists.values()) {
      for (const one of around(frames, frame)) {
        if (Math.abs(one - frame) < least) {
          [best, least] = [one, Math.abs(one - frame)];
        }
      }
    }
    return best;
  }

  /** The next target of these lists before `frame` (`way` −1) or after it; null where there is none. */
  beyond(frame, way, names = OF_SOUND) {
    const found = names.flatMap((name) => {
      const frames = this.lists.get(name) ?? [];
      const place = way > 0 ? firstThat(frames, (one) => one > frame) : firstThat(frames, (one) => one >= frame) - 1;
      return place in frames ? [frames[place]] : [];
    });
    return found.length ? (way > 0 ? Math.min(...found) : Math.max(...found)) : null;
  }
}

/** The frames before and after one in an ascending list. */
function around(frames, frame) {
  const place = firstThat(frames, (one) => one >= frame);
  return frames.slice(Math.max(0, place - 1), place + 1);
}
