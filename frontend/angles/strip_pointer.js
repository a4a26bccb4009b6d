// The mouse, the pen and the finger on the strip: drag a cut, scrub the ruler, a shot or the sounds, pan and zoom with the wheel.

import { bindWheel } from "../playback/timescale.js";
import * as cuts from "./cut.js";

const NEAR_PX = 6;
const FINGER_PX = 14;
const SNAP_PX = 8;

export function bindStrip(strip, history, clock, grid) {
  const ruler = strip.root.querySelector("[data-ruler]");
  const shots = strip.root.querySelector("[data-shots]");
  let held = null;

  const timeOf = (event) => strip.timeAt(event.clientX - ruler.getBoundingClientRect().left);
  const cutNear = (event) => {
    const frame = grid.frameOf(timeOf(event) * 1000);
    const number = cuts.pointAt(history.cut, frame);
    const reach = (event.pointerType === "touch" ? FINGER_PX : NEAR_PX) / strip.scale;
    const near = [number, number + 1].filter((one) => {
      const point = history.cut.points[one];
      return one > 0 && point && Math.abs(grid.secondsOf(point.at) - timeOf(event)) <= reach;
    });
    return near.length ? near.at(-1) : null;
  };
  const dragged = (event) => {
    const frame = grid.frameOf(timeOf(event) * 1000);
    strip.targets.set("playhead", [held.head]);
    const to = event.shiftKey ? frame : strip.targets.near(frame, (SNAP_PX / strip.scale) * grid.rate);
    history.drag((cut) => cuts.move(cut, held.number, to));
    strip.markSnap(to !== frame && history.cut.points[held.number].at === to ? to : null);
    clock.drag(grid.secondsOf(history.cut.points[held.number].at));
  };

  for (const element of [ruler, shots, strip.root.querySelector("[data-lanes]")]) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) {
        return;
      }
      element.setPointerCapture(event.pointerId);
      clock.pause();
      held = { number: element === shots ? cutNear(event) : null, head: grid.frameAt(clock.time) };
      if (held.number === null) {
        clock.drag(timeOf(event));
      }
    });
    element.addEventListener("pointermove", (event) => {
      if (!held) {
        shots.classList.toggle("is-at-cut", element === shots && cutNear(event) !== null);
      } else if (held.number !== null) {
        dragged(event);
      } else {
        clock.drag(timeOf(event));
      }
    });
    for (const over of ["pointerup", "pointercancel"]) {
      element.addEventListener(over, () => {
        if (held) {
          const moved = held.number !== null;
          held = null;
          strip.targets.set("playhead", []);
          strip.markSnap(null);
          history.drop();
          clock.drop();
          const frame = moved ? grid.frameOf(clock.time * 1000) : grid.frameAt(clock.time);
          clock.seek(grid.secondsOf(frame));
        }
      });
    }
  }

  bindWheel(strip.root, strip, timeOf);
}
