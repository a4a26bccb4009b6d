// The headline while a camera is moved: what is on the screen, marked as not saved. The server writes what is in force.

import { offsetLength } from "../playback/time.js";

const NAMED = /^Camera (\S+) (?:starts|could)/;

export function showVerdict(panel, offsets, master) {
  const unsaved = new Set(offsets.unsaved);
  for (const sentence of panel.querySelectorAll("[data-starts]")) {
    sentence.dataset.saved ??= sentence.textContent;
    const label = NAMED.exec(sentence.dataset.saved)?.[1];
    sentence.textContent = unsaved.has(label) ? starts(label, offsets.of(label), master) : sentence.dataset.saved;
  }
  panel.querySelectorAll("[data-evidence]").forEach((badge) => (badge.hidden = unsaved.size > 0));
  panel.querySelectorAll("[data-unsaved]").forEach((badge) => (badge.hidden = unsaved.size === 0));
}

/** The server's own sentence, for an offset that it does not know yet. */
function starts(label, ms, master) {
  if (ms === null) {
    return `Camera ${label} is not placed.`;
  }
  if (Math.abs(ms) < 0.05) {
    return `Camera ${label} starts at the same time as ${master}.`;
  }
  return `Camera ${label} starts ${offsetLength(ms)} ${ms > 0 ? "after" : "before"} ${master}.`;
}
