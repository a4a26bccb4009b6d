// What the sound shows along each camera's overlap: a strip under its wave, in its place however the camera is moved.

import { extent, extentsOf, timecode } from "../playback/time.js";

const STATES = ["agreeing", "silent", "drowned", "contradicting"];
/** A stretch this wide has its word in it; a clip's strip narrower than this would say nothing. */
const WORD_PX = 88;
const STRIP_PX = 24;
const NAMED = 6;

export class Coverage {
  constructor(lanes, offsets) {
    this.lanes = lanes;
    this.offsets = offsets;
    this.rows = [...lanes.reels.values()]
      .map((reel) => ({ reel, root: lanes.root.querySelector(`[data-coverage="${reel.label}"]`) }))
      .filter(({ root }) => root);
    this.strips = new Map();
    lanes.addEventListener("view", () => this.place());
    lanes.addEventListener("choose", () => this.#describe());
    offsets.addEventListener("change", () => this.place());
    this.place();
    this.#describe();
  }

  /** The strips of what is on the screen, and no others: a day has hundreds of clips. */
  place() {
    for (const { reel, root } of this.rows) {
      const shown = reel.clips.filter((clip) => clip.coverage.length && (!reel.many || this.#shows(clip)));
      const boxes = shown.flatMap((clip) => this.#placed(clip).map(({ box }) => box));
      if (boxes.length !== root.children.length || boxes.some((box, place) => box !== root.children[place])) {
        root.replaceChildren(...boxes);
      }
    }
  }

  #shows(clip) {
    const [from, to] = extent(clip);
    const { view, scale } = this.lanes;
    return this.offsets.of(clip.label) !== null && to > view[0] && from < view[1] && (to - from) * scale > STRIP_PX;
  }

  /** In words, of the chosen clip or the camera's only one. */
  #describe() {
    for (const { reel, root } of this.rows) {
      const clip = reel.many ? reel.clips.find(({ label }) => label === this.lanes.chosen) : reel.clips[0];
      const words = clip?.coverage.length ? coverageWords(clip.label, coversOf(clip)) : `Coverage of camera ${reel.label}`;
      root.setAttribute("aria-label", words);
    }
  }

  #placed(camera) {
    const { lanes } = this;
    if (!this.strips.has(camera.label)) {
      this.strips.set(camera.label, stripOf(camera));
    }
    const lines = this.strips.get(camera.label);
    extentsOf(camera).forEach((line, number) => {
      const { box, stretches } = lines[number];
      const pace = 1 + line.ppm / 1e6;
      const left = lanes.x(line.start);
      box.style.transform = `translateX(${left}px)`;
      box.style.width = `${(line.end - line.start) * lanes.scale}px`;
      for (const { shown, from, to } of stretches) {
        const begin = left + (from - line.from) * pace * lanes.scale;
        const wide = (to - from) * pace * lanes.scale;
        const hidden = Math.max(0, -begin);
        const visible = Math.min(begin + wide, lanes.width) - Math.max(0, begin);
        shown.style.left = `${begin - left}px`;
        shown.style.width = `${wide}px`;
        shown.style.paddingLeft = `${Math.min(hidden, wide) + 4}px`;
        shown.classList.toggle("is-named", visible > WORD_PX);
      }
    });
    return lines;
  }
}

function coversOf({ coverage }) {
  return coverage.map(({ startMs, endMs, state }) => ({ from: startMs / 1000, to: endMs / 1000, state }));
}

/** A clip's strip: a box for each line of its clock, with that line's stretches in it. */
function stripOf(camera) {
  const covers = coversOf(camera);
  return extentsOf(camera).map((line) => {
    const box = document.createElement("div");
    box.className = "coverage-line";
    const stretches = covers
      .map((cover) => ({ ...cover, from: Math.max(cover.from, line.from), to: Math.min(cover.to, line.to) }))
      .filter(({ from, to }) => to > from)
      .map((cover) => ({ ...cover, shown: stretch(camera.label, cover) }));
    box.append(...stretches.map(({ shown }) => shown));
    return { box, stretches };
  });
}

function stretch(label, { from, to, state }) {
  const shown = document.createElement("span");
  shown.className = `cover cover-${STATES.includes(state) ? state : "drowned"}`;
  shown.textContent = state;
  shown.title = `${state[0].toUpperCase()}${state.slice(1)}: ${timecode(from, 1)} to ${timecode(to, 1)} of camera ${label}`;
  return shown;
}

/** The strip in text: "Camera B: agreeing 41.0 s; contradicting 8.0 s (0:12.0 to 0:20.0)." */
export function coverageWords(label, covers) {
  const parts = STATES.filter((state) => covers.some((cover) => cover.state === state)).map((state) => {
    const own = covers.filter((cover) => cover.state === state);
    const seconds = own.reduce((sum, { from, to }) => sum + to - from, 0);
    const places = own.slice(0, NAMED).map(({ from, to }) => `${timecode(from, 1)} to ${timecode(to, 1)}`);
    const more = own.length > NAMED ? ` and ${own.length - NAMED} more` : "";
    return `${state} ${seconds.toFixed(1)} s${state === "agreeing" ? "" : ` (${places.join(", ")}${more})`}`;
  });
  return `Coverage of camera ${label}: ${parts.join("; ")}.`;
}
