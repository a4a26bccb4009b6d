// Playback of an editor: its keys, its buttons, and the speed beside the clock.

import { MINUS } from "../playback/time.js";

const FASTEST = 4;
const ZOOM = 1.6;

const button = (name) => document.querySelector(`[data-do=${name}]`);

/** What every editor does, by name. */
export function editorCommands({ clock, grid, strip, saving, frame, toggle }, goTo) {
  const shuttle = (way) => {
    const faster = clock.playing && Math.sign(clock.rate) === way ? Math.min(FASTEST, Math.abs(clock.rate) * 2) : 1;
    clock.setLoop(null);
    clock.setRate(way * faster);
    clock.play();
  };
  const step = (frames) => goTo(frame() + frames);
  return {
    play: toggle,
    back: () => shuttle(-1),
    forward: () => shuttle(1),
    frameBack: () => step(-1),
    frameOn: () => step(1),
    secondBack: () => step(-Math.round(grid.rate)),
    secondOn: () => step(Math.round(grid.rate)),
    zoomIn: () => strip.zoom(ZOOM),
    zoomOut: () => strip.zoom(1 / ZOOM),
    zoomFit: () => strip.fit(),
    loadTheirs: () => saving.loadTheirs(),
    keepMine: () => saving.keepMine(),
  };
}

/** To stand still is to stand on the frame that is on the screen. Answers whether it stands. */
export function toggle({ clock, grid, frame }) {
  if (!clock.playing) {
    clock.play();
    return false;
  }
  const at = frame();
  clock.pause();
  clock.seek(grid.secondsOf(at));
  return true;
}

/** The buttons as what plays is. `pressed`: name → whether, of the editor's own; `sound`: what is heard. */
export function showTransport({ clock, strip }, sound, pressed = {}) {
  for (const [name, on] of Object.entries({ play: clock.playing, loop: Boolean(clock.loop), sound: sound.on, ...pressed })) {
    button(name).setAttribute("aria-pressed", String(on));
  }
  button("play").setAttribute("aria-label", clock.playing ? "Pause" : "Play");
  button("sound").disabled = !sound.possible;
  strip.markLoop(clock.loop);
  const rate = clock.rate === 1 ? "" : `${clock.rate < 0 ? MINUS : ""}${Math.abs(clock.rate)}×`;
  document.getElementById("rate").textContent = clock.playing && !clock.running ? "loading…" : rate;
}

/** `draw(now)` once per frame of the screen where the time is another, and `each(now)` with all. Answers what has it drawn anyway. */
export function drawFrames({ clock, strip }, draw, each = () => {}) {
  let drawn;
  const frame = () => {
    clock.tick();
    const now = clock.time;
    if (now !== drawn) {
      drawn = now;
      if (clock.running) {
        strip.keepInView(now);
      }
      strip.moveHead(now);
      draw(now);
    }
    each(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  return () => {
    drawn = undefined;
  };
}
