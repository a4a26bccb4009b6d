// The titles as a list: words, and from when to when they stand.

import { timecode } from "../playback/time.js";
import * as cuts from "./cut.js";

const list = () => document.getElementById("title-list");

export class Titles {
  constructor(history, grid, frame) {
    Object.assign(this, { history, grid, frame });
    history.addEventListener("change", ({ detail }) => (detail.before.titles === detail.cut.titles ? null : this.draw()));
    list().addEventListener("change", (event) => this.#written(event.target));
    list().addEventListener("click", (event) => this.#pressed(event.target.closest("button")));
    this.draw();
  }

  draw() {
    const { titles } = this.history.cut;
    document.getElementById("no-titles").hidden = titles.length > 0;
    const typing = list().contains(document.activeElement) ? document.activeElement.closest("li")?.dataset.number : null;
    list().replaceChildren(...titles.map((title, number) => this.#row(title, number)));
    if (typing) {
      list().querySelector(`[data-number="${typing}"] input`)?.focus();
    }
  }

  /** The words of the title that begins at a frame, to be written over. */
  focus(frame) {
    const number = this.history.cut.titles.findLastIndex(({ start }) => start === frame);
    const field = list().querySelector(`[data-number="${number}"] input`);
    field?.focus();
    field?.select();
  }

  #row({ text, start, end }, number) {
    const row = document.createElement("li");
    row.dataset.number = number;
    const field = document.createElement("input");
    Object.assign(field, { type: "text", value: text, maxLength: 500 });
    field.setAttribute("aria-label", `Words of title ${number + 1}`);
    const times = document.createElement("span");
    times.className = "small quiet mono";
    times.textContent = `${timecode(this.grid.secondsOf(start), 2)} – ${timecode(this.grid.secondsOf(end), 2)}`;
    row.append(field, times, button("start", "Start here"), button("end", "End here"), button("remove", "Delete"));
    return row;
  }

  #written(field) {
    const number = Number(field.closest("li").dataset.number);
    this.history.edit((cut) => cuts.changeTitle(cut, number, { text: field.value }));
  }

  #pressed(pressed) {
    if (!pressed) {
      return;
    }
    const number = Number(pressed.closest("li").dataset.number);
    const act = {
      start: (cut) => cuts.changeTitle(cut, number, { start: this.frame() }),
      end: (cut) => cuts.changeTitle(cut, number, { end: this.frame() + 1 }),
      remove: (cut) => cuts.removeTitle(cut, number),
    }[pressed.dataset.title];
    this.history.edit(act);
  }
}

function button(does, words) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "tool", textContent: words });
  made.dataset.title = does;
  return made;
}
