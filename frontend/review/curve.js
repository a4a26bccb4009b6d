// The correlation curve of the chosen camera: how well the sound fits at each lag, and the rivals of the answer.

import uPlot from "uplot";
import { cssColors } from "../playback/css_colors.js";
import { offsetText } from "../playback/time.js";

const HEIGHT = 132;
const NEAR_MS = 2000;
const SHOWN_IN_TABLE = 12;
const ALIKE = 1.3;

export class Curve {
  /** `pick(lagMs)` is called when somebody chooses a peak. */
  constructor(root, offsets, pick) {
    Object.assign(this, { root, offsets, pick });
    this.near = true;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#build());
    new ResizeObserver(() => this.plot?.setSize({ width: this.width, height: HEIGHT })).observe(root);
    offsets.addEventListener("change", () => this.#later());
  }

  get width() {
    return Math.max(200, this.root.clientWidth);
  }

  /** `found`: the stored evidence or null; `base`: the offset of the track it was compared with, ms. */
  show(camera, found, base) {
    Object.assign(this, { camera, found, base });
    const panel = document.getElementById("curve-panel");
    panel.hidden = !found || found.curve_ms.length === 0;
    if (panel.hidden) {
      return;
    }
    this.#build();
    this.#list();
    this.#table();
  }

  look(near) {
    this.near = near;
    this.#build();
  }

  /** The peaks to choose from, best first: { lag, score }. */
  get peaks() {
    if (!this.found) {
      return [];
    }
    const own = this.#best === null ? [] : [{ lag: this.#best, score: this.#scoreAt(this.#best) }];
    const rivals = this.found.rivals.map((rival) => ({ lag: rival.lag_ms, score: rival.score }));
    const apart = rivals.filter((rival) => own.every((peak) => Math.abs(peak.lag - rival.lag) > 30));
    return [...own, ...apart.slice(0, 3)];
  }

  /** The lag that the sync settled on, or would have, had it dared: what the windows say. */
  get #best() {
    if (this.camera.computed !== null) {
      return this.camera.computed - this.base;
    }
    const window = this.found.middle ?? this.found.start ?? this.found.end;
    return window?.lag_ms ?? null;
  }

  /** Go round the peaks. */
  next() {
    const { peaks } = this;
    if (peaks.length) {
      const now = this.offsets.of(this.camera.label);
      const at = peaks.findIndex((peak) => now !== null && Math.abs(peak.lag + this.base - now) < 0.05);
      this.pick(peaks[(at + 1) % peaks.length].lag);
    }
  }

  #scoreAt(lag) {
    const { curve_ms: lags, curve } = this.found;
    let best = 0;
    lags.forEach((at, i) => (Math.abs(at - lag) < Math.abs(lags[best] - lag) ? (best = i) : null));
    return Math.max(...curve.slice(Math.max(0, best - 2), best + 3));
  }

  #list() {
    const panel = document.getElementById("rivals");
    const { peaks } = this;
    panel.replaceChildren(
      ...peaks.map((peak, index) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "tool";
        button.dataset.lag = peak.lag;
        const first = this.camera.computed === null ? "Best guess" : "Computed";
        const name = index === 0 && this.#best !== null ? first : ordinal(index + 1);
        button.textContent = `${name}: ${offsetText(peak.lag + this.base)}, score ${peak.score.toFixed(1)}`;
        button.addEventListener("click", () => this.pick(peak.lag));
        return button;
      }),
    );
    this.#press();
    const text = document.getElementById("curve-text");
    if (peaks.length < 2) {
      text.textContent = "No other match comes close.";
    } else {
      const ratio = peaks[0].score / Math.max(0.1, peaks[1].score);
      text.textContent =
        ratio < ALIKE
          ? "Another match is nearly as strong. Look and listen before you choose."
          : `The best match is ${ratio.toFixed(1)} times as strong as the next one.`;
    }
  }

  #press() {
    const now = this.camera && this.offsets.of(this.camera.label);
    for (const button of document.querySelectorAll("#rivals [data-lag]")) {
      const here = now !== null && Math.abs(Number(button.dataset.lag) + this.base - now) < 0.05;
      button.setAttribute("aria-pressed", String(here));
    }
  }

  #table() {
    const { curve_ms: lags, curve } = this.found;
    const best = lags.map((lag, i) => [lag, curve[i]]).sort((a, b) => b[1] - a[1]);
    const body = document.querySelector("#curve-table tbody");
    body.replaceChildren(
      ...best.slice(0, SHOWN_IN_TABLE).map(([lag, score]) => {
        const row = document.createElement("tr");
        row.insertCell().textContent = offsetText(lag + this.base);
        row.insertCell().textContent = score.toFixed(1);
        return row;
      }),
    );
  }

  #later() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.#press();
      this.plot?.redraw(false);
    }, 60);
  }

  #build() {
    this.plot?.destroy();
    this.plot = null;
    if (!this.found?.curve_ms.length) {
      return;
    }
    const { read, done } = cssColors(this.root);
    const colors = Object.fromEntries(
      ["text", "line", "curve", "fill", "now", "rival"].map((name) => [name, read(`--plot-${name}`)]),
    );
    done();
    const axis = { stroke: colors.text, grid: { stroke: colors.line, width: 1 }, ticks: { show: false } };
    const font = "11px system-ui, sans-serif";
    const lags = this.found.curve_ms.map((lag) => (lag + this.base) / 1000);
    const { lag } = this.peaks[0] ?? { lag: 0 };
    const middle = (lag + this.base) / 1000;
    const range = this.near ? [middle - NEAR_MS / 1000, middle + NEAR_MS / 1000] : [lags[0], lags.at(-1)];
    const options = {
      width: this.width,
      height: HEIGHT,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false } },
      scales: { x: { time: false, range: (_, from, to) => (this.zoomed ? [from, to] : range) }, y: { range: roomAbove } },
      axes: [
        { ...axis, font, size: 26, values: (_, ticks) => ticks.map((t) => `${t.toFixed(this.near ? 1 : 0)} s`) },
        { ...axis, font, size: 34 },
      ],
      series: [{}, { stroke: colors.curve, width: 1.5, fill: colors.fill, points: { show: false } }],
      hooks: { draw: [(plot) => this.#mark(plot, colors)] },
    };
    this.plot = new uPlot(options, [lags, this.found.curve], this.root);
    this.plot.over.addEventListener("click", () => this.#clicked());
  }

  /** A click takes the highest point nearby: nobody hits a peak to the pixel. */
  #clicked() {
    const { left } = this.plot.cursor;
    if (left < 0) {
      return;
    }
    const [from, to] = [left - 8, left + 8].map((x) => this.plot.posToVal(x, "x"));
    const [xs, ys] = this.plot.data;
    let best = -1;
    xs.forEach((x, i) => (x >= from && x <= to && (best < 0 || ys[i] > ys[best]) ? (best = i) : null));
    if (best >= 0) {
      const close = this.peaks.find((peak) => Math.abs(peak.lag - this.found.curve_ms[best]) < 30);
      this.pick(close ? close.lag : this.found.curve_ms[best]);
    }
  }

  /** The offset on the screen as a line, the rivals as dots. */
  #mark(plot, colors) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    const now = this.offsets.of(this.camera.label);
    if (now !== null) {
      const x = Math.round(plot.valToPos(now / 1000, "x", true));
      ctx.fillStyle = colors.now;
      ctx.fillRect(x - devicePixelRatio, bbox.top, 2 * devicePixelRatio, bbox.height);
    }
    ctx.fillStyle = colors.rival;
    for (const peak of this.peaks.slice(1)) {
      ctx.beginPath();
      const x = plot.valToPos((peak.lag + this.base) / 1000, "x", true);
      ctx.arc(x, plot.valToPos(peak.score, "y", true), 4 * devicePixelRatio, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }
}

function roomAbove(_, least, most) {
  return [Math.min(0, least), Math.max(1, most) * 1.1];
}

function ordinal(number) {
  return `${number}${["th", "st", "nd", "rd"][number] ?? "th"}`;
}
