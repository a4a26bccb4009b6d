// An edit is saved by itself a moment after it is made; what fails in passing is tried again. What is not saved yet is kept in this
// browser. Of two people, the second chooses.

import { notifyError } from "../notify.js";

const PAUSE_MS = 500;
const RETRY_MS = 5000;
const LOOK_EVERY_MS = 5000;
const CHOOSE = "Not saved: see below";

/** A subclass has `save()`, `look()`, `askTheirs()` and `storeLocally()`. */
export class AutoSave extends EventTarget {
  /** `name`: what is not saved yet is kept in this browser under it. */
  constructor(history, name) {
    super();
    Object.assign(this, { history, name, saved: history.cut, theirs: null, running: Promise.resolve() });
    history.addEventListener("change", ({ detail }) => (detail.dragged ? null : this.soon()));
    window.addEventListener("beforeunload", (event) => (this.unsaved ? event.preventDefault() : null));
    window.addEventListener("pagehide", () => this.storeLocally());
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  get unsaved() {
    return this.history.cut !== this.saved;
  }

  /** Save what is unsaved, now; answers whether everything is saved. */
  async flush() {
    clearTimeout(this.timer);
    this.running = this.running.then(() => this.save());
    await this.running;
    return !this.unsaved;
  }

  soon() {
    this.showStatus(this.theirs ? CHOOSE : "Saving…");
    clearTimeout(this.timer);
    if (!this.theirs) {
      this.timer = setTimeout(() => this.flush(), PAUSE_MS);
    }
  }

  async failed(error) {
    if (error.code === "stale_version") {
      await this.askTheirs().catch(notifyError);
    } else if (error.passing || error.status === 401) {
      this.showStatus("Not saved yet: retrying every few seconds");
      this.timer = setTimeout(() => this.flush(), RETRY_MS);
      if (error.status === 401) {
        notifyError(error);
      }
    } else {
      this.showStatus("Not saved");
      notifyError(error);
    }
  }

  /** `theirs`: what somebody else saved meanwhile, with its revision. */
  conflict(theirs, text) {
    this.theirs = theirs;
    document.getElementById("conflict-text").textContent = text;
    document.getElementById("conflict").hidden = false;
    this.showStatus(CHOOSE);
    document.getElementById("load-theirs").focus();
  }

  adopt(revision) {
    Object.assign(this, { revision, theirs: null });
    document.getElementById("conflict").hidden = true;
  }

  showStatus(text) {
    document.getElementById("saved").textContent = text;
  }

  store(value) {
    try {
      localStorage.setItem(this.name, JSON.stringify(value));
    } catch {
      // Without space in the browser, the server's copy must do.
    }
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.name));
    } catch {
      return null;
    }
  }

  forget() {
    localStorage.removeItem(this.name);
  }
}
