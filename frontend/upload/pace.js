// How fast it goes, and how long it will take: over the last seconds, so that a pause or a burst is soon forgotten. Pure.

const WINDOW_MS = 8000;
const WARM_UP_MS = 1500;

export class Pace {
  #samples = [];

  add(bytes, now) {
    this.#samples.push({ bytes, now });
    while (this.#samples.length > 2 && now - this.#samples[1].now >= WINDOW_MS) {
      this.#samples.shift();
    }
  }

  reset() {
    this.#samples = [];
  }

  /** Bytes a second, or null while there is too little to say. */
  speed() {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || last.now - first.now < WARM_UP_MS || last.bytes <= first.bytes) {
      return null;
    }
    return ((last.bytes - first.bytes) * 1000) / (last.now - first.now);
  }

  /** Seconds until `bytes` more are sent, or null. */
  left(bytes) {
    const speed = this.speed();
    return speed ? bytes / speed : null;
  }
}

export function inBytes(count) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let [amount, unit] = [count, 0];
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 || amount >= 100 ? amount.toFixed(0) : amount.toFixed(1)} ${units[unit]}`;
}

export function inTime(seconds) {
  if (seconds < 90) {
    return `${Math.max(1, Math.round(seconds))} s`;
  }
  if (seconds < 90 * 60) {
    return `${Math.round(seconds / 60)} min`;
  }
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "3.2 of 8.1 GB · 41 MB/s · 2 min left" */
export function progressWords(sent, total, pace) {
  const [amount, whole] = [inBytes(sent), inBytes(total)];
  const same = amount.split(" ")[1] === whole.split(" ")[1];
  const parts = [`${same ? amount.split(" ")[0] : amount} of ${whole}`];
  const speed = pace.speed();
  if (speed) {
    parts.push(`${inBytes(speed)}/s`, `${inTime((total - sent) / speed)} left`);
  }
  return parts.join(" · ");
}
