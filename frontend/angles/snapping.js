// What a dragged cut is drawn to: frames that somebody put up as targets. Transcripts and beats add lists of their own by name.

export class SnapTargets {
  constructor() {
    this.lists = new Map();
  }

  /** `frames`: ascending; an empty list takes the targets of that name away. */
  set(name, frames) {
    this.lists.set(name, frames);
  }

  /** The target nearest to `frame`, no farther than `reach` frames; `frame` itself where there is none. */
  near(frame, reach) {
    let best = frame;
    let least = reach + 1e-9;
    for (const frames of this.lists.values()) {
      for (const one of around(frames, frame)) {
        if (Math.abs(one - frame) < least) {
          [best, least] = [one, Math.abs(one - frame)];
        }
      }
    }
    return best;
  }
}

/** The frames before and after one in an ascending list. */
function around(frames, frame) {
  let [low, high] = [0, frames.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle] < frame) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return frames.slice(Math.max(0, low - 1), low + 1);
}
