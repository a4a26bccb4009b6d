// What each angle shows: its proxy; while that is being made, the original, where this browser plays it; else a note.

const RENEW_EVERY_MS = 60_000;
const PENDING = "The preview is being made. This browser cannot play the original.";

export class Pictures {
  /** `boxes`: label → the element that holds a camera's <video>, which shows one clip after the other where the camera says which
   * `clip` it is at; `renew` brings fresh links; `wanted(camera)`: whether its picture
   * is loaded yet. */
  constructor(cameras, boxes, renew, wanted = () => true) {
    this.renew = renew;
    this.wanted = wanted;
    this.shown = cameras
      .map((camera) => ({ camera, box: boxes.get(camera.label), video: boxes.get(camera.label)?.querySelector("video") }))
      .filter(({ video }) => video);
    for (const angle of this.shown) {
      angle.video.addEventListener("error", () => this.#broken(angle));
    }
    this.takeIn();
  }

  /** Show the proxies that have come since. The angle brings them to the clock by itself. */
  takeIn() {
    for (const angle of this.shown.filter(({ camera }) => this.wanted(camera))) {
      const { proxy, original, trouble, clip } = angle.camera;
      angle.box.querySelector(".angle-pending").textContent = trouble || PENDING;
      if (angle.clip !== clip) {
        Object.assign(angle, { clip, shows: "" });
        angle.box.classList.toggle("is-unplayable", !proxy && !original);
        angle.box.classList.remove("is-original");
        angle.video.removeAttribute("src");
      }
      if (proxy ? angle.shows !== "proxy" : original && !angle.shows) {
        this.#show(angle, proxy ? "proxy" : "original");
      }
    }
  }

  #show(angle, shows) {
    Object.assign(angle, { shows, renewed: -Infinity });
    angle.box.classList.toggle("is-original", shows === "original");
    angle.box.classList.remove("is-unplayable");
    angle.video.src = angle.camera[shows];
  }

  /** An expired link looks like a broken file: a fresh one is tried, though not again and again. */
  async #broken(angle) {
    const { camera, video, shows } = angle;
    if (shows === "original" && video.error?.code !== MediaError.MEDIA_ERR_NETWORK) {
      angle.box.classList.replace("is-original", "is-unplayable");
      return;
    }
    if (performance.now() - angle.renewed > RENEW_EVERY_MS) {
      angle.renewed = performance.now();
      await this.renew().catch(() => {});
      video.src = camera[angle.shows];
    }
  }
}
