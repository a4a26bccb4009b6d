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
import { doubtful, doubtOf, worstFirst } from "./doubt.js";
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
import { Peaks } from "../playback/peaks.js";
import { Pictures } from "../playback/pictures.js";
import { reelsOf } from "./reels.js";
import { Screen } from "./screen.js";
import { SoundLane } from "../sounds/lane.js";
import { Sounds } from "../sounds/sounds.js";
import { keyOf, partsOf } from "./segments.js";
import { keyTooltips } from "../playback/tooltips.js";
import { extent, overlap, toMaster, whole } from "../playback/time.js";
import { Watch } from "./watch.js";

/** The page opens on this much around the best evidence: an attack fills it, and its peaks are few bytes. */
const OPENING_S = 2.4;
const ATTACK_REACH_S = 8;
/** Waves fetched at once; and how many clips are all drawn before the page is ready. */
const AT_ONCE = 6;
const FEW = 8;
const TURN_EVERY_MS = 80;

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
  cameras.forEach((camera) => (camera.doubt = doubtOf(camera, data.sync)));
  const byLabel = new Map(cameras.map((camera) => [camera.label, camera]));
  const find = (label) => byLabel.get(label);
  const reels = reelsOf(cameras);
  const offsets = new Offsets(cameras, `review:${data.session.id}:${data.recordings}`);
  const restored = offsets.restore();
  const earlier = restored ? [] : offsets.propose(data.sync?.earlierCorrections ?? {});
  const clock = new Clock(whole(cameras));
  const renew = once(async () => refreshLinks(cameras, await watch.ask({ all: true })));
  const peaks = new Map(cameras.map((camera) => [camera.label, new Peaks(camera, renew)]));
  const lanes = new Lanes(document.getElementById("lanes"), cameras, reels, peaks, offsets);
  new Coverage(lanes, offsets);
  const overview = new Overview(document.getElementById("overview"), cameras, reels, peaks, lanes, clock);
  const boxes = new Map(reels.map(({ label }) => [label, document.querySelector(`[data-angle="${label}"]`)]));
  const pictures = new Pictures(reels, boxes, renew);
  const angles = new Angles(clock, reels, boxes);
  const evidence = new Evidence(cameras, renew);
  const heard = new HeardPanel(watch);
  const state = { chosen: firstChoice(), segment: 0 };
  const listen = new Listen(clock, cameras, () => find(state.chosen), renew);
  const curve = new Curve(document.getElementById("curve"), offsets, (lag) => pick(lag));
  const decide = new Decide(watch, cameras, offsets);
  const screen = new Screen({ cameras, reels, clock, lanes, overview, angles, offsets, listen, data });
  const sounds = new Sounds(clock, (label) => (find(label) && offsets.of(label) !== null ? find(label) : null));
  const lane = new SoundLane(document.getElementById("sound-lane"), lanes, sounds, document.getElementById("sound-legend"));
  const page = { sounds, lane, doubtful: doubtful(cameras, data.sync), openOnEvidence, find, cameras, reels, watch, clock, lanes, overview, angles, offsets, listen, evidence, curve, decide, state, choose, look, goTo, enlarge };

  document.getElementById("doubtful").hidden = page.doubtful.length < 2;
  document.getElementById("doubtful-count").textContent = `Next doubtful (${page.doubtful.length})`;
  const commands = commandsOf(page);
  listenToKeys(MAP, commands, chooseByNumber, ["save"]);
  bindAngles(enlarge);
  keyTooltips(document);
  document.addEventListener("click", (event) => {
    const chooser = event.target.closest?.("[data-choose], [data-reel]");
    if (chooser) {
      choose(chooser.dataset.choose ?? clipOf(chooser.dataset.reel));
    }
  });
  document.getElementById("clip-choice").addEventListener("change", ({ target }) => look(target.value));
  clock.addEventListener("seek", turn);
  setInterval(turn, TURN_EVERY_MS);
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
    const { choose: label, reel } = document.querySelector(`[data-number="${number}"]`)?.dataset ?? {};
    return label ?? (reel ? clipOf(reel) : state.chosen);
  }

  /** Of a camera with many clips: the chosen one, else the one under the playhead, else the first to look at. */
  function clipOf(letter) {
    const { clips, now } = reels.find(({ label }) => label === letter);
    const chosen = clips.find(({ label }) => label === state.chosen);
    const [from, to] = extent(now);
    const under = clock.time >= from && clock.time < to && offsets.of(now.label) !== null ? now : null;
    return (chosen ?? under ?? clips.find(({ doubt }) => doubt) ?? clips[0]).label;
  }

  /** Each picture is that of the clip at the clock. */
  function turn() {
    const turned = reels.filter((reel) => reel.turn(clock.time, (label) => offsets.of(label) !== null));
    for (const { label, clip } of turned) {
      boxes.get(label).querySelector("[data-shown]").textContent = clip;
    }
    if (turned.length) {
      pictures.takeIn();
    }
  }

  /** Choose a clip and go where it lies. */
  function look(label) {
    choose(label);
    return openOnEvidence();
  }

  function chooseByNumber(number, modifiers) {
    const there = !modifiers && reels[number - 1];
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
    const first = cameras.length > FEW ? cameras.filter((camera) => camera.isMaster || camera.label === state.chosen) : cameras;
    await Promise.all(first.map(loadPeaks));
    overview.draw();
    await openOnEvidence();
    performance.mark("studio-ready");
    document.documentElement.dataset.review = "ready";
    await loadOthers(cameras.filter((camera) => !first.includes(camera)));
  }

  function loadPeaks(camera) {
    const peak = peaks.get(camera.label);
    return peak.load().catch((error) => notify(`Camera ${camera.label}: ${error.message}`, "bad"));
  }

  /** The waves of many clips, a few at a time, those nearest to the clock first. */
  async function loadOthers(others) {
    const apart = (camera) => Math.abs(extent(camera)[0] - clock.time);
    const left = others.toSorted((a, b) => apart(a) - apart(b));
    const work = async () => {
      for (let camera = left.shift(); camera; camera = left.shift()) {
        await loadPeaks(camera);
        lanes.refresh(camera.label);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    overview.draw();
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
    const at = sounds.at({ camera, seconds }) ?? toMaster(find(camera) ?? cameras[0], seconds);
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
      sounds.place();
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

