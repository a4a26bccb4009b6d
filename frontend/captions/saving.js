// The captions are saved by themselves, what changed of them, a moment after each edit. What is not saved yet is kept in this browser.
// Of two people, the second chooses; either choice can be undone.

import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";
import { Kept } from "./changes.js";
import { differing, fromServer, toServer } from "./cues.js";

const PAUSE_MS = 500;
const AGAIN_MS = 5000;
const LOOK_EVERY_MS = 5000;

export class Saving extends EventTarget {
  constructor(history, layout, data) {
    super();
    Object.assign(this, { history, layout, urls: data.urls, revision: data.captions.revision });
    this.name = `captions:${data.captions.artifact_id}`;
    this.kept = new Kept(history.cut);
    this.saved = history.cut;
    this.waiting = 0;
    this.theirs = null;
    this.running = Promise.resolve();
    history.addEventListener("change", ({ detail }) => (detail.dragged ? null : this.#soon()));
    window.addEventListener("beforeunload", (event) => (this.unsaved ? event.preventDefault() : null));
    window.addEventListener("pagehide", () => this.#keepHere());
    setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  get unsaved() {
    return this.history.cut !== this.saved || this.waiting > 0;
  }

  /** Unsaved edits of an earlier visit, where there are any. */
  restore() {
    const found = read(this.name);
    if (!found) {
      return;
    }
    const [theirs, mine] = [this.history.cut, fromServer(found.cues, this.history.cut)];
    this.history.edit(() => mine);
    if (found.revision === this.revision) {
      notify("Restored your unsaved changes.", "quiet");
    } else {
      this.#conflict({ cues: theirs, revision: this.revision });
    }
  }

  /** Save what is unsaved, now. */
  async flush() {
    clearTimeout(this.timer);
    this.running = this.running.then(() => this.#save());
    await this.running;
  }

  loadTheirs() {
    const { cues } = this.theirs;
    this.#settle();
    // One step back leads to what was here.
    this.saved = cues;
    this.history.edit(() => cues);
    this.#report();
  }

  keepMine() {
    const [mine, { cues }] = [this.history.cut, this.theirs];
    this.#settle();
    // One step back leads to theirs, which the server does not keep.
    this.history.edit(() => cues);
    this.history.edit(() => mine);
    return this.flush();
  }

  #settle() {
    this.kept = new Kept(this.theirs.cues);
    Object.assign(this, { revision: this.theirs.revision, theirs: null });
    document.getElementById("conflict").hidden = true;
  }

  #soon() {
    this.#say(this.theirs ? "Not saved: see below" : "Saving…");
    clearTimeout(this.timer);
    if (!this.theirs) {
      this.timer = setTimeout(() => this.flush(), PAUSE_MS);
    }
  }

  async #save() {
    if (this.theirs) {
      return;
    }
    const cues = this.history.cut;
    const { changes, after, waiting } = this.kept.changesTo(cues, this.layout);
    if (!changes.length) {
      this.#took(cues, waiting);
      return;
    }
    this.#keepHere();
    try {
      const answer = await call("PATCH", this.urls.change, { cues: changes, revision: this.revision });
      this.kept = new Kept(after);
      this.revision = answer.revision;
      this.#took(cues, waiting);
    } catch (error) {
      await this.#failed(error);
    }
  }

  #took(cues, waiting) {
    Object.assign(this, { saved: cues, waiting });
    if (this.history.cut === cues) {
      this.#report();
    } else {
      this.#soon();
    }
  }

  #report() {
    if (this.waiting) {
      this.#keepHere();
      this.#say(`${this.waiting === 1 ? "1 caption is" : `${this.waiting} captions are`} not saved: empty or too long`);
    } else {
      localStorage.removeItem(this.name);
      this.#say("Saved");
    }
  }

  async #failed(error) {
    if (error.code === "stale_version") {
      await this.#askTheirs();
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
      const theirs = await call("GET", this.urls.read);
      const cues = fromServer(theirs.cues, [...this.kept.cues, ...this.history.cut]);
      this.#conflict({ cues, revision: theirs.revision }, theirs.edited_by);
    } catch (error) {
      notifyError(error);
    }
  }

  #conflict(theirs, who = "") {
    this.theirs = theirs;
    const count = differing(this.kept.cues, theirs.cues);
    const what = count === 0 ? "these captions" : count === 1 ? "1 caption" : `${count} captions`;
    document.getElementById("conflict-text").textContent =
      `${who || "Somebody else"} changed ${what} meanwhile. Your changes are not saved. Load theirs, or keep yours in their place? Undo leads back to the others.`;
    document.getElementById("conflict").hidden = false;
    this.#keepHere();
    this.#say("Not saved: see below");
    document.getElementById("load-theirs").focus();
  }

  /** Take over what another person saved, while nothing here is unsaved. */
  async #look() {
    const seen = this.revision;
    const idle = () => !document.hidden && !this.unsaved && !this.theirs && !this.history.dragged && seen === this.revision;
    if (!idle()) {
      return;
    }
    try {
      const state = await call("GET", `${this.urls.state}?seen=${seen}`);
      const theirs = state && idle() ? await call("GET", this.urls.read) : null;
      if (!theirs || !idle()) {
        return;
      }
      const cues = fromServer(theirs.cues, this.history.cut);
      Object.assign(this, { revision: theirs.revision, kept: new Kept(cues), saved: cues });
      this.history.load(cues);
      notify(`${theirs.edited_by || "Somebody else"} changed these captions. Their version is loaded.`, "ask");
    } catch {
      // The next look may succeed; what is saved says so itself.
    }
  }

  #keepHere() {
    if (!this.unsaved) {
      return;
    }
    try {
      localStorage.setItem(this.name, JSON.stringify({ revision: this.revision, cues: toServer(this.history.cut) }));
    } catch {
      // Without room in the browser, the server's copy must do.
    }
  }

  #say(text) {
    document.getElementById("saved").textContent = text;
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}
