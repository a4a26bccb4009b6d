// The cut as it stands, and the hundred before it. A drag is one step, however long it takes.

const MOST = 100;

export class History extends EventTarget {
  constructor(cut) {
    super();
    this.cut = cut;
    this.done = [];
    this.undone = [];
    this.dragged = null;
  }

  /** An edit: `change(cut)` → the next one. Answers whether it changed anything. */
  edit(change) {
    this.drop();
    const next = change(this.cut);
    if (next === this.cut) {
      return false;
    }
    this.#push(this.cut);
    this.#show(next);
    return true;
  }

  /** An edit under a hand that still moves: it counts from where the drag began. */
  drag(change) {
    this.dragged ??= this.cut;
    const next = change(this.dragged);
    if (next !== this.cut) {
      this.#show(next);
    }
  }

  /** The hand lets go. */
  drop() {
    const before = this.dragged;
    this.dragged = null;
    if (before !== null && before !== this.cut) {
      this.#push(before);
      this.#show(this.cut);
    }
  }

  undo() {
    this.drop();
    return this.#step(this.done, this.undone);
  }

  redo() {
    this.drop();
    return this.#step(this.undone, this.done);
  }

  /** Another cut altogether, with nothing before it. */
  load(cut) {
    Object.assign(this, { done: [], undone: [], dragged: null });
    this.#show(cut);
  }

  #step(from, to) {
    if (!from.length) {
      return false;
    }
    to.push(this.cut);
    this.#show(from.pop());
    return true;
  }

  #push(cut) {
    this.done.push(cut);
    this.done.splice(0, Math.max(0, this.done.length - MOST));
    this.undone = [];
  }

  #show(cut) {
    const before = this.cut;
    this.cut = cut;
    this.dispatchEvent(new CustomEvent("change", { detail: { before, cut, dragged: this.dragged !== null } }));
  }
}
