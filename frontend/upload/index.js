// The upload page: files into slots, bytes to the store, and when everything has arrived the session's page.

import "./upload.css";
import { saveCameraName } from "../camera_names.js";
import { fault } from "../details.js";
import { notifyError } from "../notify.js";
import { hold, remove, swap } from "./changes.js";
import { take as takeFolders } from "./drop.js";
import { filesChosen } from "./folders.js";
import { add } from "./intake.js";
import { cameraOf } from "../camera_keys.js";
import { nextLabel } from "./names.js";
import { toChoose } from "./packing.js";
import { progressWords } from "./pace.js";
import { addSlot, byLabel, data, drawSwaps, form, page, root, sessionUrl, slotAt, slots } from "./page.js";
import { turnInto } from "./processing.js";
import { pause, percent, send, take, uploader, watchForSilence } from "./sending.js";
import { drawTotal } from "./total.js";

root.addEventListener("click", (event) => {
  const action = event.target.closest("[data-do]")?.dataset.do;
  const slot = slotAt(event.target);
  const actions = {
    pause: () => pause(slot),
    resume: () => send(slot, { known: true }),
    retry: () => send(slot, { known: true }),
    remove: () => remove(slot),
    anyway: () => {
      slot.anyway = slot.file;
      send(slot);
    },
    "pause-all": () => slots.filter((one) => ["sending", "waiting"].includes(one.state)).forEach(pause),
    "resume-all": () => slots.filter((one) => one.state === "paused").forEach((one) => send(one, { known: true })),
  };
  actions[action]?.();
});

root.addEventListener("change", (event) => {
  const { target } = event;
  if (target.webkitdirectory) {
    takeFolders(filesChosen(target.files, data.extensions));
    target.value = "";
  } else if (target.type === "file") {
    add([...target.files], slotAt(target));
    target.value = "";
  } else if (target.closest(".slot-swap")) {
    swap(slotAt(target), target.value);
  } else if (target.closest(".slot-title") && page.session) {
    saveCameraName(sessionUrl(), slotAt(target).label, target.value).catch(notifyError);
  }
});

document.getElementById("add-angle").addEventListener("click", () => {
  const slot = addSlot(nextLabel(slots.map((one) => cameraOf(one.label))));
  slot.parts.input.focus();
});

window.addEventListener("offline", () => {
  for (const slot of slots.filter((one) => ["sending", "waiting", "checking"].includes(one.state))) {
    uploader.stop(slot.id);
    slot.become("offline", { status: `Paused at ${percent(slot)}%: you are offline. Resumes automatically.` });
  }
  drawTotal();
});
window.addEventListener("online", () => {
  slots.filter((slot) => ["offline", "waiting"].includes(slot.state)).forEach((slot) => send(slot, { known: true }));
});

window.addEventListener("beforeunload", (event) => {
  if (slots.some((slot) => slot.moving)) {
    event.preventDefault();
  }
});

form.addEventListener("input", (event) => {
  fault(form, event.target.name, "");
  const held = slots.filter((slot) => slot.state === "failed" && !page.session);
  clearTimeout(form.again);
  form.again = setTimeout(() => held.forEach((slot) => send(slot)), 800);
});
root.addEventListener("focusout", () => setTimeout(turnInto, 300));

watchForSilence();

// As the server knows it.

data.labels.forEach(addSlot);
for (const known of data.slots) {
  const slot = byLabel(known.label);
  slot.known = known.status === "uploading" && known.open ? null : known;
  Object.assign(slot, { assetId: known.assetId, filename: known.filename, size: known.sizeBytes, open: known.open });
  if (known.open && known.open.arrived >= known.open.sizeBytes) {
    Object.assign(slot, { filename: known.open.filename, size: known.open.sizeBytes });
    take(slot);
  } else if (known.open) {
    Object.assign(slot, { filename: known.open.filename, size: known.open.sizeBytes, sent: known.open.arrived });
    const text = resumeWords(slot, known.open);
    slot.become("unfinished", { status: progressWords(slot.sent, slot.size, slot.pace), note: { text } });
  } else {
    hold(slot);
  }
}
drawSwaps();

/** What a reload costs: a file in parts resumes where it stopped, a smaller one starts over. */
function resumeWords(slot, { filename, resumable }) {
  return resumable
    ? `${percent(slot)}% uploaded. Choose ${toChoose(filename)} again to resume from there.`
    : `The upload was interrupted. Choose ${toChoose(filename)} again; a file this small starts over.`;
}

if (data.wanted && byLabel(data.wanted)) {
  byLabel(data.wanted).element.classList.add("is-wanted");
}
