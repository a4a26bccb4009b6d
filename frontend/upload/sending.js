// One file on its way: checked, offered, sent, taken; and what happens when something fails in between.

import { ApiError, call } from "../api.js";
import { date } from "../format.js";
import { Uploader, newOffer } from "../uploader.js";
import { contentTypeOf, fingerprintOf } from "./check.js";
import { look } from "./processing.js";
import { byId, data, page, sessionUrl, slots } from "./page.js";
import { begin } from "./session.js";
import { drawTotal } from "./total.js";

const RETRY_SECONDS = [2, 5, 10, 20, 30];
const SILENT_MS = 60_000;

export const uploader = new Uploader({
  progress(id, bytes) {
    const slot = byId(id);
    if (slot?.state === "sending") {
      slot.attempt = 0;
      slot.heardAt = Date.now();
      slot.progress(Math.max(bytes, slot.floor ?? 0), performance.now());
      drawTotal();
    }
  },
  sent(id) {
    const slot = byId(id);
    if (slot) {
      take(slot);
    }
  },
  failed(id, error) {
    const slot = byId(id);
    if (slot) {
      fell(slot, error);
    }
  },
});

export function unreadable(file) {
  return `${file.name} could not be read: it was moved, changed or disconnected. Put it back and choose it again.`;
}

export async function send(slot, { known = false } = {}) {
  const { file } = slot;
  const still = () => slot.file === file && slot.state === "checking";
  slot.become("checking", { status: "Checking…" });
  drawTotal();
  try {
    slot.fingerprint ??= await fingerprintOf(file);
  } catch {
    slot.become("failed", { status: "", note: { tone: "bad", text: unreadable(file) } });
    return;
  }
  try {
    const twin = known || slot.anyway === file ? null : await knownTwin(slot);
    if (!still()) {
      return;
    }
    if (twin) {
      const where = twin.sessionId === page.session?.id ? "this session" : `“${twin.title}”`;
      const text = `Already uploaded on ${date(new Date(twin.at))} as camera ${twin.camera} of ${where}. It will not be uploaded again unless you say so.`;
      slot.become("asking", { status: "", note: { text, url: twin.url } });
      return;
    }
    const url = await begin();
    // The end of the upload before it is asked for by camera: it would end this one.
    await slot.ended;
    if (!still()) {
      return;
    }
    const asked = { label: slot.label, file, contentType: contentTypeOf(file), fingerprint: slot.fingerprint };
    const offer = await newOffer(url, asked);
    if (slot.file !== file) {
      await call("DELETE", `${url}/assets/${offer.assetId}/upload`).catch(() => {});
    }
    if (!still()) {
      return;
    }
    go(slot, offer, url);
  } catch (error) {
    if (still()) {
      fell(slot, error);
    }
  }
}

function go(slot, offer, url) {
  Object.assign(slot, { assetId: offer.assetId, sent: offer.receivedBytes, floor: offer.uploadId ? offer.receivedBytes : 0 });
  slot.open = null;
  slot.heardAt = Date.now();
  if (offer.receivedBytes >= offer.sizeBytes && offer.sizeBytes > 0) {
    take(slot);
    return;
  }
  slot.become("sending", { status: "Uploading…" });
  slot.progress(slot.sent, performance.now());
  uploader.start(slot.id, slot.file, offer, () => call("GET", `${url}/assets/${offer.assetId}/upload`));
  drawTotal();
}

async function knownTwin(slot) {
  const query = new URLSearchParams({ name: slot.file.name, size: slot.file.size });
  const { files } = await call("GET", `${data.urls.known}?${query}`);
  return files.find((twin) => !(twin.sessionId === page.session?.id && twin.camera === slot.label)) ?? null;
}

/** All bytes are in the store: Studio looks at them and begins to process. */
export async function take(slot) {
  Object.assign(slot, { sent: slot.size, open: null, taken: true });
  slot.become("taking", { status: "Uploaded. Checking the file…" });
  drawTotal();
  try {
    await call("POST", `${sessionUrl()}/assets/${slot.assetId}/complete`, {});
    slot.processing(null);
    look();
  } catch (error) {
    if (error.code === "upload_incomplete" || error.code === "parts_mismatch") {
      fell(slot, new ApiError(error.message, { status: 503 }));
    } else {
      fell(slot, error);
    }
  }
  drawTotal();
}

/** Something failed. What may pass by itself is tried again by itself; the rest says what to do. */
async function fell(slot, error) {
  uploader.stop(slot.id);
  const { file } = slot;
  if (error.status === 0 && file && !(await readable(file))) {
    slot.become("failed", { status: "", note: { tone: "bad", text: unreadable(file) } });
  } else if (slot.file !== file || slot.state === "paused") {
    return;
  } else if (!navigator.onLine) {
    slot.become("offline", { status: "Paused: you are offline. Resumes automatically." });
  } else if ((error.passing && error.status !== 507) || (error.details.store && [403, 410].includes(error.status))) {
    const seconds = RETRY_SECONDS[Math.min(slot.attempt, RETRY_SECONDS.length - 1)];
    slot.attempt += 1;
    countDown(slot, seconds, error.message);
  } else {
    slot.become("failed", { status: "", note: { tone: "bad", text: error.message } });
  }
  drawTotal();
}

async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function countDown(slot, seconds, message) {
  const status = `${message} Retrying in ${seconds} s; what was uploaded is kept.`;
  slot.become("waiting", { status, note: null });
  slot.timer = setTimeout(() => (seconds > 1 ? countDown(slot, seconds - 1, message) : send(slot, { known: true })), 1000);
}

export function pause(slot) {
  uploader.stop(slot.id);
  slot.become("paused", { status: `Paused at ${percent(slot)}%.` });
  drawTotal();
}

export function percent(slot) {
  return slot.size ? Math.floor((100 * slot.sent) / slot.size) : 0;
}

/** A connection that says nothing for a minute counts as lost. */
export function watchForSilence() {
  setInterval(() => {
    for (const slot of slots.filter((one) => one.state === "sending" && Date.now() - one.heardAt > SILENT_MS)) {
      fell(slot, new ApiError("No data has moved for a minute."));
    }
  }, 5000);
}
