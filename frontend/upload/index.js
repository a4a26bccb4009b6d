// The upload page: files into slots, bytes to the store, and when all is here the session's page.

import { ApiError, call } from "../api.js";
import { fault, selfSaving } from "../details.js";
import { murmur, say } from "../say.js";
import { Uploader, newOffer } from "../uploader.js";
import { contentTypeOf, difference, fingerprintOf, refusal, sameFile } from "./check.js";
import { assign, extension, nextLabel } from "./names.js";
import { Pace, progressWords } from "./pace.js";
import { Slot } from "./slot.js";

const RETRY_SECONDS = [2, 5, 10, 20, 30];
const SILENT_MS = 60_000;
const LOOK_MS = 2000;

const page = document.getElementById("upload");
const data = JSON.parse(document.getElementById("page-data").textContent);
const form = page.querySelector("form[data-details]");
const list = document.getElementById("slots");
const slots = [];
const total = { element: document.getElementById("total"), pace: new Pace(), told: 0 };

let session = data.session;
let beginning = null;
let looking = null;
let left = false;

const uploader = new Uploader({
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

// Slots.

function byId(id) {
  return slots.find((slot) => slot.id === id);
}

function slotAt(node) {
  return slots.find((slot) => slot.element.contains(node));
}

function byLabel(label) {
  return slots.find((slot) => slot.label === label);
}

function addSlot(label) {
  const slot = new Slot(label);
  slots.push(slot);
  slots.sort((a, b) => a.label.localeCompare(b.label));
  const after = slots[slots.indexOf(slot) + 1];
  list.insertBefore(slot.element, after?.element ?? null);
  slot.draw();
  drawSwaps();
  return slot;
}

function drawSwaps() {
  const labels = slots.map((slot) => slot.label);
  const next = nextLabel(labels);
  for (const slot of slots) {
    const options = [...labels, ...(next ? [next] : [])].map((label) => {
      const option = document.createElement("option");
      option.value = label;
      option.textContent = label;
      option.selected = label === slot.label;
      return option;
    });
    slot.parts.swap.replaceChildren(...options);
  }
  document.getElementById("add-angle").hidden = next === null;
}

// Files in.

function add(files, into = null) {
  const room = document.getElementById("refusals");
  room.replaceChildren();
  const taken = slots.filter((slot) => slot.file).map(({ label, file }) => ({ label, file }));
  const good = [];
  for (const file of files) {
    const words = refusal(file, data, [...taken, ...good.map((one) => ({ label: "–", file: one }))]);
    if (words) {
      refuse(room, words);
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
  const free = slots.filter((slot) => slot.state === "empty").map((slot) => slot.label);
  const wanted = free.includes(data.wanted) ? [data.wanted, ...free.filter((label) => label !== data.wanted)] : free;
  const used = slots.filter((slot) => slot.state !== "empty").map((slot) => slot.label);
  const labels = assign(resumed.map((file) => file.name), wanted, used, isAudio);
  resumed.forEach((file, index) => {
    if (labels[index] === null) {
      refuse(room, `There is no slot left for ${file.name}: a session has at most 26 angles.`);
    } else {
      put(byLabel(labels[index]) ?? addSlot(labels[index]), file);
    }
  });
}

function refuse(room, words) {
  const note = document.createElement("p");
  note.className = "note note-bad";
  note.textContent = words;
  room.append(note);
}

function isAudio(name) {
  return data.extensions.audio.includes(extension(name));
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

/** Go on with an upload that was begun earlier, here or elsewhere, if this is its file. */
async function offerInto(slot, file) {
  let fingerprint;
  try {
    fingerprint = await fingerprintOf(file);
  } catch {
    slot.become("unfinished", { note: { tone: "bad", text: unreadable(file) } });
    return;
  }
  const differs = difference(file, fingerprint, slot.open);
  if (differs) {
    const text = `Not sent: ${differs}. Pick ${slot.open.filename} to go on, or remove the begun upload first to send another file.`;
    slot.become("unfinished", { note: { tone: "bad", text } });
    return;
  }
  put(slot, file, { known: true });
}

function put(slot, file, { known = false } = {}) {
  Object.assign(slot, { file, filename: file.name, size: file.size, attempt: 0, heard: isAudio(file.name), floor: 0 });
  slot.fingerprint = null;
  drawSwaps();
  send(slot, { known });
}

function unreadable(file) {
  return `${file.name} cannot be read: it was moved or changed, or its card was taken out. Put it back and pick it again.`;
}

// Sending.

async function send(slot, { known = false } = {}) {
  const { file } = slot;
  const still = () => slot.file === file && slot.state === "checking";
  slot.become("checking", { words: "Checking…" });
  drawTotal();
  try {
    slot.fingerprint ??= await fingerprintOf(file);
  } catch {
    slot.become("failed", { words: "", note: { tone: "bad", text: unreadable(file) } });
    return;
  }
  try {
    const twin = known || slot.anyway === file ? null : await knownTwin(slot);
    if (!still()) {
      return;
    }
    if (twin) {
      const at = new Date(twin.at).toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
      const where = twin.sessionId === session?.id ? "this session" : `“${twin.title}”`;
      const text = `Already uploaded ${at} as camera ${twin.camera} of ${where}. Nothing is sent before you say so.`;
      slot.become("asking", { words: "", note: { text, url: twin.url } });
      return;
    }
    const url = await begin();
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
  slot.become("sending", { words: "Sending…" });
  slot.progress(slot.sent, performance.now());
  uploader.start(slot.id, slot.file, offer, () => call("GET", `${url}/assets/${offer.assetId}/upload`));
  drawTotal();
}

async function knownTwin(slot) {
  const query = new URLSearchParams({ name: slot.file.name, size: slot.file.size });
  const { files } = await call("GET", `${data.urls.known}?${query}`);
  return files.find((twin) => !(twin.sessionId === session?.id && twin.camera === slot.label)) ?? null;
}

/** The session's address; the session is made with the first file that needs it. */
function begin() {
  if (session) {
    return Promise.resolve(sessionUrl());
  }
  beginning ??= create().finally(() => {
    beginning = null;
  });
  return beginning;
}

async function create() {
  const said = Object.fromEntries(new FormData(form));
  const day = said.date || new Date().toISOString().slice(0, 10);
  const words = new Date(`${day}T12:00`).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  const body = { ...said, date: day, title: said.title.trim() || `Shoot of ${words}`, projectId: said.projectId || "main" };
  try {
    session = await call("POST", data.urls.sessions, body);
  } catch (error) {
    if (form.elements[error.field]) {
      fault(form, error.field, error.message);
      throw new ApiError(`Nothing is sent yet. ${error.message}`, { code: "details", status: error.status });
    }
    throw error;
  }
  form.dataset.details = sessionUrl();
  if (!form.elements.title.value) {
    form.elements.title.placeholder = session.title;
  }
  form.querySelector("[data-saved]").textContent = "Saved as you type.";
  selfSaving(form).flush();
  const link = document.getElementById("to-session");
  link.href = pageUrl();
  link.hidden = false;
  history.replaceState(null, "", `${pageUrl()}upload/`);
  return sessionUrl();
}

function sessionUrl() {
  return `${data.urls.sessions}/${session.id}`;
}

function pageUrl() {
  return `/sessions/${session.id}/`;
}

/** All bytes are in the store: Studio looks at them and begins to process. */
async function take(slot) {
  Object.assign(slot, { sent: slot.size, open: null, taken: true });
  slot.become("taking", { words: "All sent. Studio checks it…" });
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
    slot.become("failed", { words: "", note: { tone: "bad", text: unreadable(file) } });
  } else if (slot.file !== file || slot.state === "paused") {
    return;
  } else if (!navigator.onLine) {
    slot.become("offline", { words: "Paused: this computer is offline. Goes on by itself." });
  } else if ((error.passing && error.status !== 507) || (error.details.store && [403, 410].includes(error.status))) {
    const seconds = RETRY_SECONDS[Math.min(slot.attempt, RETRY_SECONDS.length - 1)];
    slot.attempt += 1;
    countDown(slot, seconds, error.message);
  } else {
    slot.become("failed", { words: "", note: { tone: "bad", text: error.message } });
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
  const words = `${message} Tried again in ${seconds} s; what has arrived is kept.`;
  slot.become("waiting", { words, note: null });
  slot.timer = setTimeout(() => (seconds > 1 ? countDown(slot, seconds - 1, message) : send(slot, { known: true })), 1000);
}

function pause(slot) {
  uploader.stop(slot.id);
  slot.become("paused", { words: `Paused at ${percent(slot)} %.` });
  drawTotal();
}

function percent(slot) {
  return slot.size ? Math.floor((100 * slot.sent) / slot.size) : 0;
}

/** A camera that Studio has a file for, as long as no other file takes its place. */
function hold(slot) {
  const { assetId, filename, sizeBytes, status, message } = slot.known;
  Object.assign(slot, { assetId, filename, size: sizeBytes });
  if (status === "failed") {
    slot.become("broken", { words: "", note: { tone: "bad", text: message } });
  } else {
    slot.become("held", { words: status === "ready" ? "Is here, and processed." : "Is here, and being processed." });
  }
}

async function remove(slot) {
  uploader.stop(slot.id);
  const { assetId, label } = slot;
  slot.clear();
  if (slot.known) {
    hold(slot);
  }
  drawTotal();
  if (assetId && session) {
    try {
      await call("DELETE", `${sessionUrl()}/assets/${assetId}/upload`);
    } catch (error) {
      say(`Camera ${label}: ${error.message}`, "bad");
    }
  }
}

/** Another camera for a file: what two slots hold changes places, and what was being sent is sent anew as that camera. */
async function swap(from, label) {
  const to = byLabel(label) ?? addSlot(label);
  const both = [from, to];
  if (to === from || !from.movable || (to.file && !to.movable) || ["held", "unfinished", "processing", "ready"].includes(to.state)) {
    from.draw();
    drawSwaps();
    say(`Camera ${to.label} has a file already. Remove it first, on the session's page.`, "ask");
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
  murmur(`${held[0].file.name} is camera ${to.label} now.`);
  to.parts.swap.focus();
}

// All files.

function drawTotal() {
  const files = slots.filter((slot) => slot.file);
  const size = files.reduce((sum, slot) => sum + slot.size, 0);
  const sent = files.reduce((sum, slot) => sum + slot.sent, 0);
  total.element.hidden = files.length < 1;
  if (!files.length) {
    return;
  }
  const sending = files.filter((slot) => slot.state === "sending");
  if (sending.length) {
    total.pace.add(sent, performance.now());
  } else {
    total.pace.reset();
  }
  const share = size ? sent / size : 0;
  total.element.querySelector("progress").value = Math.round(1000 * share);
  total.element.querySelector("progress").classList.toggle("is-done", sent >= size);
  total.element.querySelector("p").textContent =
    sent >= size ? `All ${files.length === 1 ? "of it is" : "files are"} here.` : progressWords(sent, size, total.pace);
  total.element.querySelector("[data-do=pause-all]").hidden = !sending.length;
  total.element.querySelector("[data-do=resume-all]").hidden = !files.some((slot) => slot.state === "paused");
  const quarter = Math.floor(4 * share);
  if (quarter > total.told) {
    murmur(quarter === 4 ? "All files are sent." : `${25 * quarter} percent of all files is sent.`);
  }
  total.told = quarter;
}

// What Studio does with the files that are here.

function look() {
  looking ??= setTimeout(lookNow, LOOK_MS / 4);
}

async function lookNow() {
  const waiting = slots.filter((slot) => slot.state === "processing");
  if (left || !session || !waiting.length) {
    looking = null;
    return;
  }
  try {
    const { assets } = await call("GET", sessionUrl());
    for (const slot of waiting) {
      const asset = assets.find((one) => one.id === slot.assetId);
      const job = asset?.jobs.find((one) => one.type === "ingest_asset_v1");
      if (!asset) {
        slot.clear();
      } else if (asset.status === "failed") {
        slot.become("broken", { words: "", note: { tone: "bad", text: asset.statusMessage } });
      } else if (asset.status === "ready") {
        slot.become("ready", { words: "Is here, and processed." });
      } else {
        slot.processing(job);
      }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
  }
  looking = setTimeout(lookNow, LOOK_MS);
  turnInto();
}

/** When nothing more is to be sent, this page is the session's page: in place, and not while somebody types. */
function turnInto() {
  const files = slots.filter((slot) => slot.state !== "empty");
  const over = files.length && files.every((slot) => ["processing", "ready", "broken", "held"].includes(slot.state));
  if (left || !over || !files.some((slot) => slot.taken) || form.contains(document.activeElement)) {
    return;
  }
  left = true;
  clearTimeout(looking);
  const arrive = async () => {
    await selfSaving(form).flush();
    await htmx.ajax("GET", pageUrl(), { target: "#main", swap: "outerHTML", select: "#main" });
    if (document.contains(page)) {
      window.location.assign(pageUrl());
      return;
    }
    history.replaceState(null, "", pageUrl());
    document.getElementById("main").focus();
    murmur("All files are here. This is the session's page now.");
  };
  arrive();
}

// Hands.

page.addEventListener("click", (event) => {
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

page.addEventListener("change", (event) => {
  const { target } = event;
  if (target.type === "file") {
    add([...target.files], slotAt(target));
    target.value = "";
  } else if (target.closest(".slot-swap")) {
    swap(slotAt(target), target.value);
  }
});

document.getElementById("add-angle").addEventListener("click", () => {
  const slot = addSlot(nextLabel(slots.map((one) => one.label)));
  slot.parts.input.focus();
});

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

window.addEventListener("dragenter", (event) => !left && carries(event, "Files") && hover(true));
window.addEventListener("dragleave", (event) => !left && carries(event, "Files") && hover(false));
window.addEventListener("dragover", (event) => {
  if (!left && (carries(event, "Files") || carries(event, "application/x-slot"))) {
    event.preventDefault();
    document.querySelectorAll(".slot.is-over").forEach((one) => one.classList.remove("is-over"));
    event.target.closest?.(".slot")?.classList.add("is-over");
  }
});
window.addEventListener("drop", (event) => {
  if (left) {
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
  const folders = [...event.dataTransfer.items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter((entry) => entry?.isDirectory)
    .map((entry) => entry.name);
  const files = [...event.dataTransfer.files].filter((file) => !folders.includes(file.name));
  add(files, files.length === 1 ? intoOf(onto) : null);
  for (const name of folders) {
    refuse(document.getElementById("refusals"), `${name} is a folder. Open it and drop the recordings that are in it.`);
  }
});

/** The slot a single file was dropped onto, where that says which camera it is. */
function intoOf(slot) {
  return slot && !slot.moving && !["processing", "taking", "asking", "paused"].includes(slot.state) ? slot : null;
}

window.addEventListener("offline", () => {
  for (const slot of slots.filter((one) => ["sending", "waiting", "checking"].includes(one.state))) {
    uploader.stop(slot.id);
    slot.become("offline", { words: `Paused at ${percent(slot)} %: this computer is offline. Goes on by itself.` });
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
  const held = slots.filter((slot) => slot.state === "failed" && !session);
  clearTimeout(form.again);
  form.again = setTimeout(() => held.forEach((slot) => send(slot)), 800);
});
form.addEventListener("focusout", () => setTimeout(turnInto, 300));

setInterval(() => {
  for (const slot of slots.filter((one) => one.state === "sending" && Date.now() - one.heardAt > SILENT_MS)) {
    fell(slot, new ApiError("Nothing has moved for a minute."));
  }
}, 5000);

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
    const text = `${percent(slot)} % is here. Pick ${known.open.filename} again to go on from there; nothing is sent twice.`;
    slot.become("unfinished", { words: progressWords(slot.sent, slot.size, slot.pace), note: { text } });
  } else {
    hold(slot);
  }
}
drawSwaps();
if (data.wanted && byLabel(data.wanted)) {
  byLabel(data.wanted).element.classList.add("is-wanted");
}
