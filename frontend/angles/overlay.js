// Over the large picture: the two pictures of a transition made one, and the title that stands there, as the film has them.

import { blendAt, dipped, DIPS, laidOver, titleAt } from "./blend.js";

const [WIDE, HIGH] = [1280, 720];

export class Overlay {
  constructor({ screens, history, grid, cameras, lettering }) {
    Object.assign(this, { screens, history, grid, cameras, lettering, shown: "" });
    this.canvas = document.createElement("canvas");
    Object.assign(this.canvas, { width: WIDE, height: HIGH, className: "film-over", hidden: true });
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d");
    this.frame = Object.assign(document.createElement("canvas"), { width: WIDE, height: HIGH });
    lettering.addEventListener("ready", () => (this.shown = ""));
  }

  /** To be called at every frame of the screen: draws where there is something to see, a transition each time, as its videos move on. */
  draw(frame) {
    const { cut } = this.history;
    const blend = blendAt(cut, frame, this.grid, this.cameras);
    const title = titleAt(cut, frame);
    this.canvas.hidden = !blend && !title;
    if (this.canvas.hidden) {
      this.shown = "";
      return;
    }
    this.screens.cover(this.canvas);
    const picture = title && this.lettering.of(title);
    const shows = `${blend ? performance.now() : ""} ${title ? JSON.stringify(title) : ""} ${Boolean(picture)}`;
    if (shows !== this.shown) {
      this.shown = shows;
      this.#draw(blend, picture);
    }
  }

  #draw(blend, picture) {
    this.context.clearRect(0, 0, WIDE, HIGH);
    if (blend) {
      this.#join(blend);
    }
    if (picture) {
      this.context.drawImage(picture, 0, 0, WIDE, HIGH);
    }
  }

  #join(blend) {
    const color = DIPS[blend.type];
    if (color) {
      const { angle, share } = dipped(blend);
      this.#camera(angle);
      this.#filled(color, share);
      return;
    }
    const { alpha, from, to, seen } = laidOver(blend);
    this.#camera(blend.from, from);
    this.context.save();
    this.context.beginPath();
    this.context.rect(seen[0] * WIDE, seen[1] * HIGH, seen[2] * WIDE, seen[3] * HIGH);
    this.context.clip();
    this.#camera(blend.to, to, alpha);
    this.context.restore();
  }

  /** A camera's picture in the frame, black beside it. */
  #camera(label, [across, down] = [0, 0], alpha = 1) {
    const { context } = this;
    context.save();
    context.globalAlpha = alpha;
    context.translate(across * WIDE, down * HIGH);
    context.drawImage(this.#framed(label), 0, 0);
    context.restore();
  }

  /** A camera's picture in a frame of its own, so that it is laid over as one. */
  #framed(label) {
    const frame = this.frame.getContext("2d", { alpha: false });
    frame.fillStyle = "#000000";
    frame.fillRect(0, 0, WIDE, HIGH);
    const video = this.screens.videoOf(label);
    if (video?.videoWidth) {
      const scale = Math.min(WIDE / video.videoWidth, HIGH / video.videoHeight);
      const [wide, high] = [video.videoWidth * scale, video.videoHeight * scale];
      frame.drawImage(video, (WIDE - wide) / 2, (HIGH - high) / 2, wide, high);
    }
    return this.frame;
  }

  #filled(color, alpha) {
    this.context.save();
    this.context.globalAlpha = alpha;
    this.context.fillStyle = color;
    this.context.fillRect(0, 0, WIDE, HIGH);
    this.context.restore();
  }
}
