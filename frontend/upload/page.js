// What the upload page is made of: its data, its form, its session, and one slot for each camera.

import { byKey, called, cameraOf, clipOf, keyOf, nextClip } from "../camera_keys.js";
import { nextLabel } from "./names.js";
import { Slot } from "./slot.js";

export const root = document.getElementById("upload");
export const data = JSON.parse(document.getElementById("page-data").textContent);
export const form = root.querySelector("form[data-details]");
export const list = document.getElementById("slots");
export const slots = [];
/** `session`: null until the first file needs one. `left`: this page has become the session's page. */
export const page = { session: data.session, left: false };

export function byId(id) {
  return slots.find((slot) => slot.id === id);
}

export function slotAt(node) {
  return slots.find((slot) => slot.element.contains(node));
}

export function byLabel(label) {
  return slots.find((slot) => slot.label === label);
}

export function addSlot(label) {
  const slot = new Slot(label);
  slot.parts.title.value = clipOf(label) === 1 ? (data.names[label] ?? "") : "";
  slots.push(slot);
  slots.sort((a, b) => byKey(a.label, b.label));
  const after = slots[slots.indexOf(slot) + 1];
  list.insertBefore(slot.element, after?.element ?? null);
  slot.draw();
  drawSwaps();
  return slot;
}

export function drawSwaps() {
  const labels = slots.map((slot) => slot.label);
  const used = slots.filter((slot) => slot.state !== "empty").map((slot) => slot.label);
  const next = nextLabel(labels.map(cameraOf));
  const clips = [...new Set(used.map(cameraOf))].map((camera) => keyOf(camera, nextClip(camera, labels)));
  const choices = [...new Set([...labels, ...clips, ...(next ? [next] : [])])].sort(byKey);
  for (const slot of slots) {
    const options = choices.map((label) => {
      const option = document.createElement("option");
      option.value = label;
      option.textContent = called(label).replace("Camera ", "");
      option.selected = label === slot.label;
      return option;
    });
    slot.parts.swap.replaceChildren(...options);
  }
  document.getElementById("add-angle").hidden = next === null;
}

/** The cameras' names as they stand in their fields. */
export function names() {
  const named = slots
    .map(({ label, parts }) => [label, parts.title.value.trim()])
    .filter(([label, name]) => name && clipOf(label) === 1);
  return Object.fromEntries(named);
}

export function sessionUrl() {
  return `${data.urls.sessions}/${page.session.id}`;
}

export function pageUrl() {
  return `/sessions/${page.session.id}/`;
}
