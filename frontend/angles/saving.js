// The cut is saved whole. Where two people edit one, nothing is thrown away before the second chooses.

import { call } from "../api.js";
import { AutoSave } from "../editing/saving.js";
import { notify } from "../notify.js";
import { fromServer, toServer } from "./cut.js";

const STORE_MS = 50;

export class Saving extends AutoSave {
  constructor(history, grid, data) {
    const { revision, projectId } = data.cut;
    super(history, `angles:${data.session.id}:${projectId ?? "new"}`);
    Object.assign(this, { grid, url: data.urls.cut, revision, projectId, sync: data.edit.version });
    this.asked = new URLSearchParams(window.location.search).get("project");
  }

  /** Unsaved edits of an earlier visit, where there are any. */
  restore() {
    const found = this.kept();
    if (!found || found.cut === JSON.stringify(toServer(this.history.cut, this.grid))) {
      this.forget();
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

  async loadTheirs() {
    const { cut, revision } = this.theirs;
    this.adopt(revision);
    this.saved = cut;
    // One step back leads to what was here.
    this.history.edit(() => cut);
    this.forget();
    this.showStatus("Saved");
  }

  keepMine() {
    this.adopt(this.theirs.revision);
    return this.flush();
  }

  soon() {
    if (!this.unsaved) {
      this.forget();
      return;
    }
    // Once the frame that shows the edit is drawn.
    this.storing ??= setTimeout(() => this.storeLocally(), STORE_MS);
    super.soon();
  }

  storeLocally() {
    if (this.storing) {
      this.#forgetTimer();
      this.store({ revision: this.revision, cut: JSON.stringify(toServer(this.history.cut, this.grid)) });
    }
  }

  forget() {
    this.#forgetTimer();
    super.forget();
  }

  #forgetTimer() {
    clearTimeout(this.storing);
    this.storing = null;
  }

  async save() {
    if (!this.unsaved || this.theirs) {
      return;
    }
    const cut = this.history.cut;
    try {
      const sent = { ...toServer(cut, this.grid), ...(this.projectId ? { projectId: this.projectId } : {}) };
      const answer = await call("PUT", this.url, sent, { headers: { "If-Match": `"${this.revision}"` } });
      this.#took(cut, answer);
    } catch (error) {
      await this.failed(error);
    }
  }

  #took(cut, answer) {
    Object.assign(this, { revision: answer.revision, projectId: answer.projectId, saved: cut });
    this.dispatchEvent(new CustomEvent("saved", { detail: answer }));
    if (this.unsaved) {
      this.soon();
    } else {
      this.forget();
      this.showStatus("Saved");
    }
  }

  async failed(error) {
    if (error.status === 404 && this.projectId) {
      this.projectId = null;
      this.revision = 0;
      notify("The project of this cut was deleted. It is saved as a new one.", "ask");
      this.soon();
    } else {
      await super.failed(error);
    }
  }

  async askTheirs() {
    const theirs = await call("GET", this.#address(this.url, "projectId"));
    const who = await this.#who();
    this.projectId ??= theirs.projectId;
    this.#conflict(fromServer(theirs, this.grid), theirs.revision, who);
  }

  #conflict(cut, revision, who = "") {
    const count = cut.points.length - 1;
    this.conflict(
      { cut, revision },
      `${who || "Somebody else"} changed this cut meanwhile; theirs has ${count} ${count === 1 ? "cut" : "cuts"}. Yours is not saved. Load theirs, or keep yours in its place? Theirs stays in the project's history.`,
    );
  }

  /** Who saved last, where it was not this page; null where nobody did. Says too when the sync is another. */
  async #who() {
    const address = this.#address("state", "project");
    const seen = `seen=${this.revision}&sync=${this.sync}`;
    const answer = await call("GET", `${address}${address.includes("?") ? "&" : "?"}${seen}`);
    if (answer && answer.sync !== this.sync) {
      this.sync = answer.sync;
      notify("The sync of this session changed. Reload the page to see the new camera positions; the cut is kept.", "ask");
    }
    return answer && answer.revision !== this.revision ? answer.by : null;
  }

  #address(url, name) {
    const id = this.projectId ?? this.asked;
    return id ? `${url}?${name}=${id}` : url;
  }

  /** Take over what another person saved, while nothing here is unsaved. */
  async look() {
    const seen = this.revision;
    // Asked again after each answer: what was saved here meanwhile is newer than what was read.
    const idle = () => !document.hidden && !this.unsaved && !this.theirs && seen === this.revision;
    if (!idle()) {
      return;
    }
    try {
      const who = await this.#who();
      const theirs = who !== null && idle() ? await call("GET", this.#address(this.url, "projectId")) : null;
      if (!theirs || !idle()) {
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
}
