// The review page: one clock, pictures, waves and sound that follow it, offsets that a person may move, one decision.

import "./index.css";
import { localTimes } from "../format.js";
import { announce, notify } from "../notify.js";
import { once } from "../once.js";
import { Angles } from "../playback/angles.js";
import { bindVolume } from "../playback/stream.js";
import { Clock } from "../playback/clock.js";
import { commandsOf } from "./commands.js";
import { Coverage } from "./coverage.js";
import { Curve } from "./curve.js";
import { Decide } from "./decide.js";
import { doubtful, worstFirst } from "./doubt.js";
import { camerasOf, readPageData, refreshLinks } from "./page_data.js";
import { bindAngles, enlarge, moveEnlarged } from "./enlarge.js";
import { Evidence, showEvidence } from "./evidence.js";
import { HeardPanel } from "./heard.js";
import { bindPointer } from "./pointer.js";
import { keyed, listenToKeys } from "../playback/keys.js";
import { MAP } from "./key_map.js";
import { Lanes } from "./lanes.js";
import { Listen } from "./listen.js";
import { Offsets } from "./nudge.js";
import { Overview } from "./overview.js";
import { Peaks } from "./peaks.js";
import { Pictures } from "../playback/pictures.js";
import { Screen } from "./screen.js";
import { keyOf, partsOf } from "./segments.js";
import { keyTooltips } from "../playback/tooltips.js";
import { overlap, toMaster, whole } from "../playback/time.js";
import { Watch } from "./watch.js";

/** The page opens on this much around the best evidence: an attack fills it, and its peaks are few bytes. */
const OPENING_S = 2.4;
const ATTACK_REACH_S = 8;

const data = readPageData();
const cameras = camerasOf(data);
const watch = new Watch(data);

if (cameras.length) {
  open();
} else {
  listenToKeys(MAP, { previous: () => follow("previous"), next: () => follow("next") }, () => false);
  watch.addEventListener("fresh", () => window.location.reload());
}

function follow(name) {
  window.location.assign(document.querySelector(`[data-do="${name}"]`).href);
}

function open() {
  const find = (label) => cameras.find((camera) => camera.label === label);
  const offsets = new Offsets(cameras, `review:${data.session.id}:${data.recordings}`);
  const restored = offsets.restore();
  const earlier = restored ? [] : offsets.propose(data.sync?.earlierCorrections ?? {});
  const clock = new Clock(whole(cameras));
  const renew = once(async () => refreshLinks(cameras, await watch.ask({ all: true })));
  const peaks = new Map(cameras.map((camera) => [camera.label, new Peaks(camera, renew)]));
  const lanes = new Lanes(document.getElementById("lanes"), cameras, peaks, offsets);
  new Coverage(lanes, offsets);
  const overview = new Overview(document.getElementById("overview"), cameras, peaks, lanes, clock);
  const boxes = new Map(cameras.map(({ label }) => [label, document.querySelector(`[data-angle="${label}"]`)]));
  const pictures = new Pictures(cameras, boxes, renew);
  const angles = new Angles(clock, cameras, boxes);
  const evidence = new Evidence(cameras, renew);
  const heard = new HeardPanel(watch);
  const state = { chosen: firstChoice(), segment: 0 };
  const listen = new Listen(clock, cameras, () => find(state.chosen), renew);
  const curve = new Curve(document.getElementById("curve"), offsets, (lag) => pick(lag));
  const decide = new Decide(watch, cameras, offsets);
  const screen = new Screen({ cameras, clock, lanes, overview, angles, offsets, listen, data });
  const page = { doubtful: doubtful(cameras, data.sync), openOnEvidence, find, cameras, watch, clock, lanes, overview, angles, offsets, listen, evidence, curve, decide, state, choose, goTo, enlarge };

  document.getElementById("doubtful").hidden = page.doubtful.length < 2;
  document.getElementById("doubtful-count").textContent = `Next doubtful (${page.doubtful.length})`;
  const commands = commandsOf(page);
  listenToKeys(MAP, commands, chooseByNumber, ["save"]);
  bindAngles(enlarge);
  keyTooltips(document);
  document.addEventListener("click", (event) => {
    const chooser = event.target.closest?.("[data-choose]");
    if (chooser) {
      choose(chooser.dataset.choose);
    }
  });
  bindPointer(lanes, offsets, clock, choose);
  document.addEventListener("studio:goto", ({ detail }) => goToWord(detail));
  document.body.addEventListener("studio:changed", () => watch.ask().catch(() => {}));
  offsets.addEventListener("change", () => moved());
  lanes.addEventListener("trouble", (event) => notify(event.detail, "bad"));
  bindVolume(document.getElementById("volume"), listen);
  listen.addEventListener("change", () => (listen.problem ? notify(listen.problem, "bad") : null));
  watch.addEventListener("fresh", (event) => refreshed(event.detail));
  document.getElementById("exact").addEventListener("submit", (event) => {
    event.preventDefault();
    screen.readExact(keyOf(state.chosen, state.segment));
  });

  choose(state.chosen);
  decide.refresh();
  screen.frame();
  if (restored) {
    notify("Restored your unsaved changes.", "quiet");
  } else if (earlier.length) {
    notify(`Kept the earlier correction of camera ${earlier.join(", ")}: its recording has not changed. Save to use it.`, "ask");
  }
  load();
  // For the console, the tests and the bench.
  window.studioReview = { ...page, commands, keyed: keyed(MAP) };

  /** Numbers follow the order on the page, which is the letters' order. */
  function numbered(number) {
    return document.querySelector(`[data-number="${number}"]`)?.dataset.choose ?? state.chosen;
  }

  function chooseByNumber(number, modifiers) {
    const there = !modifiers && cameras[number - 1];
    if (there) {
      chooseOrEnlarge(numbered(number));
    }
    return Boolean(there);
  }

  /** A camera's number chooses it; once chosen, its number makes its picture large and small again. */
  function chooseOrEnlarge(label) {
    if (state.chosen === label) {
      enlarge(label);
    } else {
      choose(label);
      moveEnlarged(label);
    }
  }

  async function load() {
    const loading = cameras.map((camera) =>
      peaks.get(camera.label).load().catch((error) => notify(`Camera ${camera.label}: ${error.message}`, "bad")),
    );
    await Promise.all(loading);
    overview.draw();
    await openOnEvidence();
    performance.mark("studio-ready");
    document.documentElement.dataset.review = "ready";
  }

  /** Where the best evidence is, on an attack that the eye can judge, looped for the ear. */
  async function openOnEvidence() {
    const camera = find(state.chosen);
    const places = await evidence.places(camera.label);
    const best = places.toSorted((a, b) => b.weight - a.weight)[0];
    const [from, to] = overlap(find(data.master), camera);
    const around = best?.at ?? from + (to - from) / 2;
    const attack = peaks.get(data.master).attackNear(around, ATTACK_REACH_S);
    const at = attack !== null && attack >= from && attack <= to ? attack : around;
    showAround(at);
    clock.seek(at);
  }

  function showAround(at) {
    lanes.show(at - OPENING_S / 2, at + OPENING_S / 2);
    clock.setLoop([...lanes.view]);
  }

  function firstChoice() {
    return worstFirst(cameras, data.sync)[0] ?? cameras[0].label;
  }

  /** A camera, or one of its segments by its key. */
  function choose(key) {
    if (state.shown === key) {
      return;
    }
    const { label, number } = partsOf(key);
    const other = label !== state.chosen || state.shown === undefined;
    Object.assign(state, { chosen: label, segment: number, shown: key });
    lanes.choose(label, number);
    screen.choose(find(label), number);
    if (!other) {
      return;
    }
    state.place = -1;
    heard.show(label);
    listen.restart();
    showEvidence(evidence, find(label), offsets, goTo);
    showCurve(find(label));
  }

  async function showCurve(camera) {
    const found = await evidence.of(camera.label).catch(() => null);
    const base = found ? await evidence.offsetOf(camera.label, 0) : 0;
    if (camera.label === state.chosen) {
      curve.show(camera, found, base);
    }
  }

  async function pick(lag) {
    const label = state.chosen;
    offsets.set(label, await evidence.offsetOf(label, lag));
    const [from, to] = overlap(lanes.cameras[0], find(label));
    if (lanes.view[1] < from || lanes.view[0] > to) {
      await openOnEvidence();
    }
    announce(`Camera ${label} is at ${screen.offsetText(label)}`);
  }

  /** A word, or a place of the strip: its camera's own seconds. */
  function goToWord({ camera, seconds }) {
    const at = toMaster(find(camera) ?? cameras[0], seconds);
    clock.setLoop(null);
    clock.seek(at);
    lanes.keepInView(at);
  }

  /** Look at and hear a place of evidence. */
  function goTo(place) {
    showAround(place.at);
    clock.seek(clock.loop[0]);
    listen.hear("both");
    listen.turnOn(true);
    clock.play();
  }

  let soon = 0;
  function moved() {
    clock.bounds = whole(cameras);
    angles.follow(!clock.running);
    clearTimeout(soon);
    soon = setTimeout(() => {
      listen.restart();
      overview.draw();
      showEvidence(evidence, find(state.chosen), offsets, goTo);
    }, 90);
  }

  function refreshed({ before, fresh }) {
    refreshLinks(cameras, fresh);
    pictures.takeIn();
    for (const name of ["verdict", "history"]) {
      const part = document.getElementById(name);
      part.innerHTML = fresh.parts[name];
      localTimes(part);
    }
    decide.refresh();
    screen.work(fresh);
    if (fresh.recordings !== data.recordings) {
      recordingsChanged(fresh);
    } else if (fresh.version !== decide.version && !decide.busy) {
      decidedElsewhere(fresh);
    } else if (before.session.status !== fresh.session.status) {
      decide.refresh();
    }
  }

  /** Other files, or another run: the page must be built anew, but never under a person's hands. */
  function recordingsChanged(fresh) {
    const busy = offsets.unsaved.length || clock.playing || !document.getElementById("correction").hidden;
    if (!busy) {
      window.location.reload();
      return;
    }
    data.recordings = fresh.recordings;
    screen.offerReload();
  }

  function decidedElsewhere(fresh) {
    if (offsets.unsaved.length) {
      decide.showConflict(fresh);
      return;
    }
    decide.version = fresh.version;
    offsets.saved({ ...(fresh.sync?.finalOffsets ?? fresh.sync?.offsets ?? {}) }, fresh.sync?.finalSegments);
    decide.refresh();
    notify(`${fresh.sync.decidedBy} just ${fresh.sync.operatorStatus} this session.`, "ask");
  }
}

