// <input data-camera-name="B" data-save="/v2/sessions/…">: the names of all cameras on the page, saved when one changes.

import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";

document.addEventListener("change", async (event) => {
  const field = event.target.closest?.("[data-camera-name]");
  if (!field) {
    return;
  }
  const fields = [...document.querySelectorAll("[data-camera-name]")];
  const named = fields.map(({ dataset, value }) => [dataset.cameraName, value.trim()]).filter(([, name]) => name);
  try {
    await call("PATCH", field.dataset.save, { cameraNames: Object.fromEntries(named) });
    notify(`Camera ${field.dataset.cameraName} renamed.`, "good");
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  } catch (error) {
    notifyError(error);
  }
});
