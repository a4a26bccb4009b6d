// Where marks lie: stretches, beats and the gaps between words, as ascending seconds of the master's clock.

import { toMaster } from "../playback/time.js";

/** Words nearer to each other have no gap; in a longer one than the second a cut lies near either end, so far from the word. */
const NEAR_S = 0.08;
const LONG_S = 0.6;
const AIR_S = 0.15;

/** `recordings` as the server has them, in ms of their own clocks; `find(camera)`: its clip, null for one that has no place. */
export function placed(recordings, find) {
  const found = { stretches: {}, beats: [], words: [] };
  for (const { camera, stretches, beats, words } of recordings) {
    const clip = find(camera);
    if (clip) {
      const at = (ms) => toMaster(clip, ms / 1000);
      for (const [kind, start, end] of stretches) {
        (found.stretches[kind] ??= []).push([at(start), at(end)]);
      }
      found.beats.push(...beats.map(at));
      found.words.push(...words.map(([start, end]) => [at(start), at(end)]));
    }
  }
  Object.values(found.stretches).forEach((spans) => spans.sort(byStart));
  found.beats.sort((a, b) => a - b);
  found.words.sort(byStart);
  return { ...found, gaps: gapsOf(found.words) };
}

/** Where a cut harms no word: the middle of a short gap, near both ends of a long one, before the first word and after the last. */
export function gapsOf(words) {
  const found = [];
  let last = null;
  for (const [start, end] of words) {
    const gap = last === null ? Infinity : start - last;
    if (gap >= NEAR_S && gap <= LONG_S) {
      found.push((last + start) / 2);
    } else if (gap > LONG_S) {
      found.push(...(last === null ? [] : [last + AIR_S]), start - AIR_S);
    }
    last = last === null ? end : Math.max(last, end);
  }
  return last === null ? found : [...found, last + AIR_S];
}

/** The number of the first of ascending things for which `after` holds; their count where it holds for none. */
export function firstThat(things, after) {
  let [low, high] = [0, things.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (after(things[middle])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** The spans that touch a view, of spans in order that hardly overlap. */
export function spansIn(spans, [from, to]) {
  const found = [];
  for (let number = firstThat(spans, ([, end]) => end >= from); number < spans.length && spans[number][0] <= to; number += 1) {
    found.push(spans[number]);
  }
  return found;
}

/** The times in a view. */
export function timesIn(times, [from, to]) {
  return times.slice(
    firstThat(times, (time) => time >= from),
    firstThat(times, (time) => time > to),
  );
}

function byStart(a, b) {
  return a[0] - b[0];
}
