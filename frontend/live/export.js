// Export to editor: the file is fetched, so that a refusal becomes a sentence on the page; a ZIP is left to the browser.

import { ApiError } from "../api.js";
import { notify } from "../notify.js";

const KEPT = "studio-media-root";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-export]");
  if (!form) {
    return;
  }
  event.preventDefault();
  const wanted = new FormData(form);
  if (wanted.get("format") === "zip") {
    wanted.delete("mediaRoot");
  } else {
    localStorage.setItem(KEPT, wanted.get("mediaRoot"));
  }
  const url = `${form.getAttribute("action")}?${new URLSearchParams(wanted)}`;
  try {
    await refusal(url, wanted.get("format"));
    window.location.assign(url);
    notify("Export started. Check your downloads.", "good");
  } catch (error) {
    notify(error.message, "bad");
  }
});

/** Throws the server's sentence where the export would fail: a browser would leave the page to show it. */
async function refusal(url, format) {
  const stop = new AbortController();
  const answer = await fetch(url, { credentials: "same-origin", signal: stop.signal }).catch(() => null);
  if (answer?.ok) {
    stop.abort();
    return;
  }
  const { error } = (await answer?.json().catch(() => null)) ?? {};
  throw new ApiError(error?.message ?? `The ${format.toUpperCase()} could not be made. Try again in a moment.`);
}

/** A ZIP brings its media along: no folder to name. */
function drawRoot(form) {
  form.querySelector("[data-root]").hidden = form.elements.format.value === "zip";
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-export]");
  if (form) {
    drawRoot(form);
  }
});

export function bindExports(root) {
  for (const form of root.querySelectorAll("form[data-export]")) {
    form.elements.mediaRoot.value ||= localStorage.getItem(KEPT) ?? "";
    drawRoot(form);
  }
}
