// A form that saves itself while somebody types: each field that changed goes to the API a moment after the last key.

import { call } from "./api.js";
import { notifyError } from "./notify.js";

const PAUSE_MS = 600;

/** Saves by PATCH to the form's data-details, from the moment it has one. `flush()` saves at once what is unsaved. */
export function selfSaving(form) {
  if (form.selfSaving) {
    return form.selfSaving;
  }
  const unsaved = new Set();
  let timer = null;
  let saving = Promise.resolve();

  async function save({ leaving = false } = {}) {
    clearTimeout(timer);
    const url = form.dataset.details;
    if (!url || !unsaved.size) {
      return;
    }
    const names = [...unsaved];
    unsaved.clear();
    status(form, "Saving…");
    try {
      await call("PATCH", url, Object.fromEntries(names.map((name) => [name, form.elements[name].value])), { keepalive: leaving });
      names.forEach((name) => fault(form, name, ""));
      status(form, "Saved.");
      document.body.dispatchEvent(new CustomEvent("studio:changed"));
    } catch (error) {
      if (error.passing || error.status === 401) {
        names.forEach((name) => unsaved.add(name));
        timer = setTimeout(flush, 5000);
        status(form, error.status === 401 ? "Not saved yet: you are signed out." : "Not saved yet: Studio is not responding. Retrying every few seconds.");
        if (error.status === 401) {
          notifyError(error);
        }
        return;
      }
      const known = names.includes(error.field) ? error.field : names[0];
      fault(form, known, error.message);
      status(form, "Not saved. Check the field in red.");
      names.filter((name) => name !== known).forEach((name) => unsaved.add(name));
      if (unsaved.size) {
        await save();
      }
    }
  }

  function flush() {
    saving = saving.then(() => save());
    return saving;
  }

  form.addEventListener("input", (event) => {
    if (event.target.name) {
      unsaved.add(event.target.name);
      clearTimeout(timer);
      timer = setTimeout(flush, PAUSE_MS);
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    flush();
  });
  // Who types and leaves at once has typed it all the same.
  window.addEventListener("pagehide", () => save({ leaving: true }));
  form.selfSaving = { flush, touched: () => [...unsaved] };
  return form.selfSaving;
}

export function fault(form, name, message) {
  const place = form.querySelector(`#${CSS.escape(name)}-error`);
  if (place) {
    place.textContent = message;
    form.elements[name].setAttribute("aria-invalid", message ? "true" : "false");
  }
}

function status(form, text) {
  form.querySelector("[data-saved]").textContent = text;
}
