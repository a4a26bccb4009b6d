// What the sound shows along each camera's overlap: a strip under its wave, in its place however the camera is moved.

import { extentsOf, timecode } from "../playback/time.js";

const STATES = ["agreeing", "silent", "drowned", "contradicting"];
/** A stretch this wide has its word in it. */
const WORD_PX = 88;
const NAMED = 6;

export class Coverage {
  constructor(lanes, offsets) {
    this.lanes = lanes;
    this.strips = lanes.cameras
      .map((camera) => strip(camera, lanes.root.querySelector(`[data-coverage="${camera.label}"]`)))
      .filter(Boolean);
    lanes.addEventListener("view", () => this.place());
    offsets.addEventListener("change", () => this.place());
    this.place();
  }

  place() {
    const { lanes } = this;
    for (const { camera, lines } of this.strips) {
      extentsOf(camera).forEach((extent, number) => {
        const { box, stretches } = lines[number];
        const pace = 1 + extent.ppm / 1e6;
        const left = lanes.x(extent.start);
        box.style.transform = `translateX(${left}px)`;
        box.style.width = `${(extent.end - extent.start) * lanes.scale}px`;
        for (const { shown, from, to } of stretches) {
          const begin = left + (from - extent.from) * pace * lanes.scale;
          const wide = (to - from) * pace * lanes.scale;
          const hidden = Math.max(0, -begin);
          const visible = Math.min(begin + wide, lanes.width) - Math.max(0, begin);
          shown.style.left = `${begin - left}px`;
          shown.style.width = `${wide}px`;
          shown.style.paddingLeft = `${Math.min(hidden, wide) + 4}px`;
          shown.classList.toggle("is-named", visible > WORD_PX);
        }
      });
    }
  }
}

/** A camera's strip: a box for each line of its clock, with that line's stretches in it. */
function strip(camera, root) {
  if (!root || !camera.coverage.length) {
    return null;
  }
  const covers = camera.coverage.map(({ startMs, endMs, state }) => ({ from: startMs / 1000, to: endMs / 1000, state }));
  const lines = extentsOf(camera).map((line) => {
    const box = document.createElement("div");
    box.className = "coverage-line";
    const stretches = covers
      .map((cover) => ({ ...cover, from: Math.max(cover.from, line.from), to: Math.min(cover.to, line.to) }))
      .filter(({ from, to }) => to > from)
      .map((cover) => ({ ...cover, shown: stretch(camera.label, cover) }));
    box.append(...stretches.map(({ shown }) => shown));
    return { box, stretches };
  });
  root.replaceChildren(...lines.map(({ box }) => box));
  root.setAttribute("aria-label", coverageWords(camera.label, covers));
  return { camera, lines };
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
