// Places on a picture as shares of its width and height, 0 to 1, and boxes between them.

import { clamp } from "../playback/time.js";

/** What is smaller was no box that somebody wanted to draw. */
export const LEAST = 0.01;
const KEPT = 1e4;

export function rounded(share) {
  return Math.round(KEPT * share) / KEPT;
}

export function within(share) {
  return rounded(clamp(share, 0, 1));
}

/** Where the pointer is, kept within the picture. */
export function placeOf(picture, event) {
  const { left, top, width, height } = picture.getBoundingClientRect();
  return { x: within((event.clientX - left) / width), y: within((event.clientY - top) / height) };
}

/** From one corner to the opposite one, whichever was first; null for what is too small to be meant. */
export function between(one, other) {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  const [width, height] = [rounded(Math.abs(one.x - other.x)), rounded(Math.abs(one.y - other.y))];
  return width < LEAST || height < LEAST ? null : { x, y, width, height };
}

/** The box in whole steps, as far as it lies in the picture. */
export function fitted(box) {
  const [width, height] = [box.width, box.height].map((side) => rounded(clamp(side, LEAST, 1)));
  return { x: rounded(clamp(box.x, 0, 1 - width)), y: rounded(clamp(box.y, 0, 1 - height)), width, height };
}

/** The box elsewhere, as far as the picture goes. */
export function movedBy(box, dx, dy) {
  return { ...box, x: rounded(clamp(box.x + dx, 0, 1 - box.width)), y: rounded(clamp(box.y + dy, 0, 1 - box.height)) };
}

/** The box with its lower right corner elsewhere. */
export function sizedBy(box, dx, dy) {
  return { ...box, width: rounded(clamp(box.width + dx, LEAST, 1 - box.x)), height: rounded(clamp(box.height + dy, LEAST, 1 - box.y)) };
}

export function isIn(box, place) {
  return place.x >= box.x && place.x <= box.x + box.width && place.y >= box.y && place.y <= box.y + box.height;
}

export const percent = (share) => Math.round(1000 * share) / 10;

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing of 100 by 100. */
export function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  return element;
}

export function drawnBox({ x, y, width, height }, look) {
  return drawn("rect", { class: look, x: 100 * x, y: 100 * y, width: 100 * width, height: 100 * height });
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How far an arrow key goes, as shares: half a percent, with Shift five; null for another key. */
export function arrow(event) {
  const way = ARROWS[event.key];
  const step = event.shiftKey ? 0.05 : 0.005;
  return way ? { dx: way[0] * step, dy: way[1] * step } : null;
}
