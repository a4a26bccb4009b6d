// The page of a project: plan a render, start it, and watch what came out. How far each render is, is a live part of the page.

import "./index.css";
import { call } from "../api.js";
import { announce, notify } from "../notify.js";
import { parseTimecode } from "../playback/time.js";
import { aboutRecord, count } from "./plan_words.js";
import { drawPlan, hidePlan, nameOf, sentence } from "./plan_view.js";
import { bindWatching, show, watch } from "./film.js";

const API = "/video/render";
const DRAFT = "draft_480p_fast";
const by = (id) => document.getElementById(id);

class Rendering {
  constructor(form) {
    this.form = form;
    /** The render that was started here: its film is shown once it is there. */
    this.started = null;
    this.shown = false;
    this.profile = form.elements.render_profile.value;
    this.busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(event.submitter?.value === "plan" ? () => this.#plan() : () => this.#start());
    });
    form.addEventListener("input", (event) => this.#changed(event.target));
    document.body.addEventListener("htmx:afterSettle", () => this.#look());
  }

  /** What is asked for, as the API takes it. Throws RangeError for a time that is none. */
  #request() {
    const { elements, dataset } = this.form;
    const wanted = {
      tenant_id: dataset.tenant, env: dataset.env, project_id: dataset.project,
      render_profile: elements.render_profile.value, strategy: elements.strategy.value,
    };
    const range = this.#range();
    return {
      ...wanted,
      ...(elements.sequence_id ? { sequence_id: elements.sequence_id.value } : {}),
      ...(range ? { range_ms: range } : {}),
      ...(elements.normalize_audio.checked ? { normalize_audio: true } : {}),
      ...(elements.use_voice_enhanced_audio.checked ? { use_voice_enhanced_audio: true, voice_enhance_if_available_only: false } : {}),
    };
  }

  #range() {
    const [from, to] = ["from", "to"].map((name) => this.#time(this.form.elements[name]));
    if (from === null && to === null) {
      return null;
    }
    return { start_ms: from ?? 0, end_ms: to };
  }

  #time(field) {
    const ms = field.value.trim() ? parseTimecode(field.value) : null;
    const wrong = Number.isNaN(ms);
    field.setAttribute("aria-invalid", String(wrong));
    if (wrong) {
      field.focus();
      throw new RangeError(`“${field.value}” is not a time. Write it as 1:02.500.`);
    }
    return ms;
  }

  async #ask(act) {
    if (this.busy) {
      return;
    }
    const buttons = [...this.form.querySelectorAll("button[type=submit]")];
    buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
    this.busy = true;
    this.#fail(null);
    try {
      await act();
    } catch (error) {
      this.#fail(error);
    }
    this.busy = false;
    buttons.forEach((button) => button.removeAttribute("aria-disabled"));
  }

  async #plan() {
    const plan = await call("POST", `${API}/dry-run`, this.#request());
    drawPlan(plan);
    announce(`The plan makes ${count(plan.expected.frames, "frame")}.`);
    by("render-plan-title").focus();
  }

  async #start() {
    const job = await call("POST", `${API}/jobs`, this.#request());
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
    if (job.cache_hit) {
      this.started = null;
      notify("The same film was rendered before: here it is.", "good");
      show(this.#linksOf(job.result_asset_id), job.plan_snapshot.meta.render_profile);
      return;
    }
    if (new URLSearchParams(window.location.search).has("page")) {
      window.location.assign(`${window.location.pathname}#renders`);
      return;
    }
    this.started = job.id;
    this.shown = false;
    drawPlan(job.plan_snapshot);
    announce("Rendering started.");
  }

  /** After each look at the renders: the film of the one that was started here. */
  #look() {
    const row = this.started && document.querySelector(`[data-render="${CSS.escape(this.started)}"]`);
    if (row && !this.shown) {
      this.shown = true;
      row.scrollIntoView({ block: "nearest" });
    }
    if (row && !["PENDING", "PROCESSING"].includes(row.dataset.state)) {
      this.started = null;
      const link = row.querySelector("[data-watch]");
      if (link) {
        watch(link);
      }
    }
  }

  #linksOf(assetId) {
    const page = this.form.dataset.film.replace(this.form.dataset.project, assetId);
    return { film: `${page}original/`, download: `${page}original/?download`, page };
  }

  /** A plan that is shown is the plan of what is asked for; a draft has the profile of drafts until another is chosen. */
  #changed(field) {
    hidePlan();
    this.#fail(null);
    const { render_profile: profiles, strategy } = this.form.elements;
    if (field.name === "strategy") {
      profiles.value = strategy.value === "draft" ? DRAFT : this.profile;
    } else if (field.name === "render_profile" && strategy.value === "final") {
      this.profile = profiles.value;
    }
  }

  #fail(error) {
    by("render-error").hidden = !error;
    by("render-error").replaceChildren(...(error ? sentence(aboutRecord(error, error.details, nameOf)) : []));
  }
}

const form = by("render-form");
if (form) {
  new Rendering(form);
}
bindWatching();
