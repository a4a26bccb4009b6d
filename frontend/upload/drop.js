// Files and folders dragged onto the page, and a slot's file dragged to another camera.

import { swap } from "./changes.js";
import { filesOf, folderNote } from "./folders.js";
import { add, remark } from "./intake.js";
import { byLabel, data, list, page, slotAt } from "./page.js";

list.addEventListener("dragstart", (event) => {
  const slot = slotAt(event.target);
  if (slot?.movable) {
    event.dataTransfer.setData("application/x-slot", slot.label);
    event.dataTransfer.effectAllowed = "move";
  }
});

function carries(event, type) {
  return [...(event.dataTransfer?.types ?? [])].includes(type);
}

let depth = 0;
function hover(on) {
  depth = on ? depth + 1 : Math.max(0, depth - 1);
  document.body.classList.toggle("is-dropping", depth > 0);
}

window.addEventListener("dragenter", (event) => !page.left && carries(event, "Files") && hover(true));
window.addEventListener("dragleave", (event) => !page.left && carries(event, "Files") && hover(false));
window.addEventListener("dragover", (event) => {
  if (!page.left && (carries(event, "Files") || carries(event, "application/x-slot"))) {
    event.preventDefault();
    document.querySelectorAll(".slot.is-over").forEach((one) => one.classList.remove("is-over"));
    event.target.closest?.(".slot")?.classList.add("is-over");
  }
});
window.addEventListener("drop", (event) => {
  if (page.left) {
    return;
  }
  event.preventDefault();
  depth = 0;
  document.body.classList.remove("is-dropping");
  document.querySelectorAll(".slot.is-over").forEach((one) => one.classList.remove("is-over"));
  const onto = slotAt(event.target);
  const carried = event.dataTransfer.getData("application/x-slot");
  if (carried) {
    if (onto) {
      swap(byLabel(carried), onto.label);
    }
    return;
  }
  take(filesOf(event.dataTransfer, data.extensions), onto);
});

/** Files and folders that were dropped or chosen, once they are read. `onto`: the slot that they were dropped onto. */
export async function take(reading, onto = null) {
  try {
    const { files, folders } = await reading;
    const others = folders.flatMap((folder) => folder.others);
    await add(files, files.length === 1 ? intoOf(onto) : null, others);
    folders.map(folderNote).filter(Boolean).forEach(({ tone, text }) => remark(text, tone));
  } catch {
    remark("The folder could not be read. Check that its card is still connected, then drop it again.");
  }
}

/** The slot a single file was dropped onto, where that says which camera it is. */
function intoOf(slot) {
  return slot && !slot.moving && !["processing", "taking", "asking", "paused"].includes(slot.state) ? slot : null;
}
