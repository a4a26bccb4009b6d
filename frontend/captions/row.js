// One caption in the list: its times, who says it, how much there is to read, and its text.

import { timecode } from "../playback/time.js";

export class Row {
  constructor() {
    this.root = element("li", "cue");
    this.time = element("button", "cue-time mono", { type: "button" });
    this.speaker = element("input", "cue-speaker", { type: "text", maxLength: 100, autocomplete: "off", placeholder: "Speaker" });
    this.speaker.setAttribute("list", "speakers");
    this.marks = element("span", "cue-marks");
    this.figures = element("span", "cue-figures quiet", { title: "Characters per line, and characters per second" });
    this.text = element("textarea", "cue-text", { rows: 2, spellcheck: true });
    const head = element("div", "cue-head");
    head.append(this.time, this.speaker);
    const foot = element("div", "cue-foot");
    foot.append(this.marks, this.figures);
    this.goes = element("span", "visually-hidden", { textContent: "Go to " });
    this.root.append(head, this.text, foot);
    this.root.row = this;
  }

  get holdsFocus() {
    return this.root.contains(document.activeElement);
  }

  /** `place`: its number in the list, from 0. What somebody is typing is left alone. */
  fill(cue, place, count, measure) {
    const number = place + 1;
    if (this.cue !== cue) {
      set(this.text, cue.text);
      if (document.activeElement !== this.speaker) {
        set(this.speaker, cue.speaker);
      }
      this.time.replaceChildren(this.goes, `${timecode(cue.start / 1000)} – ${timecode(cue.end / 1000)}`);
      this.#measure(measure, cue);
    }
    if (this.number !== number) {
      this.text.setAttribute("aria-label", `Text of caption ${number}`);
      this.speaker.setAttribute("aria-label", `Speaker of caption ${number}`);
    }
    this.root.setAttribute("aria-posinset", String(number));
    this.root.setAttribute("aria-setsize", String(count));
    Object.assign(this, { cue, number });
  }

  #measure({ lengths, cps, fast, fits }, cue) {
    const marks = [
      fits ? null : mark(lengths.length ? "Too long" : "Empty", lengths.length ? "It does not fit in two lines of 42 characters. Split it, or shorten it." : "Write something, or delete it."),
      fast ? mark("Fast", "More than 20 characters per second: hard to read in time.") : null,
      cue.doubtful ? mark("Unsure", "A word in it was not heard clearly.") : null,
    ].filter(Boolean);
    this.marks.replaceChildren(...marks);
    this.figures.textContent = `${lengths.join(" + ") || 0} · ${cps.toFixed(1)} cps`;
    this.text.setAttribute("aria-invalid", String(!fits));
  }
}

function mark(text, title) {
  return element("span", "cue-mark", { textContent: text, title });
}

function set(field, value) {
  if (field.value !== value) {
    field.value = value;
  }
}

function element(name, className, values = {}) {
  return Object.assign(document.createElement(name), { className, ...values });
}
