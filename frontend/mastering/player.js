// Two stored WAVs on one audio clock. Both always play; which one is heard is a matter of two gains.

import { readRange } from "../playback/bytes.js";
import { parseHead } from "../playback/wav.js";

export const PIECE_S = 2;
const AHEAD_S = 4;
const LEAD_S = 0.08;
const FADE_S = 0.01;
const HEAD_BYTES = 4096;

/** dB → factor. */
export const factor = (db) => 10 ** (db / 20);

/** Interleaved 16-bit samples → left and right; one channel goes to both, more than two give their first two. */
export function ears(pcm, channels) {
  const frames = Math.floor(pcm.length / channels);
  const [left, right] = [new Float32Array(frames), new Float32Array(frames)];
  const second = Math.min(1, channels - 1);
  for (let i = 0; i < frames; i += 1) {
    left[i] = pcm[i * channels] / 32768;
    right[i] = pcm[i * channels + second] / 32768;
  }
  return { left, right };
}

class Reader {
  constructor(url) {
    this.url = url;
  }

  async head() {
    this.known ??= parseHead(await readRange(() => this.url, 0, HEAD_BYTES));
    return this.known;
  }

  /** Seconds `from` … `from + PIECE_S`; shorter at the end, null past it. */
  async piece(from) {
    const head = await this.head();
    const width = 2 * head.channels;
    const first = Math.round(from * head.rate);
    const count = Math.min(Math.round(PIECE_S * head.rate), head.frames - first);
    if (count <= 0) {
      return null;
    }
    const at = head.dataAt + first * width;
    const data = await readRange(() => this.url, at, at + count * width);
    return { ...ears(new Int16Array(data.slice(0, data.byteLength - (data.byteLength % width))), head.channels), rate: head.rate };
  }
}

export class Player extends EventTarget {
  /** `known`: { seconds, wavs: { before, after }, gains: { before, after } in dB }. */
  constructor(known) {
    super();
    this.known = known;
    this.readers = new Map(Object.entries(known.wavs).map(([name, url]) => [name, new Reader(url)]));
    this.side = "after";
    this.matched = true;
    this.from = 0;
    this.running = false;
    this.problem = "";
    this.turn = 0;
  }

  get time() {
    if (!this.running || this.began === null) {
      return this.from;
    }
    return Math.min(this.known.seconds, this.from + Math.max(0, this.context.currentTime - this.began));
  }

  /** What each side's gain is to be now. */
  gainOf(name) {
    return name === this.side ? factor(this.matched ? this.known.gains[name] : 0) : 0;
  }

  hear(side) {
    this.side = side;
    this.#fade();
  }

  matchLoudness(on) {
    this.matched = on;
    this.#fade();
  }

  play() {
    if (this.from >= this.known.seconds - 0.05) {
      this.from = 0;
    }
    this.running = true;
    this.began = null;
    this.problem = "";
    this.turn += 1;
    this.#stream(this.turn).catch((error) => {
      this.pause();
      this.problem = error.message;
      this.#report();
    });
    this.#report();
  }

  pause() {
    this.from = this.time;
    this.running = false;
    this.turn += 1;
    for (const gain of this.gains?.values() ?? []) {
      gain.disconnect();
    }
    this.#report();
  }

  seek(seconds) {
    const running = this.running;
    if (running) {
      this.pause();
    }
    this.from = Math.min(Math.max(0, seconds), this.known.seconds);
    if (running) {
      this.play();
    } else {
      this.#report();
    }
  }

  #report() {
    this.dispatchEvent(new Event("change"));
  }

  #fade() {
    for (const [name, gain] of this.running ? (this.gains ?? []) : []) {
      gain.gain.setTargetAtTime(this.gainOf(name), this.context.currentTime, FADE_S / 3);
    }
    this.#report();
  }

  async #stream(turn) {
    this.context ??= new AudioContext({ sampleRate: 48_000, latencyHint: "interactive" });
    if (this.context.state === "suspended") {
      await this.context.resume();
    }
    const mine = () => turn === this.turn;
    const names = [...this.readers.keys()];
    this.gains = new Map(names.map((name) => [name, new GainNode(this.context, { gain: this.gainOf(name) })]));
    for (let piece = 0; mine(); piece += 1) {
      const from = this.from + piece * PIECE_S;
      const pieces = await Promise.all(names.map((name) => this.readers.get(name).piece(from)));
      if (!mine()) {
        return;
      }
      if (this.began === null) {
        this.began = this.context.currentTime + LEAD_S;
        this.gains.forEach((gain) => gain.connect(this.context.destination));
      }
      // Both pieces are there before either starts, at one and the same instant: so the two never come apart.
      const at = Math.max(this.began + piece * PIECE_S, this.context.currentTime);
      if (at > this.began + piece * PIECE_S) {
        this.began += at - (this.began + piece * PIECE_S);
      }
      names.forEach((name, i) => pieces[i] && this.#start(pieces[i], at, this.gains.get(name)));
      if (pieces.every((sound) => sound === null) || from + PIECE_S >= this.known.seconds) {
        await this.#until(this.began + this.known.seconds - this.from, mine);
        if (mine()) {
          this.pause();
          this.from = 0;
          this.#report();
        }
        return;
      }
      await this.#until(this.began + (piece + 1) * PIECE_S - AHEAD_S, mine);
    }
  }

  #start({ left, right, rate }, at, out) {
    const buffer = this.context.createBuffer(2, left.length, rate);
    buffer.copyToChannel(left, 0);
    buffer.copyToChannel(right, 1);
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(out);
    source.start(at);
  }

  async #until(at, mine) {
    while (mine() && this.context.currentTime < at) {
      await new Promise((resolve) => setTimeout(resolve, 1000 * Math.min(0.25, at - this.context.currentTime)));
    }
  }
}
