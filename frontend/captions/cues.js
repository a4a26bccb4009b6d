// Captions as a person edits them: plain values in order of time, which never overlap. Each function answers the next list, or the same
// one where nothing changes. A caption is { id, start, end, text, speaker, doubtful }, whole ms on the recording's own clock.

import { plainLines } from "./lines.js";

const NEW_MS = 2000;
/** Less room than this is none for a caption that somebody adds. */
const LEAST_SPACE_MS = 200;

let made = 0;
const nextId = () => (made += 1);

/** The API's captions as the page keeps them; those that are in `known` already keep their ids, each one's once. */
export function fromServer(cues, known = []) {
  const ids = new Map(known.map((cue) => [keyOf(cue), cue.id]));
  const taken = new Set();
  return cues.map(({ start_ms: start, end_ms: end, text, speaker, doubtful }) => {
    const cue = { start, end, text, speaker: speaker ?? "", doubtful };
    const own = ids.get(keyOf(cue));
    const id = own === undefined || taken.has(own) ? nextId() : own;
    taken.add(id);
    return { id, ...cue };
  });
}

/** How many of the captions that there were are others now, new, or gone. */
export function differing(before, after) {
  const same = new Set(before.map(keyOf));
  const kept = after.filter((cue) => same.has(keyOf(cue))).length;
  return Math.max(before.length, after.length) - kept;
}

export function toServer(cues) {
  return cues.map(({ start, end, text, speaker, doubtful }) => ({ start_ms: start, end_ms: end, text, speaker, doubtful }));
}

const keyOf = ({ start, end, text, speaker }) => `${start} ${end} ${speaker}\n${text}`;

export function placeOf(cues, id) {
  return cues.findIndex((cue) => cue.id === id);
}

/** The last caption that has begun at `ms`; -1 before the first. */
export function placeAt(cues, ms) {
  let [low, high] = [0, cues.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle].start <= ms) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low - 1;
}

/** The captions of which something lies between two times: found, not filtered, so that 2,000 cost no more than 20. */
export function between(cues, from, to) {
  const first = placeAt(cues, from);
  const begin = first >= 0 && cues[first].end > from ? first : first + 1;
  return cues.slice(begin, placeAt(cues, to) + 1);
}

/** Between which times a caption may lie: its neighbors', or the recording's. */
export function limitsOf(cues, place, duration) {
  return [cues[place - 1]?.end ?? 0, cues[place + 1]?.start ?? duration];
}

/** Move a caption, or its start or end alone, by `ms`, as far as its neighbors leave room. `least`: how short it may become. */
export function move(cues, id, edge, ms, { duration, least }) {
  const place = placeOf(cues, id);
  if (place < 0) {
    return cues;
  }
  const { start, end } = cues[place];
  const [first, last] = limitsOf(cues, place, duration);
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  if (edge === "start") {
    return put(cues, place, { start: clamp(start + ms, first, Math.max(first, end - least)) });
  }
  if (edge === "end") {
    return put(cues, place, { end: clamp(end + ms, Math.min(last, start + least), last) });
  }
  const by = clamp(ms, first - start, last - end);
  return put(cues, place, { start: start + by, end: end + by });
}

export function write(cues, id, text) {
  const place = placeOf(cues, id);
  return place < 0 || cues[place].text === text ? cues : put(cues, place, { text, doubtful: false });
}

/** Another speaker. A name or a dash that begins the text follows: whoever speaks anew is named, as captions are made. */
export function setSpeaker(cues, id, speaker) {
  const place = placeOf(cues, id);
  if (place < 0 || cues[place].speaker === speaker) {
    return cues;
  }
  const before = cues[place];
  const said = withoutName(before);
  const anew = speaker && speaker !== (cues[place - 1]?.speaker ?? "");
  const text = anew ? `${speaker}: ${said}` : said;
  return put(cues, place, { speaker, text, doubtful: text === before.text && before.doubtful });
}

function withoutName({ text, speaker }) {
  const name = [speaker ? `${speaker}: ` : "", "– "].find((one) => one && text.startsWith(one));
  return name ? text.slice(name.length) : text;
}

/** Split the text at a character and the time at `ms`; the same list where one part would have no text. */
export function split(cues, id, at, ms) {
  const place = placeOf(cues, id);
  const [head, tail] = [cues[place]?.text.slice(0, at) ?? "", cues[place]?.text.slice(at) ?? ""].map((part) => plainLines(part).join("\n"));
  if (!head || !tail) {
    return cues;
  }
  const { start, end, speaker } = cues[place];
  const parts = [{ ...cues[place], text: head, end: ms, doubtful: false }, { id: nextId(), start: ms, end, text: tail, speaker, doubtful: false }];
  return start < ms && ms < end ? cues.toSpliced(place, 1, ...parts) : cues;
}

/** One of a caption and the next; null where its text would not fit, the same list where there is no next. */
export function merge(cues, id, layout) {
  const place = placeOf(cues, id);
  const [one, next] = cues.slice(place, place + 2);
  if (place < 0 || !next) {
    return cues;
  }
  const same = one.speaker === next.speaker;
  const said = same ? withoutName(next) : next.text;
  // Two people keep a line each, where they have one.
  const text = same ? `${plainLines(one.text).join(" ")} ${plainLines(said).join(" ")}`.trim() : `${one.text}\n${said}`;
  const lines = layout.lines(text);
  if (lines.length > layout.limits.lines) {
    return null;
  }
  const made = { ...one, end: next.end, text: lines.join("\n"), doubtful: false };
  return cues.toSpliced(place, 2, made);
}

/** `{ cues, id }` with an empty caption at `ms`; null where there is no room for one. */
export function add(cues, ms, duration) {
  const before = placeAt(cues, ms);
  const start = Math.max(ms, cues[before]?.end ?? 0);
  const end = Math.min(start + NEW_MS, cues[before + 1]?.start ?? duration);
  if (start > ms || end - start < LEAST_SPACE_MS) {
    return null;
  }
  const id = nextId();
  return { cues: cues.toSpliced(before + 1, 0, { id, start, end, text: "", speaker: "", doubtful: false }), id };
}

export function remove(cues, id) {
  const place = placeOf(cues, id);
  return place < 0 ? cues : cues.toSpliced(place, 1);
}

/** Where a text is split when nobody says where: the space nearest to a share of it. */
export function spaceNear(text, share) {
  const spaces = [...text.matchAll(/\s/gu)].map(({ index }) => index);
  return spaces.length ? spaces.reduce((best, at) => (Math.abs(at - share * text.length) < Math.abs(best - share * text.length) ? at : best)) : -1;
}

function put(cues, place, change) {
  const before = cues[place];
  const same = Object.keys(change).every((name) => before[name] === change[name]);
  return same ? cues : cues.with(place, { ...before, ...change });
}
