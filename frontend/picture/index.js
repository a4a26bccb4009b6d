// The picture of a recording: a frame grabbed at the player's time, and a mask cut out of what a box is drawn around.

import "./index.css";
import { call } from "../api.js";
import { notify, notifyError } from "../notify.js";
import { bindBox, boxOf } from "./box.js";

function player() {
  return document.querySelector("video.asset-player");
}

/** What the player shows, in ms of the recording. */
function nowMs() {
  return Math.round(1000 * (player()?.currentTime ?? 0));
}

async function ask(button, url, body, done) {
  button.disabled = true;
  try {
    await call("POST", url, body);
    notify(done, "good");
    document.body.dispatchEvent(new CustomEvent("studio:changed"));
  } catch (error) {
    notifyError(error);
  }
  button.disabled = false;
}

/** The player's frame in the form: what is drawn there is cut out of it. */
function showFrame(form) {
  const film = form.querySelector("video");
  if (!film.src) {
    film.preload = "auto";
    film.src = film.dataset.src;
  }
  form.dataset.frameMs = nowMs();
  film.currentTime = Number(form.dataset.frameMs) / 1000;
  form.querySelector("[data-mask-time]").textContent = `Frame at ${(Number(form.dataset.frameMs) / 1000).toFixed(2)} s`;
}

document.addEventListener("click", (event) => {
  const grab = event.target.closest?.("[data-grab]");
  if (grab) {
    ask(grab, grab.dataset.grab, { times_ms: [nowMs()] }, "The frame is being grabbed.");
  }
  const here = event.target.closest?.("[data-mask-here]");
  if (here) {
    showFrame(here.form);
  }
});

// A details element says that it was opened to itself alone: its event does not bubble.
document.addEventListener(
  "toggle",
  (event) => {
    const form = event.target.querySelector?.("form[data-mask]");
    if (form && event.target.open) {
      bindBox(form);
      if (!form.dataset.frameMs) {
        showFrame(form);
      }
    }
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-mask]");
  if (form) {
    event.preventDefault();
    const body = { asset_id: form.dataset.asset, time_ms: Number(form.dataset.frameMs ?? nowMs()), box: boxOf(form) };
    ask(event.submitter ?? form.querySelector("[type=submit]"), form.dataset.mask, body, "The mask is being cut out.");
  }
});
