// One camera's place on the upload page: its state, and how that looks. What it does is decided in index.js.

import { called, cameraOf, clipOf } from "../camera_keys.js";
import { toChoose, isTake } from "./packing.js";
import { Pace, inBytes, inTime, progressWords } from "./pace.js";

/** State → which of its buttons show, and whether bytes are on their way. */
const STATES = {
  empty: { parts: ["choose"] },
  unfinished: { parts: ["choose", "remove"] },
  held: { parts: ["choose"] },
  checking: { parts: ["remove"], moving: true },
  asking: { parts: ["anyway", "open", "remove"] },
  sending: { parts: ["pause", "remove"], moving: true },
  paused: { parts: ["resume", "remove"] },
  waiting: { parts: ["retry", "remove"], moving: true },
  offline: { parts: ["remove"], moving: true },
  failed: { parts: ["retry", "choose", "remove"] },
  taking: { parts: [], moving: true },
  processing: { parts: [] },
  ready: { parts: [] },
  broken: { parts: ["choose"] },
};

export class Slot {
  pace = new Pace();
  state = "empty";
  file = null;
  assetId = null;
  sent = 0;
  status = "";
  note = null;
  open = null;
  known = null;
  attempt = 0;
  timer = null;

  constructor(label) {
    this.label = label;
    this.element = document.getElementById("slot").content.firstElementChild.cloneNode(true);
    this.parts = {
      cam: this.element.querySelector(".cam"),
      name: this.element.querySelector(".slot-name"),
      title: this.element.querySelector(".slot-title input"),
      swap: this.element.querySelector("select"),
      swapLabel: this.element.querySelector(".slot-swap span"),
      head: this.element.querySelector(".slot-head"),
      file: this.element.querySelector(".slot-file"),
      progress: this.element.querySelector("progress"),
      status: this.element.querySelector(".slot-text"),
      note: this.element.querySelector(".slot-note"),
      input: this.element.querySelector("input[type=file]"),
      choose: this.element.querySelector("[data-part=choose]"),
      open: this.element.querySelector("[data-part=open]"),
    };
  }

  get id() {
    return `slot-${this.label}`;
  }

  get moving() {
    return Boolean(STATES[this.state].moving);
  }

  /** Whether the file in it can still change its camera: Studio does not have all of it, and it replaces no other. */
  get movable() {
    return this.file !== null && this.known === null && !["taking", "processing", "ready", "broken"].includes(this.state);
  }

  become(state, { status, note = null } = {}) {
    clearTimeout(this.timer);
    this.state = state;
    this.note = note;
    if (status !== undefined) {
      this.status = status;
    }
    if (state !== "sending") {
      this.pace.reset();
    }
    this.draw();
  }

  /** Empty again, as if nothing had been picked. */
  clear() {
    Object.assign(this, { file: null, assetId: null, sent: 0, open: null, attempt: 0, filename: "", size: 0 });
    this.become("empty", { status: "" });
  }

  progress(bytes, now) {
    this.sent = Math.max(0, Math.min(bytes, this.size));
    this.pace.add(this.sent, now);
    this.status = progressWords(this.sent, this.size, this.pace);
    this.drawProgress();
  }

  draw() {
    const { parts } = this;
    const had = this.element.contains(document.activeElement) ? document.activeElement : null;
    this.element.id = this.id;
    this.element.dataset.state = this.state;
    parts.cam.textContent = this.label;
    parts.cam.className = `cam cam-${cameraOf(this.label)}`;
    parts.name.textContent = this.heard ? called(this.label).replace("Camera", "Sound recorder") : called(this.label);
    parts.title.parentElement.hidden = clipOf(this.label) > 1;
    parts.title.setAttribute("aria-label", `Name of camera ${this.label}`);
    parts.swapLabel.textContent = `Camera for ${this.filename || `slot ${this.label}`}`;
    parts.swap.disabled = !this.movable;
    parts.swap.parentElement.hidden = this.file === null;
    parts.head.draggable = this.movable;
    parts.file.hidden = !this.filename;
    parts.file.firstElementChild.textContent = this.filename ?? "";
    parts.file.lastElementChild.textContent = this.size ? inBytes(this.size) : "";
    parts.note.hidden = !this.note;
    if (this.note) {
      parts.note.className = `note note-${this.note.tone ?? "ask"} small slot-note`;
      parts.note.textContent = this.note.text;
    }
    const shown = STATES[this.state].parts;
    for (const part of this.element.querySelectorAll("[data-do], [data-part]")) {
      part.hidden = !shown.includes(part.dataset.do ?? part.dataset.part);
    }
    parts.input.multiple = this.state === "unfinished" && isTake(this.open.filename);
    parts.choose.querySelector("span").textContent = this.chooseWords();
    if (this.note?.url) {
      parts.open.href = this.note.url;
    } else {
      parts.open.hidden = true;
    }
    this.drawProgress();
    if (had && (had.closest("[hidden]") || had.disabled)) {
      const next = this.element.querySelector("button:not([hidden]), label:not([hidden]) input[type=file]");
      (next ?? parts.name).focus?.();
    }
  }

  drawProgress() {
    const { progress, status } = this.parts;
    progress.hidden = !["sending", "paused", "waiting", "offline", "taking", "processing", "unfinished"].includes(this.state);
    const done = this.state === "processing" ? this.processed : this.size ? this.sent / this.size : 0;
    progress.value = Math.round(1000 * (done || 0));
    progress.setAttribute("aria-label", `Camera ${this.label}: ${this.state === "processing" ? "processed" : "uploaded"}`);
    status.textContent = this.status;
  }

  /** The part of processing that is done, 0 to 1. */
  processed = 0;

  processing(job) {
    this.processed = job ? job.progressPercent / 100 : 0;
    if (!job || job.status === "PENDING") {
      this.status = "Uploaded. Waiting to be processed.";
    } else {
      const left = job.etaSeconds ? ` · about ${inTime(job.etaSeconds)} left` : "";
      this.status = `${sentence(job.step || "processing")}: ${Math.round(job.progressPercent)}%${left}`;
    }
    if (this.state === "processing") {
      this.note = null;
      this.drawProgress();
    } else {
      this.become("processing");
    }
  }

  chooseWords() {
    switch (this.state) {
      case "unfinished":
        return `Choose ${toChoose(this.open.filename)} again`;
      case "held":
      case "broken":
        return "Replace file";
      case "failed":
        return "Choose another file";
      default:
        return "Choose file";
    }
  }
}

/** A step's name with a capital at its start. */
function sentence(step) {
  return step[0].toUpperCase() + step.slice(1);
}
