// Changing what is in a slot: taking a file out, giving it to another camera, and what Studio has already.

import { call } from "../api.js";
import { announce, notify } from "../notify.js";
import { difference, fingerprintOf } from "./check.js";
import { isAudio } from "./names.js";
import { toChoose } from "./packing.js";
import { addSlot, byLabel, data, drawSwaps, page, sessionUrl } from "./page.js";
import { send, unreadable, uploader } from "./sending.js";
import { drawTotal } from "./total.js";

/** A camera that Studio has a file for, as long as no other file takes its place. */
export function hold(slot) {
  const { assetId, filename, sizeBytes, status, message } = slot.known;
  Object.assign(slot, { assetId, filename, size: sizeBytes });
  if (status === "failed") {
    slot.become("broken", { status: "", note: { tone: "bad", text: message } });
  } else {
    slot.become("held", { status: status === "ready" ? "Uploaded and processed." : "Uploaded. Processing…" });
  }
}

export async function remove(slot) {
  uploader.stop(slot.id);
  const { assetId, label } = slot;
  slot.clear();
  if (slot.known) {
    hold(slot);
  }
  drawTotal();
  if (assetId && page.session) {
    slot.ended = call("DELETE", `${sessionUrl()}/assets/${assetId}/upload`).catch((error) =>
      notify(`Camera ${label}: ${error.message}`, "bad"),
    );
    await slot.ended;
  }
}

/** Another camera for a file: what two slots hold changes places, and what was being sent is sent anew as that camera. */
export async function swap(from, label) {
  const to = byLabel(label) ?? addSlot(label);
  const both = [from, to];
  if (to === from || !from.movable || (to.file && !to.movable) || ["held", "unfinished", "processing", "ready"].includes(to.state)) {
    from.draw();
    drawSwaps();
    notify(`Camera ${to.label} already has a file. Remove it on the session page first.`, "ask");
    return;
  }
  const held = both.map(({ file, anyway }) => ({ file, anyway }));
  for (const slot of both) {
    uploader.stop(slot.id);
  }
  const begun = both.map((slot) => slot.assetId);
  both.forEach((slot) => slot.clear());
  drawSwaps();
  await Promise.all(
    begun.filter(Boolean).map((assetId) => call("DELETE", `${sessionUrl()}/assets/${assetId}/upload`).catch(() => {})),
  );
  both.forEach((slot, index) => {
    const { file, anyway } = held[1 - index];
    if (file) {
      slot.anyway = anyway;
      put(slot, file);
    }
  });
  announce(`${held[0].file.name} is now camera ${to.label}.`);
  to.parts.swap.focus();
}

export function put(slot, file, { known = false } = {}) {
  Object.assign(slot, { file, filename: file.title ?? file.name, size: file.size, attempt: 0, heard: isAudio(file.name, data.extensions), floor: 0 });
  slot.fingerprint = null;
  drawSwaps();
  send(slot, { known });
}

/** Resume an upload that was begun earlier, here or elsewhere, if this is its file. */
export async function offerInto(slot, file) {
  let fingerprint;
  try {
    fingerprint = await fingerprintOf(file);
  } catch {
    slot.become("unfinished", { note: { tone: "bad", text: unreadable(file) } });
    return;
  }
  const differs = difference(file, fingerprint, slot.open);
  if (differs) {
    const text = `Not uploaded: ${differs}. Choose ${toChoose(slot.open.filename)} to resume, or remove the unfinished upload to send a different file.`;
    slot.become("unfinished", { note: { tone: "bad", text } });
    return;
  }
  put(slot, file, { known: true });
}
