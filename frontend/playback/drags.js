// A hand that drags: the mouse, the pen and the finger alike.

const STILL_PX = 3;

/** `begin(event)` → start; `move(dx, start, event)` beyond a tremble; `end(moved, event, start)` once. */
export function drags(element, { begin, move, end }) {
  let from = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) {
      return;
    }
    element.setPointerCapture(event.pointerId);
    from = { x: event.clientX, start: begin(event), moved: false };
  });
  element.addEventListener("pointermove", (event) => {
    if (from && (from.moved || Math.abs(event.clientX - from.x) > STILL_PX)) {
      from.moved = true;
      move(event.clientX - from.x, from.start, event);
    }
  });
  for (const over of ["pointerup", "pointercancel"]) {
    element.addEventListener(over, (event) => {
      const { moved, start } = from ?? {};
      const mine = from !== null;
      from = null;
      if (mine) {
        end(moved, event, start);
      }
    });
  }
}
