// The operator's offsets: what is on the screen, what is saved, and every step between, to be undone and redone.
// Fires "change" with { label } after every move; unsaved work outlives a reload in the tab's own storage.
// A key is a camera's label, or a segment's ("B/2"). Kept by key: a camera's offset; of a segment, by how much it stands apart
// from its camera, so that moving the camera takes its segments along.

import { laterClips } from "./doubt.js";
import { keyOf, partsOf, tidy as round } from "./segments.js";

const LIMIT_MS = 24 * 3600 * 1000;

export class Offsets extends EventTarget {
  /** `cameras` from the data; `keep` names this session and run in the tab's storage. */
  constructor(cameras, keep) {
    super();
    this.cameras = new Map(cameras.map((camera) => [camera.label, camera]));
    this.counting = cameras.filter((camera) => camera.counts);
    this.values = new Map(cameras.map((camera) => [camera.label, camera.saved]));
    for (const camera of cameras) {
      keysOf(camera).forEach((key, place) => this.values.set(key, camera.segments[place].saved));
      this.#layLines(camera);
    }
    this.keep = keep;
    this.done = [];
    this.undone = [];
    this.dragged = null;
    this.group = 0;
  }

  /** Milliseconds on the master's clock; null while nobody has placed the camera. */
  of(key) {
    const { label, number } = partsOf(key);
    return number ? round(this.#undivided(label, number) + this.values.get(key)) : this.values.get(label);
  }

  /** Where a segment would be if it had been moved with its camera alone. */
  #undivided(label, number) {
    const { segments, computed } = this.cameras.get(label);
    return segments[number - 1].base + (this.values.get(label) ?? 0) - (computed ?? 0);
  }

  /** Whether the operator may move the camera: the master is the clock, a failed file is nowhere, a later chapter of a recording
   * moves with the first. */
  moves(key) {
    const camera = this.cameras.get(partsOf(key).label);
    return camera.counts && !camera.isMaster && !camera.continues;
  }

  /** How far the camera, or a segment, stands from where the sync put it; null where it put it nowhere. */
  moved(key) {
    const { label, number } = partsOf(key);
    const { computed, segments } = this.cameras.get(label);
    const from = number ? segments[number - 1].base : computed;
    const now = this.of(key);
    return from === null || now === null ? null : round(now - from);
  }

  /** The segments of a camera that stand apart from it, as keys. */
  apart(label) {
    return keysOf(this.cameras.get(label)).filter((key) => this.values.get(key) !== 0);
  }

  set(key, ms) {
    const to = ms === null ? null : this.#kept(key, Math.min(Math.max(ms, -LIMIT_MS), LIMIT_MS));
    this.#step(key, to);
  }

  /** What is kept of an offset. */
  #kept(key, ms) {
    const { label, number } = partsOf(key);
    return round(number ? ms - this.#undivided(label, number) : ms);
  }

  #step(key, to) {
    const from = this.values.get(key);
    if (!this.moves(key) || from === to) {
      return;
    }
    this.done.push({ label: key, from, to, group: this.group });
    this.undone = [];
    this.#move(key, to);
  }

  /** `onward`: the later clips of the same camera move along, as one step to undo. */
  nudge(key, by, { onward = false } = {}) {
    this.group += 1;
    const placed = onward ? this.later(key).filter((label) => this.of(label) !== null) : [];
    for (const one of [key, ...placed]) {
      this.set(one, (this.of(one) ?? 0) + by);
    }
    this.group += 1;
  }

  /** The later clips of a clip's camera that may be moved. */
  later(key) {
    return laterClips([...this.cameras.keys()], partsOf(key).label, (label) => this.of(label)).filter((label) => this.moves(label));
  }

  /** A drag is one step to undo, however many moves it had. */
  drag(key, to) {
    if (!this.moves(key)) {
      return;
    }
    this.dragged ??= { label: key, from: this.values.get(key) };
    this.#move(key, this.#kept(key, to));
  }

  drop() {
    const dragged = this.dragged;
    this.dragged = null;
    if (dragged && dragged.from !== this.values.get(dragged.label)) {
      this.done.push({ ...dragged, to: this.values.get(dragged.label), group: (this.group += 1) });
      this.undone = [];
      this.#changed(dragged.label);
    }
  }

  /** Back to what was computed; a whole camera with all of its segments. */
  reset(key) {
    const { label, number } = partsOf(key);
    if (number) {
      this.set(key, this.cameras.get(label).segments[number - 1].base);
      return;
    }
    this.apart(label).forEach((segment) => this.#step(segment, 0));
    this.set(label, this.cameras.get(label).computed);
  }

  /** Answers the first of what was moved; undefined when there was nothing. */
  undo() {
    return this.#again(this.done, this.undone, "from");
  }

  redo() {
    return this.#again(this.undone, this.done, "to");
  }

  /** Take the last step from one pile to the other, with all that was moved in one go with it. */
  #again(from, to, value) {
    const { group } = from.at(-1) ?? {};
    const steps = [];
    do {
      const step = from.pop();
      if (step) {
        to.push(step);
        steps.push(step);
        this.#move(step.label, step[value]);
      }
    } while (group && from.at(-1)?.group === group);
    return value === "from" ? steps.at(-1) : steps[0];
  }

  /** Labels of cameras that are on the screen otherwise than they stand. */
  get unsaved() {
    return [...new Set(this.unsavedKeys.map((key) => partsOf(key).label))];
  }

  /** Keys whose value on the screen is not the one that stands. */
  get unsavedKeys() {
    return this.#placed.flatMap((camera) =>
      [camera.label, ...keysOf(camera)].filter((key) => this.values.get(key) !== savedOf(camera, key)),
    );
  }

  /** The cameras that a decision places; later chapters follow. */
  get #placed() {
    return this.counting.filter((camera) => !camera.continues);
  }

  get unplaced() {
    return this.counting.map((camera) => camera.label).filter((label) => this.of(label) === null);
  }

  /** Whether a camera and its segments are where the sync put them. */
  asComputed(camera) {
    const added = camera.segments.some((segment) => segment.added);
    return this.of(camera.label) === camera.computed && !this.apart(camera.label).length && !added;
  }

  /** The offset of every camera that counts, for a correction. */
  get all() {
    return Object.fromEntries(this.#placed.map(({ label }) => [label, this.of(label)]));
  }

  /** For a correction: all segments of each camera of which one stands apart; the others move with their camera. */
  get segments() {
    const set = this.counting.filter(
      ({ label, segments }) => this.apart(label).length || segments.some((segment) => segment.added),
    );
    return Object.fromEntries(
      set.map((camera) => [
        camera.label,
        camera.segments.map(({ startMs }, place) => ({ startMs, offsetMs: this.of(keyOf(camera.label, place + 1)) })),
      ]),
    );
  }

  /** Another decision stands now. Offsets nobody touched here follow it; the others stay as the operator left them. */
  saved(standing, segments = null) {
    const touched = new Set(this.unsavedKeys);
    for (const camera of this.cameras.values()) {
      camera.saved = standing[camera.label] ?? null;
      const moved = (camera.saved ?? 0) - (camera.computed ?? 0);
      camera.segments.forEach((segment, place) => {
        const now = segments?.[camera.label]?.[place]?.offsetMs ?? segment.base + moved;
        segment.saved = round(now - segment.base - moved);
      });
      for (const key of [camera.label, ...keysOf(camera)].filter((one) => !touched.has(one))) {
        this.#move(key, savedOf(camera, key));
      }
    }
    this.#changed(null);
  }

  /** Take back all that is unsaved, as one step each. */
  discard() {
    for (const key of this.unsavedKeys) {
      this.#step(key, savedOf(this.cameras.get(partsOf(key).label), key));
    }
  }

  /** What is on the screen and not saved, by key; `lay` puts it there again. */
  get left() {
    return Object.fromEntries(this.unsavedKeys.map((key) => [key, this.values.get(key)]));
  }

  lay(left) {
    for (const [key, value] of Object.entries(left)) {
      if (this.values.has(key) && Number.isFinite(value)) {
        this.#step(key, value);
      }
    }
  }

  /** Offsets that a person set before other recordings changed, laid on the screen unsaved. Answers the labels that moved. */
  propose(earlier) {
    this.lay(earlier);
    return Object.keys(earlier).filter((label) => this.unsaved.includes(label));
  }

  /** What an earlier visit left unsaved. Answers whether there was anything. */
  restore() {
    try {
      this.lay(JSON.parse(sessionStorage.getItem(this.keep) ?? "{}"));
    } catch {
      sessionStorage.removeItem(this.keep);
    }
    return this.unsaved.length > 0;
  }

  #move(key, value) {
    const camera = this.cameras.get(partsOf(key).label);
    this.values.set(key, value);
    this.#layLines(camera);
    this.#takeAlong(camera);
    this.#changed(key);
  }

  /** The next chapter of a recording lies as far from this one as computed. */
  #takeAlong(camera) {
    for (const next of this.cameras.values()) {
      if (next.continues === camera.label && next.computed !== null && camera.computed !== null) {
        this.values.set(next.label, round(next.computed + (this.values.get(camera.label) ?? camera.computed) - camera.computed));
        this.#layLines(next);
        this.#takeAlong(next);
        this.#changed(next.label);
      }
    }
  }

  /** The lines that waves, pictures and sound follow. */
  #layLines(camera) {
    camera.offset = this.values.get(camera.label) ?? 0;
    camera.lines = camera.segments.map(({ from, to, ppm }, place) => {
      return { from, to, ppm, offset: this.of(keyOf(camera.label, place + 1)) };
    });
  }

  #changed(key) {
    try {
      if (this.unsavedKeys.length) {
        sessionStorage.setItem(this.keep, JSON.stringify(this.left));
      } else {
        sessionStorage.removeItem(this.keep);
      }
    } catch {
      // A full or forbidden storage only costs the memory of unsaved nudges.
    }
    this.dispatchEvent(new CustomEvent("change", { detail: { label: key && partsOf(key).label } }));
  }
}

function keysOf(camera) {
  return camera.segments.map((_, place) => keyOf(camera.label, place + 1));
}

function savedOf(camera, key) {
  const { number } = partsOf(key);
  return number ? camera.segments[number - 1].saved : camera.saved;
}
