// <input data-camera-name="B" data-save="/v2/sessions/…">: a camera's name, saved when it changes.

import { saveCameraName } from "../camera_names.js";
import { notify, notifyError } from "../notify.js";

document.addEventListener("change", async (event) => {
  const field = event.target.closest?.("[data-camera-name]");
  if (!field) {
    return;
  }
  const { cameraName: label, save } = field.dataset;
  try {
    await saveCameraName(save, label, field.value);
    notify(field.value.trim() ? `Camera ${label} renamed.` : `Camera ${label} no longer has a name.`, "good");
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  } catch (error) {
    notifyError(error);
  }
});
