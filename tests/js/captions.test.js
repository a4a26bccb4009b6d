import assert from "node:assert/strict";
import { test } from "node:test";
import { Kept } from "../../frontend/captions/changes.js";
import * as edits from "../../frontend/captions/cues.js";
import { CaptionGrid } from "../../frontend/captions/grid.js";
import { Layout } from "../../frontend/captions/lines.js";

const layout = new Layout({ line: 42, lines: 2, cps: 20, openers: ["and", "when"] });
const limits = { duration: 10_000, least: 40 };
const served = (...rows) => rows.map(([start_ms, end_ms, text, speaker = null]) => ({ start_ms, end_ms, text, speaker, doubtful: true }));
const list = (...rows) => edits.fromServer(served(...rows));
const plain = (cues) => cues.map(({ start, end, text }) => [start, end, text]);

test("a caption moves as far as its neighbors leave room, and keeps its length", () => {
  const cues = list([0, 1000, "One"], [2000, 3000, "Two"], [3500, 4000, "Three"]);
  const { id } = cues[1];
  assert.deepEqual(plain(edits.move(cues, id, "whole", 200, limits))[1], [2200, 3200, "Two"]);
  assert.deepEqual(plain(edits.move(cues, id, "whole", 9000, limits))[1], [2500, 3500, "Two"]);
  assert.deepEqual(plain(edits.move(cues, id, "whole", -9000, limits))[1], [1000, 2000, "Two"]);
  assert.deepEqual(plain(edits.move(cues, id, "start", 5000, limits))[1], [2960, 3000, "Two"]);
  assert.deepEqual(plain(edits.move(cues, id, "end", 5000, limits))[1], [2000, 3500, "Two"]);
  assert.deepEqual(plain(edits.move(cues, cues[2].id, "end", 60_000, limits))[2], [3500, 10_000, "Three"]);
  assert.equal(edits.move(cues, cues[0].id, "start", -5, limits), cues);
});

test("a split has both parts of the text and of the time, and a merge undoes it", () => {
  const cues = list([0, 1000, "One and two", "Anna"]);
  const parts = edits.split(cues, cues[0].id, 4, 400);
  assert.deepEqual(plain(parts), [[0, 400, "One"], [400, 1000, "and two"]]);
  assert.equal(parts[1].speaker, "Anna");
  assert.deepEqual(plain(edits.merge(parts, parts[0].id, layout)), [[0, 1000, "One and two"]]);
  assert.equal(edits.split(cues, cues[0].id, 0, 400), cues);
  assert.equal(edits.split(cues, cues[0].id, 4, 1000), cues);
  assert.equal(edits.merge(parts, parts[1].id, layout), parts);
});

test("two that do not fit in one are not merged, and two people keep a line each", () => {
  const long = "a word or two of it ".repeat(4).trim();
  const cues = list([0, 1000, long], [1000, 2000, long]);
  assert.equal(edits.merge(cues, cues[0].id, layout), null);
  const two = list([0, 1000, "Anna: Yes.", "Anna"], [1000, 2000, "Ben: No.", "Ben"]);
  assert.equal(edits.merge(two, two[0].id, layout)[0].text, "Anna: Yes.\nBen: No.");
});

test("a speaker is named where they begin", () => {
  const cues = list([0, 1000, "Anna: Yes.", "Anna"], [1000, 2000, "– No."], [2000, 3000, "Never.", "Anna"]);
  const ben = edits.setSpeaker(cues, cues[1].id, "Ben");
  assert.equal(ben[1].text, "Ben: No.");
  assert.equal(edits.setSpeaker(ben, cues[1].id, "Anna")[1].text, "No.");
  assert.equal(edits.setSpeaker(ben, cues[1].id, "")[1].text, "No.");
  assert.equal(edits.setSpeaker(cues, cues[0].id, "Anna"), cues);
});

test("a caption is added where there is room, and nowhere else", () => {
  const cues = list([0, 1000, "One"], [2000, 3000, "Two"]);
  assert.deepEqual(plain(edits.add(cues, 1000, 10_000).cues)[1], [1000, 2000, ""]);
  assert.deepEqual(plain(edits.add(cues, 5000, 10_000).cues)[2], [5000, 7000, ""]);
  for (const ms of [500, 1900, 9950]) {
    assert.equal(edits.add(cues, ms, 10_000), null);
  }
});

test("what is in view is found among many", () => {
  const cues = list(...Array.from({ length: 2000 }, (_, n) => [n * 1000, n * 1000 + 900, `${n}`]));
  assert.deepEqual(edits.between(cues, 5950, 8100).map(({ text }) => text), ["6", "7", "8"]);
  assert.deepEqual(edits.between(cues, 5800, 5850).map(({ text }) => text), ["5"]);
  assert.deepEqual(edits.between([], 0, 9), []);
});

test("only what changed is sent, by its place at the server", () => {
  const cues = list([0, 1000, "One"], [2000, 3000, "Two"], [4000, 5000, "Three"]);
  const kept = new Kept(cues);
  assert.deepEqual(kept.changesTo(cues, layout).changes, []);
  let now = edits.move(cues, cues[2].id, "end", 500, limits);
  now = edits.remove(now, cues[0].id);
  now = edits.write(now, cues[1].id, "Two and more");
  now = edits.split(now, cues[1].id, 4, 2500);
  assert.deepEqual(kept.changesTo(now, layout).changes, [
    { index: 1, end_ms: 2500 },
    { start_ms: 2500, end_ms: 3000, text: "and more", speaker: "" },
    { index: 2, end_ms: 5500 },
    { index: 0, deleted: true },
  ]);
});

test("a text that cannot be shown waits, and its times do not", () => {
  const cues = list([0, 1000, "One"]);
  const kept = new Kept(cues);
  const long = edits.write(edits.move(cues, cues[0].id, "end", 200, limits), cues[0].id, "far too long ".repeat(9));
  const { changes, after, waiting } = kept.changesTo(edits.add(long, 2000, 10_000).cues, layout);
  assert.deepEqual(changes, [{ index: 0, end_ms: 1200 }]);
  assert.deepEqual([plain(after), waiting], [[[0, 1200, "One"]], 2]);
});

test("another's captions keep the ids of those that are the same, each once", () => {
  const cues = list([0, 1000, "One"], [2000, 3000, "Two"]);
  const theirs = edits.fromServer(served([0, 1000, "One"], [0, 1000, "One"], [2000, 3100, "Two"]), cues);
  assert.equal(theirs[0].id, cues[0].id);
  assert.equal(new Set(theirs.map(({ id }) => id)).size, 3);
  assert.equal(edits.differing(cues, theirs), 1);
});

test("a nudge goes to the next frame, and a caption is on just its frames", () => {
  for (const rate of ["25/1", "30000/1001", "60000/1001", "24000/1001"]) {
    const grid = new CaptionGrid(rate);
    for (const frame of [0, 1, 2, 29, 1001, 107_892]) {
      const ms = grid.onFrame(grid.msOf(frame));
      assert.equal(grid.frameOf(ms), frame, `${rate} ${frame}`);
      assert.equal(grid.frameOf(grid.next(ms, 1)), frame + 1);
      const cue = { start: ms, end: grid.next(ms, 1) };
      assert.deepEqual([frame - 1, frame, frame + 1].map((one) => grid.shownAt([cue], one) === cue), [false, true, false]);
    }
  }
  const grid = new CaptionGrid("25/1");
  assert.deepEqual([grid.next(7500, 1), grid.next(7500, -1), grid.next(7490, 1), grid.next(0, -1)], [7520, 7480, 7520, 0]);
});

test("reading speed is counted as the server counts it", () => {
  const measure = (text, ms) => layout.measure({ text, start: 0, end: ms });
  assert.deepEqual(measure("x".repeat(20), 1000), { lengths: [20], cps: 20, fast: false, fits: true });
  assert.equal(measure("x".repeat(10) + "\n" + "x".repeat(10), 1000).cps, 21);
  assert.equal(measure("x".repeat(21), 1000).fast, true);
  assert.equal(measure("", 1000).fits, false);
});
