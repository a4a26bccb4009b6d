// The segment that is being said is marked while the recording plays: by its player on its own page, by the shoot's clock elsewhere.

let items = [];
let times = [];
let now = -1;

export function followPlayer(player) {
  player?.addEventListener("timeupdate", () => follow(player.currentTime, !player.paused));
}

/** The page of a shoot says where its clock is, in seconds of the recording; NaN where it was not recording. */
export function followClock() {
  document.addEventListener("studio:time", ({ detail }) => follow(detail.seconds, detail.playing));
}

/** The words are others: look at them anew. */
export function forget() {
  items = [];
}

function follow(seconds, playing) {
  if (!items[0]?.isConnected) {
    items = [...document.querySelectorAll(".words-list > li")];
    times = items.map((item) => Number(item.querySelector("[data-ms]").dataset.ms));
    now = -1;
  }
  const next = Number.isFinite(seconds) ? placeAt(times, 1000 * seconds) : -1;
  if (next === now) {
    return;
  }
  items[now]?.removeAttribute("aria-current");
  items[next]?.setAttribute("aria-current", "true");
  now = next;
  if (playing && items[now]) {
    bringIntoView(items[now]);
  }
}

/** Within the list alone: the page stays where it is. */
function bringIntoView(item) {
  const list = item.parentElement;
  const [top, bottom] = [item.offsetTop - list.offsetTop, item.offsetTop - list.offsetTop + item.offsetHeight];
  if (top < list.scrollTop || bottom > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - list.clientHeight / 3;
  }
}

/** The last of these ascending times that is not after `ms`; -1 before the first. */
export function placeAt(times, ms) {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = times[middle] <= ms ? [middle + 1, high] : [low, middle];
  }
  return low - 1;
}
