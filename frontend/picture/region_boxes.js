// Boxes of regions under the pointer and the keys: inside one moves it, at its lower right corner changes its size, elsewhere draws a
// new one.

import { arrow, between, isIn, movedBy, placeOf, sizedBy } from "./places.js";
import { boxAt } from "./regions.js";

/** Pixels about a corner that are taken for it. */
const CORNER_PX = 14;

export function bindBoxes(regioning) {
  bindPointer(regioning, regioning.stage.picture);
  bindKeys(regioning, regioning.stage.picture);
}

function bindPointer(regioning, picture) {
  let hold = null;
  picture.addEventListener("pointerdown", (event) => {
    if (event.button === 0) {
      picture.setPointerCapture(event.pointerId);
      hold = holdOf(regioning, picture, placeOf(picture, event));
    }
  });
  picture.addEventListener("pointermove", (event) => {
    if (hold) {
      const place = placeOf(picture, event);
      if (hold.change) {
        regioning.place(hold.change(hold.box, place.x - hold.from.x, place.y - hold.from.y), "drag");
      } else {
        regioning.draft = between(hold.from, place);
        regioning.draw();
      }
    }
  });
  for (const over of ["pointerup", "pointercancel"]) {
    picture.addEventListener(over, () => {
      const draft = regioning.draft;
      regioning.history.drop();
      regioning.draft = null;
      if (hold && !hold.change && draft && over === "pointerup") {
        regioning.add(draft);
      }
      hold = null;
      regioning.draw();
    });
  }
}

/** What the pointer takes hold of: the chosen region before others. */
function holdOf(regioning, picture, from) {
  const ms = regioning.stage.startMs;
  const { width, height } = picture.getBoundingClientRect();
  const near = ({ x, y, width: wide, height: high }) =>
    Math.abs(from.x - x - wide) * width < CORNER_PX && Math.abs(from.y - y - high) * height < CORNER_PX;
  const there = regioning.regions.map((region) => ({ region, box: boxAt(region, ms) })).filter(({ box }) => box);
  there.sort((one, other) => (other.region.id === regioning.chosen) - (one.region.id === regioning.chosen));
  const found = there.find(({ box }) => near(box)) ?? there.find(({ box }) => isIn(box, from));
  if (!found) {
    return { from };
  }
  regioning.choose(found.region.id);
  return { from, box: found.box, change: near(found.box) ? sizedBy : movedBy };
}

function bindKeys(regioning, picture) {
  picture.addEventListener("keydown", (event) => {
    const way = arrow(event);
    if (way) {
      regioning.nudge(way);
    } else if ((event.key === "Delete" || event.key === "Backspace") && regioning.region) {
      regioning.remove(regioning.chosen);
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      regioning.history[event.shiftKey ? "redo" : "undo"]();
    } else {
      return;
    }
    event.preventDefault();
  });
}
