// What happens to the session elsewhere: files replaced, a sync finished, another operator's decision, a server that
// goes away and comes back. Asked every few seconds while the page is looked at.

import { call } from "../api.js";
import { notify } from "../notify.js";

const EVERY_MS = 4000;
const LOST_AFTER = 2;

export class Watch extends EventTarget {
  constructor(data) {
    super();
    this.data = data;
    this.url = `${window.location.pathname}state`;
    this.failures = 0;
    this.stopped = false;
    document.addEventListener("visibilitychange", () => (document.hidden ? null : this.#soon(0)));
    this.#soon(EVERY_MS);
  }

  /** Ask now; answers the fresh data, or the one that is known when nothing changed. Throws ApiError. */
  async ask({ all = false } = {}) {
    const fresh = await call("GET", `${this.url}?seen=${all ? "" : this.data.stamp}`);
    if (fresh) {
      const before = this.data;
      this.data = fresh;
      this.dispatchEvent(new CustomEvent("fresh", { detail: { before, fresh } }));
    }
    return this.data;
  }

  #soon(after) {
    clearTimeout(this.timer);
    if (!this.stopped) {
      this.timer = setTimeout(() => this.#poll(), after);
    }
  }

  async #poll() {
    if (document.hidden || this.stopped) {
      return;
    }
    try {
      await this.ask();
      if (this.failures >= LOST_AFTER) {
        notify("Connected again.", "good");
      }
      this.failures = 0;
    } catch (error) {
      this.#failed(error);
    }
    this.#soon(EVERY_MS * Math.min(4, 1 + Math.floor(this.failures / 5)));
  }

  #failed(error) {
    if (error.passing || error.status === 0) {
      this.failures += 1;
      if (this.failures === LOST_AFTER) {
        notify("Studio is not responding. Your changes are safe; this page reconnects automatically.", "ask");
      }
      return;
    }
    this.stopped = true;
    const gone = error.status === 404;
    notify(gone ? "This session was deleted. Continue with the next one." : error.message, "bad");
  }
}
