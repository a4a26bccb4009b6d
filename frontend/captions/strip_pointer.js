// The mouse, the pen and the finger on the strip: drag a caption or one of its edges, scrub elsewhere, pan and zoom with the wheel.

import { drags } from "../playback/drags.js";
import { bindWheel } from "../playback/timescale.js";
import { move, placeAt, placeOf } from "./cues.js";

const NEAR_PX = 6;
const FINGER_PX = 14;
const SNAP_PX = 7;

export function bindStrip(strip, { history, clock, grid, limits, choose, stand }) {
  const cues = strip.root.querySelector("[data-cues]");
  const timeOf = (event) => strip.timeAt(event.clientX - strip.root.getBoundingClientRect().left);

  /** `{ id, edge }` of what lies under the pointer; null for nothing. */
  const under = (event) => {
    if (strip.blocks.crowded) {
      return null;
    }
    const ms = 1000 * timeOf(event);
    const reach = (1000 * (event.pointerType === "touch" ? FINGER_PX : NEAR_PX)) / strip.scale;
    const place = placeAt(history.cut, ms + reach);
    const near = [place, place - 1].map((one) => history.cut[one]).filter(Boolean);
    const inside = near.find(({ start, end }) => ms >= start && ms < end);
    const edges = near.flatMap((cue) => ["start", "end"].map((edge) => ({ id: cue.id, edge, far: Math.abs(cue[edge] - ms), own: cue === inside })));
    // Where two meet, the one under the pointer is meant; in a short one, its middle is the whole of it.
    const third = inside ? (inside.end - inside.start) / 3 : Infinity;
    const best = edges.filter(({ far, own }) => far <= Math.min(reach, own ? third : reach)).sort((a, b) => b.own - a.own || a.far - b.far)[0];
    return best ?? (inside ? { id: inside.id, edge: "whole" } : null);
  };

  drags(cues, {
    begin: (event) => {
      const held = under(event);
      const head = 1000 * clock.time;
      clock.pause();
      if (held) {
        choose(held.id);
      } else {
        clock.drag(timeOf(event));
      }
      return { ...held, head, cue: held && history.cut[placeOf(history.cut, held.id)] };
    },
    move: (dx, { id, edge, head, cue }, event) => {
      if (!cue) {
        clock.drag(timeOf(event));
        return;
      }
      const from = cue[edge === "end" ? "end" : "start"];
      const wanted = from + (1000 * dx) / strip.scale;
      const snaps = !event.shiftKey && Math.abs(wanted - head) <= (1000 * SNAP_PX) / strip.scale;
      const to = grid.onFrame(snaps ? head : wanted);
      history.drag((before) => move(before, id, edge, to - from, limits));
      const now = history.cut[placeOf(history.cut, id)];
      clock.drag((edge === "end" ? now.end : now.start) / 1000);
    },
    end: (moved, event, { id, cue }) => {
      if (cue && moved) {
        history.drop();
      } else if (cue) {
        choose(id, 1000 * timeOf(event));
      }
      clock.drop();
      if (!cue) {
        stand();
      }
    },
  });
  cues.addEventListener("pointermove", (event) => {
    if (!event.buttons) {
      const held = under(event);
      cues.dataset.at = !held ? "" : held.edge === "whole" ? "whole" : "edge";
    }
  });
  for (const element of strip.root.querySelectorAll("[data-ruler], [data-wave]")) {
    drags(element, {
      begin: (event) => {
        clock.pause();
        clock.drag(timeOf(event));
      },
      move: (_, __, event) => clock.drag(timeOf(event)),
      end: () => {
        clock.drop();
        stand();
      },
    });
  }
  bindWheel(strip.root, strip, timeOf);
}
