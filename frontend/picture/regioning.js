// Regions of a film changed by hand: drawn, moved, made larger, given times, taken away; saved as a version of their own.

import { call } from "../api.js";
import { History } from "../editing/history.js";
import { notify } from "../notify.js";
import { made, progress } from "./following.js";
import { movedBy, percent, sizedBy } from "./places.js";
import { boxAt, changesOf, lasting, moved, regionsOf, withAdded } from "./regions.js";
import { bindBoxes } from "./region_boxes.js";
import { drawRegions, listRegions } from "./regions_view.js";
import { Stage } from "./stage.js";

const SIDES = ["x", "y", "width", "height"];
/** Where a new region lies until it is moved. */
const FIRST = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };

export class Regioning {
  constructor(form, player) {
    Object.assign(this, { form, history: new History([]), before: [], chosen: null, duration: 0, job: null });
    this.part = (name) => form.querySelector(`[data-${name}]`);
    this.stage = new Stage(this.part("stage"), player);
    this.stage.addEventListener("frame", () => this.draw());
    this.history.addEventListener("change", () => this.draw());
    bindBoxes(this);
    const press = (name, act) => this.part(name).addEventListener("click", act);
    press("add", () => this.add(FIRST));
    press("undo", () => this.history.undo());
    press("redo", () => this.history.redo());
    press("cancel", () => this.job && call("POST", `/jobs/${this.job}/cancel?${form.dataset.here}`).catch((error) => this.say(error.message, "bad")));
    form.addEventListener("change", (event) => this.#typed(event.target.name));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.#load();
  }

  get regions() {
    return this.history.cut;
  }

  get region() {
    return this.regions.find((one) => one.id === this.chosen && !one.removed) ?? null;
  }

  /** Where the chosen region is on this frame. */
  get box() {
    return this.region && boxAt(this.region, this.stage.startMs);
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  add(box) {
    this.history.edit((regions) => withAdded(regions, this.stage.startMs, box, this.duration));
    this.choose(this.regions.at(-1).id);
    this.say("A new region. Move it over the face; on another frame, move it there.");
  }

  /** The chosen region elsewhere on this frame; `how` is `edit`, or `drag` under a hand that still moves. */
  place(box, how = "edit") {
    const [id, ms] = [this.chosen, this.stage.startMs];
    this.history[how]((regions) => regions.map((one) => (one.id === id ? moved(one, ms, box) : one)));
  }

  /** The chosen region moved or made larger by an arrow key. */
  nudge({ dx, dy }) {
    if (this.box) {
      this.place((this.form.elements.keys.value === "size" ? sizedBy : movedBy)(this.box, dx, dy));
    } else {
      this.say("Choose a region that is on this frame first.", "ask");
    }
  }

  remove(id) {
    this.history.edit((regions) => regions.map((one) => (one.id === id ? { ...one, removed: true } : one)));
  }

  draw() {
    const ms = this.stage.startMs;
    drawRegions(this.stage.picture, this.regions, this.chosen, ms, this.draft);
    listRegions(this, this.part("list"), this.regions, this.before);
    const { changes, asksWhy } = changesOf(this.before, this.regions, "");
    this.part("save").disabled = !changes.length || this.job !== null;
    this.part("undo").disabled = !this.history.done.length;
    this.part("redo").disabled = !this.history.undone.length;
    this.part("why").hidden = !asksWhy;
    this.part("chosen").hidden = this.region === null;
    this.#write();
  }

  say(sentence, tone = "") {
    const result = this.part("result");
    result.textContent = sentence;
    result.className = tone ? `small note note-${tone}` : "small";
  }

  async save() {
    const url = this.form.dataset.regions;
    const reason = this.form.elements.reason.value.trim();
    const { changes, asksWhy } = changesOf(this.before, this.regions, reason);
    if (asksWhy && !reason) {
      this.say("Say why a face that was found loses its place; it is recorded with your name.", "ask");
      this.form.elements.reason.focus();
      return;
    }
    this.#work("asked");
    try {
      const answer = await call("PATCH", url, { regions: changes });
      this.#work(answer.job_id ?? "made");
      await made(answer, (job) => this.#progress(job));
      notify("The regions are saved as a new version.", "good");
      this.say("Saved as a new version.", "good");
      this.history.load(this.regions);
      this.before = this.regions;
    } catch (error) {
      this.say(error.message, "bad");
    }
    this.#work(null);
    this.draw();
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  }

  async #load() {
    try {
      const summary = await call("GET", this.form.dataset.regions);
      this.duration = summary.duration_ms;
      this.before = regionsOf(summary);
      this.history.load(this.before);
    } catch (error) {
      this.say(error.message, "bad");
    }
  }

  #work(job) {
    this.job = job;
    this.part("save").disabled = job !== null;
    this.part("progress").hidden = job === null;
    this.part("cancel").hidden = job === null || job === "asked" || job === "made";
  }

  #progress(job) {
    this.part("progress").value = job.progress_percent;
    this.say(`Changing the regions: ${progress(job)}`);
  }

  #write() {
    const { elements } = this.form;
    if (this.region) {
      elements.start.value = this.region.start / 1000;
      elements.end.value = this.region.end / 1000;
    }
    for (const side of SIDES) {
      elements[side].disabled = !this.box;
      elements[side].value = this.box ? percent(this.box[side]) : "";
    }
  }

  #typed(name) {
    if (SIDES.includes(name) && this.box) {
      const box = Object.fromEntries(SIDES.map((side) => [side, Number(this.form.elements[side].value) / 100]));
      const fits = box.width >= 0.01 && box.height >= 0.01 && box.x >= 0 && box.y >= 0 && box.x + box.width <= 1 + 1e-9 && box.y + box.height <= 1 + 1e-9;
      if (fits) {
        this.place(box);
      } else {
        this.say("That is outside of the picture: left and width, top and height are 100% together at most.", "bad");
        this.#write();
      }
    } else if ((name === "start" || name === "end") && this.region) {
      this.#lasts(1000 * Number(this.form.elements.start.value), 1000 * Number(this.form.elements.end.value));
    }
  }

  #lasts(start, end) {
    if (!(start >= 0 && end > start && end <= this.duration)) {
      this.say(`A region begins before it ends, and ends by ${this.duration / 1000} s.`, "bad");
      this.#write();
      return;
    }
    this.history.edit((regions) => regions.map((one) => (one.id === this.chosen ? lasting(one, start, end) : one)));
  }
}
