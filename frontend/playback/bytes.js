// Pieces of stored files by HTTP Range. Links expire: one refusal asks the page for fresh ones and tries again.

export class Unreadable extends Error {}

/** `from` and `to` (excluded) in bytes; shorter at the file's end. `link()` answers the current URL. */
export async function readRange(link, from, to, renew) {
  let answer = await ask(link(), from, to);
  if (answer.status === 403 && renew) {
    await renew();
    answer = await ask(link(), from, to);
  }
  if (answer.status === 416) {
    return new ArrayBuffer(0);
  }
  if (!answer.ok) {
    throw new Unreadable(`The file could not be read (error ${answer.status}).`);
  }
  const body = await answer.arrayBuffer();
  return answer.status === 206 ? body : body.slice(from, to);
}

/** The whole of a small file. */
export async function readAll(link, renew) {
  return readRange(link, 0, Number.MAX_SAFE_INTEGER, renew);
}

async function ask(url, from, to) {
  const whole = from === 0 && to === Number.MAX_SAFE_INTEGER;
  try {
    return await fetch(url, { headers: whole ? {} : { Range: `bytes=${from}-${to - 1}` } });
  } catch {
    throw new Unreadable("The file could not be loaded: storage is not responding.");
  }
}

/** Numbered blocks of one file, fetched once, neighbours together, the least recently used forgotten. */
export class Blocks {
  /** `fetchBlocks(first, count)` answers an array of `count` blocks. */
  constructor(fetchBlocks, most = 4000) {
    this.fetchBlocks = fetchBlocks;
    this.most = most;
    this.known = new Map();
    this.coming = new Map();
  }

  get(number) {
    return this.known.get(number);
  }

  /** Make blocks `first` … `last` known; true when something was fetched for it. */
  async need(first, last) {
    const waits = new Set();
    for (let at = first; at <= last; at += 1) {
      if (this.known.has(at)) {
        continue;
      }
      if (!this.coming.has(at)) {
        let end = at;
        while (end < last && !this.known.has(end + 1) && !this.coming.has(end + 1)) {
          end += 1;
        }
        this.#fetch(at, end - at + 1);
      }
      waits.add(this.coming.get(at));
    }
    await Promise.all(waits);
    return waits.size > 0;
  }

  #fetch(first, count) {
    const numbers = Array.from({ length: count }, (_, i) => first + i);
    const promise = this.fetchBlocks(first, count)
      .then((blocks) => numbers.forEach((number, i) => this.known.set(number, blocks[i])))
      .finally(() => numbers.forEach((number) => this.coming.delete(number)))
      .then(() => this.#forget());
    numbers.forEach((number) => this.coming.set(number, promise));
  }

  #forget() {
    for (const number of this.known.keys()) {
      if (this.known.size <= this.most) {
        return;
      }
      this.known.delete(number);
    }
  }
}
