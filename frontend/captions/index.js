// The captions of a recording: its picture with them in it, the list of their texts, and the strip on which they are dragged.

import "./index.css";
import { call } from "../api.js";
import { proxyRate } from "../editing/frames.js";
import { History } from "../editing/history.js";
import { drawFrames, showTransport, toggle } from "../editing/transport.js";
import { notify } from "../notify.js";
import { once } from "../once.js";
import { Angles } from "../playback/angles.js";
import { Clock } from "../playback/clock.js";
import { keyed, listenToKeys } from "../playback/keys.js";
import { Peaks } from "../playback/peaks.js";
import { Pictures } from "../playback/pictures.js";
import { bindVolume } from "../playback/stream.js";
import { timecode } from "../playback/time.js";
import { keyTooltips } from "../playback/tooltips.js";
import { commandsOf } from "./commands.js";
import { fromServer, placeOf, setSpeaker, write } from "./cues.js";
import { CaptionGrid } from "./grid.js";
import { Hearing } from "./hearing.js";
import { MAP, MOVED, TYPED } from "./key_map.js";
import { Layout } from "./lines.js";
import { List } from "./list.js";
import { Burnt } from "./picture.js";
import { Saving } from "./saving.js";
import { bindStrip } from "./strip_pointer.js";
import { Strip } from "./strip.js";

/** A step of undo is what was typed without so long a pause. */
const TYPING_MS = 800;

let known = "";

const by = (id) => document.getElementById(id);
const data = JSON.parse(by("page-data").textContent);
const seconds = Math.max(1, data.durationMs) / 1000;
const grid = new CaptionGrid(data.rate);
const limits = { duration: data.durationMs, least: grid.least };
const layout = new Layout(data.limits);
const history = new History(fromServer(data.captions.cues));
const recording = { label: "R", isMaster: true, offset: 0, ppm: 0, lines: [], duration: seconds, rate: proxyRate(grid.rate), trouble: data.trouble, ...data.links };
const renew = once(async () => Object.assign(recording, (await call("GET", data.urls.state)).links));
const clock = new Clock([0, seconds]);
const boxes = new Map([["R", by("screen")]]);
const pictures = new Pictures([recording], boxes, renew);
const angles = new Angles(clock, [recording], boxes);
const hearing = new Hearing(clock, recording, renew);
const peaks = new Peaks(recording, renew);
const strip = new Strip(by("strip"), history, layout, peaks, seconds);
const list = new List(by("cue-scroll"), history, layout);
const burnt = new Burnt(by("burnt-in"), data.style, layout);
const saving = new Saving(history, layout, data);
const page = { data, clock, history, grid, strip, hearing, list, layout, limits, saving, pictures, angles, chosen: null, frame, toggle: playOrStand, choose, stand, marked };
const commands = commandsOf(page);
const redraw = drawFrames(page, draw);

bindStrip(strip, { history, clock, grid, limits, choose, stand });
bindVolume(by("volume"), hearing);
listenToKeys(MAP, commands, digit, TYPED);
keyTooltips(document);
history.addEventListener("change", ({ detail }) => changed(detail.dragged));
clock.addEventListener("state", transport);
hearing.addEventListener("change", () => (hearing.problem ? notify(hearing.problem, "bad") : transport()));
bindList();
if (!recording.wav && boxes.get("R").querySelector("video")) {
  // Its WAV is gone: what is heard is the preview's own sound.
  boxes.get("R").querySelector("video").muted = false;
}

changed(false);
transport();
choose(history.cut[0]?.id ?? null);
saving.restore();
peaks
  .load()
  .then(() => strip.drawWave())
  .catch((error) => notify(error.message, "ask"));
document.documentElement.dataset.captions = "ready";
// For the console and the tests.
window.studioCaptions = { ...page, commands, keyed: keyed(MAP) };

function frame() {
  return grid.frameAt(clock.time);
}

/** Where it stands, the caption there is the chosen one. */
function playOrStand() {
  if (toggle({ clock, grid, frame })) {
    stand();
  }
}

/** Choose a caption; with `ms` go there. */
function choose(id, ms = null) {
  page.chosen = id;
  list.choose(id);
  if (id !== null && !list.typing) {
    list.reveal(id);
  }
  if (ms !== null) {
    clock.seek(grid.seconds(ms));
    strip.keepInView(clock.time);
  }
  strip.mark(id, strip.now);
}

/** Where the clock stands, the caption there is the chosen one. */
function stand() {
  const shown = grid.shownAt(history.cut, frame());
  if (shown && !list.typing) {
    choose(shown.id);
  }
}

/** Whether somebody should look at a caption. */
function marked(cue) {
  const { fast, fits } = layout.measure(cue);
  return fast || !fits || cue.doubtful;
}

function bindList() {
  let pause;
  list.addEventListener("choose", ({ detail: { id, value } }) => {
    const cue = history.cut[placeOf(history.cut, id)];
    if (value === "go" || !clock.playing) {
      clock.pause();
      // Where its cursor is set, the picture stays if it shows this caption.
      const shown = grid.shownAt(history.cut, frame());
      choose(id, value === "go" || shown?.id !== id ? cue.start : null);
    } else {
      choose(id);
    }
  });
  list.addEventListener("type", ({ detail: { id, value } }) => {
    history.drag((cues) => write(cues, id, value));
    clearTimeout(pause);
    pause = setTimeout(() => history.drop(), TYPING_MS);
  });
  list.addEventListener("typed", ({ detail: { id } }) => {
    clearTimeout(pause);
    const cue = history.cut[placeOf(history.cut, id)];
    if (cue && layout.fits(cue.text)) {
      const text = layout.lines(cue.text).join("\n");
      history.drag((cues) => (text === cue.text ? history.cut : write(cues, id, text)));
    }
    history.drop();
  });
  list.addEventListener("speaker", ({ detail: { id, value } }) => history.edit((cues) => setSpeaker(cues, id, value)));
}

function digit(number, modifiers) {
  const name = modifiers ? undefined : MOVED[number - 1];
  if (name) {
    commands[name]();
  }
  return Boolean(name);
}

function changed(dragged) {
  list.draw();
  redraw();
  document.querySelector("[data-do=undo]").disabled = history.done.length === 0 && !history.dragged;
  document.querySelector("[data-do=redo]").disabled = history.undone.length === 0;
  if (!dragged) {
    count();
  }
}

function count() {
  const cues = history.cut;
  const hard = cues.filter(marked).length;
  by("cue-count").textContent = `${cues.length} ${cues.length === 1 ? "caption" : "captions"}`;
  by("next-mark").hidden = hard === 0;
  by("next-mark").firstChild.textContent = `${hard} to check `;
  by("cue-none").hidden = cues.length > 0;
  const names = [...new Set([...data.names, ...cues.map(({ speaker }) => speaker)])].filter(Boolean).sort();
  if (names.join("\n") === known) {
    return;
  }
  known = names.join("\n");
  by("speakers").replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

function draw(now) {
  const at = frame();
  const shown = grid.shownAt(history.cut, at);
  burnt.show(shown?.text ?? "");
  follow(shown?.id ?? null);
  by("clock").textContent = timecode(now);
  by("frame").textContent = data.hasPicture ? `frame ${at}` : "";
  if (!clock.running) {
    by("strip").setAttribute("aria-valuenow", String(at));
    by("strip").setAttribute("aria-valuetext", `${timecode(now)}${shown ? `, ${shown.text}` : ""}`);
  }
}

/** While it plays, the list follows what is said, unless somebody is typing. */
function follow(id) {
  if (id !== strip.now) {
    list.play(id);
    strip.mark(page.chosen, id);
    if (id !== null && clock.running && !list.typing) {
      choose(id);
    }
  }
}

function transport() {
  showTransport(page, hearing);
  by("strip").setAttribute("aria-valuemax", String(grid.frameOf(data.durationMs)));
}
