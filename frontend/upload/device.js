// The serial number of the device that made a file, as far as a few small reads of it tell: GoPro's notes in the index of an MP4, and the
// XML that Sony cameras write into it or beside it.

import { extension } from "./names.js";
import { pathOf } from "./plan.js";

const MOST_FILES = 500;
const MOST_BOXES = 200;
const MOST_BYTES = 2 ** 16;
const AT_ONCE = 8;
const BOXED = [".mp4", ".mov", ".m4v", ".360"];

/** File → serial number, for the files of which it is known. `others`: what lies beside the recordings. */
export async function serialsOf(files, others) {
  const sidecars = new Map(others.map((file) => [pathOf(file).toUpperCase(), file]));
  const found = new Map();
  const waiting = files.slice(0, MOST_FILES);
  const read = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      const serial = await serialOf(file, sidecars).catch(() => "");
      if (serial) {
        found.set(file, serial);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, read));
  return found;
}

async function serialOf(file, sidecars) {
  const beside = sidecars.get(`${pathOf(file).replace(/\.[^./]*$/, "")}M01.XML`.toUpperCase());
  if (beside) {
    return ofSony(await beside.slice(0, MOST_BYTES).text());
  }
  return BOXED.includes(extension(file.name)) ? ofIndex(file) : "";
}

/** `<Device manufacturer="Sony" modelName="ILCE-7SM3" serialNo="0004711"/>` */
export function ofSony(text) {
  const device = /<Device\b[^>]*>/.exec(text)?.[0] ?? "";
  return /serialNo="([^"]*)"/.exec(device)?.[1].trim() ?? "";
}

/** Entries of a name, a type, a size and a count: `CASN`, `c`, 1, 14, then the text. */
export function ofGoPro(bytes) {
  const text = String.fromCharCode(...bytes);
  const at = text.indexOf("CASNc");
  if (at < 0 || bytes.length < at + 8) {
    return "";
  }
  const length = bytes[at + 5] * ((bytes[at + 6] << 8) + bytes[at + 7]);
  return text.slice(at + 8, at + 8 + Math.min(length, 100)).split("\0")[0].trim();
}

async function ofIndex(file) {
  for await (const box of boxes(file, 0, file.size)) {
    if (box.name === "moov") {
      return ofMovie(file, box);
    }
    if (!/^[ -~]{4}$/.test(box.name)) {
      return "";
    }
  }
  return "";
}

async function ofMovie(file, movie) {
  for await (const box of boxes(file, movie.body, movie.end)) {
    if (box.name === "udta") {
      for await (const { name, body, end } of boxes(file, box.body, box.end)) {
        if (name === "GPMF") {
          return ofGoPro(await bytesOf(file, body, end));
        }
      }
    } else if (box.name === "meta") {
      const serial = ofSony(new TextDecoder().decode(await bytesOf(file, box.body, box.end)));
      if (serial) {
        return serial;
      }
    }
  }
  return "";
}

async function bytesOf(file, begin, end) {
  return new Uint8Array(await file.slice(begin, Math.min(end, begin + MOST_BYTES)).arrayBuffer());
}

async function* boxes(file, begin, end) {
  let at = begin;
  for (let count = 0; count < MOST_BOXES && at + 8 <= end; count += 1) {
    const head = new DataView(await file.slice(at, at + 16).arrayBuffer());
    if (head.byteLength < 8) {
      return;
    }
    const name = String.fromCharCode(...[4, 5, 6, 7].map((index) => head.getUint8(index)));
    let [length, body] = [head.getUint32(0), at + 8];
    if (length === 1 && head.byteLength === 16) {
      [length, body] = [Number(head.getBigUint64(8)), at + 16];
    } else if (length === 0) {
      length = end - at;
    }
    if (length < body - at) {
      return;
    }
    yield { name, body, end: Math.min(at + length, end) };
    at += length;
  }
}
