// The session that the files go into: made with the first file that needs it.

import { ApiError, call } from "../api.js";
import { fault, selfSaving } from "../details.js";
import { day } from "../format.js";
import { data, form, names, page, pageUrl, sessionUrl } from "./page.js";

let beginning = null;

/** The session's address; the session is made with the first file that needs it. */
export function begin() {
  if (page.session) {
    return Promise.resolve(sessionUrl());
  }
  beginning ??= create().finally(() => {
    beginning = null;
  });
  return beginning;
}

async function create() {
  const said = Object.fromEntries(new FormData(form));
  const shotOn = said.date || new Date().toISOString().slice(0, 10);
  const title = said.title.trim() || `Shoot of ${day(shotOn)}`;
  const body = { ...said, date: shotOn, title, projectId: said.projectId || "main", cameraNames: names() };
  try {
    page.session = await call("POST", data.urls.sessions, body);
  } catch (error) {
    if (form.elements[error.field]) {
      fault(form, error.field, error.message);
      throw new ApiError(`Nothing was uploaded yet. ${error.message}`, { code: "details", status: error.status });
    }
    throw error;
  }
  form.dataset.details = sessionUrl();
  if (!form.elements.title.value) {
    form.elements.title.placeholder = page.session.title;
  }
  form.querySelector("[data-saved]").textContent = "Saved as you type.";
  selfSaving(form).flush();
  const link = document.getElementById("to-session");
  link.href = pageUrl();
  link.hidden = false;
  history.replaceState(null, "", `${pageUrl()}upload/`);
  return sessionUrl();
}
