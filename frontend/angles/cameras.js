// The cameras of a decided session, from its edit: each with its clips on the master's clock, and when it recorded.

import { proxyRate } from "../editing/frames.js";
import { extentsOf, rateOf } from "../playback/time.js";

const NO_PICTURE = "The preview is being made. This browser cannot play the original.";

/** One plain object per clip, as the playback modules take them; `camera` is its letter. */
export function clipsOf(edit) {
  return edit.angles.map((angle) => ({
    label: angle.cameraLabel,
    camera: angle.cameraLabel[0],
    isMaster: angle.cameraLabel === edit.masterCamera,
    hasPicture: angle.kind === "video",
    offset: angle.offsetMs,
    ppm: angle.driftPpm ?? 0,
    duration: angle.durationMs / 1000,
    lines: linesOf(angle),
    rate: proxyRate(rateOf(angle.fps)),
    resolution: angle.resolution,
    trouble: angle.warnings.length && !angle.proxyUrl ? NO_PICTURE : "",
    ...linksOf(angle),
  }));
}

/** Links are signed for hours, pages stay open for days: take over the fresh ones. */
export function refreshLinks(clips, edit) {
  for (const clip of clips) {
    const angle = edit.angles.find(({ cameraLabel }) => cameraLabel === clip.label);
    Object.assign(clip, angle ? linksOf(angle) : {});
  }
}

function linksOf({ kind, proxyUrl, originalUrl, audioUrl }) {
  return { proxy: proxyUrl, original: kind === "video" ? originalUrl : null, wav: audioUrl };
}

function linesOf({ pieces, driftPpm, durationMs }) {
  return pieces.length < 2
    ? []
    : pieces.map((piece, place) => ({
        from: place ? piece.startMs / 1000 : 0,
        to: (pieces[place + 1]?.startMs ?? durationMs) / 1000,
        offset: piece.offsetMs,
        ppm: piece.driftPpm ?? driftPpm ?? 0,
      }));
}

/** Label → what is there of a camera: its clips, and the stretches that it recorded, in seconds of the master's clock. */
export function camerasOf(clips) {
  const found = new Map();
  for (const clip of clips) {
    const camera = found.get(clip.camera) ?? { label: clip.camera, clips: [], spans: [] };
    camera.clips.push(clip);
    camera.spans.push(...extentsOf(clip).map(({ start, end }) => [start, end]));
    found.set(clip.camera, camera);
  }
  for (const camera of found.values()) {
    camera.spans = joined(camera.spans);
  }
  return found;
}

/** Stretches in order, those that meet made one. */
function joined(spans) {
  const found = [];
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && start <= last[1] + 1e-3) {
      last[1] = Math.max(last[1], end);
    } else {
      found.push([start, end]);
    }
  }
  return found;
}

/** Whether a camera has a picture at the master's `t`. */
export function covers(camera, t) {
  return camera.spans.some(([start, end]) => t >= start - 1e-3 && t < end);
}

/** The first moment from `start` to `end` at which a camera has no picture; null where it has one all along. */
export function firstGap(camera, start, end) {
  let at = start;
  for (const span of camera.spans) {
    if (span[0] > at + 1e-3) {
      break;
    }
    at = Math.max(at, span[1]);
  }
  return at < end - 1e-3 ? at : null;
}
