// What Studio does with the files that have arrived, and the moment this page becomes the session's page.

import { ApiError, call } from "../api.js";
import { selfSaving } from "../details.js";
import { announce } from "../notify.js";
import { form, page, pageUrl, root, sessionUrl, slots } from "./page.js";

const LOOK_MS = 2000;
const HERE = ["processing", "ready", "broken", "held"];
let looking = null;

export function look() {
  looking ??= setTimeout(lookNow, LOOK_MS / 4);
}

async function lookNow() {
  const waiting = slots.filter((slot) => slot.state === "processing");
  if (page.left || !page.session || !waiting.length) {
    looking = null;
    return;
  }
  try {
    const { assets } = await call("GET", sessionUrl());
    for (const slot of waiting) {
      const asset = assets.find((one) => one.id === slot.assetId);
      const job = asset?.jobs.find((one) => one.type.startsWith("ingest_"));
      if (!asset) {
        slot.clear();
      } else if (asset.status === "failed") {
        slot.become("broken", { status: "", note: { tone: "bad", text: asset.statusMessage } });
      } else if (asset.status === "ready") {
        slot.become("ready", { status: "Uploaded and processed." });
      } else {
        slot.processing(job);
      }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
  }
  looking = setTimeout(lookNow, LOOK_MS);
  turnInto();
}

/** As after a click on a link: at the top, the focus at the page's start without a ring around all of it. */
function arriveAtTop() {
  window.scrollTo({ top: 0, behavior: "instant" });
  document.getElementById("main").focus({ preventScroll: true, focusVisible: false });
}

function isTyping() {
  return form.contains(document.activeElement) || document.activeElement.closest(".slot-title") !== null;
}

/** When nothing more is to be sent, this page is the session's page: in place, and not while somebody types. */
export function turnInto() {
  const files = slots.filter((slot) => slot.state !== "empty");
  const over = files.length && files.every((slot) => HERE.includes(slot.state));
  if (page.left || !over || !files.some((slot) => slot.taken) || isTyping()) {
    return;
  }
  page.left = true;
  clearTimeout(looking);
  const arrive = async () => {
    await selfSaving(form).flush();
    await htmx.ajax("GET", pageUrl(), { target: "#main", swap: "outerHTML", select: "#main" });
    if (document.contains(root)) {
      window.location.assign(pageUrl());
      return;
    }
    history.replaceState(null, "", pageUrl());
    arriveAtTop();
    announce("All files uploaded. This is now the session page.");
  };
  arrive();
}
