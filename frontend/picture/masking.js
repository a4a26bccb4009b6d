// A mask cut out of what a person marks in a frame, looked at, and corrected by further marks.

import { call } from "../api.js";
import { History } from "../editing/history.js";
import { clamp } from "../playback/time.js";
import { made, progress } from "./following.js";
import { bindPainting } from "./painting.js";
import { NOTHING, listed, longer, marksOf, selects, withBox, withPoint, withStroke, without } from "./marks.js";
import { drawMarks, listMarks } from "./marks_view.js";
import { Stage } from "./stage.js";

const NEEDS = "Mark what to select first: a point or a line with “Select”, or a box.";
const VERBS = { points: "Add point", strokes: "Start line", box: "Set box" };

export class Masking {
  constructor(form, player) {
    Object.assign(this, { form, history: new History(NOTHING), cross: { x: 0.5, y: 0.5 }, isOpen: false, job: null });
    this.part = (name) => form.querySelector(`[data-${name}]`);
    this.stage = new Stage(this.part("stage"), player);
    this.stage.addEventListener("frame", () => this.#showMask(null));
    this.history.addEventListener("change", () => this.draw());
    bindPainting(this);
    form.addEventListener("change", () => this.#chosen());
    form.addEventListener("input", (event) => this.#typed(event.target.name));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.cut();
    });
    const press = (name, act) => this.part(name).addEventListener("click", act);
    press("mark", () => this.#markTyped());
    press("undo", () => this.#step("undo"));
    press("redo", () => this.#step("redo"));
    press("clear", () => this.edit(() => NOTHING));
    press("cancel", () => this.job && call("POST", `/jobs/${this.job}/cancel?${form.dataset.here}`).catch((error) => this.say(error.message, "bad")));
    this.#chosen();
  }

  get tool() {
    return this.form.elements.tool.value;
  }

  get label() {
    return Number(this.form.elements.label.value);
  }

  edit(change) {
    this.isOpen = false;
    this.history.edit(change);
  }

  /** A mark where the cross is: a point, the next place of a line, or a corner of a box (the other one being `from`). */
  markAt(place, from = null) {
    if (this.tool === "points") {
      this.edit((marks) => withPoint(marks, place, this.label));
    } else if (this.tool === "box" && from) {
      this.edit((marks) => withBox(marks, from));
    } else if (this.tool === "strokes" && this.isOpen) {
      this.history.edit((marks) => longer(marks, place));
    } else if (this.tool === "strokes") {
      this.history.edit((marks) => withStroke(marks, [place], this.label));
      this.isOpen = true;
      this.#chosen();
    }
  }

  endLine() {
    this.isOpen = false;
    this.#chosen();
  }

  moveCross(place) {
    this.cross = place;
    this.form.elements.x.value = Math.round(1000 * place.x) / 10;
    this.form.elements.y.value = Math.round(1000 * place.y) / 10;
    this.draw();
  }

  draw() {
    drawMarks(this.stage.picture, this.history.cut, this.cross, this.draft);
    listMarks(this.part("marks"), listed(this.history.cut), (kind, number) => this.edit((marks) => without(marks, kind, number)));
    this.part("undo").disabled = !this.history.done.length;
    this.part("redo").disabled = !this.history.undone.length;
  }

  say(sentence, tone = "") {
    const result = this.part("result");
    result.textContent = sentence;
    result.className = tone ? `small note note-${tone}` : "small";
  }

  async cut() {
    this.endLine();
    if (!selects(this.history.cut)) {
      this.say(NEEDS, "ask");
      return;
    }
    this.#work(true);
    const { asset, mask, read, here } = this.form.dataset;
    const frame = this.stage.frame;
    try {
      const answer = await call("POST", mask, { asset_id: asset, time_ms: this.stage.timeMs, ...this.history.cut });
      this.job = answer.job_id ?? null;
      this.part("cancel").hidden = this.job === null;
      document.body.dispatchEvent(new CustomEvent("studio:changed"));
      const [id] = await made(answer, (job) => this.#progress(job));
      if (frame === this.stage.frame) {
        this.show(await call("GET", `${read}${id}?${here}`));
      }
    } catch (error) {
      this.say(error.message, "bad");
    }
    this.#work(false);
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  }

  /** A mask that is there: on its frame, with what was thought of it. */
  show({ url, meta }) {
    this.#showMask(url);
    const share = `${(100 * meta.area).toFixed(1)}% of the picture is selected, at ${(meta.frame_ms / 1000).toFixed(3)} s.`;
    if (meta.needs_review) {
      this.say(`Check this mask: ${meta.review_reasons.join(" ")} ${share} Add points where it is wrong and cut it out again.`, "ask");
    } else {
      this.say(`${share} The mask is kept. Where it is wrong, add points and cut it out again.`, "good");
    }
  }

  /** A kept mask with its marks, to go on from. */
  correct(artifact) {
    this.stage.show(this.stage.frameAt(artifact.meta.frame_ms + 0.5));
    this.history.load(marksOf(artifact.meta));
    this.isOpen = false;
    this.show(artifact);
  }

  #showMask(url) {
    const shown = this.part("shown-mask");
    shown.hidden = !url;
    if (url) {
      shown.src = url;
    } else {
      this.say("");
    }
  }

  #progress(job) {
    this.part("progress").value = job.progress_percent;
    this.say(`Cutting out the mask: ${progress(job)}`);
  }

  #work(begins) {
    this.part("cut").disabled = begins;
    this.part("progress").hidden = !begins;
    this.part("cancel").hidden = true;
    if (begins) {
      this.part("progress").value = 0;
      this.say("Cutting out the mask");
    } else {
      this.job = null;
    }
  }

  #step(way) {
    this.isOpen = false;
    this.history[way]();
  }

  #chosen() {
    for (const field of this.form.querySelectorAll("[data-for-box]")) {
      field.hidden = this.tool !== "box";
    }
    this.isOpen &&= this.tool === "strokes";
    this.part("mark").textContent = this.isOpen ? "Add to line" : VERBS[this.tool];
    this.draw();
  }

  #typed(name) {
    if (name === "x" || name === "y") {
      this.cross = { ...this.cross, [name]: clamp(this.#share(name), 0, 1) };
      this.draw();
    }
  }

  #share(name) {
    return Number(this.form.elements[name].value) / 100;
  }

  #markTyped() {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => this.#share(name));
    const [right, bottom] = this.tool === "box" ? [x + width, y + height] : [x, y];
    if (!(x >= 0 && y >= 0 && right <= 1 + 1e-9 && bottom <= 1 + 1e-9)) {
      this.say("That is outside of the picture: places go from 0% to 100%, and a box ends within it.", "bad");
      return;
    }
    this.markAt({ x, y }, { x, y, width, height });
  }
}
