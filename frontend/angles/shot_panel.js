// What the page says of the shot under the playhead, of the sound, and of what stands in the way of an export.

import { timecode } from "../playback/time.js";
import { firstGap } from "./cameras.js";
import * as cuts from "./cut.js";
import { FOLLOW, MIX } from "./program.js";

/** What the page says itself, in words of its own. */
const OF_COVERAGE = new Set(["beyond_media", "media_gap"]);
const MOST_WARNINGS = 20;
const CHANGED = "Changed by a person; cutting again keeps it.";
const by = (id) => document.getElementById(id);

export class ShotPanel {
  constructor({ data, history, grid, cameras, whole }) {
    Object.assign(this, { data, history, grid, cameras, whole });
    this.number = -1;
    this.chosen = chosenIn(data.cut, grid);
    by("join-type").append(...data.transitions.map(({ type, label }) => new Option(label, type)));
    by("audio-source").append(
      new Option("Follow picture", FOLLOW),
      ...data.sounds.map((label) => new Option(`Camera ${label}${nameOf(data, label)}`, label)),
      new Option("All, mixed", MIX),
    );
    this.swaps = [...document.querySelectorAll("[data-swap]")];
    history.addEventListener("change", () => this.show(this.number, true));
  }

  bind(commands) {
    const { history, grid, data } = this;
    by("join-type").addEventListener("change", ({ target }) => {
      const kind = data.transitions.find(({ type }) => type === target.value);
      const now = history.cut.points[this.number]?.transition;
      commands.join(kind ? { type: kind.type, durationMs: now?.durationMs ?? kind.durationMs } : null);
    });
    by("join-frames").addEventListener("change", ({ target }) => {
      const now = history.cut.points[this.number]?.transition;
      const frames = Math.round(Number(target.value));
      if (now && frames >= 2 && frames <= 60 * grid.rate) {
        commands.join({ ...now, durationMs: grid.msOf(frames) });
      } else {
        target.value = now ? Math.round((now.durationMs / 1000) * grid.rate) : "";
      }
    });
    by("audio-source").addEventListener("change", ({ target }) => history.edit((cut) => cuts.hear(cut, { source: target.value })));
    by("audio-gain").addEventListener("change", ({ target }) => {
      const gainDb = Number(target.value);
      if (target.value !== "" && gainDb >= -96 && gainDb <= 24) {
        history.edit((cut) => cuts.hear(cut, { gainDb }));
      }
      target.value = history.cut.audio.gainDb;
    });
    for (const button of this.swaps) {
      button.addEventListener("click", () => commands.swapTo(button.dataset.swap));
    }
  }

  /** The shot under the playhead; `changed`: the cut did. */
  show(number, changed = false) {
    if (number === this.number && !changed) {
      return;
    }
    this.number = number;
    const { cut } = this.history;
    const at = Math.max(0, number);
    const { angle, transition } = cut.points[Math.min(at, cut.points.length - 1)];
    text("shot-place", `${at + 1} of ${cut.points.length}`);
    text("shot-text", this.words(Math.min(at, cut.points.length - 1)));
    for (const button of this.swaps) {
      button.setAttribute("aria-pressed", String(button.dataset.swap === angle));
    }
    this.#why(Math.min(at, cut.points.length - 1));
    this.#fault(Math.min(at, cut.points.length - 1));
    by("join-type").value = transition?.type ?? "";
    by("join-type").disabled = at < 1;
    by("join-frames").disabled = !transition;
    write("join-frames", transition ? Math.round((transition.durationMs / 1000) * this.grid.rate) : "");
    document.querySelector("[data-do=dissolve]").setAttribute("aria-pressed", String(Boolean(transition)));
    by("audio-source").value = cut.audio.source;
    write("audio-gain", cut.audio.gainDb);
    const count = cut.points.length - 1;
    text("cut-count", `${count} ${count === 1 ? "cut" : "cuts"} · film ${timecode(this.grid.secondsOf(cut.end - cut.start), 1)}`);
  }

  /** A shot as people say it. */
  words(number) {
    const [start, end] = this.#ends(number);
    return `Camera ${this.history.cut.points[number].angle}, ${timecode(this.grid.secondsOf(start))} to ${timecode(this.grid.secondsOf(end))} (${end - start} frames)`;
  }

  /** From when to when a shot is in the film; of one that the range leaves out, from cut to cut. */
  #ends(number) {
    const { cut } = this.history;
    const shot = cuts.shotOf(cut, number);
    if (shot) {
      return [shot.start, shot.end];
    }
    const start = number ? cut.points[number].at : Math.min(cut.points[0].at, this.whole.start);
    return [start, cut.points[number + 1]?.at ?? Math.max(this.whole.end, start + 1)];
  }

  /** What is wrong with a shot in the film, empty where nothing is: a camera must have a picture all along. */
  #missing(number) {
    const shot = cuts.shotOf(this.history.cut, number);
    const camera = shot && this.cameras.get(shot.angle);
    if (!shot || !camera) {
      return shot ? `There is no camera ${shot.angle}. Choose another for this shot.` : "";
    }
    const gap = firstGap(camera, this.grid.secondsOf(shot.start), this.grid.secondsOf(shot.end));
    return gap === null ? "" : `Camera ${shot.angle} has no picture from ${timecode(gap)} on. Cut to another camera before that.`;
  }

  /** What the server answered of who chose each shot. */
  explain(answer) {
    this.chosen = chosenIn(answer, this.grid);
    this.show(this.number, true);
  }

  /** Why an automatic cut shows this camera here, or that a person chose it; nothing of a cut that was never automatic. */
  #why(number) {
    const { points } = this.history.cut;
    const known = this.chosen.get(keyOf(points[number], points[number + 1]));
    const words = known ?? (this.chosen.size ? CHANGED : "");
    by("shot-why").hidden = !words;
    text("shot-why", words);
  }

  #fault(number) {
    const words = this.#missing(number);
    by("shot-fault").hidden = !words;
    text("shot-fault", words);
  }

  /** What stands in the way of an export: shots without a picture, and what the server noticed in the cut that it keeps. */
  warn(warnings, goTo) {
    const [from, to] = cuts.shown(this.history.cut);
    const numbers = Array.from({ length: to - from + 1 }, (_, place) => from + place);
    const own = numbers
      .map((number) => ({ message: this.#missing(number), frame: this.#ends(number)[0] }))
      .filter(({ message }) => message);
    const others = warnings
      .filter(({ code }) => !OF_COVERAGE.has(code))
      .map(({ message, atMs }) => ({ message, frame: atMs === null ? null : this.grid.frameOf(atMs) }));
    const all = [...own, ...others];
    by("warnings").hidden = all.length === 0;
    by("warning-list").replaceChildren(...all.slice(0, MOST_WARNINGS).map((one) => this.#warning(one, goTo)));
  }

  #warning({ message, frame }, goTo) {
    const line = document.createElement("li");
    line.textContent = `${message} `;
    if (frame !== null) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "tool", textContent: `Show ${timecode(this.grid.secondsOf(frame), 1)}` });
      button.addEventListener("click", () => goTo(frame));
      line.append(button);
    }
    return line;
  }
}

/** A shot's place → why it was chosen; empty where no automatic cut was made. */
function chosenIn({ switchPoints }, grid) {
  const points = switchPoints.map(({ atMs, angle, reason }) => ({ at: grid.frameOf(atMs), angle, reason }));
  return new Map(points.map((one, number) => [keyOf(one, points[number + 1]), one.reason]).filter(([, reason]) => reason));
}

function keyOf({ at, angle }, next) {
  return `${at} ${next?.at ?? ""} ${angle}`;
}

function nameOf(data, label) {
  const name = data.angles.find((one) => one.label === label)?.name;
  return name ? ` · ${name}` : " · audio only";
}

/** A field's value, unless somebody is writing it. */
function write(id, value) {
  if (document.activeElement !== by(id)) {
    by(id).value = value;
  }
}

function text(id, words) {
  const element = by(id);
  if (element.textContent !== words) {
    element.textContent = words;
  }
}
