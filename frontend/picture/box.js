// A box on a picture: drawn with the pointer, or typed in percent; the two always say the same.

const SIDES = ["x", "y", "width", "height"];
/** What is smaller was no box that somebody wanted to draw, in percent. */
const LEAST = 1;

/** The box as shares of the picture, within it. */
export function boxOf(form) {
  const [x, y, width, height] = SIDES.map((side) => Number(form.elements[side].value) / 100);
  return { x, y, width: Math.min(width, 1 - x), height: Math.min(height, 1 - y) };
}

/** From one corner to the opposite one, each [x, y] in percent, whichever was first; kept within the picture. */
export function between([x1, y1], [x2, y2]) {
  const [left, right] = [x1, x2].map(within).sort((a, b) => a - b);
  const [top, bottom] = [y1, y2].map(within).sort((a, b) => a - b);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function within(percent) {
  return Math.round(10 * Math.min(100, Math.max(0, percent))) / 10;
}

export function bindBox(form) {
  if (form.dataset.bound) {
    return;
  }
  form.dataset.bound = "true";
  const picture = form.querySelector("svg");
  let from = null;
  picture.addEventListener("pointerdown", (event) => {
    from = placeOf(picture, event);
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    const box = from && between(from, placeOf(picture, event));
    if (box && box.width >= LEAST && box.height >= LEAST) {
      write(form, box);
    }
  });
  for (const ended of ["pointerup", "pointercancel"]) {
    picture.addEventListener(ended, () => {
      from = null;
    });
  }
  form.addEventListener("input", () => draw(form));
  draw(form);
}

function placeOf(picture, event) {
  const { left, top, width, height } = picture.getBoundingClientRect();
  return [(100 * (event.clientX - left)) / width, (100 * (event.clientY - top)) / height];
}

function write(form, box) {
  for (const side of SIDES) {
    form.elements[side].value = Math.round(10 * box[side]) / 10;
  }
  draw(form);
}

function draw(form) {
  const box = boxOf(form);
  const drawn = form.querySelector("rect");
  for (const side of SIDES) {
    drawn.setAttribute(side, Math.max(0, 100 * box[side]));
  }
}
