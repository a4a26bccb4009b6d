// The boxes of the shots in view, each known by the frame with which its shot begins: an edit touches those of the shots that it
// changed, and no other.

const THUMB_FROM_PX = 56;
const NAMED_FROM_PX = 16;
const HANDLE_FROM_PX = 5;

export class ShotBoxes {
  constructor(root, thumbnails) {
    Object.assign(this, { root, thumbnails });
    this.known = new Map();
    this.spare = [];
    this.inView = [];
    this.first = 0;
  }

  /** `shots` as `shotsInView` has them; `strip` knows where a time is. */
  draw(shots, strip) {
    const before = this.known;
    this.known = new Map();
    for (const { start } of shots) {
      this.known.set(start, before.get(start) ?? null);
      before.delete(start);
    }
    this.spare.push(...before.values());
    this.inView = shots.map((shot) => {
      const box = this.known.get(shot.start) ?? this.spare.pop() ?? this.#add();
      this.known.set(shot.start, box);
      this.#fill(box, shot, strip.x(strip.grid.secondsOf(shot.start)), strip.x(strip.grid.secondsOf(shot.end)));
      return box;
    });
    this.spare.filter(({ key }) => key !== null).forEach(hide);
    this.first = shots[0]?.number ?? 0;
  }

  mark(number) {
    const box = this.inView[number - this.first];
    if (this.marked !== box) {
      this.marked?.root.classList.remove("is-current");
      this.marked = box;
      box?.root.classList.add("is-current");
    }
  }

  #add() {
    const root = document.createElement("div");
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 96, height: 54 });
    const name = document.createElement("span");
    const handle = document.createElement("i");
    handle.className = "shot-handle";
    root.append(canvas, name, handle);
    this.root.append(root);
    return { root, canvas, name, handle, key: null };
  }

  #fill(box, { number, angle, first, transition }, from, to) {
    const wide = to - from;
    const left = Math.max(from, -40);
    const key = `${number < 1} ${angle} ${left.toFixed(1)} ${wide.toFixed(1)} ${transition ? 1 : 0}`;
    if (key !== box.key) {
      box.key = key;
      box.root.hidden = false;
      box.root.className = `shot shot-${angle}${wide < NAMED_FROM_PX ? " is-thin" : ""}${transition ? " has-join" : ""}${box === this.marked ? " is-current" : ""}`;
      box.root.style.transform = `translateX(${left}px)`;
      box.root.style.width = `${Math.max(1, to - left - 1)}px`;
      box.name.textContent = angle;
      box.handle.hidden = number < 1 || wide < HANDLE_FROM_PX;
    }
    this.#picture(box, angle, first, wide);
  }

  #picture(box, angle, frame, wide) {
    const due = wide >= THUMB_FROM_PX ? this.thumbnails.of(angle, frame) : null;
    // A cut that moves keeps its picture until the new one is there.
    const image = due ?? (wide >= THUMB_FROM_PX && box.angle === angle ? box.image : null);
    if (box.pictured !== Boolean(image)) {
      box.pictured = Boolean(image);
      box.canvas.hidden = !image;
    }
    if (image && box.image !== image) {
      box.canvas.getContext("2d").drawImage(image, 0, 0, box.canvas.width, box.canvas.height);
    }
    Object.assign(box, { image, angle });
  }
}

function hide(box) {
  box.root.hidden = true;
  box.key = null;
}
