// Times. A camera is anything with `offset` (ms on the master's clock), `ppm` and `duration` (s), and with `lines` where its clip
// is in segments: each `from` … `to` (s on its own clock) with an `offset` and `ppm` of its own. All else is seconds.

export const MINUS = "\u2212";

/** When the camera's `t` happened, on the master's clock. */
export function toMaster(camera, t) {
  return onLine(lineAt(camera, t), t);
}

/** What the camera's own clock says at the master's `t`; NaN in a gap between segments. */
export function toCamera(camera, t) {
  if (!camera.lines?.length) {
    return offLine(camera, t);
  }
  const extents = extentsOf(camera);
  const [start, end] = [Math.min(...extents.map((one) => one.start)), Math.max(...extents.map((one) => one.end))];
  const found = extents.find((one) => t >= one.start && t < one.end);
  if (found) {
    return offLine(found, t);
  }
  return t < start ? offLine(extents[0], t) : t >= end ? offLine(extents.at(-1), t) : NaN;
}

/** The line that holds at the camera's `t`: the camera itself where there is only one. */
export function lineAt(camera, t) {
  return camera.lines?.findLast((line) => line.from <= t) ?? camera.lines?.[0] ?? camera;
}

function onLine(line, t) {
  return t * (1 + line.ppm / 1e6) + line.offset / 1000;
}

function offLine(line, t) {
  return (t - line.offset / 1000) / (1 + line.ppm / 1e6);
}

/** Each line with where it lies on the master's clock, `start` … `end`: a segment ends where a later one starts. */
export function extentsOf(camera) {
  const lines = camera.lines?.length ? camera.lines : [{ ...lineOf(camera), from: 0, to: camera.duration }];
  let next = Infinity;
  return lines
    .toReversed()
    .map((line) => {
      const start = onLine(line, line.from);
      const end = Math.max(start, Math.min(onLine(line, line.to), next));
      next = Math.min(next, start);
      return { ...line, start, end };
    })
    .reverse();
}

function lineOf({ offset, ppm }) {
  return { offset, ppm };
}

/** From when to when the camera recorded, on the master's clock. */
export function extent(camera) {
  const extents = extentsOf(camera);
  return [Math.min(...extents.map((one) => one.start)), Math.max(...extents.map((one) => one.end))];
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

/** A frame that begins at most so much after an instant counts as on the screen, here as in a render. */
export const EPSILON_S = 0.0005;

/** The frame shown at `t`, as seconds well inside it: a seek to a frame's very edge may show its neighbour. */
export function insideFrame(t, rate) {
  return rate ? Math.floor((t + EPSILON_S) * rate) / rate + Math.min(0.001, 0.25 / rate) : t;
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

/** A time that a person wrote, `1:02.5`, `1:00:02` or bare seconds, in ms; NaN where it is none. */
export function parseTimecode(text) {
  const parts = /^(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:[.,]\d*)?)$/.exec(text.trim());
  const [hours = 0, minutes = 0, seconds = NaN] = (parts ?? []).slice(1).map((part) => Number((part ?? "0").replace(",", ".")));
  const clocked = parts?.[2] !== undefined;
  return clocked && seconds >= 60 ? NaN : Math.round((hours * 3600 + minutes * 60 + seconds) * 1000);
}

/** An offset, as every page writes it: `+3.237 s`. */
export function offsetText(ms) {
  return signed(ms / 1000, 3, "s");
}

/** How far apart two starts are, without a sign: `3.237 s`. */
export function offsetLength(ms) {
  return offsetText(Math.abs(ms)).replace("+", "");
}

/** The offset to the last digit that is kept, for a tooltip: `+3,237.1234 ms`. */
export function exactText(ms) {
  return `${ms < 0 ? MINUS : "+"}${Math.abs(ms).toLocaleString("en-US", { maximumFractionDigits: 4 })} ms`;
}

/** `+1.234 s (31 frames)`; with `rate` 0 the frames are left out. */
export function offsetWords(ms, rate) {
  const frames = Math.round((Math.abs(ms) / 1000) * rate);
  return `${offsetText(ms)}${rate ? ` (${frames} ${frames === 1 ? "frame" : "frames"})` : ""}`;
}

/** A difference between two offsets: `+12.5 ms`. */
export function msWords(ms, digits = 1) {
  return signed(ms, digits, "ms");
}

function signed(value, digits, unit) {
  const shown = Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const sign = Number(Math.abs(value).toFixed(digits)) === 0 ? "" : value < 0 ? MINUS : "+";
  return `${sign}${shown} ${unit}`;
}

/** What a person wrote or pasted as an offset, in ms; null where it is none. A number without a unit is milliseconds;
 * "+3.237 s", "3,240.5", "1 234,5 ms" and "\u2212310" all count. */
export function parseOffset(text) {
  const [, number, unit] = /^\s*([-+\u2212\d.,\s\u00a0\u202f']+?)\s*(ms|s)?\s*$/i.exec(text) ?? [];
  const plain = number?.replaceAll(MINUS, "-").replace(/[\s\u00a0\u202f']/g, "");
  const value = plain ? Number(withPoint(plain)) : NaN;
  return Number.isFinite(value) ? value * (unit?.toLowerCase() === "s" ? 1000 : 1) : null;
}

/** Thousands separators gone, a point before the decimals: the last separator divides, unless it groups digits by three. */
function withPoint(number) {
  const grouped = /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(number);
  const european = /^[-+]?\d{1,3}(\.\d{3})+,\d*$/.test(number);
  return grouped ? number.replaceAll(",", "") : (european ? number.replaceAll(".", "") : number).replace(",", ".");
}
