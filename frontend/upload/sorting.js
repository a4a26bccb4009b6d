// The panel that shows which camera each dropped file is, before a byte is sent; a drag, a key or a menu changes it.

import { saveCameraName } from "../camera_names.js";
import { call } from "../api.js";
import { announce, notifyError } from "../notify.js";
import { offerInto, put } from "./changes.js";
import { refusal } from "./check.js";
import { serialsOf } from "./device.js";
import { nextLabel } from "./names.js";
import { cameraOf } from "../camera_keys.js";
import { inBytes } from "./pace.js";
import { addSlot, byLabel, data, page, sessionUrl, slots } from "./page.js";
import { alone, chosenInstead, filesIn, isWorthALook, leftOut, moved, nameOf, pathOf, planOf, recordingOf, summary, uploads, wanted, without } from "./plan.js";

/** In the menu of a file that is set aside: it takes the place of the one that is sent. */
const INSTEAD = "instead";
/** In the menu of a take: one of its files is sent, and no other. */
const ALONE = "alone";
const panel = document.getElementById("sorting");
const find = (name) => panel.querySelector(`[data-part=${name}]`);
let plan = null;
/** The id of the file that the Tab key comes to. */
let current = null;

/** Give each file its camera: at once where each camera has one, else after a look at the panel. `others`: files that are no recordings.
 * Answers what was left out without a look, in a sentence. */
export async function sort(files, others) {
  const serials = await serialsOf(files, others);
  const offered = files.map((file) => ({
    path: pathOf(file),
    sizeBytes: file.size,
    modifiedMs: file.lastModified,
    serial: serials.get(file) ?? "",
  }));
  const usedLabels = [...new Set(usedKeys().map(cameraOf))];
  const beside = others.map((file) => ({ path: pathOf(file) }));
  const answer = await call("POST", data.urls.sort, { files: [...offered, ...beside], usedLabels, sessionId: page.session?.id ?? null });
  const isFree = slots.some(({ label, state }) => label === data.wanted && label.length === 1 && state === "empty");
  plan = withoutOversized(wanted(withoutResumed(planOf(answer, files)), data.wanted, isFree, usedLabels));
  if (!plan.cameras.length && !plan.aside.length) {
    return "";
  }
  if (!isWorthALook(plan)) {
    const left = leftOut(plan);
    await upload();
    return left;
  }
  current = plan.cameras[0]?.files[0]?.id ?? null;
  draw();
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
  panel.focus();
  return "";
}

/** Takes of which a part is uploaded already go on there. */
function withoutResumed(sorted) {
  const unfinished = ({ file, tracks }) =>
    tracks && slots.find(({ state, open }) => state === "unfinished" && open.filename === file.name && open.sizeBytes === file.size);
  sorted.cameras.flatMap(({ files }) => files).filter(unfinished).forEach((one) => offerInto(unfinished(one), one.file));
  return without(sorted, unfinished);
}

/** Files that may be sent alone may be too large together. */
function withoutOversized(sorted) {
  const takes = sorted.cameras.flatMap(({ files }) => files).filter(({ tracks }) => tracks);
  return takes.reduce((kept, { id, file }) => {
    const text = refusal(file, data);
    return text ? { ...alone(kept, id), warnings: [...kept.warnings, `${text} One of its tracks is sent.`] } : kept;
  }, sorted);
}

function usedKeys() {
  return slots.filter((slot) => slot.state !== "empty").map((slot) => slot.label);
}

function draw() {
  find("summary").textContent = `${summary(plan)}. Nothing is uploaded yet.`;
  find("warnings").replaceChildren(...plan.warnings.map((text) => made("p", { className: "note note-ask small", textContent: text })));
  find("cameras").replaceChildren(...plan.cameras.map(cameraOfPlan));
  find("aside").hidden = !plan.aside.length;
  find("aside").firstElementChild.textContent = plan.aside.length === 1 ? "1 file set aside" : `${plan.aside.length} files set aside`;
  find("aside-files").replaceChildren(...plan.aside.map(asideRow));
  const count = filesIn(plan.cameras);
  find("upload").textContent = count === 1 ? "Upload 1 file" : `Upload ${count} files`;
  find("upload").disabled = count === 0;
}

function cameraOfPlan({ label, name, make, files }) {
  const head = made("h3", {}, [made("span", { className: `cam cam-${label}`, textContent: label }), ` ${[name, make].filter(Boolean).join(" · ")}`]);
  const section = made("section", { className: "sorted-camera" }, [head, made("ol", {}, files.map((one, index) => rowOf(one, index, files, label)))]);
  section.dataset.camera = label;
  section.setAttribute("aria-label", `Camera ${label}`);
  return section;
}

function rowOf({ id, path, file, continues, tracks }, index, files, label) {
  const before = files.find((one) => one.id === continues);
  const about = [inBytes(file.size), before ? `continues ${nameOf(before.path)}` : `clip ${index + 1}`, ...named(tracks)].join(" · ");
  const only = tracks ? [[ALONE, `Only ${nameOf(tracks.find((one) => one.id === id).path)}`]] : [];
  const row = made("li", { draggable: true, title: path, tabIndex: id === current ? 0 : -1 }, [
    made("span", { className: "sorted-name", textContent: nameOf(path) }),
    made("span", { className: "quiet small", textContent: about }),
    menu(`Camera for ${nameOf(path)}`, [...labels(), ...only, ["", "Leave out"]], label),
  ]);
  row.dataset.file = id;
  row.setAttribute("aria-describedby", "sorting-keys");
  return row;
}

/** What is set aside; a recording can be taken back. */
function asideRow({ id, path, what, file, instead }) {
  const row = made("li", { title: path }, [
    made("span", { className: "sorted-name", textContent: nameOf(path) }),
    made("span", { className: "quiet small", textContent: what }),
  ]);
  if (file) {
    const place = plan.cameras.flatMap(({ files }) => files).find((one) => one.id === instead);
    const swap = place ? [[INSTEAD, `Instead of ${nameOf(place.path)}`]] : [];
    row.append(menu(`Camera for ${nameOf(path)}`, [["", "Left out"], ...swap, ...labels()], ""));
  }
  row.dataset.file = id;
  return row;
}

/** "3 tracks: mix, TR1, TR2" */
function named(tracks) {
  return tracks ? [`${tracks.length} tracks: ${tracks.map(({ name }) => name).join(", ")}`] : [];
}

function menu(name, options, chosen) {
  const select = made("select", {}, options.map(([value, textContent]) => made("option", { value, textContent, selected: value === chosen })));
  select.setAttribute("aria-label", name);
  return select;
}

function labels() {
  const used = [...new Set([...plan.cameras.map((camera) => camera.label), ...usedKeys().map(cameraOf)])].sort();
  const next = nextLabel(used);
  return [...used, ...(next ? [next] : [])].map((label) => [label, label]);
}

/** Files of one recording to another camera, or out of all. `part`: what of the row has the focus then. */
function move(ids, label, part) {
  const name = nameOf(fileOf(ids[0]).path);
  plan = moved(plan, ids, label);
  find("aside").open ||= !label;
  current = label ? ids[0] : (plan.cameras[0]?.files[0]?.id ?? null);
  draw();
  const what = ids.length > 1 ? `${name} with its other chapters` : name;
  announce(label ? `${what} is now of camera ${label}.` : `${what} is left out.`);
  focus(ids[0], part);
}

function takeAlone(id) {
  plan = alone(plan, id);
  draw();
  announce(`${nameOf(fileOf(id).path)} will be sent, and no other track of its take.`);
  focus(id, "select");
}

function takeInstead(id) {
  const before = plan;
  plan = chosenInstead(plan, id);
  draw();
  const count = plan.aside.filter((one, index) => one.id !== before.aside[index].id).length;
  const name = nameOf(fileOf(id).path);
  const others = count === 2 ? "1 other recording" : `${count - 1} other recordings`;
  announce(count > 1 ? `${name} will be sent, and the same track of ${others}.` : `${name} will be sent.`);
  focus(id, "select");
}

function fileOf(id) {
  return [...plan.cameras.flatMap(({ files }) => files), ...plan.aside].find((one) => one.id === id);
}

function rowFor(id) {
  return [...panel.querySelectorAll("[data-file]")].find((row) => row.dataset.file === id);
}

function focus(id, part) {
  const row = rowFor(id);
  const within = part === "select" || row?.tabIndex !== 0 ? row?.querySelector("select") : row;
  (within ?? row ?? panel).focus();
}

async function upload() {
  const used = usedKeys();
  const named = plan.cameras.filter(({ label, name }) => name && !used.some((key) => cameraOf(key) === label));
  const all = uploads(plan, used);
  close();
  for (const { key, file } of all) {
    const slot = byLabel(key) ?? addSlot(key);
    const name = named.find(({ label }) => label === key)?.name;
    if (name && !slot.parts.title.value) {
      slot.parts.title.value = name;
    }
    put(slot, file);
  }
  if (page.session) {
    for (const { label, name } of named) {
      await saveCameraName(sessionUrl(), label, name).catch(notifyError);
    }
  }
}

function close() {
  panel.hidden = true;
  plan = null;
}

function made(tag, traits, inner = []) {
  const element = Object.assign(document.createElement(tag), traits);
  element.append(...inner);
  return element;
}

panel.addEventListener("change", (event) => {
  const id = event.target.closest("[data-file]")?.dataset.file;
  if (id && event.target.value === INSTEAD) {
    takeInstead(id);
  } else if (id && event.target.value === ALONE) {
    takeAlone(id);
  } else if (id) {
    move([id], event.target.value, "select");
  }
});

panel.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-camera] [data-file]");
  if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const letter = event.key.length === 1 ? event.key.toUpperCase() : "";
  const rows = [...panel.querySelectorAll("[data-camera] [data-file]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    turnTo(rows[rows.indexOf(row) + step]);
  } else if (labels().some(([label]) => label === letter)) {
    move(recordingOf(plan, row.dataset.file), letter, "row");
  } else if (event.key === "Delete") {
    move(recordingOf(plan, row.dataset.file), "", "row");
  } else {
    return;
  }
  event.preventDefault();
});

/** The focus to another row, and the Tab key with it. */
function turnTo(row) {
  if (row) {
    rowFor(current)?.setAttribute("tabindex", "-1");
    current = row.dataset.file;
    row.tabIndex = 0;
    row.focus();
  }
}

panel.addEventListener("click", (event) => {
  const part = event.target.closest("button")?.dataset.part;
  if (part === "upload") {
    upload();
  } else if (part === "cancel") {
    close();
    announce("Nothing was uploaded.");
  }
});
panel.addEventListener("dragstart", (event) => {
  const row = event.target.closest("[data-camera] [data-file]");
  if (row) {
    event.dataTransfer.setData("application/x-sorted", row.dataset.file);
    event.dataTransfer.effectAllowed = "move";
  }
});
panel.addEventListener("dragover", (event) => {
  if ([...event.dataTransfer.types].includes("application/x-sorted") && event.target.closest("[data-camera]")) {
    event.preventDefault();
  }
});
panel.addEventListener("drop", (event) => {
  const id = event.dataTransfer.getData("application/x-sorted");
  const camera = event.target.closest("[data-camera]")?.dataset.camera;
  if (id && camera) {
    event.preventDefault();
    event.stopPropagation();
    move(recordingOf(plan, id), camera, "row");
  }
});
