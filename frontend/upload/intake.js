// Files that come in, by drop or by the file dialog: refused with a reason, or given a slot.

import { offerInto, put } from "./changes.js";
import { refusal, sameFile } from "./check.js";
import { cameraOf } from "../camera_keys.js";
import { assign, isAudio } from "./names.js";
import { addSlot, byLabel, data, slots } from "./page.js";
import { send } from "./sending.js";
import { sort } from "./sorting.js";

const remarks = document.getElementById("refusals");

/** `others`: files that are no recordings, from folders that were dropped or chosen. */
export async function add(files, into = null, others = []) {
  remarks.replaceChildren();
  const taken = slots.filter((slot) => slot.file).map(({ label, file }) => ({ label, file }));
  const good = [];
  for (const file of files) {
    const text = refusal(file, data, [...taken, ...good.map((one) => ({ label: null, file: one }))]);
    if (text) {
      remark(text);
    } else {
      good.push(file);
    }
  }
  if (into && good.length === 1) {
    place(into, good[0]);
    return;
  }
  const resumed = good.filter((file) => {
    const slot = slots.find(({ state, open }) => state === "unfinished" && open.filename === file.name && open.sizeBytes === file.size);
    if (slot) {
      offerInto(slot, file);
    }
    return !slot;
  });
  const isLoose = resumed.length === 1 && !resumed[0].path;
  if (resumed.length && !isLoose) {
    try {
      const left = await sort(resumed, others);
      if (left) {
        remark(left, "ask");
      }
      return;
    } catch (error) {
      remark(`The files could not be sorted by camera: ${error.message} Each was given a camera of its own.`, "ask");
    }
  }
  giveEachACamera(resumed);
}

function giveEachACamera(files) {
  const free = slots.filter((slot) => slot.state === "empty" && slot.label.length === 1).map((slot) => slot.label);
  const wanted = free.includes(data.wanted) ? [data.wanted, ...free.filter((label) => label !== data.wanted)] : free;
  const used = slots.filter((slot) => slot.state !== "empty").map((slot) => cameraOf(slot.label));
  const labels = assign(files.map((file) => file.name), wanted, used, (name) => isAudio(name, data.extensions));
  files.forEach((file, index) => {
    if (labels[index] === null) {
      remark(`There is no room for ${file.name}: a session can have up to 26 cameras.`);
    } else {
      put(byLabel(labels[index]) ?? addSlot(labels[index]), file);
    }
  });
}

/** A sentence above the slots, read out at once. */
export function remark(text, tone = "bad") {
  const note = document.createElement("p");
  note.className = `note note-${tone}`;
  note.textContent = text;
  remarks.append(note);
}

/** A file for a slot that a person chose. One that Studio has a file for already is asked about first. */
function place(slot, file) {
  if (slot.file && sameFile(slot.file, file) && slot.state === "failed") {
    send(slot);
  } else if (slot.state === "unfinished") {
    offerInto(slot, file);
  } else {
    put(slot, file);
  }
}
