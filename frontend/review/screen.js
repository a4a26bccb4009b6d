// The numbers and sentences on the page: the clock, each camera's time and offset, what is pressed, what is being worked on.

import { cameraOf } from "../camera_keys.js";
import { notify } from "../notify.js";
import { keyOf, partsOf } from "./segments.js";
import { MINUS, exactText, msWords, offsetText, offsetWords, parseOffset, timecode, toCamera } from "../playback/time.js";

const by = (id) => document.getElementById(id);
const DOUBTS = { ask: "to check", bad: "doubtful" };
const JOBS_SHOWN = 4;

export class Screen {
  constructor({ cameras, reels, clock, lanes, overview, angles, offsets, listen, data }) {
    Object.assign(this, { cameras, reels, clock, lanes, overview, angles, offsets, listen });
    const each = (name) => new Map(reels.map(({ label }) => [label, document.querySelector(`[data-${name}="${label}"]`)]));
    this.times = each("time");
    this.places = each("offset");
    this.moves = each("moved");
    this.truth = data.truth;
    offsets.addEventListener("change", () => this.#offsets());
    clock.addEventListener("state", () => this.#transport());
    listen.addEventListener("change", () => this.#transport());
    lanes.addEventListener("view", () => this.#scale());
    this.#offsets();
    this.#transport();
    this.#scale();
    this.work(data);
  }

  /** Once per frame of the screen. */
  frame() {
    const step = () => {
      this.clock.tick();
      const now = this.clock.time;
      if (this.clock.running) {
        this.lanes.keepInView(now);
      }
      this.lanes.moveHead(now);
      this.overview.moveHead(now);
      if (now !== this.drawn || this.stale) {
        this.drawn = now;
        this.stale = false;
        by("clock").textContent = timecode(now);
        for (const reel of this.reels) {
          const own = toCamera(reel, now);
          const there = own >= 0 && own < reel.duration;
          this.times.get(reel.label).textContent = there ? timecode(own) : "";
        }
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  choose(camera, segment = 0) {
    this.chosen = camera;
    this.segment = segment;
    const letter = cameraOf(camera.label);
    for (const button of document.querySelectorAll("[data-choose], [data-reel]")) {
      const { choose, reel: whole } = button.dataset;
      button.setAttribute("aria-pressed", String(whole ? whole === letter : choose === camera.label));
    }
    for (const angle of document.querySelectorAll("[data-angle]")) {
      angle.classList.toggle("is-chosen", angle.dataset.angle === letter);
    }
    this.#clips(this.reels.find(({ label }) => label === letter));
    const badge = by("chosen-label");
    badge.textContent = camera.label;
    badge.className = `cam cam-${camera.label[0]}`;
    for (const control of document.querySelectorAll("#nudges button, #exact button, #exact input")) {
      control.disabled = !this.offsets.moves(camera.label);
    }
    document.querySelector("[data-do=reset]").disabled = camera.isMaster || camera.computed === null;
    by("onward").hidden = segment > 0 || !this.offsets.later(camera.label).length;
    this.#segments(camera, segment);
    this.#offsets();
  }

  /** The clips of the chosen camera, by name: the doubtful and those that are nowhere say so. */
  #clips({ many, clips }) {
    by("clips").hidden = !many;
    const options = (many ? clips : []).map(({ label, doubt }) => {
      const ms = this.offsets.of(label);
      const place = ms === null ? "not placed" : offsetText(ms);
      return new Option([label, place, ms !== null && DOUBTS[doubt]].filter(Boolean).join(" · "), label);
    });
    by("clip-choice").replaceChildren(...options);
    by("clip-choice").value = this.chosen.label;
  }

  /** A button for each segment of the chosen camera, and one for all. */
  #segments({ label, segments }, chosen) {
    by("segments").hidden = !segments.length;
    const buttons = ["All", ...segments.map(({ from }, place) => `${place + 1} · ${timecode(from, 0)}`)].map((text, number) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "tool" });
      const noun = document.createElement("span");
      Object.assign(noun, { className: "visually-hidden", textContent: number ? "Segment " : " segments" });
      button.append(...(number ? [noun, text] : [text, noun]));
      button.dataset.choose = keyOf(label, number);
      button.setAttribute("aria-pressed", String(number === chosen));
      return button;
    });
    const focused = by("segment-list").contains(document.activeElement);
    by("segment-list").replaceChildren(...(segments.length ? buttons : []));
    if (focused) {
      buttons[chosen]?.focus({ preventScroll: true });
    }
    const list = by("segment-list");
    list.scrollTop = Math.max(0, (buttons[chosen]?.offsetTop ?? 0) - list.offsetTop - list.clientHeight / 2);
  }

  /** An offset as people say it. */
  offsetText(key) {
    const ms = this.offsets.of(key);
    const camera = this.cameras.find((one) => one.label === partsOf(key).label);
    return ms === null ? "not placed" : offsetWords(ms, camera.rate || this.cameras[0].rate);
  }

  /** The field for an exact offset takes every notation that a page or a person writes; see parseOffset. */
  readExact(key) {
    const field = by("exact-ms");
    const ms = parseOffset(field.value);
    const wrong = ms === null || Math.abs(ms) > 24 * 3600 * 1000;
    field.setAttribute("aria-invalid", String(wrong));
    if (wrong) {
      notify("Enter an offset such as +3.237 s or −310 ms, up to 24 hours.", "bad");
    } else {
      this.offsets.set(key, ms);
      this.#offsets();
    }
  }

  /** What is being worked on, so that waiting has an end. */
  work({ jobs }) {
    const box = by("work");
    box.hidden = jobs.length === 0;
    const rest = jobs.length > JOBS_SHOWN ? ` · and ${jobs.length - JOBS_SHOWN} more` : "";
    box.textContent = jobs
      .toSorted((a, b) => b.progressPercent - a.progressPercent)
      .slice(0, JOBS_SHOWN)
      .map(({ camera, step, progressPercent }) =>
        [camera && `Camera ${camera}:`, step || "waiting to start", `${Math.round(progressPercent)}%`]
          .filter(Boolean)
          .join(" "),
      )
      .join(" · ")
      .concat(rest);
  }

  offerReload() {
    const box = by("work");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-small";
    button.textContent = "Reload";
    button.addEventListener("click", () => window.location.reload());
    const text = document.createElement("p");
    text.textContent = "The recordings or their sync changed since you opened this page. ";
    box.replaceChildren(text, button);
    box.hidden = false;
  }

  #offsets() {
    this.stale = true;
    for (const reel of this.reels) {
      if (reel.many) {
        this.#reelWords(reel);
      } else {
        this.#clipWords(reel.clips[0], reel.label);
      }
    }
    if (this.chosen) {
      this.#chosenOffset(this.chosen);
    }
    document.querySelector("[data-do=undo]").disabled = this.offsets.done.length === 0;
    document.querySelector("[data-do=redo]").disabled = this.offsets.undone.length === 0;
    this.#truth();
  }

  #clipWords({ label, isMaster }, row) {
    const ms = this.offsets.of(label);
    this.places.get(row).textContent = isMaster ? "master" : ms === null ? "not placed" : offsetText(ms);
    this.places.get(row).title = isMaster || ms === null ? "" : exactText(ms);
    this.moves.get(row).textContent = this.#movedWords(label, this.offsets.moved(label));
  }

  #reelWords({ label, clips }) {
    const of = (number, word) => (number ? `${number} ${word}` : "");
    const moved = clips.filter((clip) => this.offsets.moved(clip.label) || this.offsets.apart(clip.label).length).length;
    const nowhere = clips.filter((clip) => this.offsets.of(clip.label) === null).length;
    this.places.get(label).textContent = `${clips.length} clips`;
    this.moves.get(label).textContent = [of(moved, "moved"), of(nowhere, "not placed")].filter(Boolean).join(", ");
  }

  #movedWords(label, moved) {
    const apart = this.offsets.apart(label);
    if (apart.length) {
      return apart.length === 1 ? `segment ${partsOf(apart[0]).number} moved` : `${apart.length} segments moved`;
    }
    return moved ? `${msWords(moved)} moved` : "";
  }

  #chosenOffset(camera) {
    const { label, isMaster } = camera;
    const key = keyOf(label, this.segment);
    const computed = this.segment ? camera.segments[this.segment - 1].base : camera.computed;
    const ms = this.offsets.of(key);
    by("offset-text").textContent = isMaster ? "Master clock" : this.offsetText(key);
    by("offset-text").title = isMaster || ms === null ? "" : exactText(ms);
    const moved = this.offsets.moved(key);
    by("offset-moved").textContent = isMaster
      ? "Choose another camera to move it."
      : camera.continues
        ? `Continues camera ${camera.continues} and moves with it.`
      : !this.offsets.moves(label)
        ? "This file cannot be used, so it is left out of the sync."
      : computed === null
        ? "No computed offset."
        : moved
          ? `${msWords(moved)} from the computed ${offsetText(computed)}`
          : "Same as computed.";
    const field = by("exact-ms");
    if (document.activeElement !== field || field.getAttribute("aria-invalid") !== "true") {
      field.value = ms === null ? "" : offsetText(ms);
      field.title = ms === null ? "" : exactText(ms);
      field.removeAttribute("aria-invalid");
    }
  }

  #truth() {
    by("truth").hidden = !this.truth;
    if (!this.truth) {
      return;
    }
    const rows = this.cameras.filter(({ label, isMaster }) => !isMaster && label in this.truth);
    by("truth").querySelector("tbody").replaceChildren(
      ...rows.map(({ label }) => {
        const row = document.createElement("tr");
        const head = document.createElement("th");
        head.scope = "row";
        head.textContent = label;
        const ms = this.offsets.of(label);
        const off = ms === null ? "not placed" : msWords(ms - this.truth[label]);
        row.append(head);
        row.insertCell().textContent = offsetText(this.truth[label]);
        row.insertCell().textContent = off;
        return row;
      }),
    );
  }

  #transport() {
    const { clock, listen } = this;
    const press = (name, on) => document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(on));
    press("play", clock.playing);
    document.querySelector("[data-do=play]").setAttribute("aria-label", clock.playing ? "Pause" : "Play");
    press("loop", Boolean(clock.loop));
    press("sound", listen.on);
    press("listen", clock.playing && listen.on && listen.who === "both");
    press("solo", listen.who === "camera");
    press("mute", listen.who === "master");
    for (const name of ["sound", "listen", "solo", "mute"]) {
      document.querySelector(`[data-do=${name}]`).disabled = !listen.possible;
    }
    this.lanes.markLoop(clock.loop);
    const rate = clock.rate === 1 ? "" : `${clock.rate < 0 ? MINUS : ""}${Math.abs(clock.rate)}×`;
    by("rate").textContent = clock.playing && !clock.running ? "loading…" : rate;
  }

  #scale() {
    const wide = this.lanes.view[1] - this.lanes.view[0];
    const perPixel = 1000 / this.lanes.scale;
    const ms = perPixel < 10 ? perPixel.toFixed(1) : perPixel.toFixed(0);
    by("scale").textContent = `${wide < 10 ? wide.toFixed(1) : Math.round(wide)} s shown · 1 px = ${ms} ms`;
  }
}
