// All files together: how much of them is sent, how fast, and the buttons for all.

import { announce } from "../notify.js";
import { Pace, progressWords } from "./pace.js";
import { slots } from "./page.js";

const element = document.getElementById("total");
const pace = new Pace();
let announced = 0;

export function drawTotal() {
  const files = slots.filter((slot) => slot.file);
  const size = files.reduce((sum, slot) => sum + slot.size, 0);
  const sent = files.reduce((sum, slot) => sum + slot.sent, 0);
  element.hidden = files.length < 1;
  if (!files.length) {
    return;
  }
  const sending = files.filter((slot) => slot.state === "sending");
  if (sending.length) {
    pace.add(sent, performance.now());
  } else {
    pace.reset();
  }
  const share = size ? sent / size : 0;
  element.querySelector("progress").value = Math.round(1000 * share);
  element.querySelector("progress").classList.toggle("is-done", sent >= size);
  element.querySelector("p").textContent =
    sent >= size ? "Upload complete." : progressWords(sent, size, pace);
  element.querySelector("[data-do=pause-all]").hidden = !sending.length;
  element.querySelector("[data-do=resume-all]").hidden = !files.some((slot) => slot.state === "paused");
  const quarter = Math.floor(4 * share);
  if (quarter > announced) {
    announce(quarter === 4 ? "All files uploaded." : `${25 * quarter} percent uploaded.`);
  }
  announced = quarter;
}
