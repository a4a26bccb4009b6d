// Marks as they are drawn on the frame, and as a list.

import { drawn, drawnBox } from "./places.js";

const LOOKS = ["mark-out", "mark-in"];

/** All marks, what is being drawn, and the cross of the keyboard. */
export function drawMarks(picture, marks, cross, draft) {
  const at = ({ x, y }) => `${100 * x} ${100 * y}`;
  const line = (places) => `M${places.map(at).join("L")}${places.length === 1 ? "h0.01" : ""}`;
  const twice = (d, label) => [drawn("path", { class: "mark-rim", d }), drawn("path", { class: LOOKS[label], d })];
  picture.replaceChildren(
    ...(marks.box ? [drawnBox(marks.box, "box-main")] : []),
    ...marks.strokes.flatMap((stroke) => twice(line(stroke.points), stroke.label)),
    ...marks.points.flatMap((point) => twice(line([point]), point.label)),
    ...(draft?.box ? [drawnBox(draft.box, "box-main")] : []),
    ...(draft?.places ? twice(line(draft.places), draft.label) : []),
    drawn("path", { class: "cross", d: `M${100 * cross.x} 0V100M0 ${100 * cross.y}H100` }),
  );
}

/** Each mark as a sentence with a button that takes it away. */
export function listMarks(list, found, remove) {
  list.replaceChildren(
    ...found.map(({ kind, number, says }) => {
      const row = document.createElement("li");
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "button button-small", textContent: "Remove" });
      button.setAttribute("aria-label", `Remove ${says}`);
      button.addEventListener("click", () => remove(kind, number));
      row.append(`${says} `, button);
      return row;
    }),
  );
}
