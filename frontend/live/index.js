// On every page: buttons that ask the API for something, and what the page says when a request fails.

import { call } from "../api.js";
import { selfSaving } from "../details.js";
import { localTimes } from "../format.js";
import "./camera_names.js";
import { bindExports } from "./export.js";
import { bindHls } from "./hls.js";
import { followLogs } from "../logs.js";
import { announce, notify, notifyError } from "../notify.js";

/**
 * <button data-api="/v2/…" data-method="DELETE" data-body='{"force": true}' data-confirm="Question?" data-then="/sessions/">
 * `data-choice="name"`: the body's field of that name is the one that is ticked in the button's section.
 * After success: go to `data-then`, or refresh what listens for `studio:changed`, or reload.
 */
async function act(button) {
  const { api, method = "POST", choice, confirm: question, then, done } = button.dataset;
  if (question && !(await asked(question, button.dataset.confirmLabel ?? button.textContent.trim()))) {
    return;
  }
  button.disabled = true;
  try {
    await call(method, api, bodyOf(button, choice));
    if (then) {
      window.location.assign(then);
      return;
    }
    if (done) {
      notify(done, "good");
    }
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  } catch (error) {
    notifyError(error);
  }
  button.disabled = false;
}

function bodyOf(button, choice) {
  const body = button.dataset.body === undefined ? undefined : JSON.parse(button.dataset.body);
  if (choice) {
    body[choice] = button.closest("section").querySelector(`input[name="${CSS.escape(choice)}"]:checked`)?.value;
  }
  return body;
}

function asked(question, label) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("[data-question]").textContent = question;
  dialog.querySelector("[value=yes]").textContent = label;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-api]");
  if (button) {
    event.preventDefault();
    act(button);
  }
});

/** <button type="submit" data-ask="Question?" data-ask-label="Do it">: the form is sent after a yes. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-ask]");
  if (!button || !button.form.reportValidity()) {
    return;
  }
  event.preventDefault();
  if (await asked(button.dataset.ask, button.dataset.askLabel)) {
    const pressed = document.createElement("input");
    Object.assign(pressed, { type: "hidden", name: button.name, value: button.value });
    if (button.name) {
      button.form.append(pressed);
    }
    button.form.submit();
  }
});

/** <button data-copy="id of what to copy">. Where the browser gives no clipboard, the text is marked instead. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) {
    return;
  }
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
    notify("Copied.", "good");
  } catch {
    window.getSelection().selectAllChildren(source);
    notify("Selected. Press Ctrl+C to copy.", "ask");
  }
});

/** <input type="checkbox" data-tick-all="name">: all of that name in its form. */
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.tickAll;
  if (name) {
    for (const box of event.target.form.querySelectorAll(`input[name="${CSS.escape(name)}"]`)) {
      box.checked = event.target.checked;
    }
  }
});

document.addEventListener("click", (event) => {
  event.target.closest?.(".note-close")?.closest(".note")?.remove();
});

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submit-on-change]")) {
    event.target.form.requestSubmit();
  }
});

let silentSince = null;

function lost() {
  if (silentSince === null) {
    silentSince = Date.now();
    notify("Studio is not responding, so this page may be out of date. Retrying every few seconds.", "ask");
  }
}

document.body.addEventListener("htmx:sendError", lost);
document.body.addEventListener("htmx:timeout", lost);
document.body.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (status === 401 || status === 403) {
    notify("You are signed out or no longer have access. Reload the page and sign in again.", "bad");
  } else if (status === 404) {
    notify("This was removed. Go back to the list.", "bad");
  } else {
    lost();
  }
});
document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && silentSince !== null) {
    silentSince = null;
    notify("Connected again.", "good");
  }
});

/** A polled part must not take the focus away from somebody who is in it, nor close what they opened. */
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const active = document.activeElement;
  const { target } = event.detail;
  const inside = target.matches("[hx-get]") && active !== document.body && target.contains(active);
  const busy = inside && (active.matches("input, select, textarea") || document.querySelector("dialog[open]"));
  if (busy && event.detail.requestConfig?.triggeringEvent?.type !== "studio:changed") {
    event.detail.shouldSwap = false;
  }
});

let kept = null;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  const active = document.activeElement;
  kept = {
    focus: target.contains(active) ? active.dataset.keep || active.id : null,
    ticked: [...target.querySelectorAll("input[data-keep]:checked")].map((box) => box.dataset.keep),
    open: [...target.querySelectorAll("details[open][data-keep]")].map((details) => details.dataset.keep),
  };
});
document.body.addEventListener("htmx:afterSwap", () => {
  if (!kept) {
    return;
  }
  for (const name of kept.open) {
    document.querySelector(`details[data-keep="${CSS.escape(name)}"]`)?.setAttribute("open", "");
  }
  for (const name of kept.ticked) {
    const box = document.querySelector(`input[data-keep="${CSS.escape(name)}"]`);
    if (box) {
      box.checked = true;
    }
  }
  if (kept.focus) {
    const name = CSS.escape(kept.focus);
    document.querySelector(`[data-keep="${name}"]:not(details), #${name}`)?.focus({ preventScroll: true });
  }
  kept = null;
});

/** <x data-announce="…"> tells screen readers of a step once, when its text changes. */
let last = document.querySelector("[data-announce]")?.dataset.announce;
document.body.addEventListener("htmx:afterSettle", () => {
  const text = document.querySelector("[data-announce]")?.dataset.announce;
  if (text !== undefined && text !== last) {
    last = text;
    announce(text);
  }
});

localTimes(document);
document.body.addEventListener("htmx:load", (event) => localTimes(event.target));

function bindForms(root) {
  root.querySelectorAll("form[data-details]").forEach(selfSaving);
}

bindForms(document);
document.body.addEventListener("htmx:load", (event) => bindForms(event.target));

bindExports(document);
document.body.addEventListener("htmx:load", (event) => bindExports(event.target));

bindHls(document);
document.body.addEventListener("htmx:load", (event) => bindHls(event.target));

followLogs(document);
document.body.addEventListener("htmx:load", (event) => followLogs(event.target));
