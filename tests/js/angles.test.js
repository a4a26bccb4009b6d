import assert from "node:assert/strict";
import { test } from "node:test";
import { blendAt, dipped, laidOver, titleAt } from "../../frontend/angles/blend.js";
import * as cuts from "../../frontend/angles/cut.js";
import { camerasOf, clipsOf, covers, firstGap } from "../../frontend/angles/cameras.js";
import { customOutput, refusalOf, watermarkWish } from "../../frontend/angles/export_wish.js";
import { Grid, proxyRate } from "../../frontend/editing/frames.js";
import { History } from "../../frontend/editing/history.js";
import { Program } from "../../frontend/angles/program.js";
import { SnapTargets } from "../../frontend/angles/snapping.js";
import { effective, withField } from "../../frontend/angles/title_style.js";

const cut = (...points) => ({
  start: 0, end: 1000, points: points.map(([at, angle]) => ({ at, angle, transition: null })), audio: { source: "A", gainDb: 0 }, titles: [],
});
const points = ({ points }) => points.map(({ at, angle }) => `${at}${angle}`).join(" ");

test("a time falls on the nearest frame, halves up, before the master too", () => {
  const grid = new Grid("25/1");
  assert.deepEqual([0, 19, 20, 21, 60, -20, -21].map((ms) => grid.frameOf(ms)), [0, 0, 1, 1, 2, 0, -1]);
  for (const rate of ["25/1", "30000/1001", "60000/1001", "24000/1001"]) {
    const one = new Grid(rate);
    for (const frame of [-7, 0, 1, 2, 3, 1001, 107_892, 431_568]) {
      assert.equal(one.frameOf(one.msOf(frame)), frame, `${rate} ${frame}`);
      assert.equal(one.frameAt(one.secondsOf(frame)), frame);
      assert.equal(one.shownAt(one.secondsOf(frame)), frame);
    }
  }
});

test("a picture is cut where the film first shows it, wherever its camera's frames lie between the film's", () => {
  const grid = new Grid("25/1");
  for (const phase of [0, 0.0004, 0.0006, 0.011, 0.019, 0.021, 0.0399]) {
    for (const frame of [0, 1, 50, 4000]) {
      const begins = frame / 25 + phase;
      const at = grid.shownAt(begins);
      const sourceFrame = (film) => Math.floor((grid.secondsOf(film) - phase + 0.0005) * 25 + 1e-9);
      assert.equal(sourceFrame(at), frame, `${phase} ${frame}`);
      assert.equal(sourceFrame(at - 1), frame - 1);
    }
  }
});

test("a number key cuts until the next cut, and a cut to what is seen is none", () => {
  const one = cut([0, "A"], [100, "B"]);
  assert.equal(points(cuts.switchTo(one, 40, "C")), "0A 40C 100B");
  assert.equal(cuts.switchTo(one, 40, "A"), one);
  assert.equal(points(cuts.switchTo(one, 100, "C")), "0A 100C");
  assert.equal(points(cuts.switchTo(one, 100, "A")), "0A");
  assert.equal(points(cuts.switchTo(one, 40, "B")), "0A 40B");
  assert.equal(points(cuts.switchTo(one, -5, "B")), "-5B 0A 100B");
});

test("a cut moves up to a frame from its neighbors; the first stays", () => {
  const one = cut([0, "A"], [100, "B"], [110, "A"]);
  assert.equal(points(cuts.move(one, 1, 109)), "0A 109B 110A");
  assert.equal(points(cuts.move(one, 1, 500)), "0A 109B 110A");
  assert.equal(points(cuts.move(one, 1, -500)), "0A 1B 110A");
  assert.equal(cuts.move(one, 0, 50), one);
  assert.equal(cuts.move(one, 1, 100), one);
});

test("shots are swapped and cuts deleted, and what becomes one shot is one", () => {
  const one = cut([0, "A"], [100, "B"], [200, "A"]);
  assert.equal(points(cuts.swap(one, 1, "C")), "0A 100C 200A");
  assert.equal(points(cuts.swap(one, 1, "A")), "0A");
  assert.equal(points(cuts.remove(one, 1)), "0A");
  assert.equal(cuts.remove(one, 0), one);
});

test("the range shows the shots that it holds, and never less than a frame", () => {
  const one = cuts.range(cut([0, "A"], [100, "B"], [200, "A"]), { start: 150, end: 180 });
  assert.deepEqual(cuts.shown(one), [1, 1]);
  assert.deepEqual(cuts.shotOf(one, 1), { start: 150, end: 180, angle: "B" });
  assert.equal(cuts.shotOf(one, 2), null);
  assert.equal(cuts.range(one, { end: 150 }), one);
  assert.equal(cuts.angleAt(one, -50), "A");
});

test("a transition is set, changed and taken away, and goes with its cut", () => {
  const fade = { type: "crossfade", durationMs: 400 };
  const one = cuts.join(cut([0, "A"], [100, "B"]), 1, fade);
  assert.deepEqual(cuts.move(one, 1, 90).points[1], { at: 90, angle: "B", transition: fade });
  assert.equal(cuts.join(one, 1, { ...fade }), one);
  assert.equal(cuts.join(one, 0, fade), one);
  assert.equal(cuts.join(one, 1, null).points[1].transition, null);
});

test("titles stand in order and end after they begin", () => {
  let one = cuts.addTitle(cut([0, "A"]), { text: "Late", start: 50, end: 60 });
  one = cuts.addTitle(one, { text: "Early", start: 5, end: 9 });
  assert.deepEqual(one.titles.map(({ text }) => text), ["Early", "Late"]);
  assert.equal(cuts.changeTitle(one, 0, { end: 5 }), one);
  assert.deepEqual(cuts.removeTitle(cuts.changeTitle(one, 0, { text: "First" }), 1).titles, [{ text: "First", start: 5, end: 9 }]);
});

test("what is sent comes back as the same cut", () => {
  const grid = new Grid("30000/1001");
  const one = { ...cuts.join(cut([-30, "A"], [107_892, "B"]), 1, { type: "crossfade", durationMs: 500 }), titles: [{ text: "x", start: 3, end: 9, style: { textPreset: "title" } }] };
  assert.deepEqual(cuts.fromServer(cuts.toServer(one, grid), grid), one);
  assert.deepEqual(cuts.toServer(cuts.addTitle(one, { text: " ", start: 0, end: 3 }), grid), cuts.toServer(one, grid));
});

test("a hundred edits are undone one by one, and a drag is one of them", () => {
  const history = new History(cut([0, "A"]));
  for (let n = 1; n <= 120; n += 1) {
    history.edit((now) => cuts.switchTo(now, n * 5, "AB"[n % 2]));
  }
  assert.equal(history.done.length, 100);
  const before = history.cut;
  for (const at of [7, 8, 9]) {
    history.drag((now) => cuts.move(now, 1, at));
  }
  history.drop();
  assert.equal(history.cut.points[1].at, 9);
  assert.equal(history.done.length, 100);
  history.undo();
  assert.equal(history.cut, before);
  history.redo();
  assert.equal(history.cut.points[1].at, 9);
  let undone = 0;
  while (history.undo()) {
    undone += 1;
  }
  assert.equal(undone, 100);
  assert.equal(history.edit((now) => now), false);
});

test("a drag that comes back to where it began is no edit", () => {
  const one = cut([0, "A"], [100, "B"]);
  const history = new History(one);
  history.drag((now) => cuts.move(now, 1, 90));
  history.drag((now) => cuts.move(now, 1, 100));
  history.drop();
  assert.equal(history.done.length, 0);
});

test("a dragged cut is drawn to the nearest target in reach", () => {
  const targets = new SnapTargets();
  targets.set("beats", [0, 100, 200]);
  targets.set("playhead", [104]);
  assert.equal(targets.near(103, 5), 104);
  assert.equal(targets.near(101, 5), 100);
  assert.equal(targets.near(150, 5), 150);
  assert.equal(targets.near(999, 5), 999);
  targets.set("playhead", []);
  assert.equal(targets.near(103, 5), 100);
});

const angle = (cameraLabel, offsetMs, durationMs, more = {}) => ({
  cameraLabel, kind: "video", offsetMs, driftPpm: null, durationMs, pieces: [], fps: "25/1", warnings: [], proxyUrl: "p", originalUrl: "o", audioUrl: "w", ...more,
});

test("a camera has all its clips, and a picture while one of them recorded", () => {
  const clips = clipsOf({ masterCamera: "A", angles: [angle("A", 0, 60_000), angle("B", 1000, 9000), angle("B.2", 10_000, 5000), angle("B.3", 30_000, 5000)] });
  const b = camerasOf(clips).get("B");
  assert.deepEqual(b.spans, [[1, 15], [30, 35]]);
  assert.ok(covers(b, 1) && covers(b, 14.9) && !covers(b, 15) && !covers(b, 0.5));
  assert.equal(firstGap(b, 2, 12), null);
  assert.equal(firstGap(b, 2, 20), 15);
  assert.equal(firstGap(b, 16, 20), 16);
});

test("a paused camera's segments lie on their own lines, and slow motion's proxy has fewer frames", () => {
  const pieces = [{ startMs: 0, offsetMs: 0, driftPpm: null }, { startMs: 4000, offsetMs: 500, driftPpm: 3 }];
  const [clip] = clipsOf({ masterCamera: "A", angles: [angle("A", 0, 9000, { pieces, driftPpm: 7 })] });
  assert.deepEqual(clip.lines, [{ from: 0, to: 4, offset: 0, ppm: 7 }, { from: 4, to: 9, offset: 500, ppm: 3 }]);
  assert.deepEqual(camerasOf([clip]).get("A").spans.map((span) => span.map((t) => Math.round(t * 1000))), [[0, 4000], [4500, 9500]]);
  assert.deepEqual([proxyRate(120), proxyRate(60), proxyRate(0)], [60, 60, 0]);
});

/** A program of cameras whose every sample is their own number. */
function programOf(audio, ...switches) {
  const clips = clipsOf({ masterCamera: "A", angles: [angle("A", 0, 60_000), angle("B", 0, 60_000), angle("C", 30_000, 9000)] });
  const history = new History({ ...cut(...switches), audio });
  const program = new Program(new EventTarget(), camerasOf(clips), history, new Grid("25/1"), async () => {});
  program.soundOf = async ({ camera }, t, frames) => new Float32Array(frames).fill({ A: 1, B: 2, C: 4 }[camera]);
  return program;
}

test("what is heard follows the picture to the sample, or is one camera, or all as loud as one", async () => {
  const one = { source: "A", gainDb: 0 };
  const followed = await programOf({ source: "follow", gainDb: 0 }, [0, "A"], [50, "B"], [51, "A"]).render(1.99, 4800);
  assert.deepEqual([followed.left[479], followed.left[480], followed.left[480 + 1919], followed.left[480 + 1920]], [1, 2, 2, 1]);
  assert.equal((await programOf(one, [0, "B"]).render(3, 10)).left[9], 1);
  assert.ok(Math.abs((await programOf({ ...one, gainDb: 20 }, [0, "B"]).render(3, 10)).right[0] - 10) < 1e-5);
  const mixed = programOf({ source: "mix", gainDb: 0 }, [0, "B"]);
  assert.equal((await mixed.render(3, 10)).left[0], 1);
  mixed.history.edit((now) => cuts.range(now, { end: 200 }));
  assert.equal((await mixed.render(3, 10)).left[0], 1.5);
});

const GRID = new Grid("25/1");
const CAMERAS = new Map(["A", "B"].map((label) => [label, { spans: [[0, 40]] }]));
const joined = (type, durationMs, points = cut([0, "A"], [100, "B"])) => cuts.join(points, 1, { type, durationMs });

test("a dissolve is centered on its cut, and half of each picture is seen in its middle", () => {
  const one = joined("crossfade", 400);
  assert.equal(blendAt(one, 94, GRID, CAMERAS), null);
  assert.deepEqual(blendAt(one, 95, GRID, CAMERAS), { type: "crossfade", from: "A", to: "B", start: 95, end: 105, step: 0, count: 10 });
  assert.equal(laidOver(blendAt(one, 100, GRID, CAMERAS)).alpha, 0.5);
  assert.equal(blendAt(one, 105, GRID, CAMERAS), null);
});

test("a dip is its color in the middle, and a push moves both pictures", () => {
  const dip = (frame) => dipped(blendAt(joined("dip_to_black", 400), frame, GRID, CAMERAS));
  assert.deepEqual([dip(95), dip(100)], [{ angle: "A", share: 0 }, { angle: "B", share: 1 }]);
  assert.deepEqual(laidOver({ type: "push_left", step: 1, count: 4 }), { alpha: 1, from: [-0.25, 0], to: [0.75, 0], seen: [0, 0, 1, 1] });
  assert.deepEqual(laidOver({ type: "wipe_right", step: 1, count: 4 }).seen, [0, 0, 0.25, 1]);
});

test("a transition is shorter where a camera has no picture beyond the cut", () => {
  const late = new Map([["A", { spans: [[0, 40]] }], ["B", { spans: [[3.92, 40]] }]]);
  assert.equal(blendAt(joined("crossfade", 400), 97, GRID, late), null);
  assert.equal(blendAt(joined("crossfade", 400), 98, GRID, late).count, 7);
});

test("of two titles at once the one that began last is seen, and one without words is none", () => {
  const titles = [{ text: "Long", start: 0, end: 50 }, { text: "Short", start: 10, end: 20 }, { text: " ", start: 30, end: 40 }];
  const shown = (frame) => titleAt({ titles }, frame)?.text;
  assert.deepEqual([shown(5), shown(10), shown(20), shown(35), shown(50)], ["Long", "Short", "Long", "Long", undefined]);
});

test("a title's field is its own, else its preset's, and what changes nothing is not kept", () => {
  const texts = { presets: [{ name: "title", style: { size: 120 } }], plain: { size: 72, align: "center" } };
  assert.equal(effective({ textPreset: "title" }, "size", texts), 120);
  assert.equal(effective({ textPreset: "title", size: 90 }, "size", texts), 90);
  assert.equal(effective({}, "align", texts), "center");
  assert.deepEqual(withField({ textPreset: "title", size: 90 }, "size", 120, texts), { textPreset: "title" });
  assert.deepEqual(withField({}, "align", "left", texts), { align: "left" });
});

test("a custom file is as filmed where it says nothing, and half a size is sent as it is", () => {
  const filmed = { width: 1920, height: 1080, fps: "25" };
  const open = { codec: "mov/dnxhr", width: "", height: "", fps: "", crop: false };
  assert.deepEqual(customOutput(open, filmed), { format: "mov", codec: "dnxhr", ...filmed });
  assert.deepEqual(customOutput({ ...open, codec: "webm/vp9", width: "640", fps: "30000/1001", crop: true }, filmed), {
    format: "webm", codec: "vp9", width: 640, fps: "30000/1001", crop: true,
  });
  assert.deepEqual(watermarkWish({ picture: "" }), {});
  assert.deepEqual(watermarkWish({ picture: "7", corner: "top-left", width: "25", opacity: "" }), { watermark: { assetId: "7", corner: "top-left", width: 0.25 } });
});

test("a refusal stands at the row that it is about, without the path of the request", () => {
  const names = ["main", "custom", "smart"];
  assert.deepEqual(refusalOf({ field: "outputs[1].width", message: "outputs[1].width is 321, and pictures are even." }, names), {
    row: "custom-output", about: "custom-width", message: "Width is 321, and pictures are even.",
  });
  assert.equal(refusalOf({ field: "outputs[1]", message: "outputs[1] is 64×64 px, and DNxHR has 256×120 at least." }, names).message, "This file is 64×64 px, and DNxHR has 256×120 at least.");
  assert.equal(refusalOf({ field: "outputs[2].mode", message: "outputs[2].mode cannot be smart." }, names).row, "row-smart");
  assert.deepEqual(refusalOf({ field: "watermark.width", message: "watermark.width: 3 is too much." }, names).about, "mark-width");
  assert.equal(refusalOf({ field: null, message: "Away." }, names).row, null);
});
