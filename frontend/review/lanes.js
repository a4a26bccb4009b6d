// Waveforms stacked on one clock. One canvas per camera with its clips in their places, redrawn alone when only it changed; the
// playhead and the marks are elements that move over them. The view (which seconds are on the screen) lives here.

import { cameraOf } from "../camera_keys.js";
import { sized } from "../playback/canvas.js";
import { cssColors } from "../playback/css_colors.js";
import { keyOf } from "./segments.js";
import { clamp, extentsOf, msWords, timecode, toCamera, whole } from "../playback/time.js";
import { Timescale } from "../playback/timescale.js";
import { DETAIL_FOR_SECONDS } from "../playback/peaks.js";

/** 1 px = 1 ms. */
const CLOSEST_PX_PER_S = 1000;
const STEPS_S = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600];

export class Lanes extends Timescale {
  /** `peaks`: label → Peaks; `root` holds `[data-lane]`s, a ruler and the marks. */
  constructor(root, cameras, reels, peaks, offsets) {
    super();
    this.root = root;
    this.cameras = cameras;
    this.reels = new Map(reels.map((reel) => [reel.label, reel]));
    this.peaks = peaks;
    this.offsets = offsets;
    this.lanes = new Map(reels.map(({ label }) => [label, root.querySelector(`[data-lane="${label}"] canvas`)]));
    this.ruler = root.querySelector(".ruler canvas");
    this.head = root.querySelector(".playhead");
    this.loopMark = root.querySelector(".loop-mark");
    this.marks = { was: root.querySelector(".ghost-was"), now: root.querySelector(".ghost-now") };
    this.chosen = null;
    this.segment = 0;
    this.overlaid = false;
    this.view = whole(cameras);
    this.dirty = new Set();
    this.painted = 0;
    this.#readColours();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.#readColours();
      this.redraw();
    });
    offsets.addEventListener("change", (event) => this.#moved(event.detail.label));
    new ResizeObserver(() => this.#resized()).observe(this.ruler);
  }

  get width() {
    return this.ruler.clientWidth || 1;
  }

  /** Show `from` … `to`, no closer than 1 px = 1 ms, no farther than everything with a margin. */
  show(from, to) {
    const [first, last] = whole(this.cameras);
    const most = (last - first) * 1.04 + 0.2;
    const wide = clamp(to - from, this.width / CLOSEST_PX_PER_S, most);
    const middle = clamp((from + to) / 2, first - wide * 0.4, last + wide * 0.4);
    const centre = wide >= most ? (first + last) / 2 : middle;
    this.view = [centre - wide / 2, centre + wide / 2];
    this.redraw();
    this.dispatchEvent(new Event("view"));
  }

  fit() {
    const [first, last] = whole(this.cameras);
    this.show(first - 1e6, last + 1e6);
  }

  choose(label, segment = 0) {
    this.chosen = label;
    this.segment = segment;
    for (const row of this.reels.keys()) {
      this.root.querySelector(`[data-lane="${row}"]`).classList.toggle("is-chosen", row === cameraOf(label));
    }
    this.redraw();
    this.dispatchEvent(new Event("choose"));
  }

  overlay(on) {
    this.overlaid = on;
    this.redraw();
  }

  redraw() {
    this.lanes.forEach((_, label) => this.dirty.add(label));
    this.#plan();
    this.#drawRuler();
    this.#placeGhost();
    this.markLoop(this.loop);
    this.#sharpen();
  }

  #moved(label) {
    if (label === null) {
      this.redraw();
      return;
    }
    this.dirty.add(cameraOf(label));
    if (this.overlaid && this.cameras.find((camera) => camera.label === label)?.isMaster) {
      this.lanes.forEach((_, other) => this.dirty.add(other));
    }
    this.#plan();
    this.#placeGhost();
    this.#sharpen();
  }

  /** All drawing of one frame at once. */
  #plan() {
    this.planned ||= requestAnimationFrame(() => {
      this.planned = 0;
      this.dirty.forEach((label) => this.#drawLane(label));
      this.dirty.clear();
      this.painted += 1;
    });
  }

  #sharpen() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      if (this.view[1] - this.view[0] > DETAIL_FOR_SECONDS) {
        return;
      }
      await Promise.all(
        this.cameras.map(async (camera) => {
          const peaks = this.peaks.get(camera.label);
          for (const [from, to] of this.#visible(camera)) {
            if (await peaks.sharpen(from, to).catch((error) => this.#trouble(peaks, error))) {
              this.dirty.add(cameraOf(camera.label));
              this.#plan();
            }
          }
        }),
      );
    }, 40);
  }

  /** Draw a clip's lane again: there is more of its wave. */
  refresh(label) {
    this.dirty.add(cameraOf(label));
    this.#plan();
    this.#sharpen();
  }

  /** The clips of a row that are on the screen, the chosen one last and on top. One that nobody has placed is nowhere: among
   * others it is drawn while it is chosen. */
  #onScreen({ many, clips }) {
    const placed = clips.filter(({ label }) => !many || label === this.chosen || this.offsets.of(label) !== null);
    const shown = placed.filter((clip) => extentsOf(clip).some(({ start, end }) => end > this.view[0] && start < this.view[1]));
    return shown.toSorted((a, b) => (a.label === this.chosen) - (b.label === this.chosen));
  }

  /** What of each line of a camera's clock is on the screen, in its own seconds. */
  #visible(camera) {
    const shown = extentsOf(camera).filter(({ start, end }) => end > this.view[0] && start < this.view[1]);
    return shown.map(({ offset, ppm }) => this.view.map((t) => toCamera({ offset, ppm }, t)));
  }

  #trouble(peaks, error) {
    if (peaks.failed !== error.message) {
      peaks.failed = error.message;
      this.dispatchEvent(new CustomEvent("trouble", { detail: error.message }));
    }
    return false;
  }

  #drawLane(row) {
    const reel = this.reels.get(row);
    const { context, width, height } = sized(this.lanes.get(row));
    context.clearRect(0, 0, width, height);
    for (const camera of this.#onScreen(reel)) {
      this.#drawClip(context, camera, width, height);
      if (reel.many) {
        this.#drawFrame(context, camera, width, height);
      }
    }
  }

  #drawClip(context, camera, width, height) {
    const { label } = camera;
    const colors = this.colors;
    this.#drawGround(context, camera, width, height);
    const master = this.cameras[0];
    if (this.overlaid && camera !== master && label === this.chosen) {
      context.globalAlpha = 0.85;
      this.#drawWave(context, master, width, height, colors.tints.get(master.label));
      context.globalAlpha = 0.7;
      this.#drawWave(context, camera, width, height, colors.tints.get(camera.label));
      context.globalAlpha = 1;
    } else {
      if (this.offsets.moved(label) || this.offsets.apart(label).length) {
        this.#drawWave(context, asComputed(camera), width, height, colors.ghost);
      }
      this.#drawWave(context, camera, width, height, colors.tints.get(camera.label));
    }
    this.#drawSegments(context, camera, width, height);
  }

  /** Where the camera recorded: a field behind its wave, so that "no sound" and "not recording" look different. */
  #drawGround(context, camera, width, height) {
    const ratio = width / this.width;
    for (const { start, end } of extentsOf(camera)) {
      const [from, to] = [start, end].map((t) => clamp(this.x(t) * ratio, 0, width));
      context.fillStyle = this.colors.ground;
      context.fillRect(from, 0, to - from, height);
      context.fillStyle = this.colors.line;
      context.fillRect(from, Math.floor(height / 2), to - from, 1);
    }
  }

  #drawWave(context, camera, width, height, colour) {
    const peaks = this.peaks.get(camera.label);
    const sharp = this.view[1] - this.view[0] <= DETAIL_FOR_SECONDS;
    const ratio = width / this.width;
    const pair = [0, 0];
    const tall = ((height / 2 - 2) * peaks.gain) / 127;
    const middle = height / 2;
    context.fillStyle = colour;
    for (const line of extentsOf(camera)) {
      const [from, to] = this.view.map((t) => toCamera({ offset: line.offset, ppm: line.ppm }, t));
      const step = (to - from) / width;
      const start = Math.max(0, Math.floor(this.x(line.start) * ratio));
      const end = Math.min(width, Math.ceil(this.x(line.end) * ratio));
      for (let x = start; x < end; x += 1) {
        const t = from + x * step;
        if (peaks.extremes(t, t + step, sharp, pair)) {
          const top = Math.round(Math.max(0, middle - pair[1] * tall));
          const bottom = Math.round(Math.min(height, middle - pair[0] * tall));
          context.fillRect(x, top, 1, Math.max(1, bottom - top));
        }
      }
    }
  }

  /** Where a clip begins and ends, and which it is; a doubtful one has a bar above it. */
  #drawFrame(context, camera, width, height) {
    const extents = extentsOf(camera);
    const ratio = width / this.width;
    const [from, to] = [extents[0].start, extents.at(-1).end].map((t) => Math.round(this.x(t) * ratio));
    const chosen = camera.label === this.chosen;
    context.strokeStyle = chosen ? this.colors.ink : this.colors.faint;
    context.lineWidth = (chosen ? 2 : 1) * ratio;
    const inset = context.lineWidth / 2;
    context.strokeRect(from + inset, inset, Math.max(1, to - from - 2 * inset), height - 2 * inset);
    if (camera.doubt) {
      context.fillStyle = this.colors[camera.doubt];
      context.fillRect(from, 0, Math.max(3 * ratio, to - from), 6 * ratio);
    }
    context.font = `600 ${11 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "top";
    if (!camera.lines.length) {
      this.#drawNumber(context, camera.label, Math.max(from, 0), Math.min(to, width), ratio);
    }
  }

  /** A border and a number for each segment; the chosen one is framed. */
  #drawSegments(context, camera, width, height) {
    if (camera.lines.length < 2) {
      return;
    }
    const ratio = width / this.width;
    context.font = `600 ${11 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "top";
    extentsOf(camera).forEach(({ start, end }, place) => {
      const [from, to] = [start, end].map((t) => Math.round(this.x(t) * ratio));
      if (to < 0 || from > width) {
        return;
      }
      const chosen = camera.label === this.chosen && place + 1 === this.segment;
      context.strokeStyle = chosen ? this.colors.ink : this.colors.faint;
      context.lineWidth = (chosen ? 2 : 1) * ratio;
      const inset = context.lineWidth / 2;
      context.strokeRect(from + inset, inset, Math.max(1, to - from - 2 * inset), height - 2 * inset);
      this.#drawNumber(context, `${place + 1}`, Math.max(from, 0), to, ratio);
    });
  }

  #drawNumber(context, text, from, to, ratio) {
    const wide = context.measureText(text).width + 8 * ratio;
    if (to - from > wide + 4 * ratio) {
      context.fillStyle = this.colors.surface;
      context.fillRect(from + 3 * ratio, 3 * ratio, wide, 15 * ratio);
      context.fillStyle = this.colors.ink;
      context.fillText(text, from + 7 * ratio, 5 * ratio);
    }
  }

  #drawRuler() {
    const { context, width, height } = sized(this.ruler);
    const ratio = width / this.width;
    context.clearRect(0, 0, width, height);
    const step = STEPS_S.find((s) => s * this.scale >= 90) ?? STEPS_S.at(-1);
    const digits = step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0;
    context.font = `${11 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    for (let tick = Math.ceil(this.view[0] / step); tick * step <= this.view[1]; tick += 1) {
      const x = Math.round(this.x(tick * step) * ratio);
      context.fillStyle = this.colors.line;
      context.fillRect(x, height - 6 * ratio, ratio, 6 * ratio);
      context.fillStyle = this.colors.faint;
      context.fillText(timecode(tick * step, digits), x + 4 * ratio, height / 2 - ratio);
    }
  }

  /** Two lines over the chosen camera's lane: where the middle of the view would be as computed, and where it is. */
  #placeGhost() {
    const { was, now } = this.marks;
    const moved = this.chosen ? this.offsets.moved(keyOf(this.chosen, this.segment)) : null;
    const lane = this.chosen && this.root.querySelector(`[data-lane="${cameraOf(this.chosen)}"] .lane-wave`);
    was.hidden = now.hidden = !moved || !lane;
    if (was.hidden) {
      return;
    }
    const middle = this.width / 2;
    const shifted = clamp(middle + (moved / 1000) * this.scale, 0, this.width);
    for (const [mark, x] of [[was, middle], [now, shifted]]) {
      mark.style.transform = `translate(${x}px, ${lane.offsetTop}px)`;
      mark.style.height = `${lane.offsetHeight}px`;
    }
    now.dataset.side = moved > 0 ? "right" : "left";
    now.firstElementChild.textContent = msWords(moved);
  }

  #resized() {
    this.show(...this.view);
  }

  #readColours() {
    const { read, done } = cssColors(this.root);
    this.colors = {
      tints: new Map(this.cameras.map(({ label }) => [label, read(lineOf(label))])),
      ghost: read("--lane-ghost"),
      ground: read("--lane-ground"),
      line: read("--lane-line"),
      faint: read("--lane-text"),
      ink: read("--ink"),
      surface: read("--surface"),
      ask: read("--ask"),
      bad: read("--bad"),
    };
    done();
  }
}

/** The camera where the sync put it, each segment too. */
function asComputed(camera) {
  const lines = camera.lines.map((line, place) => ({ ...line, offset: camera.segments[place].base }));
  return { ...camera, offset: camera.computed ?? camera.offset, lines };
}

/** The name of a camera's colour on a lane; from G on they share one. */
function lineOf(label) {
  return `--cam-${"ABCDEF".includes(label[0]) ? label[0].toLowerCase() : "other"}-line`;
}
