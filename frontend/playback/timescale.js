// Time to scale: which seconds are on the screen, where they lie, and the marks that move over them.

import { clamp } from "./time.js";

/** A subclass has `width`, `view`, `head`, `loopMark` and `show(from, to)`. */
export class Timescale extends EventTarget {
  get scale() {
    return this.width / (this.view[1] - this.view[0]);
  }

  /** What a zoom leaves in its place. */
  get middle() {
    return (this.view[0] + this.view[1]) / 2;
  }

  x(t) {
    return (t - this.view[0]) * this.scale;
  }

  timeAt(x) {
    return this.view[0] + x / this.scale;
  }

  zoom(by, around = this.middle) {
    const [from, to] = this.view;
    this.show(around - (around - from) / by, around + (to - around) / by);
  }

  pan(seconds) {
    this.show(this.view[0] + seconds, this.view[1] + seconds);
  }

  /** Turn the page when `t` is off the screen. */
  keepInView(t) {
    const [from, to] = this.view;
    if (t < from || t > to) {
      this.show(t - (to - from) * 0.1, t + (to - from) * 0.9);
    }
  }

  moveHead(t) {
    const x = this.x(t);
    this.head.style.transform = `translateX(${x}px)`;
    this.head.hidden = x < 0 || x > this.width;
  }

  markLoop(loop) {
    this.loop = loop;
    const [from, to] = loop ? loop.map((t) => clamp(this.x(t), 0, this.width)) : [0, 0];
    this.loopMark.hidden = to - from < 1;
    this.loopMark.style.transform = `translateX(${from}px)`;
    this.loopMark.style.width = `${to - from}px`;
  }
}

/** Scroll with Ctrl to zoom around the pointer, sideways or with Shift to pan. */
export function bindWheel(element, timescale, timeOf) {
  const turned = (event) => {
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      timescale.zoom(Math.exp(-event.deltaY / 300), timeOf(event));
    } else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      event.preventDefault();
      timescale.pan(sideways / timescale.scale);
    }
  };
  element.addEventListener("wheel", turned, { passive: false });
}
