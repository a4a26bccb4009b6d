// Titles as pictures, drawn by the server with the lettering of a render: each once, known by its content.

import { ApiError, csrfToken } from "../api.js";

const MOST_KEPT = 200;

export class Lettering extends EventTarget {
  /** Fires "ready" when a picture has come, "failed" with a sentence when a title cannot be drawn. */
  constructor(url) {
    super();
    Object.assign(this, { url, pictures: new Map() });
  }

  /** The picture of a title; null while it is on its way, or where it cannot be drawn. */
  of({ text, style }) {
    const key = JSON.stringify({ text, style });
    if (!this.pictures.has(key)) {
      this.pictures.set(key, null);
      this.#fetch(key);
    }
    return this.pictures.get(key);
  }

  async #fetch(key) {
    try {
      const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), Accept: "application/json, image/png" };
      const answer = await fetch(this.url, { method: "POST", credentials: "same-origin", headers, body: key });
      if (!answer.ok) {
        throw new ApiError((await answer.json().catch(() => null))?.error?.message ?? "The title could not be drawn.");
      }
      const picture = await createImageBitmap(await answer.blob());
      this.pictures.set(key, picture);
      this.#forgetOld();
      this.dispatchEvent(new Event("ready"));
    } catch (error) {
      // The next edit of its words asks again; without an answer, so does the next time that it is shown.
      if (error instanceof ApiError) {
        this.dispatchEvent(new CustomEvent("failed", { detail: error.message }));
      } else {
        setTimeout(() => this.pictures.delete(key), 5000);
      }
    }
  }

  #forgetOld() {
    const [oldest] = this.pictures.keys();
    if (this.pictures.size > MOST_KEPT) {
      this.pictures.get(oldest)?.close();
      this.pictures.delete(oldest);
    }
  }
}
