// The angle editor: the cameras in step on one clock, number keys that cut, one cut with its history, saved by itself.

import "./index.css";
import { call } from "../api.js";
import { Grid } from "../editing/frames.js";
import { History } from "../editing/history.js";
import { drawFrames, showTransport, toggle } from "../editing/transport.js";
import { announce, notify } from "../notify.js";
import { once } from "../once.js";
import { Clock } from "../playback/clock.js";
import { keyed, listenToKeys } from "../playback/keys.js";
import { bindVolume } from "../playback/stream.js";
import { timecode, whole as extentOf } from "../playback/time.js";
import { keyTooltips } from "../playback/tooltips.js";
import { SoundLane } from "../sounds/lane.js";
import { Sounds } from "../sounds/sounds.js";
import { camerasOf, clipsOf, refreshLinks } from "./cameras.js";
import { commandsOf } from "./commands.js";
import { bindCutList } from "./cut_list.js";
import { angleAt, fromServer, pointAt } from "./cut.js";
import { Exporting } from "./exporting.js";
import { MAP } from "./key_map.js";
import { Lettering } from "./lettering.js";
import { Overlay } from "./overlay.js";
import { Program } from "./program.js";
import { Saving } from "./saving.js";
import { Screens } from "./screens.js";
import { ShotPanel } from "./shot_panel.js";
import { bindStrip } from "./strip_pointer.js";
import { Strip } from "./strip.js";
import { Thumbnails } from "./thumbnails.js";
import { Titles } from "./titles.js";

const by = (id) => document.getElementById(id);
const data = JSON.parse(by("page-data").textContent);
const labels = data.angles.map(({ label }) => label);
const clips = clipsOf(data.edit);
const cameras = camerasOf(clips);
const grid = new Grid(data.cut.rate);
const history = new History(fromServer(data.cut, grid));
const whole = wholeOf();
const clock = new Clock([grid.secondsOf(whole.start), grid.secondsOf(whole.end)]);
const renew = once(async () => refreshLinks(clips, await call("GET", data.urls.edit)));
const screens = new Screens(clock, cameras, labels, renew);
const program = new Program(clock, cameras, history, grid, renew);
const thumbnails = new Thumbnails(clock, cameras, grid);
const strip = new Strip(by("strip"), history, grid, whole, thumbnails);
const sounds = new Sounds(clock, (label) => clips.find((clip) => clip.label === label) ?? null);
const lane = new SoundLane(by("sound-lane"), strip, sounds, by("sound-legend"));
const panel = new ShotPanel({ data, history, grid, cameras, whole });
const saving = new Saving(history, grid, data);
const lettering = new Lettering(data.urls.title);
const overlay = new Overlay({ screens, history, grid, cameras, lettering });
const titles = new Titles({ history, grid, frame, texts: data.texts });
const exporting = new Exporting({ history, grid, saving, data, frame });
const page = { data, clock, history, grid, strip, screens, program, cameras, titles, exporting, saving, panel, sounds, lane, lettering, overlay, whole, frame, toggle: () => toggle({ clock, grid, frame }), announceAngle, shown: transport };
const commands = commandsOf(page);

panel.bind(commands);
bindStrip(strip, history, clock, grid);
bindCutList(page, goTo);
bindVolume(by("volume"), program);
listenToKeys(MAP, commands, digit);
keyTooltips(document);
for (const button of document.querySelectorAll("[data-cut-to]")) {
  button.addEventListener("click", (event) => (event.altKey ? commands.swapTo : commands.cutTo)(button.dataset.cutTo));
}
history.addEventListener("change", ({ detail }) => changed(detail));
clock.addEventListener("state", transport);
program.addEventListener("change", () => (program.problem ? notify(program.problem, "bad") : transport()));
lettering.addEventListener("failed", ({ detail }) => notify(detail, "bad"));
sounds.addEventListener("change", snapToSounds);
document.addEventListener("studio:goto", ({ detail }) => goToWord(detail));
saving.addEventListener("saved", ({ detail }) => saved(detail));

clock.seek(grid.secondsOf(history.cut.start));
transport();
undoButtons();
panel.show(Math.max(0, pointAt(history.cut, frame())));
panel.warn(data.cut.warnings, goTo);
saving.restore();
drawFrames(page, draw, (now) => overlay.draw(grid.frameAt(now)));
document.documentElement.dataset.angles = "ready";
// For the console, the tests and the bench.
window.studioAngles = { ...page, commands, keyed: keyed(MAP) };

/** Everything that was recorded, and the range, which may have been set when there was more. */
function wholeOf() {
  const [from, to] = extentOf(clips);
  return {
    start: Math.min(grid.frameOf(from * 1000), history.cut.start, history.cut.points[0].at),
    end: Math.max(grid.frameOf(to * 1000), history.cut.end),
  };
}

/** The frame of the film that is on the screen: while it plays, by the picture that is shown; else where the clock stands. */
function frame() {
  const shown = clock.playing ? screens.shown() : null;
  return shown === null ? grid.frameAt(clock.time) : grid.shownAt(shown);
}

function goTo(at) {
  clock.pause();
  clock.seek(grid.secondsOf(at));
  strip.keepInView(clock.time);
}

/** A word, or a place of the strip, in its camera's own seconds. What plays goes on playing there. */
function goToWord(place) {
  const at = sounds.at(place);
  if (at !== null) {
    clock.setLoop(null);
    clock.seek(grid.secondsOf(grid.frameOf(at * 1000)));
    strip.keepInView(clock.time);
  }
}

/** Cuts are drawn to the frames on which beats and gaps between words fall. */
function snapToSounds() {
  for (const name of ["beats", "gaps"]) {
    strip.targets.set(name, [...new Set(sounds.placed[name].map((t) => grid.frameOf(t * 1000)))]);
  }
}

function announceAngle(number) {
  announce(`Cut ${number} of ${history.cut.points.length - 1}: ${panel.words(number)}`);
}

function digit(number, modifiers) {
  const label = labels[number - 1];
  const does = { "": commands.cutTo, alt: commands.swapTo }[modifiers];
  if (!label || !does) {
    return false;
  }
  does(label);
  return true;
}

function changed({ before, cut }) {
  if (cut.audio !== before.audio || (cut.audio.source === "follow" && cut.points !== before.points)) {
    program.restart();
  }
  undoButtons();
  picture();
}

function undoButtons() {
  document.querySelector("[data-do=undo]").disabled = history.done.length === 0;
  document.querySelector("[data-do=redo]").disabled = history.undone.length === 0;
}

function saved(answer) {
  panel.warn(answer.warnings, goTo);
  panel.explain(answer);
  const link = by("project-link");
  link.hidden = false;
  link.href = `/projects/${answer.projectId}/`;
}

/** The angle that the cut shows now is the large one. */
function picture() {
  const at = grid.frameAt(clock.time);
  screens.enlarge(angleAt(history.cut, at));
  const number = Math.max(0, pointAt(history.cut, at));
  strip.mark(number);
  panel.show(number);
  return at;
}

function draw(now) {
  const at = picture();
  screens.mark(now);
  by("clock").textContent = timecode(now);
  by("frame").textContent = `frame ${at}`;
  slider(at);
}

function slider(at) {
  if (!clock.running) {
    const strip = by("strip");
    strip.setAttribute("aria-valuenow", String(at));
    strip.setAttribute("aria-valuetext", `${timecode(clock.time)}, camera ${angleAt(history.cut, at)}`);
  }
}

function transport() {
  showTransport(page, program, { snap: strip.targets.on });
  by("strip").setAttribute("aria-valuemin", String(whole.start));
  by("strip").setAttribute("aria-valuemax", String(whole.end));
}
