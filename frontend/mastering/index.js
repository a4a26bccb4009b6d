// The page that tries a mastering preset: what a preset would do, how far its work is, and before against after.

import "./index.css";
import "./player.css";
import { bindMusic } from "./music.js";
import { Player } from "./player.js";

const LOOK_MS = 1000;

const read = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

/** What a chosen preset says stands in grey in the fields that change it. */
function describe(presets) {
  const chosen = document.querySelector("select[name=preset]");
  const text = document.querySelector("[data-description]");
  const show = () => {
    const preset = presets[chosen.value];
    text.textContent = preset?.description ?? "";
    for (const field of document.querySelectorAll("input[data-place]")) {
      field.placeholder = field.dataset.place.split(".").reduce((found, part) => found?.[part], preset) ?? "";
    }
  };
  chosen.addEventListener("change", show);
  show();
}

/** Ask how far the work is until it is done; then the whole page has something new to show. */
async function follow(running) {
  const step = running.querySelector("[data-step]");
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    try {
      const answer = await fetch(running.dataset.state, { headers: { Accept: "application/json" } });
      if (!answer.ok) {
        throw new Error(`Something went wrong (error ${answer.status}). Reload the page.`);
      }
      const state = await answer.json();
      if (!state.working) {
        window.location.reload();
        return;
      }
      running.querySelector("progress").value = state.percent;
      if (step.textContent !== state.step) {
        step.textContent = state.step;
      }
    } catch (error) {
      step.textContent = error instanceof TypeError ? "Studio is not responding. Retrying…" : error.message;
    }
  }
}

function clock(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, "0")}`;
}

function bindPlayer(panel, known) {
  const player = new Player(known);
  const find = (name) => panel.querySelector(`[data-${name}]`);
  const [play, seek, match, output, problem] = ["play", "seek", "match", "clock", "problem"].map(find);
  const sides = [...panel.querySelectorAll("[data-side]")];
  const heads = [...document.querySelectorAll("[data-head]")];

  const draw = () => {
    const now = player.time;
    play.textContent = player.running ? "Pause" : "Play";
    output.textContent = clock(now);
    if (document.activeElement !== seek || player.running) {
      seek.value = now;
    }
    for (const head of heads) {
      head.hidden = false;
      head.style.left = `${(100 * now) / known.seconds}%`;
    }
    for (const side of sides) {
      side.setAttribute("aria-pressed", String(side.dataset.side === player.side));
    }
    problem.hidden = !player.problem;
    problem.textContent = player.problem;
    if (player.running) {
      requestAnimationFrame(draw);
    }
  };

  const toggle = () => (player.running ? player.pause() : player.play());
  const other = () => player.hear(sides.find((side) => side.dataset.side !== player.side).dataset.side);
  player.addEventListener("change", draw);
  play.addEventListener("click", toggle);
  match.addEventListener("change", () => player.matchLoudness(match.checked));
  seek.addEventListener("input", () => player.seek(Number(seek.value)));
  for (const side of sides) {
    side.disabled = !(side.dataset.side in known.wavs);
    side.title = side.disabled ? "This audio is no longer stored." : "";
    side.addEventListener("click", () => player.hear(side.dataset.side));
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, select, textarea, button, a, summary") || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.code === "Space") {
      event.preventDefault();
      toggle();
    } else if (event.code === "KeyX" && sides.every((side) => !side.disabled)) {
      other();
    }
  });
  panel.player = player;
}

const page = read("page-data");
describe(page.presets);
bindMusic(document.querySelector("[data-music]"), page);
const running = document.querySelector("[data-state]");
if (running) {
  follow(running);
}
const known = read("player");
if (known) {
  bindPlayer(document.querySelector("[data-player]"), known);
}
