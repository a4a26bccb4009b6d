// The first picture of each shot, drawn from the camera's own proxy by a video that nobody sees: one seek at a time, while the page
// stands still, for what is in view.

import { insideFrame, toCamera } from "../playback/time.js";

const MOST = 600;
const WIDE = 96;
const HIGH = 54;
const SEEK_LOST_MS = 4000;

export class Thumbnails extends EventTarget {
  constructor(clock, cameras, grid) {
    super();
    Object.assign(this, { clock, cameras, grid });
    this.known = new Map();
    this.wanted = new Map();
    this.videos = new Map();
    clock.addEventListener("state", () => this.#next());
  }

  /** The picture of a camera at a frame, null while there is none yet. */
  of(label, frame) {
    const key = `${label} ${frame}`;
    const found = this.known.get(key);
    if (found === undefined) {
      this.wanted.set(key, { label, frame });
      this.#next();
    }
    return found ?? null;
  }

  async #next() {
    if (this.busy || this.clock.playing || this.clock.dragged || !this.wanted.size) {
      return;
    }
    this.busy = true;
    // The newest wish first: that is what is in view now.
    const [key, { label, frame }] = [...this.wanted].at(-1);
    this.wanted.delete(key);
    if (this.wanted.size > 80) {
      this.wanted.delete(this.wanted.keys().next().value);
    }
    this.#keep(key, await this.#draw(label, frame).catch(() => null));
    this.busy = false;
    this.dispatchEvent(new Event("ready"));
    this.#next();
  }

  #keep(key, image) {
    this.known.set(key, image);
    if (this.known.size > MOST) {
      this.known.delete(this.known.keys().next().value);
    }
  }

  async #draw(label, frame) {
    const t = this.grid.secondsOf(frame);
    const clip = this.cameras.get(label)?.clips.find((one) => one.hasPicture && one.proxy && inside(one, t));
    if (!clip) {
      return null;
    }
    const video = await this.#video(clip);
    await seeked(video, insideFrame(toCamera(clip, t), clip.rate));
    const image = document.createElement("canvas");
    Object.assign(image, { width: WIDE, height: HIGH });
    image.getContext("2d").drawImage(video, 0, 0, WIDE, HIGH);
    return image;
  }

  /** One video a clip, opened when the first picture of it is wanted. */
  async #video(clip) {
    const known = this.videos.get(clip.label);
    if (known?.readyState > 0) {
      return known;
    }
    const video = document.createElement("video");
    Object.assign(video, { muted: true, preload: "auto", src: clip.proxy });
    await happened(video, "loadeddata");
    this.videos.set(clip.label, video);
    return video;
  }
}

function inside(clip, t) {
  const own = toCamera(clip, t);
  return own >= -0.0005 && own < clip.duration;
}

async function seeked(video, to) {
  if (Math.abs(video.currentTime - to) > 0.0005) {
    const done = happened(video, "seeked");
    video.currentTime = to;
    await done;
  }
}

function happened(video, name) {
  return new Promise((resolve, reject) => {
    const lost = setTimeout(() => reject(new Error("The picture did not load.")), SEEK_LOST_MS);
    const end = (act) => () => {
      clearTimeout(lost);
      act();
    };
    video.addEventListener(name, end(resolve), { once: true });
    video.addEventListener("error", end(() => reject(new Error("The picture could not be read."))), { once: true });
  });
}
