// Deciding: looks good, a correction with its reason, or what must be looked at again. What another person decided meanwhile is never overwritten
// unseen: the server refuses by version, and both answers are shown side by side.

import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";
import { named } from "./reels.js";
import { partsOf } from "./segments.js";
import { offsetText } from "../playback/time.js";
import { showVerdict } from "./verdict.js";

const by = (id) => document.getElementById(id);
/** More clips than a person looks at one by one. */
const MANY = 8;

export class Decide {
  /** `watch` holds the data as the server has it; `version` is the one this page has shown. */
  constructor(watch, cameras, offsets) {
    Object.assign(this, { watch, cameras, offsets });
    this.version = watch.data.version;
    this.busy = false;
    this.form = by("correction");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save(true);
    });
    this.doubts = by("rework");
    this.doubts.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send("needs-work", { notes: by("rework-why").value.trim() }, true);
    });
    this.reason = by("reason");
    this.reason.addEventListener("submit", (event) => {
      event.preventDefault();
      const notes = by("reason-why").value.trim();
      const verb = this.alone ? "correct" : "approve";
      this.#send(verb, { notes, ...(this.alone ? { offsets: this.offsets.all } : {}) }, true);
    });
    offsets.addEventListener("change", () => this.refresh());
  }

  get base() {
    return `/v2/sessions/${this.watch.data.session.id}/sync/`;
  }

  get standing() {
    return (this.watch.data.sync?.operatorStatus ?? "pending") !== "pending";
  }

  get asComputed() {
    return this.offsets.counting.every((camera) => this.offsets.asComputed(camera));
  }

  /** Cameras that an approval must give a reason for: nothing was found, or too little. */
  get weak() {
    return this.watch.data.needsReason;
  }

  get alone() {
    return this.offsets.counting.length < 2;
  }

  /** The one thing to do next, why, and whether approving is still open to somebody who says why. */
  get next() {
    const { mayDecide, mayApprove } = this.watch.data;
    const unsaved = this.offsets.unsaved.length > 0;
    if (!mayDecide) {
      return { does: null, why: "You can decide once the cameras are uploaded and compared." };
    }
    if (this.standing && !unsaved) {
      return { does: "next", why: "" };
    }
    if (this.alone) {
      return { does: null, anyway: true, why: "Only one camera can be used, so nothing is synced. Add another, or say why one is enough." };
    }
    const anyway = mayApprove && this.asComputed;
    if (this.offsets.unplaced.length) {
      const left = named(this.offsets.unplaced);
      if (unsaved) {
        return { does: "save", why: `Camera ${left} stays without an offset and out of the edit. Say why when you save.` };
      }
      return { does: "listen", anyway, why: `Place camera ${left} by hand, or leave it out of the edit.` };
    }
    if (anyway && this.weak.length) {
      return { does: "listen", anyway, why: `Low confidence for camera ${named(this.weak)}. Listen, then place it by hand or approve with a reason.` };
    }
    if (anyway) {
      return { does: "approve", why: this.#together };
    }
    return { does: "save", why: unsaved ? "Unsaved changes." : "Save to use these offsets." };
  }

  /** Of many clips: how many are approved without a look of their own. */
  get #together() {
    const judged = this.offsets.counting.filter((camera) => !camera.isMaster && !camera.continues);
    const doubtful = judged.filter((camera) => camera.doubt).length;
    if (judged.length <= MANY || !doubtful) {
      return "";
    }
    return `Approves ${judged.length - doubtful} sure clips together, and ${doubtful} to check: N shows each.`;
  }

  refresh() {
    const { does, why, anyway } = this.next;
    by("approve").hidden = does !== "approve";
    by("listen-first").hidden = does !== "listen";
    by("approve-anyway").hidden = !anyway || does === "approve";
    by("approve-anyway-text").textContent = this.alone ? "Use one camera…" : "Approve anyway…";
    by("go-on").hidden = does !== "next";
    by("save-open").hidden = does !== "save";
    by("rework-open").hidden = !this.watch.data.mayDecide;
    by("as-computed").classList.toggle("is-absent", !does || !this.offsets.counting.some((camera) => this.offsets.moved(camera.label) || this.offsets.apart(camera.label).length));
    by("decide-why").textContent = why;
    showVerdict(by("verdict"), this.offsets, this.watch.data.master);
    if (!this.form.hidden) {
      this.#describe();
    }
  }

  async approve() {
    const { does, why, anyway } = this.next;
    if (does === "next") {
      this.goOn();
    } else if (anyway && does !== "approve") {
      this.#askReason();
    } else if (does === "save") {
      notify("You moved a camera. Save the correction, or reset to the computed offsets.", "ask");
      by("save-open").focus();
    } else if (does === "approve") {
      await this.#send("approve", {}, true);
    } else {
      notify(why, "ask");
    }
  }

  /** Approving against the evidence takes a reason, for whoever edits this later. */
  #askReason() {
    this.#open(this.reason, "reason-why");
    by("reason-text").textContent = this.alone
      ? "This session will be ready with one camera."
      : `Low confidence or no offset: camera ${named(this.weak)}. Without an offset, a camera is left out.`;
  }

  /** One form at a time, over the page: what a person looks at stays where it is. */
  #open(form, field) {
    [this.form, this.doubts, this.reason].forEach((one) => (one.hidden = one !== form));
    this.refresh();
    by(field).focus();
  }

  reasonCancel() {
    this.reason.hidden = true;
    this.refresh();
    by("approve-anyway").focus();
  }

  save() {
    if (!this.form.hidden) {
      this.form.requestSubmit();
      return;
    }
    const { does, why } = this.next;
    if (does !== "save") {
      notify(why || "No changes to save.", "ask");
      return;
    }
    by("why").required = this.offsets.unplaced.length > 0;
    this.#open(this.form, "why");
    this.#describe();
  }

  saveStay() {
    return this.#save(false);
  }

  saveCancel() {
    this.form.hidden = true;
    this.refresh();
    by("save-open").focus();
  }

  /** Somebody must look again: asks why first. */
  rework() {
    if (!this.watch.data.mayDecide) {
      notify(this.next.why, "ask");
      return;
    }
    this.#open(this.doubts, "rework-why");
  }

  reworkCancel() {
    this.doubts.hidden = true;
    this.refresh();
    by("rework-open").focus();
  }

  goOn() {
    window.location.assign(by("go-on").href);
  }

  async #save(andGo) {
    await this.#send("correct", { offsets: this.offsets.all, segments: this.offsets.segments, notes: by("why").value.trim() }, andGo);
  }

  #describe() {
    const moves = this.offsets.unsavedKeys.map((key) => {
      const { label, number } = partsOf(key);
      if (number) {
        return `segment ${number} of camera ${label} to ${offsetText(this.offsets.of(key))}`;
      }
      const { saved } = this.cameras.find((camera) => camera.label === label);
      return `camera ${label} ${saved === null ? "at" : `from ${offsetText(saved)} to`} ${offsetText(this.offsets.of(label))}`;
    });
    const left = this.offsets.unplaced.length ? ` Left out: camera ${named(this.offsets.unplaced)}.` : "";
    by("correction-text").textContent = (moves.length ? `Save ${named(moves)}.` : "Save these offsets.") + left;
  }

  async #send(verb, body, andGo) {
    if (this.busy) {
      return;
    }
    this.busy = true;
    try {
      const answer = await call("POST", this.base + verb, { ...body, version: this.version });
      this.version = answer.version;
      by("conflict").hidden = true;
      if (answer.finalOffsets) {
        this.offsets.saved({ ...answer.finalOffsets }, answer.finalSegments);
      }
      if (andGo) {
        this.goOn();
        return;
      }
      this.form.hidden = true;
      by("why").value = "";
      notify("Saved. The session is ready for editing.", "good");
      await this.watch.ask({ all: true });
    } catch (error) {
      if (error.code === "stale_version") {
        await this.#clash();
      } else {
        notifyError(error);
      }
    } finally {
      this.busy = false;
      this.refresh();
    }
  }

  /** Somebody was faster: what they decided, what is on this screen, and two ways on. */
  async #clash() {
    const data = await this.watch.ask({ all: true }).catch(() => null);
    if (!data) {
      notify("Someone else decided in the meantime, and Studio is not responding. Nothing was saved; try again.", "bad");
      return;
    }
    this.showConflict(data);
  }

  showConflict(data) {
    const box = by("conflict");
    const theirs = data.sync?.finalOffsets ?? data.sync?.offsets ?? {};
    const who = data.sync?.decidedBy || "A new sync run";
    const verb = data.sync?.decidedBy ? ` ${data.sync.operatorStatus} this session` : " changed this session";
    const text = document.createElement("p");
    text.textContent = `${who}${verb} while you had it open. Your changes were not saved.`;
    const table = document.createElement("table");
    table.className = "plain";
    const head = table.createTHead().insertRow();
    for (const title of ["Camera", "Theirs", "Yours"]) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const { label, isMaster } of this.offsets.counting) {
      if (!isMaster) {
        const row = body.insertRow();
        row.insertCell().textContent = label;
        row.insertCell().textContent = shown(theirs[label]);
        row.insertCell().textContent = shown(this.offsets.of(label));
      }
    }
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.append(
      button("Use theirs", () => this.#resolve(data, true)),
      button("Keep mine", () => this.#resolve(data, false)),
    );
    box.replaceChildren(text, table, actions);
    box.hidden = false;
    this.form.hidden = true;
    actions.firstElementChild.focus();
  }

  #resolve(data, takeTheirs) {
    const mine = this.offsets.left;
    this.version = data.version;
    this.offsets.saved({ ...(data.sync?.finalOffsets ?? data.sync?.offsets ?? {}) }, data.sync?.finalSegments);
    if (takeTheirs) {
      this.offsets.discard();
    } else {
      this.offsets.lay(mine);
    }
    by("conflict").hidden = true;
    this.refresh();
    document.querySelector(".decide .button:not([hidden])")?.focus();
  }
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function shown(ms) {
  return ms === null || ms === undefined ? "not placed" : offsetText(ms);
}
