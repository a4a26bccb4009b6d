// One picture large, the others beside it: by its button, a double click, or the camera's number once it is chosen.

import { cameraOf } from "../camera_keys.js";

const angles = () => document.querySelector(".angles");
const angle = (label) => document.querySelector(`[data-angle="${cameraOf(label)}"]`);

export function bindAngles(act) {
  for (const figure of document.querySelectorAll("[data-angle]")) {
    figure.querySelector("[data-enlarge]")?.addEventListener("click", () => act(figure.dataset.angle));
    figure.querySelector(".angle-screen").addEventListener("dblclick", () => act(figure.dataset.angle));
  }
}

export function enlarge(label) {
  const large = !angle(label).classList.contains("is-large");
  for (const figure of document.querySelectorAll("[data-angle]")) {
    const on = large && figure === angle(label);
    figure.classList.toggle("is-large", on);
    figure.querySelector("[data-enlarge]")?.setAttribute("aria-pressed", String(on));
  }
  angles().classList.toggle("has-large", large);
}

/** While one picture is large, choosing another camera makes that one large. */
export function moveEnlarged(label) {
  if (angles().classList.contains("has-large") && !angle(label).classList.contains("is-large")) {
    enlarge(label);
  }
}
