// The titles as a list: words, from when to when they stand, how they look and where.

import { timecode } from "../playback/time.js";
import * as cuts from "./cut.js";
import { effective, withField, withPreset } from "./title_style.js";

const PLACES = [["x", "Left"], ["y", "Top"], ["width", "Width"], ["height", "Height"]]; // prettier-ignore
const ALIGNS = [["left", "Left"], ["center", "Center"], ["right", "Right"]]; // prettier-ignore
const list = () => document.getElementById("title-list");

export class Titles {
  /** `texts`: the presets, the fonts that ship, and a title's fields as they come. */
  constructor({ history, grid, frame, texts }) {
    Object.assign(this, { history, grid, frame, texts, open: new Set() });
    history.addEventListener("change", ({ detail }) => (detail.before.titles === detail.cut.titles ? null : this.draw()));
    list().addEventListener("change", (event) => this.#written(event.target));
    list().addEventListener("click", (event) => this.#pressed(event.target.closest("button")));
    list().addEventListener("toggle", (event) => this.#toggled(event.target), true);
    this.draw();
  }

  draw() {
    const { titles } = this.history.cut;
    document.getElementById("no-titles").hidden = titles.length > 0;
    const typing = list().contains(document.activeElement) ? document.activeElement : null;
    const number = typing?.closest("li")?.dataset.number;
    const field = typing?.dataset.field;
    list().replaceChildren(...titles.map((title, place) => this.#row(title, place)));
    if (number !== undefined) {
      const row = list().querySelector(`[data-number="${number}"]`);
      (row?.querySelector(`[data-field="${field}"]`) ?? row?.querySelector("input"))?.focus();
    }
  }

  /** The words of the title that begins at a frame, to be written over. */
  focus(frame) {
    const number = this.history.cut.titles.findLastIndex(({ start }) => start === frame);
    const field = list().querySelector(`[data-number="${number}"] [data-field=text]`);
    field?.focus();
    field?.select();
  }

  #row({ text, start, end, style = {} }, number) {
    const row = document.createElement("li");
    row.dataset.number = number;
    const field = input("text", "text", text, `Words of title ${number + 1}`);
    field.maxLength = 500;
    const times = document.createElement("span");
    times.className = "small quiet mono";
    times.textContent = `${timecode(this.grid.secondsOf(start), 2)} – ${timecode(this.grid.secondsOf(end), 2)}`;
    row.append(field, times, button("start", "Start here"), button("end", "End here"), button("remove", "Delete"), this.#looks(style, number));
    return row;
  }

  #looks(style, number) {
    const { presets, fonts } = this.texts;
    const details = document.createElement("details");
    details.className = "title-looks";
    details.open = this.open.has(number);
    const summary = document.createElement("summary");
    summary.className = "small";
    summary.textContent = "Style and place";
    const at = (name) => effective(style, name, this.texts);
    const named = fonts.includes(at("font")) || !at("font") ? fonts : [...fonts, at("font")];
    const box = at("box");
    const fields = document.createElement("div");
    fields.className = "title-fields";
    fields.append(
      labeled("Preset", choice("textPreset", [["", "Plain"], ...presets.map(({ name, label }) => [name, label])], style.textPreset ?? "")),
      labeled("Font", choice("font", named.map((name) => [name, name]), at("font") || fonts[0])),
      labeled("Size", numeric("size", at("size"), [4, 1080])),
      labeled("Spacing", numeric("tracking", at("tracking"), [-500, 2000])),
      labeled("Align", choice("align", ALIGNS, at("align"))),
      labeled("Color", input("color", "fill", at("fill").slice(0, 7))),
      labeled("Outline", choice("outlined", [["", "None"], ["1", "Yes"]], at("outline") ? "1" : "")),
      ...(at("outline") ? [labeled("Outline color", input("color", "outline", at("outline").slice(0, 7)))] : []),
      ...PLACES.map(([name, label]) => labeled(`${label} %`, numeric(`box.${name}`, Math.round(1000 * box[name]) / 10, name.length > 1 ? [0.1, 200] : [-100, 100]))),
    );
    details.append(summary, fields);
    return details;
  }

  #written(field) {
    const number = Number(field.closest("li").dataset.number);
    const { name, value } = valueOf(field);
    const title = this.history.cut.titles[number];
    if (value === null) {
      this.draw();
    } else if (name === "text") {
      this.history.edit((cut) => cuts.changeTitle(cut, number, { text: value }));
    } else {
      this.history.edit((cut) => cuts.changeTitle(cut, number, { style: this.#styled(title.style ?? {}, name, value) }));
    }
  }

  #styled(style, name, value) {
    if (name === "textPreset") {
      return withPreset(value);
    }
    if (name === "outlined") {
      return withField(style, "outline", value ? "#000000" : "", this.texts);
    }
    const [group, part] = name.split(".");
    const whole = part ? { ...effective(style, group, this.texts), [part]: value / 100 } : value;
    return withField(style, group, whole, this.texts);
  }

  #toggled(details) {
    const number = Number(details.closest("li")?.dataset.number);
    this.open[details.open ? "add" : "delete"](number);
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

/** A field's name and what was chosen in it; null for a number out of its bounds. */
function valueOf(field) {
  const name = field.dataset.field;
  if (field.type !== "number") {
    return { name, value: field.value };
  }
  const value = Number(field.value);
  const fits = field.value !== "" && value >= Number(field.min) && value <= Number(field.max);
  return { name, value: fits ? value : null };
}

function input(type, name, value, label = "") {
  const made = document.createElement("input");
  Object.assign(made, { type, value });
  made.dataset.field = name;
  if (label) {
    made.setAttribute("aria-label", label);
  }
  return made;
}

function numeric(name, value, [min, max]) {
  return Object.assign(input("number", name, value), { min, max, step: "any" });
}

function choice(name, options, value) {
  const made = document.createElement("select");
  made.append(...options.map(([of, label]) => new Option(label, of, false, of === value)));
  made.dataset.field = name;
  return made;
}

function labeled(words, field) {
  const label = document.createElement("label");
  label.append(words, field);
  return label;
}

function button(does, words) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "tool", textContent: words });
  made.dataset.title = does;
  return made;
}
