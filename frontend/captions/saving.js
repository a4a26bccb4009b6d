// The captions are saved by what changed of them. Where two people edit them, either choice can be undone.

import { call } from "../api.js";
import { AutoSave } from "../editing/saving.js";
import { notify } from "../notify.js";
import { Kept } from "./changes.js";
import { differing, fromServer, toServer } from "./cues.js";

export class Saving extends AutoSave {
  constructor(history, layout, data) {
    super(history, `captions:${data.captions.artifact_id}`);
    Object.assign(this, { layout, urls: data.urls, revision: data.captions.revision });
    this.onServer = new Kept(history.cut);
    this.waiting = 0;
  }

  get unsaved() {
    return super.unsaved || this.waiting > 0;
  }

  /** Unsaved edits of an earlier visit, where there are any. */
  restore() {
    const found = this.kept();
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

  loadTheirs() {
    const { cues } = this.theirs;
    this.#take();
    // One step back leads to what was here.
    this.saved = cues;
    this.history.edit(() => cues);
    this.#report();
  }

  keepMine() {
    const [mine, { cues }] = [this.history.cut, this.theirs];
    this.#take();
    // One step back leads to theirs, which the server does not keep.
    this.history.edit(() => cues);
    this.history.edit(() => mine);
    return this.flush();
  }

  #take() {
    this.onServer = new Kept(this.theirs.cues);
    this.adopt(this.theirs.revision);
  }

  async save() {
    if (this.theirs) {
      return;
    }
    const cues = this.history.cut;
    const { changes, after, waiting } = this.onServer.changesTo(cues, this.layout);
    if (!changes.length) {
      this.#took(cues, waiting);
      return;
    }
    this.storeLocally();
    try {
      const answer = await call("PATCH", this.urls.change, { cues: changes, revision: this.revision });
      this.onServer = new Kept(after);
      this.revision = answer.revision;
      this.#took(cues, waiting);
    } catch (error) {
      await this.failed(error);
    }
  }

  #took(cues, waiting) {
    Object.assign(this, { saved: cues, waiting });
    if (this.history.cut === cues) {
      this.#report();
    } else {
      this.soon();
    }
  }

  #report() {
    if (this.waiting) {
      this.storeLocally();
      this.showStatus(`${this.waiting === 1 ? "1 caption is" : `${this.waiting} captions are`} not saved: empty or too long`);
    } else {
      this.forget();
      this.showStatus("Saved");
    }
  }

  async askTheirs() {
    const theirs = await call("GET", this.urls.read);
    const cues = fromServer(theirs.cues, [...this.onServer.cues, ...this.history.cut]);
    this.#conflict({ cues, revision: theirs.revision }, theirs.edited_by);
  }

  #conflict(theirs, who = "") {
    const count = differing(this.onServer.cues, theirs.cues);
    const what = count === 0 ? "these captions" : count === 1 ? "1 caption" : `${count} captions`;
    this.conflict(
      theirs,
      `${who || "Somebody else"} changed ${what} meanwhile. Your changes are not saved. Load theirs, or keep yours in their place? Undo leads back to the others.`,
    );
    this.storeLocally();
  }

  /** Take over what another person saved, while nothing here is unsaved. */
  async look() {
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
      Object.assign(this, { revision: theirs.revision, onServer: new Kept(cues), saved: cues });
      this.history.load(cues);
      notify(`${theirs.edited_by || "Somebody else"} changed these captions. Their version is loaded.`, "ask");
    } catch {
      // The next look may succeed; what is saved says so itself.
    }
  }

  storeLocally() {
    if (this.unsaved) {
      this.store({ revision: this.revision, cues: toServer(this.history.cut) });
    }
  }
}
