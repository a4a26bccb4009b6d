// A clip in segments: stretches of its own clock, each with an offset of its own. A segment's key is "B/2", the second of B.

const SAME_START_MS = 0.5;

/** The label of a key, and the segment's number from 1; 0 for the whole camera. */
export function partsOf(key) {
  const [label, number] = key.split("/");
  return { label, number: Number(number ?? 0) };
}

export function keyOf(label, number) {
  return number ? `${label}/${number}` : label;
}

/** A camera's segments as they stand, empty where one line holds. `base` is a segment's offset in ms while its camera is at the
 * computed place, `saved` by how much it stands apart from there, beyond what the camera was moved. */
export function segmentsOf(sync, label, { computed, saved, ppm, duration }) {
  const measured = several(sync?.segments?.[label]);
  const standing = several(sync?.finalSegments?.[label]) ?? measured ?? [];
  const moved = (saved ?? 0) - (computed ?? 0);
  return standing.map((segment, place) => {
    const found = measured?.find((one) => Math.abs(one.startMs - segment.startMs) < SAME_START_MS);
    const base = found ? found.offsetMs : segment.offsetMs - moved;
    return {
      startMs: segment.startMs,
      from: place ? segment.startMs / 1000 : 0,
      to: standing[place + 1] ? standing[place + 1].startMs / 1000 : duration,
      ppm: segment.driftPpm ?? ppm,
      base,
      saved: tidy(segment.offsetMs - base - moved),
      added: !found,
    };
  });
}

function several(segments) {
  return segments?.length > 1 ? segments : null;
}

/** Milliseconds to the digits that are kept. */
export function tidy(ms) {
  return Math.round(ms * 1e4) / 1e4;
}
