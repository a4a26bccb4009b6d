// The mouse, the pen and the finger on the waves: drag a camera or one of its segments, scrub the ruler, pan, zoom with the wheel.

import { drags } from "../playback/drags.js";
import { keyOf } from "./segments.js";
import { extent, extentsOf } from "../playback/time.js";
import { bindWheel } from "../playback/timescale.js";

export function bindPointer(lanes, offsets, clock, choose) {
  for (const wave of lanes.root.querySelectorAll("[data-wave]")) {
    const reel = lanes.reels.get(wave.dataset.wave);
    drags(wave, {
      begin: (event) => {
        const t = timeOf(event, wave);
        const clip = reel.many ? clipUnder(reel, t) : reel.clips[0];
        const key = !clip ? null : event.altKey ? clip.label : segmentAt(clip, t);
        const pans = !clip || !offsets.moves(clip.label) || event.shiftKey;
        return { key, label: clip?.label, offset: (clip && offsets.of(key)) ?? 0, view: lanes.view, pans };
      },
      move: (dx, start) => {
        if (start.pans) {
          const by = -dx / lanes.scale;
          lanes.show(start.view[0] + by, start.view[1] + by);
        } else {
          choose(start.key);
          offsets.drag(start.key, start.offset + (dx / lanes.scale) * 1000);
        }
      },
      end: (moved, event, start) => {
        if (moved) {
          offsets.drop();
          return;
        }
        seekTo(event, wave);
        if (start.key && (reel.many || start.key !== start.label)) {
          choose(start.key);
        }
      },
    });
    bindWheel(wave, lanes, (event) => timeOf(event, wave));
  }
  for (const ruler of lanes.root.querySelectorAll("[data-scrub]")) {
    drags(ruler, {
      begin: (event) => seekTo(event, ruler),
      move: (_, __, event) => clock.drag(timeOf(event, ruler)),
      end: () => clock.drop(),
    });
    bindWheel(ruler, lanes, (event) => timeOf(event, ruler));
  }

  /** The clip under the pointer: the chosen one before those that lie below it. */
  function clipUnder(reel, t) {
    const under = reel.clips.filter((clip) => offsets.of(clip.label) !== null && t >= extent(clip)[0] && t < extent(clip)[1]);
    return under.find(({ label }) => label === lanes.chosen) ?? under.at(-1);
  }

  function timeOf(event, on) {
    return lanes.timeAt(event.clientX - on.getBoundingClientRect().left);
  }

  function seekTo(event, on) {
    clock.seek(timeOf(event, on));
  }
}

/** The key of the segment that lies at the master's `t`; the camera's own where it has none there. */
function segmentAt(camera, t) {
  const place = camera.lines.length ? extentsOf(camera).findLastIndex(({ start, end }) => t >= start && t < end) : -1;
  return keyOf(camera.label, place + 1);
}
