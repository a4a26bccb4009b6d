// A stored 16-bit WAV (RIFF or RF64), read by pieces as one channel of floats.

import { Blocks, readRange, Unreadable } from "./bytes.js";

const BLOCK_FRAMES = 24_000;
const HEAD_BYTES = 4096;

export class Wav {
  constructor(camera, renew) {
    this.camera = camera;
    this.renew = renew;
    this.blocks = new Blocks((first, count) => this.#fetch(first, count), 400);
  }

  /** Frames a second, and how many there are. */
  async open() {
    this.head ??= readRange(() => this.camera.wav, 0, HEAD_BYTES, this.renew).then(parseHead);
    try {
      return await this.head;
    } catch (error) {
      this.head = null;
      throw error;
    }
  }

  /** Frames `start` … `start + count`, the mean of the channels; silence before the beginning and after the end. */
  async read(start, count) {
    const { frames } = await this.open();
    const out = new Float32Array(count);
    const [from, to] = [Math.max(0, start), Math.min(frames, start + count)];
    if (to <= from) {
      return out;
    }
    await this.blocks.need(Math.floor(from / BLOCK_FRAMES), Math.floor((to - 1) / BLOCK_FRAMES));
    for (let at = from; at < to; ) {
      const number = Math.floor(at / BLOCK_FRAMES);
      const block = this.blocks.get(number);
      if (!block) {
        throw new Unreadable("The audio could not be read.");
      }
      const inside = at - number * BLOCK_FRAMES;
      const piece = block.subarray(inside, inside + Math.min(to - at, BLOCK_FRAMES - inside));
      out.set(piece, at - start);
      at = (number + 1) * BLOCK_FRAMES;
    }
    return out;
  }

  async #fetch(first, count) {
    const head = await this.open();
    const size = BLOCK_FRAMES * head.channels * 2;
    const from = head.dataAt + first * size;
    const end = Math.min(from + count * size, head.dataAt + head.frames * head.channels * 2);
    const pcm = new Int16Array(await evenBytes(readRange(() => this.camera.wav, from, end, this.renew)));
    return Array.from({ length: count }, (_, i) => mono(pcm, i * BLOCK_FRAMES, head.channels));
  }
}

async function evenBytes(coming) {
  const data = await coming;
  return data.byteLength % 2 ? data.slice(0, -1) : data;
}

function mono(pcm, first, channels) {
  const frames = Math.max(0, Math.min(BLOCK_FRAMES, Math.floor(pcm.length / channels) - first));
  const out = new Float32Array(frames);
  for (let i = 0; i < frames; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += pcm[(first + i) * channels + channel];
    }
    out[i] = sum / channels / 32768;
  }
  return out;
}

/** → { rate, channels, frames, dataAt }. Throws Unreadable for anything but 16-bit PCM. */
export function parseHead(buffer) {
  const view = new DataView(buffer);
  const word = (at) => String.fromCharCode(...new Uint8Array(buffer, at, 4));
  if (buffer.byteLength < 44 || !["RIFF", "RF64", "BW64"].includes(word(0)) || word(8) !== "WAVE") {
    throw new Unreadable("This camera's audio is not a WAV file.");
  }
  let [form, longData] = [null, null];
  for (let at = 12; at + 8 <= buffer.byteLength; ) {
    const [name, size, body] = [word(at), view.getUint32(at + 4, true), at + 8];
    if (name === "ds64") {
      longData = Number(view.getBigUint64(body + 8, true));
    } else if (name === "fmt ") {
      form = { channels: view.getUint16(body + 2, true), rate: view.getUint32(body + 4, true) };
      if (view.getUint16(body + 14, true) !== 16) {
        throw new Unreadable("This camera's audio is not 16-bit.");
      }
    } else if (name === "data" && form) {
      const bytes = size === 0xffffffff && longData !== null ? longData : size;
      return { ...form, frames: Math.floor(bytes / 2 / form.channels), dataAt: body };
    }
    at = body + size + (size & 1);
  }
  throw new Unreadable("This camera's audio file has a header but no audio.");
}
