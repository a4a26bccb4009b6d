// The captions as a list. Only the rows in view are in the document, in their order, and the one that somebody is in.

import { placeOf } from "./cues.js";
import { Row } from "./row.js";

const BEYOND = 4;

export class List extends EventTarget {
  /** Fires "choose", "type", "typed" and "speaker" with the caption's id, and what was written. */
  constructor(scroll, history, layout) {
    super();
    Object.assign(this, { scroll, history, layout, root: scroll.querySelector("ol") });
    this.rows = new Map();
    this.spare = [];
    this.chosen = null;
    this.now = null;
    scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => {
      this.#measure();
      this.draw();
    }).observe(scroll);
    this.#measure();
    this.#listen();
    this.draw();
  }

  /** The row of a caption, brought into view. */
  reveal(id) {
    const place = placeOf(this.history.cut, id);
    if (place < 0) {
      return null;
    }
    const [top, high] = [place * this.high, this.tall];
    const { scrollTop } = this.scroll;
    if (top < scrollTop) {
      this.scroll.scrollTop = top;
    } else if (top + this.high > scrollTop + high) {
      this.scroll.scrollTop = top + this.high - high;
    }
    this.draw();
    return this.rows.get(id);
  }

  /** The text of a caption, with the cursor in it. */
  edit(id, at = null) {
    const row = this.reveal(id);
    row?.text.focus({ preventScroll: true });
    if (at !== null) {
      row?.text.setSelectionRange(at, at);
    }
  }

  choose(id) {
    this.#mark("chosen", id, (root, on) => (on ? root.setAttribute("aria-current", "true") : root.removeAttribute("aria-current")));
  }

  /** The caption that is on the screen. */
  play(id) {
    this.#mark("now", id, (root, on) => root.classList.toggle("is-now", on));
  }

  /** Where the cursor is in the text of a caption; null where it is not. */
  cursorIn(id) {
    const text = this.rows.get(id)?.text;
    return text && (document.activeElement === text || this.left === text) ? text.selectionStart : null;
  }

  /** Whether somebody is in a field of the list. */
  get typing() {
    return document.activeElement?.matches?.(".cue textarea, .cue input") ?? false;
  }

  draw() {
    const cues = this.history.cut;
    this.root.style.height = `${cues.length * this.high}px`;
    const first = Math.max(0, Math.floor(this.scroll.scrollTop / this.high) - BEYOND);
    const last = Math.min(cues.length, Math.ceil((this.scroll.scrollTop + this.tall) / this.high) + BEYOND);
    const wanted = new Set();
    for (let place = first; place < last; place += 1) {
      wanted.add(place);
    }
    const held = [...this.rows].find(([, row]) => row.holdsFocus)?.[0];
    const kept = held === undefined ? -1 : placeOf(cues, held);
    if (kept >= 0) {
      wanted.add(kept);
    }
    this.#show(cues, [...wanted].sort((a, b) => a - b));
  }

  /** Read once: to ask in the midst of drawing would have the page laid out then and there. */
  #measure() {
    this.high = parseFloat(getComputedStyle(this.scroll).getPropertyValue("--row"));
    this.tall = this.scroll.clientHeight;
  }

  #show(cues, places) {
    const left = new Set(places.map((place) => cues[place].id));
    for (const [id, row] of this.rows) {
      if (!left.has(id)) {
        row.root.remove();
        this.rows.delete(id);
        this.spare.push(row);
      }
    }
    // The rows that stay are in order already: what is new comes between them, and no field loses its focus.
    let next = this.root.firstElementChild;
    for (const place of places) {
      const cue = cues[place];
      const row = this.rows.get(cue.id) ?? this.spare.pop() ?? new Row();
      this.rows.set(cue.id, row);
      row.id = cue.id;
      if (row.root === next) {
        next = next.nextElementSibling;
      } else {
        this.root.insertBefore(row.root, next);
      }
      row.root.style.transform = `translateY(${place * this.high}px)`;
      row.fill(cue, place, cues.length, row.cue === cue ? null : this.layout.measure(cue));
      row.root.classList.toggle("is-now", cue.id === this.now);
      row.root.toggleAttribute("aria-current", false);
      if (cue.id === this.chosen) {
        row.root.setAttribute("aria-current", "true");
      }
    }
  }

  #mark(name, id, set) {
    if (this[name] === id) {
      return;
    }
    for (const [one, on] of [[this[name], false], [id, true]]) {
      const row = this.rows.get(one);
      if (row) {
        set(row.root, on);
      }
    }
    this[name] = id;
  }

  #listen() {
    const rowOf = (event) => event.target.closest?.(".cue")?.row;
    const fire = (type, row, value = null) => this.dispatchEvent(new CustomEvent(type, { detail: { id: row.id, value } }));
    this.root.addEventListener("focusin", (event) => fire("choose", rowOf(event), event.target.matches("button") ? "go" : "stay"));
    this.root.addEventListener("click", (event) => {
      const row = rowOf(event);
      if (row && !event.target.matches("input, textarea")) {
        fire("choose", row, "go");
      }
    });
    this.root.addEventListener("input", (event) => (event.target.matches("textarea") ? fire("type", rowOf(event), event.target.value) : null));
    this.root.addEventListener("change", (event) => (event.target.matches("input") ? fire("speaker", rowOf(event), event.target.value.trim()) : null));
    this.root.addEventListener("focusout", (event) => {
      const row = rowOf(event);
      // A click on Split takes the focus away, and means the cursor that was there.
      this.left = event.target.matches("textarea") ? event.target : null;
      if (row && this.left) {
        fire("typed", row);
      }
    });
  }
}
