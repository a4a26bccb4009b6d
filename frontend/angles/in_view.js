// Which shots a view shows: found, not filtered, so that a long film costs no more than a short one.

import { pointAt } from "./cut.js";

/** `{ number, angle, start, end, transition }` of each shot in view, in frames. The first one begins where the recording does. */
export function shotsInView(cut, whole, grid, [from, to]) {
  const found = [];
  for (let number = Math.max(0, pointAt(cut, grid.frameAt(from))); number < cut.points.length; number += 1) {
    const { at, angle, transition } = cut.points[number];
    const start = number ? at : Math.min(at, whole.start);
    if (grid.secondsOf(start) > to) {
      break;
    }
    const end = cut.points[number + 1]?.at ?? Math.max(whole.end, at + 1);
    // Its picture is the first that the film has of it.
    const first = start < cut.start && cut.start < end ? cut.start : start;
    found.push({ number, angle, start, end, first, transition });
  }
  return found;
}
