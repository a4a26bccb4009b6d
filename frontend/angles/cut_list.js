// The cuts as a table, for who reads rather than looks: made when it is opened, kept up while it is open.

import { timecode } from "../playback/time.js";

export function bindCutList({ history, grid, data }, goTo) {
  const details = document.getElementById("cut-list");
  const body = details.querySelector("tbody");
  let due = 0;
  const draw = () => {
    due = 0;
    const { points } = history.cut;
    const label = Object.fromEntries(data.transitions.map((one) => [one.type, one.label]));
    body.replaceChildren(...points.map((point, number) => row(point, number, points[number + 1]?.at, grid, label)));
  };
  const soon = () => {
    if (details.open && !due) {
      due = setTimeout(draw, 250);
    }
  };
  details.addEventListener("toggle", () => (details.open ? draw() : body.replaceChildren()));
  history.addEventListener("change", soon);
  body.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) {
      goTo(Number(button.dataset.frame));
    }
  });
}

function row({ at, angle, transition }, number, next, grid, label) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = number ? number : "Start";
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "tool", textContent: timecode(grid.secondsOf(at)) });
  button.dataset.frame = at;
  line.append(head);
  line.insertCell().append(button);
  line.insertCell().textContent = angle;
  line.insertCell().textContent = next === undefined ? "to the end" : `${next - at} frames`;
  line.insertCell().textContent = transition ? label[transition.type] : "–";
  return line;
}
