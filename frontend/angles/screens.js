// The angles on the screen: a video for each clip, the one that is cut to large, and which frame of it is shown.

import { Angles } from "../playback/angles.js";
import { Pictures } from "../playback/pictures.js";
import { extent, toMaster } from "../playback/time.js";
import { covers } from "./cameras.js";

/** A clip is loaded when the clock comes so near to it. */
const NEAR_S = 90;
const LOOK_EVERY_MS = 2000;
/** A picture that far from the clock is none that somebody looks at. */
const LOST_S = 1;

export class Screens {
  constructor(clock, cameras, labels, renew) {
    Object.assign(this, { clock, cameras, labels });
    this.figures = new Map(labels.map((label) => [label, document.querySelector(`[data-angle="${label}"]`)]));
    const clips = labels.flatMap((label) => cameras.get(label).clips.filter(({ hasPicture }) => hasPicture));
    const boxes = new Map(clips.map((clip) => [clip.label, box(clip, this.figures.get(clip.camera))]));
    this.pictures = new Pictures(clips, boxes, renew, (clip) => this.#near(clip));
    this.angles = new Angles(clock, clips, boxes);
    this.large = null;
    clock.addEventListener("seek", () => this.pictures.takeIn());
    setInterval(() => this.pictures.takeIn(), LOOK_EVERY_MS);
  }

  /** Make an angle large; the others stand beside it. */
  enlarge(label) {
    if (label === this.large) {
      return;
    }
    this.large = label;
    for (const [one, figure] of this.figures) {
      figure.classList.toggle("is-large", one === label);
      figure.querySelector(".angle-cut").setAttribute("aria-pressed", String(one === label));
    }
  }

  /** Lay something over the large picture. */
  cover(element) {
    const screen = this.figures.get(this.large)?.querySelector(".angle-screen");
    if (screen && element.parentElement !== screen) {
      screen.append(element);
    }
  }

  /** The video that shows a camera now; undefined where it has no picture. */
  videoOf(label) {
    return this.angles.angles.find(({ camera, shown }) => camera.camera === label && shown)?.video;
  }

  /** When the picture that is on the large screen began, in seconds of the master's clock; null where none is on it. A video that is
   * being caught up still shows its last frame. */
  shown() {
    const angle = this.angles.angles.find(({ camera, shown }) => camera.camera === this.large && shown);
    if (!angle?.onScreen) {
      return null;
    }
    const at = toMaster(angle.camera, angle.onScreen.mediaTime);
    return Math.abs(at - this.clock.time) < LOST_S ? at : null;
  }

  /** Mark the cameras that have no picture now. */
  mark(t) {
    for (const [label, figure] of this.figures) {
      figure.classList.toggle("is-absent", !covers(this.cameras.get(label), t));
    }
  }

  #near(clip) {
    const [from, to] = extent(clip);
    return this.clock.time > from - NEAR_S && this.clock.time < to + NEAR_S;
  }
}

function box(clip, figure) {
  const made = document.createElement("div");
  made.className = "angle-clip";
  const video = document.createElement("video");
  Object.assign(video, { muted: true, playsInline: true, preload: "auto", disablePictureInPicture: true, tabIndex: -1 });
  video.setAttribute("aria-label", `Picture of camera ${clip.label}`);
  const tag = document.createElement("p");
  Object.assign(tag, { className: "angle-tag small", textContent: "Original" });
  const pending = document.createElement("p");
  pending.className = "angle-pending";
  made.append(video, tag, pending);
  figure.querySelector(".angle-screen").prepend(made);
  return made;
}
