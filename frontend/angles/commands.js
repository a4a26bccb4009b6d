// What keys and buttons do, by name. Every edit goes through the history.

import { editorCommands } from "../editing/transport.js";
import { announce, notify } from "../notify.js";
import { timecode } from "../playback/time.js";
import { covers } from "./cameras.js";
import * as cuts from "./cut.js";

const LOOP_AROUND_S = 1;
const TITLE_S = 3;
/** A longer step than a frame ends at a target that is no farther from its end than this share of it. */
const SNAP_SHARE = 0.4;
const DISSOLVE = { type: "crossfade", durationMs: 500 };

export function commandsOf(page) {
  const { clock, history, grid, strip, program, cameras, titles, exporting } = page;
  const now = () => page.frame();
  const current = () => Math.max(0, cuts.pointAt(history.cut, now()));

  const goTo = (frame) => {
    clock.pause();
    clock.seek(grid.secondsOf(frame));
    strip.keepInView(clock.time);
  };
  const jump = (way) => {
    const { points } = history.cut;
    const frame = now();
    const at = cuts.pointAt(history.cut, frame);
    const number = way > 0 ? at + 1 : points[at]?.at === frame ? at - 1 : at;
    if (points[number]) {
      goTo(points[number].at);
      page.announceAngle(number);
    } else {
      goTo(way > 0 ? history.cut.end - 1 : history.cut.start);
    }
  };
  /** Moves the cut that begins this shot, and the playhead with it: the picture is what the cut shows first. */
  const moveCut = (where) => {
    const number = current();
    if (number < 1) {
      notify("This is the first shot. Its beginning is the range's: set it with In.", "ask");
      return;
    }
    const to = where(history.cut.points[number].at);
    if (to !== null) {
      history.edit((cut) => cuts.move(cut, number, to));
      goTo(history.cut.points[number].at);
    }
  };
  const nudge = (frames) => moveCut((at) => (Math.abs(frames) > 1 ? strip.targets.near(at + frames, SNAP_SHARE * Math.abs(frames)) : at + frames));
  const snapTo = (way) =>
    moveCut((at) => {
      const to = strip.targets.beyond(at, way);
      if (to === null) {
        notify(`There is no known beat or gap between words ${way > 0 ? "after" : "before"} this cut.`, "ask");
      }
      return to;
    });
  /** A neighboring cut comes to the playhead. */
  const trim = (number) => {
    if (number < 1 || number >= history.cut.points.length) {
      notify("There is no cut to move. Set the range with In and Out.", "ask");
      return;
    }
    const frame = now();
    history.edit((cut) => cuts.move(cut, number, frame));
  };
  const undone = (does, word) => {
    if (!history[does]()) {
      notify(`Nothing to ${word}.`, "quiet");
    }
  };

  return {
    ...editorCommands(page, goTo),
    cutBack: () => jump(-1),
    cutOn: () => jump(1),
    toStart: () => goTo(history.cut.start),
    toEnd: () => goTo(history.cut.end - 1),
    sound: () => program.turnOn(!program.on),
    loop: () => {
      if (clock.loop) {
        clock.setLoop(null);
        return;
      }
      const at = cuts.pointAt(history.cut, now());
      const { points, start, end } = history.cut;
      const shot = [points[at]?.at ?? start, points[at + 1]?.at ?? end].map((frame) => grid.secondsOf(frame));
      clock.setLoop([shot[0] - LOOP_AROUND_S, shot[1] + LOOP_AROUND_S]);
    },

    /** Cut to an angle at the frame that is on the screen. */
    cutTo: (label) => {
      const frame = now();
      if (!covers(cameras.get(label), grid.secondsOf(frame))) {
        notify(`Camera ${label} was not recording here.`, "ask");
        return;
      }
      if (history.edit((cut) => cuts.switchTo(cut, frame, label))) {
        announce(`Camera ${label} at ${timecode(grid.secondsOf(frame))}`);
      }
    },
    swapTo: (label) => {
      if (history.edit((cut) => cuts.swap(cut, current(), label))) {
        announce(`This shot shows camera ${label}`);
      }
    },
    earlierFrame: () => nudge(-1),
    laterFrame: () => nudge(1),
    earlier10: () => nudge(-10),
    later10: () => nudge(10),
    snapBack: () => snapTo(-1),
    snapOn: () => snapTo(1),
    snap: () => {
      strip.targets.turn(!strip.targets.on);
      page.shown();
      announce(`Snapping is ${strip.targets.on ? "on" : "off"}`);
    },
    trimStart: () => trim(current()),
    trimEnd: () => trim(current() + 1),
    remove: () => {
      if (!history.edit((cut) => cuts.remove(cut, current()))) {
        notify("The first shot has no cut before it to delete.", "ask");
      }
    },
    dissolve: () => {
      const number = current();
      if (!history.edit((cut) => cuts.join(cut, number, cut.points[number].transition ? null : DISSOLVE))) {
        notify("There is nothing before the first shot.", "ask");
      }
    },
    join: (transition) => history.edit((cut) => cuts.join(cut, current(), transition)),

    rangeIn: () => ranged({ start: now() }),
    rangeOut: () => ranged({ end: now() + 1 }),
    rangeAll: () => history.edit((cut) => cuts.range(cut, page.whole)),
    addTitle: () => {
      const start = now();
      history.edit((cut) => cuts.addTitle(cut, { text: "Title", start, end: start + Math.round(TITLE_S * grid.rate), style: { textPreset: "title" } }));
      titles.focus(start);
    },

    undo: () => undone("undo", "undo"),
    redo: () => undone("redo", "redo"),
    export: () => exporting.open(),
  };

  function ranged(range) {
    if (!history.edit((cut) => cuts.range(cut, range))) {
      notify("The film must end after it begins.", "ask");
    }
  }
}
