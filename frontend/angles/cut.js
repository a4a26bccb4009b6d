// A cut as a value: which angle is seen from which frame on. Each edit answers a new cut, or the same one where nothing changes.
// `{ start, end, points: [{ at, angle, transition }], audio: { source, gainDb }, titles: [{ text, start, end, style }] }`, all frames.

/** The number of the point in force at a frame; −1 before the first. */
export function pointAt(cut, frame) {
  let [low, high] = [0, cut.points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cut.points[middle].at <= frame) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** Who is seen at a frame; before the first point, who is seen there. */
export function angleAt(cut, frame) {
  return cut.points[Math.max(0, pointAt(cut, frame))].angle;
}

/** A point's shot as it is shown in the range: from `start` to `end`, null where the range leaves it out. */
export function shotOf(cut, number) {
  const start = Math.max(cut.start, cut.points[number].at);
  const end = Math.min(cut.end, cut.points[number + 1]?.at ?? Infinity);
  return start < end ? { start, end, angle: cut.points[number].angle } : null;
}

/** The numbers of the points whose shots the range shows, first and last. */
export function shown(cut) {
  return [Math.max(0, pointAt(cut, cut.start)), Math.max(0, pointAt(cut, cut.end - 1))];
}

/** From `frame` to the next cut, `angle` is seen. */
export function switchTo(cut, frame, angle) {
  const number = pointAt(cut, frame);
  const there = cut.points[number];
  if (there?.angle === angle) {
    return cut;
  }
  if (there?.at === frame) {
    return swap(cut, number, angle);
  }
  return withPoints(cut, cut.points.toSpliced(number + 1, 0, { at: frame, angle, transition: null }));
}

/** Another angle in a whole shot. */
export function swap(cut, number, angle) {
  return cut.points[number].angle === angle ? cut : withPoints(cut, cut.points.with(number, { ...cut.points[number], angle }));
}

/** A cut moved to a frame, no farther than one frame from its neighbors. The first point is where the recording begins. */
export function move(cut, number, frame) {
  if (number < 1) {
    return cut;
  }
  const least = cut.points[number - 1].at + 1;
  const most = (cut.points[number + 1]?.at ?? Infinity) - 1;
  const at = Math.min(Math.max(frame, least), most);
  return at === cut.points[number].at ? cut : { ...cut, points: cut.points.with(number, { ...cut.points[number], at }) };
}

/** A cut taken away: the shot before it lasts longer. */
export function remove(cut, number) {
  return number < 1 ? cut : withPoints(cut, cut.points.toSpliced(number, 1));
}

/** A transition into a shot; null for a hard cut. */
export function join(cut, number, transition) {
  const now = cut.points[number]?.transition ?? null;
  const same = now?.type === transition?.type && now?.durationMs === transition?.durationMs;
  return number < 1 || same ? cut : { ...cut, points: cut.points.with(number, { ...cut.points[number], transition }) };
}

/** Another range, one frame long at least. */
export function range(cut, { start = cut.start, end = cut.end }) {
  return end <= start || (start === cut.start && end === cut.end) ? cut : { ...cut, start, end };
}

export function hear(cut, audio) {
  const next = { ...cut.audio, ...audio };
  return next.source === cut.audio.source && next.gainDb === cut.audio.gainDb ? cut : { ...cut, audio: next };
}

export function addTitle(cut, title) {
  return { ...cut, titles: [...cut.titles, title].toSorted((a, b) => a.start - b.start) };
}

export function changeTitle(cut, number, fields) {
  const title = { ...cut.titles[number], ...fields };
  return title.end <= title.start ? cut : { ...cut, titles: cut.titles.with(number, title) };
}

export function removeTitle(cut, number) {
  return { ...cut, titles: cut.titles.toSpliced(number, 1) };
}

/** Points where nothing changes are no cuts. */
function withPoints(cut, points) {
  return { ...cut, points: points.filter(({ angle }, number) => number === 0 || points[number - 1].angle !== angle) };
}

/** What the server keeps, as a cut. */
export function fromServer(sent, grid) {
  return {
    start: grid.frameOf(sent.range.startMs),
    end: grid.frameOf(sent.range.endMs),
    points: sent.switchPoints.map(({ atMs, angle, transition }) => ({ at: grid.frameOf(atMs), angle, transition })),
    audio: sent.audio,
    titles: sent.titles.map(({ text, startMs, endMs, style = {} }) => ({ text, start: grid.frameOf(startMs), end: grid.frameOf(endMs), style })),
  };
}

export function toServer(cut, grid) {
  return {
    range: { startMs: grid.msOf(cut.start), endMs: grid.msOf(cut.end) },
    switchPoints: cut.points.map(({ at, angle, transition }) => ({ atMs: grid.msOf(at), angle, transition })),
    audio: cut.audio,
    titles: cut.titles
      .filter(({ text }) => text.trim())
      .map(({ text, start, end, style = {} }) => ({ text, startMs: grid.msOf(start), endMs: grid.msOf(end), style })),
  };
}
