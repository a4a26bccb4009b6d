// The operator's offsets: what is on the screen, what is saved, and every step between, to be undone and redone.
// Fires "change" with { label } after every move; unsaved work outlives a reload in the tab's own storage.

const PRECISION = 1e4;
const round = (ms) => Math.round(ms * PRECISION) / PRECISION;
const LIMIT_MS = 24 * 3600 * 1000;

export class Offsets extends EventTarget {
  /** `cameras` from the data; `keep` names this session and run in the tab's storage. */
  constructor(cameras, keep) {
    super();
    this.cameras = new Map(cameras.map((camera) => [camera.label, camera]));
    this.counting = cameras.filter((camera) => camera.counts);
    this.values = new Map(cameras.map((camera) => [camera.label, camera.saved]));
    this.keep = keep;
    this.done = [];
    this.undone = [];
    this.dragged = null;
  }

  /** Milliseconds on the master's clock; null while nobody has placed the camera. */
  of(label) {
    return this.values.get(label);
  }

  /** Whether the operator may move the camera: the master is the clock, a failed file is nowhere. */
  moves(label) {
    const camera = this.cameras.get(label);
    return camera.counts && !camera.isMaster;
  }

  /** How far the camera stands from where the sync put it; null where it put it nowhere. */
  moved(label) {
    const { computed } = this.cameras.get(label);
    const now = this.of(label);
    return computed === null || now === null ? null : round(now - computed);
  }

  set(label, ms) {
    const from = this.of(label);
    const to = ms === null ? null : round(Math.min(Math.max(ms, -LIMIT_MS), LIMIT_MS));
    if (!this.moves(label) || from === to) {
      return;
    }
    this.done.push({ label, from, to });
    this.undone = [];
    this.#move(label, to);
  }

  nudge(label, by) {
    this.set(label, (this.of(label) ?? 0) + by);
  }

  /** A drag is one step to undo, however many moves it had. */
  drag(label, to) {
    if (!this.moves(label)) {
      return;
    }
    this.dragged ??= { label, from: this.of(label) };
    this.#move(label, round(to));
  }

  drop() {
    const dragged = this.dragged;
    this.dragged = null;
    if (dragged && dragged.from !== this.of(dragged.label)) {
      this.done.push({ ...dragged, to: this.of(dragged.label) });
      this.undone = [];
      this.#changed(dragged.label);
    }
  }

  reset(label) {
    this.set(label, this.cameras.get(label).computed);
  }

  undo() {
    const step = this.done.pop();
    if (step) {
      this.undone.push(step);
      this.#move(step.label, step.from);
    }
    return step;
  }

  redo() {
    const step = this.undone.pop();
    if (step) {
      this.done.push(step);
      this.#move(step.label, step.to);
    }
    return step;
  }

  /** Labels whose offset on the screen is not the one that stands. */
  get unsaved() {
    return this.counting.filter((camera) => this.of(camera.label) !== camera.saved).map((camera) => camera.label);
  }

  get unplaced() {
    return this.counting.map((camera) => camera.label).filter((label) => this.of(label) === null);
  }

  /** The offset of every camera that counts, for a correction. */
  get all() {
    return Object.fromEntries(this.counting.map(({ label }) => [label, this.of(label)]));
  }

  /** Another decision stands now. Offsets nobody touched here follow it; the others stay as the operator left them. */
  saved(standing) {
    const touched = new Set(this.unsaved);
    for (const camera of this.cameras.values()) {
      camera.saved = standing[camera.label] ?? null;
      if (!touched.has(camera.label)) {
        this.#move(camera.label, camera.saved);
      }
    }
    this.#changed(null);
  }

  /** Take back all that is unsaved, as one step each. */
  discard() {
    for (const label of this.unsaved) {
      this.set(label, this.cameras.get(label).saved);
    }
  }

  /** What an earlier visit left unsaved. Answers whether there was anything. */
  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.keep) ?? "{}");
      for (const [label, ms] of Object.entries(kept)) {
        if (this.cameras.has(label) && Number.isFinite(ms)) {
          this.set(label, ms);
        }
      }
    } catch {
      sessionStorage.removeItem(this.keep);
    }
    return this.unsaved.length > 0;
  }

  #move(label, ms) {
    this.values.set(label, ms);
    this.cameras.get(label).offset = ms ?? 0;
    this.#changed(label);
  }

  #changed(label) {
    const left = this.unsaved.map((name) => [name, this.of(name)]);
    try {
      if (left.length) {
        sessionStorage.setItem(this.keep, JSON.stringify(Object.fromEntries(left)));
      } else {
        sessionStorage.removeItem(this.keep);
      }
    } catch {
      // A full or forbidden storage only costs the memory of unsaved nudges.
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { label } }));
  }
}
