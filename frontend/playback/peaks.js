// A camera's waveform at two sharpnesses: 20 peaks a second of all of it, 1,000 a second of what is looked at.
// The files are audiowaveform's `.dat`, version 2, 8 bit: 24 bytes of header, then (least, greatest) pairs.

import { Blocks, readAll, readRange, Unreadable } from "./bytes.js";

const HEADER = 24;
const OVERVIEW_RATE = 20;
const DETAIL_RATE = 1000;
const BLOCK = 250;
/** Beyond this many seconds on the screen the overview is as sharp as the pixels. */
export const DETAIL_FOR_SECONDS = 60;

export class Peaks {
  constructor(camera, renew) {
    this.camera = camera;
    this.renew = renew;
    this.overview = new Int8Array(0);
    this.gain = 1;
    this.blocks = new Blocks((first, count) => this.#fetchDetail(first, count));
    this.failed = "";
  }

  async load() {
    if (!this.camera.overview) {
      return;
    }
    const data = await readAll(() => this.camera.overview, this.renew);
    const header = new DataView(data, 0, Math.min(HEADER, data.byteLength));
    if (data.byteLength < HEADER || header.getInt32(0, true) !== 2 || header.getUint32(4, true) !== 1) {
      throw new Unreadable("This waveform has a format that the page cannot read.");
    }
    this.overview = new Int8Array(data, HEADER);
    this.gain = 127 / Math.max(8, loud(this.overview));
  }

  /** Fetch what is missing of `from` … `to` (camera seconds); true when there is something new to draw. */
  async sharpen(from, to) {
    const seconds = this.overview.length / 2 / OVERVIEW_RATE;
    if (!this.camera.detail || to <= 0 || from >= seconds || to - from > DETAIL_FOR_SECONDS * 1.5) {
      return false;
    }
    const block = (t) => Math.floor((t * DETAIL_RATE) / BLOCK);
    const last = Math.ceil((Math.min(to, seconds) * DETAIL_RATE) / BLOCK) - 1;
    return this.blocks.need(block(Math.max(0, from)), last);
  }

  /** Write least and greatest of `from` … `to` (camera seconds) to `out`[0], `out`[1], −128 … 127; false for none. */
  extremes(from, to, sharp, out) {
    return (sharp && this.#sharp(from, to, out)) || this.#coarse(from, to, out);
  }

  #coarse(from, to, out) {
    const count = this.overview.length / 2;
    const first = Math.floor(from * OVERVIEW_RATE + 1e-6);
    const last = Math.min(count, Math.max(first + 1, Math.ceil(to * OVERVIEW_RATE - 1e-6)));
    if (last <= 0 || first >= count) {
      return false;
    }
    let [low, high] = [127, -128];
    for (let i = Math.max(0, first); i < last; i += 1) {
      low = Math.min(low, this.overview[2 * i]);
      high = Math.max(high, this.overview[2 * i + 1]);
    }
    [out[0], out[1]] = [low, high];
    return true;
  }

  #sharp(from, to, out) {
    const first = Math.max(0, Math.floor(from * DETAIL_RATE + 1e-6));
    const last = Math.max(first + 1, Math.ceil(to * DETAIL_RATE - 1e-6));
    let [low, high] = [127, -128];
    let block = null;
    let number = -1;
    for (let i = first; i < last; i += 1) {
      const wanted = Math.floor(i / BLOCK);
      if (wanted !== number) {
        number = wanted;
        block = this.blocks.get(number);
        if (!block) {
          return false;
        }
      }
      const at = 2 * (i - number * BLOCK);
      if (at + 1 < block.length) {
        low = Math.min(low, block[at]);
        high = Math.max(high, block[at + 1]);
      }
    }
    if (low > high) {
      return false;
    }
    [out[0], out[1]] = [low, high];
    return true;
  }

  async #fetchDetail(first, count) {
    const from = HEADER + first * BLOCK * 2;
    const data = new Int8Array(await readRange(() => this.camera.detail, from, from + count * BLOCK * 2, this.renew));
    return Array.from({ length: count }, (_, i) => data.subarray(i * BLOCK * 2, (i + 1) * BLOCK * 2));
  }

  /** The sharpest attack within `around` ± `reach` (camera seconds): the eye judges an attack best. */
  attackNear(around, reach) {
    const height = (i) => (this.overview[2 * i + 1] ?? 0) - (this.overview[2 * i] ?? 0);
    const first = Math.max(3, Math.floor((around - reach) * OVERVIEW_RATE));
    const last = Math.min(this.overview.length / 2 - 4, Math.ceil((around + reach) * OVERVIEW_RATE));
    let [best, at] = [0, null];
    for (let i = first; i <= last; i += 1) {
      const before = Math.max(height(i - 1), height(i - 2), height(i - 3));
      const rise = Math.max(height(i), height(i + 1)) - before;
      if (rise > best) {
        [best, at] = [rise, (i + 0.5) / OVERVIEW_RATE];
      }
    }
    return at;
  }
}

/** What 99 % of the peaks stay below: quiet cameras are drawn as tall as loud ones. */
function loud(pairs) {
  const counts = new Uint32Array(129);
  for (let i = 0; i < pairs.length; i += 2) {
    counts[Math.max(-pairs[i], pairs[i + 1], 0)] += 1;
  }
  let left = pairs.length / 2 / 100;
  for (let level = 128; level > 0; level -= 1) {
    left -= counts[level];
    if (left <= 0) {
      return level;
    }
  }
  return 1;
}
