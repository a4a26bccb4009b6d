// What a person marks in a frame to have it cut out: points, lines and one box, each wanted or not. Values that are never changed.

export const NOTHING = { points: [], strokes: [], box: null };
/** Places of a drawn line closer than this are one. */
const APART = 0.004;

export function withPoint(marks, place, label) {
  return { ...marks, points: [...marks.points, { ...place, label }] };
}

export function withBox(marks, box) {
  return { ...marks, box };
}

export function withStroke(marks, places, label) {
  return { ...marks, strokes: [...marks.strokes, { points: thinned(places), label }] };
}

/** The last line, one place longer. */
export function longer(marks, place) {
  const last = marks.strokes.at(-1);
  return { ...marks, strokes: [...marks.strokes.slice(0, -1), { ...last, points: [...last.points, place] }] };
}

export function without(marks, kind, number) {
  return kind === "box" ? { ...marks, box: null } : { ...marks, [kind]: marks[kind].filter((_, at) => at !== number) };
}

/** Whether there is something to cut out. */
export function selects(marks) {
  return marks.box !== null || [...marks.points, ...marks.strokes].some((mark) => mark.label === 1);
}

/** The marks of an artifact, as far as they are known. */
export function marksOf(meta) {
  return { ...NOTHING, ...meta.marks };
}

/** Each mark with its kind, number and a sentence. */
export function listed(marks) {
  const percent = (share) => `${Math.round(1000 * share) / 10}%`;
  const at = ({ x, y }) => `${percent(x)} from the left, ${percent(y)} from the top`;
  const what = ({ label }) => (label === 1 ? "select" : "leave out");
  return [
    ...(marks.box ? [{ kind: "box", number: 0, says: `Box: ${percent(marks.box.width)} by ${percent(marks.box.height)}, ${at(marks.box)}` }] : []),
    ...marks.points.map((point, number) => ({ kind: "points", number, says: `Point, ${what(point)}: ${at(point)}` })),
    ...marks.strokes.map((stroke, number) => ({ kind: "strokes", number, says: `Line, ${what(stroke)}: ${stroke.points.length} places, from ${at(stroke.points[0])}` })),
  ];
}

function thinned(places) {
  const kept = [places[0]];
  for (const place of places.slice(1)) {
    const last = kept.at(-1);
    if (Math.hypot(place.x - last.x, place.y - last.y) >= APART) {
      kept.push(place);
    }
  }
  return kept;
}
