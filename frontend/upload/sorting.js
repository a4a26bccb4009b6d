// The panel that shows which camera each dropped file is, before a byte is sent; a drag or a menu changes it.

import { saveCameraName } from "../camera_names.js";
import { call } from "../api.js";
import { announce, notifyError } from "../notify.js";
import { put } from "./changes.js";
import { nextLabel } from "./names.js";
import { cameraOf } from "../camera_keys.js";
import { inBytes } from "./pace.js";
import { addSlot, byLabel, data, page, sessionUrl, slots } from "./page.js";
import { isWorthALook, moved, planOf, summary, uploads } from "./plan.js";

const panel = document.getElementById("sorting");
const find = (name) => panel.querySelector(`[data-part=${name}]`);
let plan = null;

/** Whether the panel took the files: cards with several clips. `others`: paths of files that are no recordings. */
export async function sorted(files, others) {
  if (files.length < 2) {
    return false;
  }
  const byPath = new Map(files.map((file) => [file.path ?? file.name, file]));
  const offered = [...byPath].map(([path, file]) => ({ path, sizeBytes: file.size, modifiedMs: file.lastModified }));
  const usedLabels = [...new Set(usedKeys().map(cameraOf))];
  const answer = await call("POST", data.urls.sort, { files: [...offered, ...others.map((path) => ({ path }))], usedLabels });
  const found = planOf(answer, byPath);
  if (byPath.size < files.length || !isWorthALook(found)) {
    return false;
  }
  plan = found;
  draw();
  panel.hidden = false;
  panel.scrollIntoView({ block: "nearest" });
  panel.focus();
  return true;
}

function usedKeys() {
  return slots.filter((slot) => slot.state !== "empty").map((slot) => slot.label);
}

function draw() {
  find("summary").textContent = `${summary(plan)}. Nothing is uploaded yet. Drag a file to another camera, or choose its camera.`;
  find("warnings").replaceChildren(...plan.warnings.map((text) => made("p", { className: "note note-ask small", textContent: text })));
  find("cameras").replaceChildren(...plan.cameras.map(cameraOfPlan));
  find("aside").hidden = !plan.aside.length;
  find("aside").firstElementChild.textContent = plan.aside.length === 1 ? "1 file set aside" : `${plan.aside.length} files set aside`;
  find("aside-files").replaceChildren(...plan.aside.map(({ path, what }) => made("li", { textContent: `${path}: ${what}` })));
  const count = uploads(plan, []).length;
  find("upload").textContent = count === 1 ? "Upload 1 file" : `Upload ${count} files`;
  find("upload").disabled = count === 0;
}

function cameraOfPlan({ label, name, make, files }) {
  const head = made("h3", {}, [made("span", { className: `cam cam-${label}`, textContent: label }), ` ${[name, make].filter(Boolean).join(" · ")}`]);
  const section = made("section", { className: "sorted-camera" }, [head, made("ol", {}, files.map((one, index) => rowOf(one, index, label)))]);
  section.dataset.camera = label;
  section.setAttribute("aria-label", `Camera ${label}`);
  return section;
}

function rowOf({ path, file, continues }, index, label) {
  const about = [inBytes(file.size), continues ? `continues ${nameOf(continues)}` : `clip ${index + 1}`].join(" · ");
  const select = made("select", {}, options(label));
  select.setAttribute("aria-label", `Camera for ${nameOf(path)}`);
  const row = made("li", { draggable: true, title: path }, [
    made("span", { className: "sorted-name", textContent: nameOf(path) }),
    made("span", { className: "quiet small", textContent: about }),
    select,
  ]);
  row.dataset.path = path;
  return row;
}

function options(chosen) {
  const labels = [...new Set([...plan.cameras.map((camera) => camera.label), ...usedKeys().map(cameraOf)])].sort();
  const next = nextLabel(labels);
  const all = [...labels, ...(next ? [next] : [])].map((label) => [label, label]);
  return [...all, ["", "Leave out"]].map(([value, textContent]) => made("option", { value, textContent, selected: value === chosen }));
}

function move(path, label) {
  plan = moved(plan, path, label);
  draw();
  announce(label ? `${nameOf(path)} is now of camera ${label}.` : `${nameOf(path)} is left out.`);
  const row = [...panel.querySelectorAll("[data-path]")].find((one) => one.dataset.path === path);
  (row?.querySelector("select") ?? panel).focus();
}

async function upload() {
  const used = usedKeys();
  const named = plan.cameras.filter(({ label, name }) => name && !used.some((key) => cameraOf(key) === label));
  const wanted = uploads(plan, used);
  close();
  for (const { key, file } of wanted) {
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

function nameOf(path) {
  return path.split("/").at(-1);
}

function made(tag, traits, inner = []) {
  const element = Object.assign(document.createElement(tag), traits);
  element.append(...inner);
  return element;
}

panel.addEventListener("change", (event) => {
  const row = event.target.closest("[data-path]");
  if (row) {
    move(row.dataset.path, event.target.value);
  }
});
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
  const row = event.target.closest("[data-path]");
  if (row) {
    event.dataTransfer.setData("application/x-sorted", row.dataset.path);
    event.dataTransfer.effectAllowed = "move";
  }
});
panel.addEventListener("dragover", (event) => {
  if ([...event.dataTransfer.types].includes("application/x-sorted") && event.target.closest("[data-camera]")) {
    event.preventDefault();
  }
});
panel.addEventListener("drop", (event) => {
  const path = event.dataTransfer.getData("application/x-sorted");
  const camera = event.target.closest("[data-camera]")?.dataset.camera;
  if (path && camera) {
    event.preventDefault();
    event.stopPropagation();
    move(path, camera);
  }
});
