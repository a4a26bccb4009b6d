// Regions as a person changes them: values that are never changed themselves. Times in ms, places as shares of the picture.

import { fitted } from "./places.js";

const SIDES = ["x", "y", "width", "height"];
/** How long a new region lasts at first. */
const NEW_MS = 2000;
/** Positions closer in time than this are one. */
const SAME_MS = 1;

/** Of a summary. `found`: by the search, so that to lose its place needs a reason. */
export function regionsOf({ regions }) {
  return regions.map((region) => ({
    id: region.region_id,
    found: region.changed !== "added",
    start: region.start_ms,
    end: region.end_ms,
    keys: region.boxes.map((box) => keyOf(box.time_ms, box)),
    removed: false,
  }));
}

/** Where a region is at `ms`, between two positions on the way from one to the other; null before and after it. */
export function boxAt(region, ms) {
  if (region.removed || ms < region.start - SAME_MS || ms > region.end + SAME_MS) {
    return null;
  }
  return positionAt(region.keys, ms);
}

function positionAt(keys, ms) {
  const next = keys.findIndex((key) => key.time_ms >= ms);
  if (next <= 0) {
    return fitted(next === 0 ? keys[0] : keys.at(-1));
  }
  const [one, other] = [keys[next - 1], keys[next]];
  const share = (ms - one.time_ms) / (other.time_ms - one.time_ms);
  return fitted(Object.fromEntries(SIDES.map((side) => [side, one[side] + share * (other[side] - one[side])])));
}

/** One more, from `ms` on. */
export function withAdded(regions, ms, box, duration) {
  const end = Math.min(duration, ms + NEW_MS);
  const number = 1 + regions.filter((region) => region.isNew).length;
  return [...regions, { id: `new-${number}`, isNew: true, found: false, start: ms, end, keys: [keyOf(ms, box)], removed: false }];
}

/** A region elsewhere at `ms`: what was found goes there with all its positions, what a person added gets a position for this time. */
export function moved(region, ms, box) {
  const before = positionAt(region.keys, ms);
  const keys = region.found ? region.keys.map((key) => shifted(key, before, box)) : placed(region.keys, keyOf(ms, box));
  return { ...region, keys, start: region.found ? region.start : Math.min(region.start, ms), end: region.found ? region.end : Math.max(region.end, ms) };
}

/** From `start` to `end`: positions beyond them go, and it lies still before the first and after the last. */
export function lasting(region, start, end) {
  if (start <= region.keys[0].time_ms && end >= region.keys.at(-1).time_ms) {
    return { ...region, start, end };
  }
  const within = region.keys.filter((key) => key.time_ms > start && key.time_ms < end);
  const edges = [start, end].filter((ms) => ms >= region.keys[0].time_ms && ms <= region.keys.at(-1).time_ms);
  const keys = [...within, ...edges.map((ms) => keyOf(ms, positionAt(region.keys, ms)))];
  const kept = keys.length ? keys : [keyOf(start, positionAt(region.keys, start))];
  return { ...region, start, end, keys: kept.sort((one, other) => one.time_ms - other.time_ms) };
}

/** What the API is asked for, and whether some of it needs a reason: what was found and loses its place. */
export function changesOf(before, now, reason) {
  const known = new Map(before.map((region) => [region.id, region]));
  const changes = [];
  let asksWhy = false;
  for (const region of now) {
    const was = known.get(region.id);
    if (was === region || (!was && region.removed)) {
      continue;
    }
    const isLonger = was && !region.removed && was.keys === region.keys && region.start <= was.start && region.end >= was.end;
    if (isLonger) {
      changes.push({ region_id: region.id, start_ms: region.start, end_ms: region.end });
      continue;
    }
    if (was) {
      asksWhy ||= was.found;
      changes.push({ region_id: region.id, deleted: true, reason });
    }
    if (!region.removed) {
      changes.push({ boxes: region.keys, start_ms: region.start, end_ms: region.end });
    }
  }
  return { changes, asksWhy };
}

export function nameOf(region) {
  const number = region.id.split("-").at(-1);
  return region.isNew ? `New region ${number}` : region.found ? `Face ${number}` : `Added region ${number}`;
}

function keyOf(time, box) {
  return { time_ms: time, ...sidesOf(box) };
}

function sidesOf(box) {
  return Object.fromEntries(SIDES.map((side) => [side, box[side]]));
}

function placed(keys, key) {
  const others = keys.filter((one) => Math.abs(one.time_ms - key.time_ms) > SAME_MS);
  return [...others, key].sort((one, other) => one.time_ms - other.time_ms);
}

/** A position as much farther and larger as `after` is than `before`, as far as the picture goes. */
function shifted(key, before, after) {
  return keyOf(key.time_ms, fitted(Object.fromEntries(SIDES.map((side) => [side, key[side] + after[side] - before[side]]))));
}
