// What keys and buttons do, by name.

import { notify } from "../notify.js";
import { inTime } from "./doubt.js";
import { keyOf } from "./segments.js";
import { extentsOf, overlap } from "../playback/time.js";

const FASTEST = 4;
const ZOOM = 1.6;
const CLOSEST_S = 0.001;

export function commandsOf(page) {
  const { clock, lanes, offsets, listen, evidence, curve, decide, state, find, cameras } = page;
  const chosen = () => find(state.chosen);
  const target = () => keyOf(state.chosen, state.segment);
  const startOf = () => extentsOf(chosen())[Math.max(0, state.segment - 1)].start;
  const rateOf = () => chosen().rate || cameras[0].rate || 25;
  const shared = () => overlap(cameras[0], chosen());

  const nudge = (ms) => {
    if (chosen().isMaster) {
      notify(`Camera ${state.chosen} is the master and cannot move. Choose another camera.`, "ask");
    } else if (chosen().continues) {
      notify(`Camera ${state.chosen} continues ${chosen().continues} and moves with it.`, "ask");
    } else if (!offsets.moves(state.chosen)) {
      notify(`Camera ${state.chosen} has no usable file, so there is nothing to move.`, "ask");
    } else {
      offsets.nudge(target(), ms, { onward: !state.segment && document.getElementById("onward-check").checked });
    }
  };
  const doubt = (way) => {
    const labels = page.doubtful;
    if (!labels.length) {
      notify("Every camera looks good.", "quiet");
      return;
    }
    const at = labels.indexOf(state.chosen);
    page.look(labels[(at + way + (at < 0 && way < 0 ? 1 : 0) + labels.length) % labels.length]);
  };
  /** Among many clips first every doubtful one, then the next session. */
  const onward = () => {
    const last = page.doubtful.indexOf(state.chosen) === page.doubtful.length - 1;
    if (!page.reels.some((reel) => reel.many) || !page.doubtful.length || page.seenAll) {
      decide.goOn();
    } else if (last) {
      page.seenAll = true;
      notify("That was the last doubtful clip. Press N again for the next session.", "quiet");
    } else {
      doubt(1);
    }
  };
  const clip = (way) => {
    const { many, clips } = page.reels.find((reel) => reel.clips.includes(chosen()));
    if (!many) {
      notify(`Camera ${state.chosen} has one clip.`, "quiet");
      return;
    }
    const ordered = inTime(clips.map(({ label }) => label), (label) => offsets.of(label));
    page.look(ordered.at((ordered.indexOf(state.chosen) + way) % ordered.length));
  };
  const segment = (way) => {
    const { label, segments } = chosen();
    if (!segments.length) {
      notify(`Camera ${label} has no segments: one offset holds for all of it.`, "ask");
      return;
    }
    const count = segments.length + 1;
    page.choose(keyOf(label, (state.segment + way + count) % count));
    if (state.segment) {
      clock.seek(startOf());
      lanes.keepInView(clock.time);
    }
  };
  const step = (seconds) => {
    clock.pause();
    clock.seek(clock.time + seconds);
    lanes.keepInView(clock.time);
  };
  const shuttle = (way) => {
    const faster = clock.playing && Math.sign(clock.rate) === way ? Math.min(FASTEST, Math.abs(clock.rate) * 2) : 1;
    clock.setLoop(null);
    clock.setRate(way * faster);
    clock.play();
  };
  const undone = (does, word) => {
    const moved = offsets[does]();
    if (!moved) {
      notify(`Nothing to ${word}.`, "quiet");
    } else {
      page.choose(moved.label);
    }
  };
  const hear = (who) => listen.hear(listen.who === who ? "both" : who);
  const place = async (way) => {
    const places = await evidence.places(state.chosen);
    if (!places.length) {
      notify(`No evidence for camera ${state.chosen}.`, "ask");
      return;
    }
    state.place = (state.place + way + (state.place < 0 && way < 0 ? 1 : 0) + places.length) % places.length;
    page.goTo(places[state.place]);
  };

  return {
    play: () => clock.toggle(),
    back: () => shuttle(-1),
    forward: () => shuttle(1),
    frameBack: () => step(-1 / rateOf()),
    frameOn: () => step(1 / rateOf()),
    secondBack: () => step(-1),
    secondOn: () => step(1),
    toStart: () => step(shared()[0] - clock.time),
    toEnd: () => step(shared()[1] - clock.time),
    loop: () => clock.setLoop(clock.loop ? null : [...lanes.view]),

    sound: () => listen.turnOn(!listen.on),
    solo: () => hear("camera"),
    mute: () => hear("master"),
    listen: () => {
      const already = clock.playing && listen.on && listen.who === "both";
      if (already) {
        clock.pause();
      } else {
        listen.hear("both");
        listen.turnOn(true);
        clock.setRate(1);
        clock.play();
      }
    },

    earlierFrame: () => nudge(-1000 / rateOf()),
    laterFrame: () => nudge(1000 / rateOf()),
    earlier10: () => nudge(-10),
    later10: () => nudge(10),
    earlier1: () => nudge(-1),
    later1: () => nudge(1),
    atHead: () => nudge((clock.time - startOf()) * 1000),
    reset: () => offsets.reset(target()),
    doubtOn: () => doubt(1),
    doubtBack: () => doubt(-1),
    onward,
    clipOn: () => clip(1),
    clipBack: () => clip(-1),
    segmentOn: () => segment(1),
    segmentBack: () => segment(-1),
    asComputed: () => cameras.forEach((camera) => camera.computed === null || offsets.reset(camera.label)),
    undo: () => undone("undo", "undo"),
    redo: () => undone("redo", "redo"),

    zoomIn: () => lanes.zoom(ZOOM, headOrMiddle(clock, lanes)),
    zoomOut: () => lanes.zoom(1 / ZOOM, headOrMiddle(clock, lanes)),
    zoomFit: () => lanes.fit(),
    zoomClosest: () => {
      const at = headOrMiddle(clock, lanes);
      lanes.show(at - CLOSEST_S, at + CLOSEST_S);
    },
    overlay: () => {
      lanes.overlay(!lanes.overlaid);
      document.querySelector("[data-do=overlay]").setAttribute("aria-pressed", String(lanes.overlaid));
    },

    evidence: () => place(1),
    evidenceBack: () => place(-1),
    nextPeak: () => curve.next(),
    curveNear: () => look(curve, true),
    curveAll: () => look(curve, false),

    approve: () => decide.approve(),
    save: () => decide.save(),
    saveStay: () => decide.saveStay(),
    saveCancel: () => decide.saveCancel(),
    rework: () => decide.rework(),
    reworkCancel: () => decide.reworkCancel(),
    reasonCancel: () => decide.reasonCancel(),
    enlarge: () => page.enlarge(state.chosen),
    next: () => decide.goOn(),
    previous: () => window.location.assign(document.querySelector("[data-do=previous]").href),
  };
}

function look(curve, near) {
  curve.look(near);
  document.querySelector("[data-do=curveNear]").setAttribute("aria-pressed", String(near));
  document.querySelector("[data-do=curveAll]").setAttribute("aria-pressed", String(!near));
}

/** Zooming keeps the playhead where it is while it is on the screen. */
function headOrMiddle(clock, lanes) {
  const [from, to] = lanes.view;
  return clock.time >= from && clock.time <= to ? clock.time : (from + to) / 2;
}
