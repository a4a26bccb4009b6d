// What is heard in a shoot, on the master's clock: asked for once the panel of words says which camera was listened to, placed
// anew when its sync is moved. Fires "change". The panel gets the moment of the clock, so that its words follow.

import { call } from "../api.js";
import { notifyError } from "../notify.js";
import { extent, toCamera, toMaster } from "../playback/time.js";
import { placed } from "./places.js";

const FOLLOW_EVERY_MS = 200;

export class Sounds extends EventTarget {
  /** `find(camera)`: the clip of a camera's key, null for one that has no place yet. */
  constructor(clock, find) {
    super();
    Object.assign(this, { clock, find, recordings: [], camera: "", reported: null });
    this.place();
    document.body.addEventListener("htmx:afterSwap", () => this.#look());
    this.#look();
    setInterval(() => this.#report(), FOLLOW_EVERY_MS);
  }

  get empty() {
    return this.recordings.every(({ stretches, beats, words }) => !stretches.length && !beats.length && !words.length);
  }

  /** Lay everything where the sync has it now. */
  place() {
    this.placed = placed(this.recordings, this.find);
    this.dispatchEvent(new Event("change"));
  }

  /** When a camera's own `seconds` happened, on the master's clock; null for one that has no place. */
  at({ camera, seconds }) {
    const clip = this.find(camera);
    return clip ? toMaster(clip, seconds) : null;
  }

  async #look() {
    const { version, marks, camera } = document.querySelector(".words[data-marks]")?.dataset ?? {};
    const key = `${marks} ${version}`;
    this.reported = null;
    if (!marks || key === this.key) {
      return;
    }
    this.key = key;
    try {
      const { recordings } = await call("GET", marks);
      if (key === this.key) {
        Object.assign(this, { recordings, camera });
        this.place();
      }
    } catch (error) {
      this.key = null;
      notifyError(error);
    }
  }

  #report() {
    const now = this.clock.time;
    const clip = now === this.reported ? null : this.find(this.camera);
    if (!clip) {
      return;
    }
    this.reported = now;
    const [from, to] = extent(clip);
    const seconds = now >= from && now < to ? toCamera(clip, now) : NaN;
    document.dispatchEvent(new CustomEvent("studio:time", { detail: { camera: this.camera, seconds, playing: this.clock.playing } }));
  }
}
