// The picture of a recording: a frame grabbed at the player's time, masks cut out of what is marked, and regions changed by hand.

import "./index.css";
import "./drawing.css";
import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";
import { Masking } from "./masking.js";
import { Regioning } from "./regioning.js";

function player() {
  return document.querySelector("video.asset-player");
}

/** What the player shows, in ms of the recording. */
function nowMs() {
  return Math.round(1000 * (player()?.currentTime ?? 0));
}

async function grab(button) {
  button.disabled = true;
  try {
    await call("POST", button.dataset.grab, { times_ms: [nowMs()] });
    notify("The frame is being grabbed.", "good");
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  } catch (error) {
    notifyError(error);
  }
  button.disabled = false;
}

function maskingOf(form) {
  form.masking ??= new Masking(form, player);
  return form.masking;
}

/** A mask with the marks that it was made of, in the form. */
async function correct(button) {
  const form = document.querySelector("form[data-mask]");
  if (!form) {
    return;
  }
  try {
    const artifact = await call("GET", `${form.dataset.read}${button.dataset.correct}?${form.dataset.here}`);
    form.closest("details").open = true;
    maskingOf(form).correct(artifact);
    form.scrollIntoView({ block: "start" });
    form.querySelector("svg").focus({ preventScroll: true });
  } catch (error) {
    notifyError(error);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (button?.dataset.grab) {
    grab(button);
  } else if (button?.dataset.correct) {
    correct(button);
  }
});

// A details element says that it was opened to itself alone: its event does not bubble.
document.addEventListener(
  "toggle",
  (event) => {
    const form = event.target.open ? event.target.querySelector("form") : null;
    if (form?.dataset.mask) {
      maskingOf(form);
    } else if (form?.dataset.regions) {
      form.regioning ??= new Regioning(form, player);
    }
  },
  true,
);
