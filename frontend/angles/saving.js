// The cut is saved by itself, whole, a moment after each edit. What is not saved yet is kept in this browser. Of two people, the
// second chooses; nothing is thrown away before.

import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";
import { fromServer, toServer } from "./cut.js";

const PAUSE_MS = 500;
const KEEP_MS = 50;
const AGAIN_MS = 5000;
const LOOK_EVERY_MS = 5000;

export class Saving extends EventTarget {
  constructor(history, grid, data) {
    super();
    Object.assign(this, { history, grid, url: data.urls.cut, revision: data.cut.revision, projectId: data.cut.projectId, sync: data.edit.version });
    this.kept = `angles:${data.session.id}:${this.projectId ?? "new"}`;
    this.saved = history.cut;
    this.theirs = null;
    this.running = Promise.resolve();
    this.asked = new URLSearchParams(window.location.search).get("project");
    history.addEventListener("change", ({ detail }) => (detail.dragged ? null : this.#soon()));
    window.addEventListener("beforeunload", (event) => (this.unsaved ? event.preventDefault() : null));
    window.addEventListener("pagehide", () => this.#keepNow());
    setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  get unsaved() {
    return this.history.cut !== this.saved;
  }

  /** Unsaved edits of an earlier visit, where there are any. */
  restore() {
    const found = read(this.kept);
    if (!found || found.cut === JSON.stringify(toServer(this.history.cut, this.grid))) {
      this.#forget();
      return;
    }
    const mine = fromServer(JSON.parse(found.cut), this.grid);
    if (found.revision === this.revision) {
      this.history.edit(() => mine);
      notify("Restored your unsaved changes.", "quiet");
    } else {
      this.#conflict(this.history.cut, this.revision);
      this.history.edit(() => mine);
    }
  }

  /** Save the cut although nobody changed it: what is exported is a project. */
  insist() {
    if (!this.projectId) {
      this.saved = null;
    }
  }

  /** Save what is unsaved, now; answers whether everything is saved. */
  async flush() {
    clearTimeout(this.timer);
    this.running = this.running.then(() => this.#save());
    await this.running;
    return !this.unsaved;
  }

  async loadTheirs() {
    const { cut, revision } = this.theirs;
    this.#settle(revision);
    this.saved = cut;
    // One step back leads to what was here.
    this.history.edit(() => cut);
    this.#forget();
    this.#say("Saved");
  }

  keepMine() {
    this.#settle(this.theirs.revision);
    return this.flush();
  }

  #settle(revision) {
    Object.assign(this, { revision, theirs: null });
    document.getElementById("conflict").hidden = true;
  }

  #soon() {
    if (!this.unsaved) {
      this.#forget();
      return;
    }
    // Once the frame that shows the edit is drawn.
    this.keeping ??= setTimeout(() => this.#keepNow(), KEEP_MS);
    this.#say(this.theirs ? "Not saved: see above" : "Saving…");
    clearTimeout(this.timer);
    if (!this.theirs) {
      this.timer = setTimeout(() => this.flush(), PAUSE_MS);
    }
  }

  #keepNow() {
    if (this.keeping) {
      this.#forgetTimer();
      keep(this.kept, { revision: this.revision, cut: JSON.stringify(toServer(this.history.cut, this.grid)) });
    }
  }

  #forgetTimer() {
    clearTimeout(this.keeping);
    this.keeping = null;
  }

  #forget() {
    this.#forgetTimer();
    forget(this.kept);
  }

  async #save() {
    if (!this.unsaved || this.theirs) {
      return;
    }
    const cut = this.history.cut;
    try {
      const sent = { ...toServer(cut, this.grid), ...(this.projectId ? { projectId: this.projectId } : {}) };
      const answer = await call("PUT", this.url, sent, { headers: { "If-Match": `"${this.revision}"` } });
      this.#took(cut, answer);
    } catch (error) {
      await this.#failed(error);
    }
  }

  #took(cut, answer) {
    Object.assign(this, { revision: answer.revision, projectId: answer.projectId, saved: cut });
    this.dispatchEvent(new CustomEvent("saved", { detail: answer }));
    if (this.unsaved) {
      this.#soon();
    } else {
      this.#forget();
      this.#say("Saved");
    }
  }

  async #failed(error) {
    if (error.code === "stale_version") {
      await this.#askTheirs();
    } else if (error.status === 404 && this.projectId) {
      this.projectId = null;
      this.revision = 0;
      notify("The project of this cut was deleted. It is saved as a new one.", "ask");
      this.#soon();
    } else if (error.passing || error.status === 401) {
      this.#say("Not saved yet: retrying every few seconds");
      this.timer = setTimeout(() => this.flush(), AGAIN_MS);
      if (error.status === 401) {
        notifyError(error);
      }
    } else {
      this.#say("Not saved");
      notifyError(error);
    }
  }

  /** What somebody else saved meanwhile. */
  async #askTheirs() {
    try {
      const theirs = await call("GET", this.#address(this.url, "projectId"));
      const who = await this.#who();
      this.projectId ??= theirs.projectId;
      this.#conflict(fromServer(theirs, this.grid), theirs.revision, who);
    } catch (error) {
      notifyError(error);
    }
  }

  #conflict(cut, revision, who = "") {
    this.theirs = { cut, revision };
    const count = cut.points.length - 1;
    document.getElementById("conflict-text").textContent =
      `${who || "Somebody else"} changed this cut meanwhile; theirs has ${count} ${count === 1 ? "cut" : "cuts"}. Yours is not saved. Load theirs, or keep yours in its place? Theirs stays in the project's history.`;
    document.getElementById("conflict").hidden = false;
    this.#say("Not saved: see above");
    document.getElementById("load-theirs").focus();
  }

  /** Who saved last, where it was not this page; null where nobody did. Says too when the sync is another. */
  async #who() {
    const address = this.#address("state", "project");
    const seen = `seen=${this.revision}&sync=${this.sync}`;
    const answer = await call("GET", `${address}${address.includes("?") ? "&" : "?"}${seen}`);
    if (answer && answer.sync !== this.sync) {
      this.sync = answer.sync;
      notify("The sync of this session was changed. Reload the page to see the cameras where they are now; the cut is kept.", "ask");
    }
    return answer && answer.revision !== this.revision ? answer.by : null;
  }

  #address(url, name) {
    const id = this.projectId ?? this.asked;
    return id ? `${url}?${name}=${id}` : url;
  }

  /** Take over what another person saved, while nothing here is unsaved. */
  async #look() {
    if (document.hidden || this.unsaved || this.theirs) {
      return;
    }
    try {
      const seen = this.revision;
      const who = await this.#who();
      if (who === null || seen !== this.revision || this.unsaved) {
        return;
      }
      const theirs = await call("GET", this.#address(this.url, "projectId"));
      if (this.unsaved) {
        return;
      }
      Object.assign(this, { revision: theirs.revision, projectId: theirs.projectId });
      this.saved = fromServer(theirs, this.grid);
      this.history.load(this.saved);
      this.dispatchEvent(new CustomEvent("saved", { detail: theirs }));
      notify(`${who || "Somebody else"} changed this cut. Their version is loaded.`, "ask");
    } catch {
      // The next look may succeed; what is saved says so itself.
    }
  }

  #say(text) {
    document.getElementById("saved").textContent = text;
  }
}

function keep(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Without room in the browser, the server's copy must do.
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function forget(name) {
  localStorage.removeItem(name);
}
