// The segment that is being said is marked while the recording plays.

export function followPlayer(player) {
  player?.addEventListener("timeupdate", () => {
    const items = [...document.querySelectorAll(".words-list > li")];
    const now = placeAt(items.map((item) => Number(item.querySelector("[data-ms]").dataset.ms)), 1000 * player.currentTime);
    for (const [place, item] of items.entries()) {
      if (place === now) {
        item.setAttribute("aria-current", "true");
      } else {
        item.removeAttribute("aria-current");
      }
    }
  });
}

/** The last of these ascending times that is not after `ms`; -1 before the first. */
export function placeAt(times, ms) {
  return times.findLastIndex((time) => time <= ms);
}
