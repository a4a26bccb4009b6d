// Export to editor: the file is fetched, so that a refusal becomes a sentence on the page; a ZIP is left to the browser. What a
// format leaves out is listed under the form.

import { ApiError } from "../api.js";
import { notify } from "../notify.js";

const KEPT = "studio-media-root";

document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-export]");
  if (!form) {
    return;
  }
  event.preventDefault();
  const wanted = new FormData(form, event.submitter);
  if (bringsMedia(form)) {
    wanted.delete("mediaRoot");
  } else {
    localStorage.setItem(KEPT, wanted.get("mediaRoot"));
  }
  const url = `${form.getAttribute("action")}?${new URLSearchParams(wanted)}`;
  try {
    if (wanted.has("report")) {
      drawLosses(form, await report(url));
      return;
    }
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
  throw await failure(answer, `The ${format.toUpperCase()} could not be made. Try again in a moment.`);
}

async function report(url) {
  const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) {
    throw await failure(answer, "The list could not be made. Try again in a moment.");
  }
  return answer.json();
}

async function failure(answer, otherwise) {
  const { error } = (await answer?.json().catch(() => null)) ?? {};
  return new ApiError(error?.message ?? otherwise);
}

function drawLosses(form, { label, losses }) {
  const panel = form.querySelector("[data-losses]");
  const head = document.createElement("p");
  head.textContent = losses.length ? `${label} leaves out:` : `${label}: nothing is left out.`;
  const list = document.createElement("ul");
  list.append(
    ...[...new Set(losses.map((one) => one.message))].map((message) => {
      const item = document.createElement("li");
      item.textContent = message;
      return item;
    }),
  );
  panel.replaceChildren(head, ...(losses.length ? [list] : []));
}

/** A ZIP brings its media along: no folder to name. */
function bringsMedia(form) {
  return form.elements.format.value === "zip" || Boolean(form.elements.zip?.checked);
}

function drawRoot(form) {
  form.querySelector("[data-root]").hidden = bringsMedia(form);
  form.querySelector("[name=report]").hidden = form.elements.format.value === "zip";
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-export]");
  if (form) {
    form.querySelector("[data-losses]").replaceChildren();
    drawRoot(form);
  }
});

export function bindExports(root) {
  for (const form of root.querySelectorAll("form[data-export]")) {
    form.elements.mediaRoot.value ||= localStorage.getItem(KEPT) ?? "";
    drawRoot(form);
  }
}
