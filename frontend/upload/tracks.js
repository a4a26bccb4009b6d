// Recorders with a file for each track and no mix: a few places of each file are listened to before one is sent, for the first track may be
// a dead one. Uncompressed WAV alone; of other files nothing is known before they are sent.

import { chosenInstead } from "./plan.js";

const PLACES = 8;
const PLACE_BYTES = 2 ** 14;
const HEAD_BYTES = 2 ** 17;
const MOST_RECORDINGS = 4;
/** A track that nowhere is louder is a dead one where another is louder by this much. */
const DEAD_DB = -60;
const LOUDER_DB = 12;

/** The plan with the peak of each track that was listened to (`peak`, dBFS), and with a live track in place of a dead one. */
export async function withLiveTracks(plan) {
  let out = plan;
  for (const camera of plan.cameras) {
    const recordings = camera.files.filter((one) => !one.mix && plan.aside.some(({ instead, track }) => instead === one.id && track));
    const longest = recordings.toSorted((a, b) => b.file.size - a.file.size).slice(0, MOST_RECORDINGS);
    if (longest.length) {
      out = await ofCamera(out, camera, longest);
    }
  }
  return out;
}

async function ofCamera(plan, camera, recordings) {
  const peaks = new Map();
  const byTrack = new Map();
  for (const one of recordings) {
    for (const track of [one, ...plan.aside.filter(({ instead, track: name }) => instead === one.id && name)]) {
      const peak = await peakOf(track.file).catch(() => null);
      if (peak !== null) {
        peaks.set(track.id, peak);
        byTrack.set(track.track, Math.max(peak, byTrack.get(track.track) ?? -Infinity));
      }
    }
  }
  const heard = (one) => (peaks.has(one.id) ? { ...one, peak: peaks.get(one.id) } : one);
  const cameras = plan.cameras.map((other) => ({ ...other, files: other.files.map(heard) }));
  const known = { ...plan, cameras, aside: plan.aside.map(heard) };
  const [first] = recordings;
  const now = byTrack.get(first.track);
  const [best, peak] = [...byTrack].toSorted((a, b) => b[1] - a[1])[0] ?? [];
  if (now === undefined || now >= DEAD_DB || peak < now + LOUDER_DB) {
    return known;
  }
  const live = known.aside.find(({ instead, track }) => instead === first.id && track === best);
  const said = `Camera ${camera.label}: nothing is heard on track ${first.track} at the ${PLACES} places of each file that were listened to (peak ${inDecibels(now)}), so track ${best} is chosen (peak ${inDecibels(peak)}).`;
  const chosen = live ? chosenInstead(known, live.id) : known;
  return live ? { ...chosen, warnings: [...chosen.warnings, said] } : known;
}

/** "−14 dBFS" */
export function inDecibels(peak) {
  return peak === -Infinity ? "digital silence" : `${String(Math.round(peak)).replace("-", "−")} dBFS`;
}

/** The loudest sample at some places of a WAV, in dBFS; null for what is none. */
export async function peakOf(file) {
  const form = formOf(new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer()), file.size);
  if (!form) {
    return null;
  }
  const { start, length, block } = form;
  let loudest = 0;
  for (let place = 0; place < PLACES; place += 1) {
    const at = start + Math.floor((length * (place + 0.5)) / PLACES / block) * block;
    const end = Math.min(at + Math.floor(PLACE_BYTES / block) * block, start + length);
    loudest = Math.max(loudest, loudestOf(new DataView(await file.slice(at, end).arrayBuffer()), form));
  }
  return loudest ? 20 * Math.log10(loudest) : -Infinity;
}

/** Where the samples lie in a WAV or RF64, and how they are written; null for what is none. */
function formOf(view, size) {
  const name = (at) => String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  if (view.byteLength < 44 || !["RIFF", "RF64", "BW64"].includes(name(0)) || name(8) !== "WAVE") {
    return null;
  }
  let form = null;
  for (let at = 12; at + 8 <= view.byteLength; at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2)) {
    if (name(at) === "fmt " && at + 34 <= view.byteLength) {
      const written = view.getUint16(at + 8, true);
      const isFloat = (written === 0xfffe ? view.getUint16(at + 32, true) : written) === 3;
      form = { isFloat, block: view.getUint16(at + 20, true), bytes: view.getUint16(at + 22, true) / 8 };
    } else if (name(at) === "data") {
      const said = view.getUint32(at + 4, true);
      const length = Math.min(said || Infinity, size - at - 8);
      const isRead = form && form.block && (form.isFloat ? form.bytes === 4 : [2, 3, 4].includes(form.bytes));
      return isRead && length > 0 ? { ...form, start: at + 8, length } : null;
    }
  }
  return null;
}

function loudestOf(view, { bytes, isFloat }) {
  const read = {
    2: (at) => view.getInt16(at, true) / 2 ** 15,
    3: (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23,
    4: (at) => (isFloat ? view.getFloat32(at, true) : view.getInt32(at, true) / 2 ** 31),
  }[bytes];
  let loudest = 0;
  for (let at = 0; at + bytes <= view.byteLength; at += bytes) {
    loudest = Math.max(loudest, Math.abs(read(at)) || 0);
  }
  return loudest;
}
