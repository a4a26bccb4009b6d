// The export: what is made of the cut, how far it is, and the film itself, by `/api/export`.

import { call } from "../api.js";
import { announce } from "../notify.js";
import { timecode } from "../playback/time.js";
import { customFields, customOutput, extrasWish, openChosen, refusalOf } from "./export_wish.js";
import { Grid } from "../editing/frames.js";

const LOOK_EVERY_MS = 1000;
const ENDED = new Set(["completed", "failed", "cancelled", "expired"]);
const API = "/api/export";
const by = (id) => document.getElementById(id);

export class Exporting {
  constructor({ history, grid, saving, data, frame }) {
    Object.assign(this, { history, grid, saving, data, frame });
    const pictures = data.edit.angles.filter(({ kind, resolution }) => kind === "video" && resolution);
    this.leader = pictures.find(({ cameraLabel }) => cameraLabel === data.edit.masterCamera) ?? pictures[0];
    this.job = null;
    this.asked = 0;
    this.dialog = by("export");
    by("export-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#start();
    });
    by("export-form").addEventListener("change", () => this.#estimate());
    this.errorPlace = by("export-error").nextElementSibling;
    by("export-close").addEventListener("click", () => this.dialog.close());
    by("export-hide").addEventListener("click", () => this.dialog.close());
    by("export-cancel").addEventListener("click", () => this.#cancel());
    by("export-again").addEventListener("click", () => this.#show("form"));
  }

  open() {
    const { cut } = this.history;
    const count = cut.points.filter(({ at }) => at > cut.start && at < cut.end).length;
    const source = cut.audio.source;
    const sound = { follow: "the sound of the camera that is seen", mix: "all cameras' sound" }[source] ?? `camera ${source}'s sound`;
    by("export-what").textContent =
      `${timecode(this.grid.secondsOf(cut.start), 1)} to ${timecode(this.grid.secondsOf(cut.end), 1)} (${timecode(this.grid.secondsOf(cut.end - cut.start), 1)}), ${count} ${count === 1 ? "cut" : "cuts"}, with ${sound}.`;
    const { width, height, fps } = this.all().main;
    by("export-main").textContent = `H.264, ${width} × ${height}, ${new Grid(fps).rate.toFixed(2).replace(/\.?0+$/, "")} fps`;
    this.dialog.showModal();
    if (this.job === null) {
      this.#estimate();
    }
  }

  /** Every output that can be ticked, by its name. */
  all() {
    const [width, height] = (this.leader?.resolution ?? "1920x1080").split("x").map(even);
    const fps = this.data.cut.rate.replace(/\/1$/, "");
    return {
      main: { width, height, fps, format: "mp4" },
      hd: { width: 1920, height: 1080, fps, format: "mp4" },
      small: { width: 1280, height: 720, fps, format: "mp4" },
      story: { width: 1080, height: 1920, fps, format: "mp4", crop: true },
      prores: { width, height, fps, format: "mov", codec: "prores" },
      sound: { audioOnly: true },
      smart: { mode: "smart" },
      custom: customOutput(customFields(), { width, height, fps }),
    };
  }

  /** The outputs that are ticked, as the API takes them. */
  outputs() {
    const all = this.all();
    const ticked = [...by("export-form").querySelectorAll(".outputs > .switch input:checked")];
    return ticked.map(({ name }) => ({ name, ...all[name] }));
  }

  #request() {
    const { cut } = this.history;
    const at = Math.min(Math.max(this.frame(), cut.start), cut.end - 1) - cut.start;
    return {
      projectId: this.saving.projectId,
      source: by("export-source").value,
      outputs: this.outputs(),
      ...extrasWish(),
      ...(by("export-still").checked ? { thumbnail: { atMs: this.grid.msOf(at) } } : {}),
    };
  }

  /** What it would take, where the server says. */
  async #estimate() {
    this.#fail(null);
    openChosen(this.outputs().some(({ name }) => name === "custom"));
    by("export-start").disabled = !this.outputs().length;
    // Of several questions only the last one's answer is about what the dialog shows.
    const asked = (this.asked += 1);
    if (!this.outputs().length || !(await this.#saved()) || asked !== this.asked) {
      return;
    }
    try {
      const plan = await call("POST", `${API}/dry-run`, this.#request());
      if (asked !== this.asked) {
        return;
      }
      const warnings = (plan?.meta?.warnings ?? []).slice(0, 3).map((one) => (typeof one === "string" ? one : one.message));
      by("export-estimate").textContent = [estimateWords(plan?.meta?.estimate), ...warnings].filter(Boolean).join(" ");
    } catch (error) {
      if (asked !== this.asked) {
        return;
      }
      by("export-estimate").textContent = "";
      if (error.status === 404 && !error.code) {
        this.#unavailable();
      } else if (error.status === 422 || error.code === "no_words") {
        this.#fail(error);
      }
    }
  }

  /** The project has the whole cut, also of a session that nobody cut yet. */
  async #saved() {
    this.saving.insist();
    const saved = await this.saving.flush();
    if (!saved) {
      this.#fail(new Error("The cut is not saved yet, so it cannot be exported. See the message above it."));
    }
    return saved;
  }

  async #start() {
    by("export-start").disabled = true;
    try {
      if (await this.#saved()) {
        const key = crypto.randomUUID?.() ?? String(Math.random());
        const started = await call("POST", API, this.#request(), { headers: { "Idempotency-Key": key } });
        this.job = started;
        this.#show("run");
        this.#follow(started);
      }
    } catch (error) {
      if (error.status === 404 && error.code !== "not_found") {
        this.#unavailable();
      } else {
        this.#fail(error);
      }
    }
    by("export-start").disabled = false;
  }

  async #follow(job) {
    while (this.job === job) {
      try {
        const now = await call("GET", job.statusUrl);
        this.#draw(now);
        if (ENDED.has(now.status)) {
          announce(`Export ${now.status}`);
          return;
        }
      } catch (error) {
        if (!error.passing) {
          by("export-step").textContent = error.message;
          this.#ended();
          return;
        }
      }
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
  }

  #draw(now) {
    const percent = Math.round(now.percent ?? 0);
    by("export-progress").value = percent;
    const left = now.etaSeconds ? ` · about ${Math.ceil(now.etaSeconds)} s left` : "";
    const words = {
      queued: "Waiting to start",
      processing: `${now.step || "Exporting"} · ${percent}%${left}`,
      completed: "Done.",
      failed: now.error?.message ?? "The export failed.",
      cancelled: "Canceled. Nothing was kept.",
      expired: "Its files have expired. Export again.",
    };
    by("export-step").textContent = words[now.status] ?? now.status;
    by("export-warnings").replaceChildren(...(now.warnings ?? []).map((text) => item(typeof text === "string" ? text : text.message)));
    if (now.status === "completed") {
      by("export-result").replaceChildren(...now.outputs.map((output) => result(output, now)), ...(now.captions ?? []).map((file) => download(file, now)));
    }
    if (ENDED.has(now.status)) {
      this.#ended(now.status === "completed");
    }
  }

  #ended(done = false) {
    by("export-progress").hidden = true;
    by("export-cancel").hidden = true;
    by("export-again").hidden = false;
    by("export-step").className = done ? "note note-good" : "note note-bad";
  }

  async #cancel() {
    try {
      await call("DELETE", `${API}/${this.job.jobId}`);
    } catch (error) {
      by("export-step").textContent = error.message;
    }
  }

  #show(part) {
    by("export-form").hidden = part !== "form";
    by("export-run").hidden = part !== "run";
    by("export-progress").hidden = by("export-cancel").hidden = false;
    by("export-again").hidden = true;
    by("export-result").replaceChildren();
    by("export-step").className = "";
    if (part === "form") {
      this.job = null;
      this.#estimate();
    } else {
      by("export-step").textContent = "Starting…";
      by("export-progress").value = 0;
      by("export-hide").focus();
    }
  }

  #unavailable() {
    this.#fail(new Error("Export is not available on this server. The cut is saved; export it where it is."));
    by("export-start").disabled = true;
  }

  /** A refusal stands at the row that it is about, and its field says so; anything else above the buttons. */
  #fail(error) {
    const names = this.outputs().map(({ name }) => name);
    const { row, about, message } = error ? refusalOf(error, names) : { message: "" };
    const note = by("export-error");
    for (const field of by("export-form").querySelectorAll("[aria-invalid]")) {
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    if (row) {
      by(row).after(note);
    } else {
      this.errorPlace.before(note);
    }
    note.hidden = !error;
    note.textContent = message;
    if (about) {
      by(about).setAttribute("aria-invalid", "true");
      by(about).setAttribute("aria-describedby", note.id);
    }
  }
}

function even(text) {
  return 2 * Math.round(Number(text) / 2);
}

/** What is known of how long it takes and how large it becomes, in sentences. */
export function estimateWords(estimate) {
  if (!estimate) {
    return "";
  }
  const { seconds, bytes, decodedFrames, outputs } = estimate;
  const takes = seconds === null ? "No time estimate yet: nothing has been exported on this server." : `Takes about ${durationWords(seconds)}.`;
  const weighs = bytes === null ? "Its size is not known yet." : `About ${sizeWords(bytes)}.`;
  const copied = outputs.filter(({ copiedShare }) => copiedShare !== null).map(({ copiedShare }) => `${Math.round(100 * copiedShare)}% of the copied file's frames are not encoded anew.`);
  const reads = decodedFrames ? [`Reads ${decodedFrames.toLocaleString("en-US")} frames.`] : [];
  return [takes, weighs, ...reads, ...copied].join(" ");
}

function durationWords(seconds) {
  if (seconds < 90) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function sizeWords(bytes) {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}

function item(words) {
  const line = document.createElement("li");
  line.textContent = words;
  return line;
}

/** One file: to be watched or heard, and to be downloaded. */
function result(output, { jobId }) {
  const made = document.createElement("div");
  made.className = "export-file";
  const player = document.createElement(output.width ? "video" : "audio");
  Object.assign(player, { controls: true, preload: "metadata", src: output.url });
  player.setAttribute("aria-label", `Play ${output.name}`);
  const size = output.width ? `${output.width} × ${output.height}, ` : "";
  made.append(player, download(output, { jobId }, ` (${size}${sizeWords(output.sizeBytes ?? 0)})`));
  return made;
}

function download({ name }, { jobId }, about = "") {
  const link = document.createElement("a");
  Object.assign(link, { className: "button", href: `${API}/${jobId}/download?output=${encodeURIComponent(name)}` });
  link.textContent = `Download ${name}${about}`;
  return link;
}
