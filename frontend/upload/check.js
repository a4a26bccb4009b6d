// What can be said of a file before its first byte is sent. Pure, but for reading the two ends of the file.

import { extension } from "./names.js";
import { inBytes } from "./pace.js";

const MIB = 2 ** 20;

/** Why the file is refused, in a sentence, or null. `taken`: files that have a slot ([{label, file}]; label null for
 * those chosen in the same go). */
export function refusal(file, { extensions, maxBytes }, taken = []) {
  const ending = extension(file.name);
  if (extensions.refused?.[ending]) {
    return `${file.name} was not added. ${extensions.refused[ending]}`;
  }
  if (![...extensions.video, ...extensions.audio].includes(ending)) {
    const what = ending ? `is a ${ending} file` : "has no extension";
    return `${file.name} ${what}. Studio accepts video and audio: export it as .mp4, .mov, .mkv or .wav.`;
  }
  if (file.size === 0) {
    return `${file.name} is empty (0 bytes). Copy it from the card again.`;
  }
  if (file.size > maxBytes) {
    return `${file.name} is ${inBytes(file.size)}, over the limit of ${inBytes(maxBytes)}. Split the recording.`;
  }
  const twin = taken.find((other) => sameFile(other.file, file));
  if (!twin) {
    return null;
  }
  const where = twin.label ? `is already camera ${twin.label}` : "was chosen twice";
  return `${file.name} ${where}, so it was added only once.`;
}

export function sameFile(a, b) {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

/** How a file that was picked to go on with an upload differs from the one that was begun, or null. */
export function difference(file, fingerprint, begun) {
  if (file.name !== begun.filename) {
    return `this is ${file.name}, but the unfinished upload is ${begun.filename}`;
  }
  if (file.size !== begun.sizeBytes) {
    return `this ${file.name} has ${exactly(file.size)} bytes, but the unfinished upload has ${exactly(begun.sizeBytes)}`;
  }
  if (fingerprint && begun.fingerprint && fingerprint !== begun.fingerprint) {
    return `this ${file.name} has the same name and size but different content`;
  }
  return null;
}

/** SHA-256 of the first and the last MiB, in hex; "" where the browser has no crypto (plain http). Throws when unreadable. */
export async function fingerprintOf(file) {
  const ends = new Blob([file.slice(0, MIB), file.slice(Math.max(MIB, file.size - MIB))]);
  const bytes = await ends.arrayBuffer();
  if (!globalThis.crypto?.subtle) {
    return "";
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The media type to announce: the browser's when it is one of sound or picture, else the general one. */
export function contentTypeOf(file) {
  return /^(video|audio)\/[\w.+-]+$/.test(file.type) ? file.type : "application/octet-stream";
}

function exactly(bytes) {
  return bytes.toLocaleString("en");
}
