// Times. A camera is anything with `offset` (ms on the master's clock), `ppm` and `duration` (s); all else is seconds.

export const MINUS = "\u2212";

/** When the camera's `t` happened, on the master's clock. */
export function toMaster(camera, t) {
  return t * (1 + camera.ppm / 1e6) + camera.offset / 1000;
}

/** What the camera's own clock says at the master's `t`. */
export function toCamera(camera, t) {
  return (t - camera.offset / 1000) / (1 + camera.ppm / 1e6);
}

/** From when to when the camera recorded, on the master's clock. */
export function extent(camera) {
  return [toMaster(camera, 0), toMaster(camera, camera.duration)];
}

/** From the first moment that any camera recorded to the last. */
export function whole(cameras) {
  const extents = cameras.filter((camera) => camera.duration > 0).map(extent);
  return extents.length ? [Math.min(...extents.map((e) => e[0])), Math.max(...extents.map((e) => e[1]))] : [0, 1];
}

/** What both cameras recorded; where they share nothing, what the first one did. */
export function overlap(one, other) {
  const [a, b] = [extent(one), extent(other)];
  const shared = [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
  return shared[1] > shared[0] ? shared : a;
}

/** "30000/1001" → 29.97…; 0 for none. */
export function rateOf(fps) {
  const [over, under] = String(fps ?? "").split("/").map(Number);
  const rate = over / (under || 1);
  return Number.isFinite(rate) && rate > 0 ? rate : 0;
}

/** The frame shown at `t`, as seconds well inside it: a seek to a frame's very edge may show its neighbour. */
export function insideFrame(t, rate) {
  return rate ? Math.floor(t * rate + 1e-4) / rate + Math.min(0.001, 0.25 / rate) : t;
}

export function clamp(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

/** `0:01.234`, `1:02:03.456`, with a real minus. */
export function timecode(t, digits = 3) {
  const scale = 10 ** digits;
  const total = Math.round(Math.abs(t) * scale);
  const parts = { s: Math.floor(total / scale), rest: total % scale };
  const [hours, minutes] = [Math.floor(parts.s / 3600), Math.floor(parts.s / 60) % 60];
  const clock = hours ? `${hours}:${String(minutes).padStart(2, "0")}` : `${minutes}`;
  const fraction = digits ? `.${String(parts.rest).padStart(digits, "0")}` : "";
  return `${t < 0 && total ? MINUS : ""}${clock}:${String(parts.s % 60).padStart(2, "0")}${fraction}`;
}

/** `+0:01.234 (31 frames)`; with `rate` 0 the frames are left out. */
export function offsetWords(ms, rate) {
  const sign = ms < 0 ? "" : "+";
  const frames = Math.round(Math.abs(ms) / 1000 * rate);
  return `${sign}${timecode(ms / 1000)}${rate ? ` (${frames} ${frames === 1 ? "frame" : "frames"})` : ""}`;
}

/** `+12.5 ms`. */
export function msWords(ms, digits = 1) {
  const shown = Math.abs(ms).toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${Number(Math.abs(ms).toFixed(digits)) === 0 ? "" : ms < 0 ? MINUS : "+"}${shown} ms`;
}
