// Sound in step with the page's clock, each sample where its camera's offset puts it.
// Web Audio plays short pieces that join without a gap; the page's clock leads, the sound follows it.

import { clamp, extentsOf, toCamera } from "./time.js";
import { Wav } from "./wav.js";

export const RATE = 48_000;
const PIECE_S = 1;
const AHEAD_S = 2.5;
const LEAD_S = 0.06;
const WANDER_S = 0.06;

/** `camera`'s sound of `frames` samples from the master's `t`, in `out`: each segment's where it lies, silence between them. */
export async function place(camera, wav, t, frames) {
  if (!camera.lines?.length) {
    return onOneLine(camera, wav, t, frames);
  }
  const out = new Float32Array(frames);
  for (const line of extentsOf(camera)) {
    const first = clamp(Math.ceil((line.start - t) * RATE), 0, frames);
    const count = clamp(Math.ceil((line.end - t) * RATE), 0, frames) - first;
    if (count > 0) {
      out.set(await onOneLine(line, wav, t + first / RATE, count), first);
    }
  }
  return out;
}

/** Between two samples: on the line from one to the other, so that drift costs no clicks and whole samples stay what they are. */
async function onOneLine({ offset, ppm }, wav, t, frames) {
  const step = 1 / (1 + ppm / 1e6);
  const first = Math.round(toCamera({ offset, ppm }, t) * RATE * 1e6) / 1e6;
  const start = Math.floor(first);
  const heard = await wav.read(start, Math.ceil(first - start + frames * step) + 2);
  const out = new Float32Array(frames);
  for (let i = 0; i < frames; i += 1) {
    const at = first - start + i * step;
    const whole = Math.floor(at);
    const part = at - whole;
    out[i] = part ? heard[whole] + (heard[whole + 1] - heard[whole]) * part : heard[whole];
  }
  return out;
}

/** What follows the clock is sound: pieces of it, from `render`, which says what is heard when. */
export class Stream extends EventTarget {
  constructor(clock, cameras, renew) {
    super();
    this.clock = clock;
    this.wavs = new Map(cameras.filter((camera) => camera.wav).map((camera) => [camera.label, new Wav(camera, renew)]));
    this.on = this.wavs.size > 0;
    this.problem = "";
    this.turn = 0;
    this.volume = 1;
    clock.addEventListener("seek", () => this.restart());
    clock.addEventListener("state", () => (clock.running ? null : this.stop()));
  }

  get possible() {
    return this.wavs.size > 0;
  }

  turnOn(on) {
    this.on = on && this.possible;
    this.restart();
    this.dispatchEvent(new Event("change"));
  }

  /** What the left and the right ear get: `{ left, right }`, samples of `frames` frames from the master's `t`. */
  async render(t, frames) {
    throw new Error(`Nothing renders ${frames} frames from ${t}.`);
  }

  /** A camera's samples; silence of one that has no sound. */
  async soundOf(camera, t, frames) {
    const wav = camera && this.wavs.get(camera.label);
    return wav ? place(camera, wav, t, frames) : new Float32Array(frames);
  }

  /** A source that plays `sound` in `context`, ready to start. */
  source(context, sound) {
    const buffer = context.createBuffer(2, sound.left.length, RATE);
    buffer.copyToChannel(sound.left, 0);
    buffer.copyToChannel(sound.right, 1);
    const source = new AudioBufferSourceNode(context, { buffer });
    return source;
  }

  setVolume(volume) {
    this.volume = volume;
    this.out?.gain.setTargetAtTime(volume, this.context.currentTime, 0.01);
  }

  stop() {
    this.turn += 1;
    clearTimeout(this.timer);
    this.out?.disconnect();
    this.out = null;
  }

  restart() {
    this.stop();
    if (this.on && this.clock.running && this.clock.rate === 1) {
      this.#stream(this.turn).catch((error) => this.#fail(error));
    }
  }

  async #stream(turn) {
    this.context ??= new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
    if (this.context.state === "suspended") {
      await this.context.resume();
    }
    const mine = () => turn === this.turn;
    const out = new GainNode(this.context, { gain: this.volume });
    let begun = null;
    let piece = 0;
    while (mine()) {
      const t = begun ? begun.t + piece * PIECE_S : this.clock.time + LEAD_S;
      const sound = await this.render(t, PIECE_S * RATE);
      if (!mine()) {
        return;
      }
      if (!begun) {
        out.connect(this.context.destination);
        this.out = out;
        begun = { t, at: this.#moment(t) };
      } else if (Math.abs(this.#moment(t) - (begun.at + piece * PIECE_S)) > WANDER_S) {
        this.restart();
        return;
      }
      const source = this.source(this.context, sound);
      source.connect(out);
      this.#start(source, begun.at + piece * PIECE_S);
      this.problem = "";
      piece += 1;
      const early = begun.at + piece * PIECE_S - this.context.currentTime - AHEAD_S;
      if (early > 0) {
        await new Promise((resolve) => {
          this.timer = setTimeout(resolve, early * 1000);
        });
      }
    }
  }

  /** A piece whose moment has passed begins in its middle. */
  #start(source, at) {
    const late = this.context.currentTime - at;
    if (late <= 0) {
      source.start(at);
    } else if (late < PIECE_S) {
      source.start(0, late);
    }
  }

  /** When the audio clock must start what belongs to the master's `t`, so that it is heard when the page's clock is there. */
  #moment(t) {
    const stamp = this.context.getOutputTimestamp?.();
    const known = stamp?.performanceTime > 0 && stamp.contextTime > 0;
    const [audio, page] = known
      ? [stamp.contextTime, stamp.performanceTime]
      : [this.context.currentTime, performance.now()];
    const exact = audio + (t - this.clock.at(page));
    return Math.round(exact * RATE) / RATE;
  }

  #fail(error) {
    this.problem = error.message;
    this.dispatchEvent(new Event("change"));
  }
}

const VOLUME_KEPT = "studio-volume";

/** A slider, 0 to 100; each browser keeps its own. */
export function bindVolume(slider, listen) {
  const set = () => listen.setVolume((Number(slider.value) / 100) ** 2);
  slider.value = localStorage.getItem(VOLUME_KEPT) ?? slider.value;
  slider.disabled = !listen.possible;
  slider.addEventListener("input", () => {
    localStorage.setItem(VOLUME_KEPT, slider.value);
    set();
  });
  set();
}
