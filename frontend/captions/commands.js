// What keys and buttons do, by name. Every edit goes through the history.

import { editorCommands } from "../editing/transport.js";
import { announce, notify } from "../notify.js";
import { timecode } from "../playback/time.js";
import * as edits from "./cues.js";
import { MOVED } from "./key_map.js";

const STEP_MS = 100;
const EDGES = { moveWhole: "whole", moveStart: "start", moveEnd: "end" };

export function commandsOf(page) {
  const { clock, history, grid, strip, hearing, list, layout, limits } = page;
  const cues = () => history.cut;
  const place = () => edits.placeOf(cues(), page.chosen);
  let edge = "whole";

  const goTo = (frame) => {
    clock.pause();
    clock.seek(grid.secondsOf(frame));
    strip.keepInView(clock.time);
    page.stand();
  };
  /** The chosen caption; a sentence where there is none. */
  const chosen = () => {
    const cue = cues()[place()];
    if (!cue) {
      notify("Choose a caption first.", "ask");
    }
    return cue;
  };
  const jump = (number) => {
    const cue = cues()[number];
    if (cue) {
      clock.pause();
      page.choose(cue.id, cue.start);
      announce(`Caption ${number + 1} of ${cues().length}: ${cue.text}`);
    }
  };
  const writeAt = (number) => {
    if (cues()[number]) {
      jump(number);
      list.edit(page.chosen);
    }
  };
  const moves = (which) => {
    edge = EDGES[which];
    for (const name of MOVED) {
      document.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(name === which));
    }
  };
  /** Moves what is chosen to be moved, and shows the frame there. */
  const nudge = (by) => {
    const cue = chosen();
    if (!cue) {
      return;
    }
    const from = cue[edge === "end" ? "end" : "start"];
    if (!history.edit((before) => edits.move(before, cue.id, edge, by(from) - from, limits))) {
      notify("There is no space: another caption, or the recording, begins or ends there.", "ask");
      return;
    }
    const now = cues()[place()];
    const at = now[edge === "end" ? "end" : "start"];
    clock.pause();
    clock.seek(grid.seconds(at));
    strip.keepInView(clock.time);
    announce(`${edge === "end" ? "Ends" : "Begins"} at ${timecode(at / 1000)}`);
  };
  const toHead = (which) => {
    const cue = chosen();
    const to = grid.onFrame(1000 * clock.time);
    if (cue && (which === "start" ? to >= cue.end : to <= cue.start)) {
      notify(which === "start" ? "A caption begins before it ends." : "A caption ends after it begins.", "ask");
    } else if (cue) {
      history.edit((before) => edits.move(before, cue.id, which, to - cue[which], limits));
    }
  };
  const undone = (does, word) => {
    const before = cues();
    if (!history[does]()) {
      notify(`Nothing to ${word}.`, "quiet");
      return;
    }
    const known = new Set(before);
    const changed = cues().find((cue) => !known.has(cue));
    if (changed) {
      page.choose(changed.id);
    }
  };

  return {
    ...editorCommands(page, goTo),
    cueBack: () => jump(place() < 0 ? edits.placeAt(cues(), 1000 * clock.time) : place() - 1),
    cueOn: () => jump(place() < 0 ? edits.placeAt(cues(), 1000 * clock.time) + 1 : place() + 1),
    nextMark: () => {
      const marked = (cue) => page.marked(cue);
      const after = cues().findIndex((cue, number) => number > place() && marked(cue));
      jump(after < 0 ? cues().findIndex(marked) : after);
    },
    toStart: () => goTo(0),
    toEnd: () => goTo(grid.frameOf(limits.duration) - 1),
    sound: () => hearing.turnOn(!hearing.on),
    playCue: () => {
      const cue = chosen();
      if (cue) {
        clock.setLoop(null);
        clock.seek(grid.seconds(cue.start));
        clock.play();
      }
    },
    loop: () => {
      if (clock.loop) {
        clock.setLoop(null);
        return;
      }
      const cue = chosen();
      if (cue) {
        clock.setLoop([cue.start, cue.end].map((ms) => grid.seconds(ms)));
        clock.seek(grid.seconds(cue.start));
        clock.play();
      }
    },

    moveWhole: () => moves("moveWhole"),
    moveStart: () => moves("moveStart"),
    moveEnd: () => moves("moveEnd"),
    earlierFrame: () => nudge((ms) => grid.next(ms, -1)),
    laterFrame: () => nudge((ms) => grid.next(ms, 1)),
    earlier100: () => nudge((ms) => ms - STEP_MS),
    later100: () => nudge((ms) => ms + STEP_MS),
    startHere: () => toHead("start"),
    endHere: () => toHead("end"),

    editText: () => (chosen() ? list.edit(page.chosen) : null),
    playTyping: () => page.toggle(),
    textBack: () => writeAt(place() - 1),
    textOn: () => writeAt(place() + 1),
    leaveText: () => {
      if (list.typing) {
        list.scroll.focus({ preventScroll: true });
      }
    },
    split: () => {
      const cue = chosen();
      if (!cue) {
        return;
      }
      const cursor = list.cursorIn(cue.id);
      const typing = list.typing;
      const { text, start, end } = cue;
      const named = cursor !== null && text.slice(0, cursor).trim() && text.slice(cursor).trim();
      const head = grid.onFrame(1000 * clock.time);
      const inside = head >= start + limits.least && head <= end - limits.least;
      const share = inside ? (head - start) / (end - start) : 0.5;
      const at = named ? cursor : edits.spaceNear(text, share);
      const ms = inside ? head : grid.onFrame(start + ((end - start) * at) / Math.max(1, text.length));
      if (at < 0 || !history.edit((before) => edits.split(before, cue.id, at, ms))) {
        notify("There is nothing to split: a part would have no word or no time.", "ask");
        return;
      }
      const second = cues()[place() + 1];
      page.choose(second.id);
      announce(`Split at ${timecode(ms / 1000)}`);
      if (typing) {
        list.edit(second.id, 0);
      }
    },
    merge: () => {
      const cue = chosen();
      const next = cue && edits.merge(cues(), cue.id, layout);
      if (next === null) {
        notify(`The two do not fit in one caption of ${layout.limits.lines} lines of ${layout.limits.line} characters.`, "ask");
      } else if (cue && !history.edit(() => next)) {
        notify("This is the last caption.", "ask");
      } else if (cue) {
        announce("Merged with the next caption");
      }
    },
    add: () => {
      const made = edits.add(cues(), grid.onFrame(1000 * clock.time), limits.duration);
      if (!made) {
        notify("There is no space for a caption here: another one is shown, or begins right away.", "ask");
        return;
      }
      clock.pause();
      history.edit(() => made.cues);
      page.choose(made.id);
      list.edit(made.id);
    },
    remove: () => {
      const number = place();
      if (chosen()) {
        history.edit((before) => edits.remove(before, page.chosen));
        const next = cues()[number] ?? cues()[number - 1];
        page.choose(next?.id ?? null);
        announce("Caption deleted");
      }
    },

    undo: () => undone("undo", "undo"),
    redo: () => undone("redo", "redo"),
  };
}
