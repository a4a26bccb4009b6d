// One frame of the recording, which a person looks for: by the slider, by its number, a frame back or on, or as the player has it.

import { proxyRate } from "../editing/frames.js";
import { clamp, rateOf } from "../playback/time.js";

/** Of a recording whose rate is not known. */
const USUAL = 25;

export class Stage extends EventTarget {
  constructor(root, player) {
    super();
    Object.assign(this, { root, player, film: root.querySelector("video"), picture: root.querySelector("svg") });
    this.rate = proxyRate(rateOf(root.dataset.rate)) || USUAL;
    this.last = Math.max(0, Math.ceil((Number(root.dataset.duration) / 1000) * this.rate - 1e-6) - 1);
    this.slider = root.querySelector("[data-scrub]");
    this.number = root.querySelector("[data-frame]");
    this.slider.max = this.number.max = this.last;
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.number.addEventListener("change", () => this.#typed());
    for (const button of root.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.show(this.frame + Number(button.dataset.step)));
    }
    root.querySelector("[data-here]").addEventListener("click", () => this.showPlayers());
    this.showPlayers();
  }

  /** The middle of the frame, in ms: at its very edge its neighbor may be meant. */
  get timeMs() {
    return Math.round((1e6 * (this.frame + 0.5)) / this.rate) / 1000;
  }

  /** When the frame begins, in ms. */
  get startMs() {
    return Math.round((1e6 * this.frame) / this.rate) / 1000;
  }

  frameAt(ms) {
    return clamp(Math.floor((ms / 1000) * this.rate + 1e-6), 0, this.last);
  }

  showPlayers() {
    this.show(this.frameAt(1000 * (this.player()?.currentTime ?? 0) + 0.5));
  }

  show(frame) {
    this.frame = clamp(Math.round(frame), 0, this.last);
    if (!this.film.src) {
      this.film.preload = "auto";
      this.film.src = this.film.dataset.src;
    }
    this.film.currentTime = this.timeMs / 1000;
    this.slider.value = this.number.value = this.frame;
    const seconds = `${(this.startMs / 1000).toFixed(3)} s`;
    this.slider.setAttribute("aria-valuetext", `Frame ${this.frame}, ${seconds}`);
    this.say(`Frame at ${seconds}`);
    this.dispatchEvent(new Event("frame"));
  }

  say(sentence) {
    this.root.querySelector("[data-frame-time]").textContent = sentence;
  }

  #typed() {
    const wanted = Number(this.number.value);
    if (this.number.value === "" || !Number.isInteger(wanted) || wanted < 0 || wanted > this.last) {
      this.say(`There is no frame ${this.number.value || "without a number"}: frames are counted from 0 to ${this.last}.`);
      return;
    }
    this.show(wanted);
  }
}
