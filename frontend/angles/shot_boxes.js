// The boxes of the shots in view: taken from a pool, and touched only where something about them changed.

const THUMB_FROM_PX = 56;
const NAMED_FROM_PX = 16;
const HANDLE_FROM_PX = 5;

export class ShotBoxes {
  constructor(root, thumbnails) {
    Object.assign(this, { root, thumbnails });
    this.pool = [];
    this.used = 0;
    this.first = 0;
  }

  /** `shots` as `shotsInView` has them; `strip` knows where a time is. */
  draw(shots, strip) {
    shots.forEach((shot, place) => {
      const from = strip.x(strip.grid.secondsOf(shot.start));
      const to = strip.x(strip.grid.secondsOf(shot.end));
      this.#fill(this.pool[place] ?? this.#add(), shot, from, to);
    });
    for (let place = shots.length; place < this.used; place += 1) {
      this.pool[place].root.hidden = true;
      this.pool[place].key = null;
    }
    this.used = shots.length;
    this.first = shots[0]?.number ?? 0;
  }

  mark(number) {
    const box = this.pool[number - this.first];
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
    const box = { root, canvas, name, handle, key: null };
    this.pool.push(box);
    return box;
  }

  #fill(box, { number, angle, first, transition }, from, to) {
    const wide = to - from;
    const left = Math.max(from, -40);
    const key = `${number} ${angle} ${left.toFixed(1)} ${wide.toFixed(1)} ${transition ? 1 : 0}`;
    if (key !== box.key) {
      box.key = key;
      box.root.hidden = false;
      box.root.className = `shot shot-${angle}${wide < NAMED_FROM_PX ? " is-thin" : ""}${transition ? " has-join" : ""}${box === this.marked ? " is-current" : ""}`;
      box.root.style.transform = `translateX(${left}px)`;
      box.root.style.width = `${Math.max(1, to - left - 1)}px`;
      box.root.dataset.number = number;
      box.name.textContent = angle;
      box.handle.hidden = number < 1 || wide < HANDLE_FROM_PX;
    }
    this.#picture(box, angle, first, wide);
  }

  #picture(box, angle, frame, wide) {
    const due = wide >= THUMB_FROM_PX ? this.thumbnails.of(angle, frame) : null;
    // A cut that moves keeps its picture until the new one is there.
    const image = due ?? (wide >= THUMB_FROM_PX && box.angle === angle ? box.image : null);
    box.canvas.hidden = !image;
    if (image && box.image !== image) {
      box.canvas.getContext("2d").drawImage(image, 0, 0, box.canvas.width, box.canvas.height);
    }
    Object.assign(box, { image, angle });
  }
}
