// Marks drawn on the frame with the pointer, or set with the keyboard's cross.

import { withBox, withStroke } from "./marks.js";
import { arrow, between, placeOf, within } from "./places.js";

export function bindPainting(masking) {
  const { picture } = masking.stage;
  bindPointer(masking, picture);
  bindKeys(masking, picture);
}

function bindPointer(masking, picture) {
  let places = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      picture.setPointerCapture(event.pointerId);
      places = [placeOf(picture, event)];
      masking.endLine();
      masking.moveCross(places[0]);
    }
  });
  picture.addEventListener("pointermove", (event) => {
    if (places) {
      places.push(placeOf(picture, event));
      masking.draft = draftOf(masking, places);
      masking.draw();
    }
  });
  picture.addEventListener("pointerup", () => {
    const draft = places && draftOf(masking, places);
    [places, masking.draft] = [null, null];
    if (draft?.box) {
      masking.edit((marks) => withBox(marks, draft.box));
    } else if (draft?.places) {
      masking.edit((marks) => withStroke(marks, draft.places, draft.label));
    } else if (draft) {
      masking.markAt(masking.cross);
    }
    masking.draw();
  });
  picture.addEventListener("pointercancel", () => {
    [places, masking.draft] = [null, null];
    masking.draw();
  });
}

/** What is under a hand that still moves. */
function draftOf({ tool, label }, places) {
  if (tool === "box") {
    return { box: between(places[0], places.at(-1)) };
  }
  return tool === "strokes" ? { places, label } : {};
}

function bindKeys(masking, picture) {
  let corner = null;
  picture.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (way) {
      masking.moveCross({ x: within(masking.cross.x + way.dx), y: within(masking.cross.y + way.dy) });
      masking.draft = corner && { box: between(corner, masking.cross) };
      masking.draw();
    } else if (event.key === "Escape") {
      [corner, masking.draft] = [null, null];
      masking.endLine();
    } else if (event.key === "Enter" || event.key === " ") {
      if (masking.tool === "box") {
        const box = corner && between(corner, masking.cross);
        corner = corner ? null : masking.cross;
        masking.draft = null;
        masking.markAt(masking.cross, box);
        masking.say(corner ? "One corner is set. Move to the opposite one and press Enter." : "");
      } else {
        masking.markAt(masking.cross);
      }
      masking.draw();
    } else {
      return;
    }
    event.preventDefault();
  });
}
