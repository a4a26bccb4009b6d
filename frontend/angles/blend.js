// What the film shows at a frame: one camera, or two in a transition, exactly as a render joins them. Frames and shares alone, no pictures.

import { pointAt } from "./cut.js";

/** Dips go out to a color and in from it. */
export const DIPS = { dip_to_black: "#000000", dip_to_white: "#ffffff" };

/** The transition into a point: `{ type, from, to, start, end }` in frames, null for a hard cut. It is centered on the cut; where a
 * camera has no picture beyond it, or a shot ends, it is shorter. */
export function joinOf(cut, number, grid, cameras) {
  const [before, point, after] = [cut.points[number - 1], cut.points[number], cut.points[number + 1]];
  if (!before || !point?.transition || point.at <= cut.start || point.at >= cut.end) {
    return null;
  }
  const { type, durationMs } = point.transition;
  const begins = grid.msOf(point.at) - durationMs / 2;
  const first = Math.max(before.at, cut.start, coveredFrom(cameras.get(point.angle), point.at, grid));
  const last = Math.min(after?.at ?? cut.end, cut.end, coveredTo(cameras.get(before.angle), point.at, grid));
  const [start, end] = [Math.max(grid.frameOf(begins), first), Math.min(grid.frameOf(begins + durationMs), last)];
  return end > start ? { type, from: before.angle, to: point.angle, start, end } : null;
}

/** The transition that a frame lies in, with `step` of its `count` frames; null where one camera is seen alone. */
export function blendAt(cut, frame, grid, cameras) {
  const number = Math.max(0, pointAt(cut, frame));
  for (const one of [number, number + 1]) {
    const join = joinOf(cut, one, grid, cameras);
    if (join && frame >= join.start && frame < join.end) {
      return { ...join, step: frame - join.start, count: join.end - join.start };
    }
  }
  return null;
}

/** Of a dip: who is seen, and how much of the color lies over it. */
export function dipped({ from, to, step, count }) {
  const half = (count + 1) >> 1;
  return step < half ? { angle: from, share: step / half } : { angle: to, share: 1 - (step - half) / (count - half) };
}

/** Where the second picture lies over the first, as shares of the frame: its `alpha`, how far each is moved, what of it is seen. */
export function laidOver({ type, step, count }) {
  const done = step / count;
  const left = 1 - done;
  const still = { alpha: 1, from: [0, 0], to: [0, 0], seen: [0, 0, 1, 1] };
  switch (type) {
    case "wipe_left":
      return { ...still, seen: [left, 0, done, 1] };
    case "wipe_right":
      return { ...still, seen: [0, 0, done, 1] };
    case "push_left":
      return { ...still, from: [-done, 0], to: [left, 0] };
    case "push_right":
      return { ...still, from: [done, 0], to: [-left, 0] };
    case "slide_up":
      return { ...still, from: [0, -done], to: [0, left] };
    case "slide_down":
      return { ...still, from: [0, done], to: [0, -left] };
    default:
      return { ...still, alpha: done };
  }
}

/** The title that stands at a frame: of several the one that began last. */
export function titleAt(cut, frame) {
  return cut.titles.findLast(({ text, start, end }) => text.trim() && frame >= start && frame < end) ?? null;
}

function coveredFrom(camera, frame, grid) {
  const span = spanAt(camera, frame, grid);
  return span ? Math.ceil(span[0] * grid.rate - 1e-6) : frame;
}

function coveredTo(camera, frame, grid) {
  const span = spanAt(camera, frame, grid);
  return span ? Math.floor(span[1] * grid.rate + 1e-6) : frame;
}

function spanAt(camera, frame, grid) {
  const t = grid.secondsOf(frame);
  return camera?.spans.find(([start, end]) => t >= start - 1e-3 && t <= end + 1e-3);
}
