import assert from "node:assert/strict";
import { test } from "node:test";
import { Blocks } from "../../frontend/playback/bytes.js";
import { doubtful, doubtOf, laterClips, worstFirst } from "../../frontend/review/doubt.js";
import { Offsets } from "../../frontend/review/nudge.js";
import { named, reelsOf } from "../../frontend/review/reels.js";
import { segmentsOf } from "../../frontend/review/segments.js";
import { place } from "../../frontend/playback/stream.js";
import * as time from "../../frontend/playback/time.js";
import { parseHead } from "../../frontend/playback/wav.js";

globalThis.sessionStorage ??= { getItem: () => null, setItem() {}, removeItem() {} };
const camera = (label, saved, more = {}) => ({
  label, isMaster: label === "A", counts: true, computed: saved, saved, offset: saved ?? 0, ppm: 0, duration: 10, segments: [], ...more,
});

test("a camera's time and the master's are each other's inverse, drift and all", () => {
  const b = camera("B", 1234.5, { ppm: 80 });
  for (const t of [-3, 0, 0.001, 1800, 86400]) {
    assert.ok(Math.abs(time.toCamera(b, time.toMaster(b, t)) - t) < 1e-9, String(t));
  }
  assert.equal(time.toMaster(b, 0), 1.2345);
  assert.ok(Math.abs(time.toMaster(b, 3600) - (3600 + 1.2345 + 0.288)) < 1e-9);
});

test("times and offsets are said the way people write them", () => {
  assert.equal(time.timecode(1.234), "0:01.234");
  assert.equal(time.timecode(3723.5), "1:02:03.500");
  assert.equal(time.timecode(-0.777), "\u22120:00.777");
  assert.equal(time.timecode(-0.0001), "0:00.000");
  assert.equal(time.timecode(59.9996), "1:00.000");
  assert.equal(time.offsetText(3237.1234), "+3.237 s");
  assert.equal(time.offsetText(-3_725_500), "\u22123,725.500 s");
  assert.equal(time.offsetText(0), "0.000 s");
  assert.equal(time.exactText(-3237.1234), "\u22123,237.1234 ms");
  assert.equal(time.offsetWords(1234, 25), "+1.234 s (31 frames)");
  assert.equal(time.offsetWords(40, 25), "+0.040 s (1 frame)");
  assert.equal(time.msWords(-1234.56), "\u22121,234.6 ms");
  assert.equal(time.msWords(-0.01), "0.0 ms");
  assert.equal(time.rateOf("30000/1001"), 30000 / 1001);
  assert.equal(time.rateOf(""), 0);
});

test("an offset is read in every notation that a page shows or a person pastes", () => {
  const read = {
    "+3.237 s": 3237, "3.237s": 3237, "3,240.5": 3240.5, "3,240.5 ms": 3240.5, "+1 234,5 ms": 1234.5, "1.234,5": 1234.5,
    "\u2212310": -310, "-310": -310, "\u22123,725.500 s": -3_725_500, "1,234": 1234, "0,5 s": 500, "+3,237.1234 ms": 3237.1234,
  };
  for (const [text, ms] of Object.entries(read)) {
    assert.ok(Math.abs(time.parseOffset(text) - ms) < 1e-6, `${text}: ${time.parseOffset(text)}`);
  }
  for (const text of ["", "ms", "fast", "1.2.3", "--4", "3 min", "1e3"]) {
    assert.equal(time.parseOffset(text), null, text);
  }
});

test("a seek lands inside its frame, never on the edge", () => {
  for (const rate of [24, 25, 30000 / 1001, 60]) {
    for (const frame of [0, 1, 99, 100_000]) {
      assert.equal(Math.floor(time.insideFrame(frame / rate, rate) * rate), frame);
    }
  }
});

test("what two cameras share, and what a shoot spans", () => {
  const [a, b] = [camera("A", 0), camera("B", 4000)];
  assert.deepEqual(time.overlap(a, b), [4, 10]);
  assert.deepEqual(time.whole([a, b]), [0, 14]);
  assert.deepEqual(time.overlap(a, camera("C", 20_000)), [0, 10]);
});

test("nudges are undone and redone one by one; a drag is one step", () => {
  const offsets = new Offsets([camera("A", 0), camera("B", 100)], "k");
  offsets.nudge("B", 40);
  offsets.nudge("B", -1);
  for (const to of [150, 170, 155]) {
    offsets.drag("B", to);
  }
  offsets.drop();
  assert.equal(offsets.of("B"), 155);
  offsets.undo();
  assert.equal(offsets.of("B"), 139);
  offsets.undo();
  offsets.undo();
  assert.equal(offsets.of("B"), 100);
  assert.equal(offsets.undo(), undefined);
  offsets.redo();
  offsets.redo();
  offsets.redo();
  assert.equal(offsets.of("B"), 155);
  assert.deepEqual(offsets.unsaved, ["B"]);
});

test("the master never moves, nor a camera whose file failed", () => {
  const offsets = new Offsets([camera("A", 0), camera("B", null, { counts: false }), camera("C", null)], "k");
  for (const label of ["A", "B"]) {
    offsets.nudge(label, 10);
    offsets.drag(label, 10);
  }
  assert.deepEqual([offsets.of("A"), offsets.of("B")], [0, null]);
  assert.deepEqual(offsets.unplaced, ["C"]);
  offsets.set("C", -5);
  assert.deepEqual(offsets.all, { A: 0, C: -5 });
});

test("another's decision moves what nobody touched here, and nothing else", () => {
  const offsets = new Offsets([camera("A", 0), camera("B", 100), camera("C", 200)], "k");
  offsets.nudge("B", 7);
  offsets.saved({ A: 0, B: 50, C: 60 });
  assert.deepEqual([offsets.of("B"), offsets.of("C")], [107, 60]);
  assert.deepEqual(offsets.unsaved, ["B"]);
});

test("what was corrected before other recordings changed is laid on the screen, unsaved", () => {
  const offsets = new Offsets([camera("A", 0), camera("B", 100), camera("C", 200)], "k");
  assert.deepEqual(offsets.propose({ B: 140, D: 7 }), ["B"]);
  assert.deepEqual([offsets.of("B"), offsets.unsaved], [140, ["B"]]);
  offsets.undo();
  assert.equal(offsets.of("B"), 100);
});

test("each sample lands where offset and drift put it", async () => {
  const ramp = { read: async (start, count) => Float32Array.from({ length: count }, (_, i) => start + i) };
  const whole = await place(camera("B", 1000), ramp, 2, 4);
  assert.deepEqual([...whole], [48000, 48001, 48002, 48003]);
  const half = await place(camera("B", 1000 + 500 / 48_000), ramp, 2, 2);
  assert.ok(Math.abs(half[0] - 47999.5) < 0.01);
  const drifting = await place(camera("B", 0, { ppm: 100 }), ramp, 100, 2);
  assert.ok(Math.abs(drifting[0] - (100 / 1.0001) * 48_000) < 0.5);
});

test("blocks are fetched once, neighbours together, and a failure may be tried again", async () => {
  const asked = [];
  let broken = true;
  const blocks = new Blocks(async (first, count) => {
    asked.push([first, count]);
    if (broken) {
      throw new Error("no");
    }
    return Array.from({ length: count }, (_, i) => first + i);
  }, 5);
  await assert.rejects(blocks.need(0, 2));
  broken = false;
  await Promise.all([blocks.need(0, 2), blocks.need(1, 3)]);
  assert.deepEqual(asked, [[0, 3], [0, 3], [3, 1]]);
  assert.equal(blocks.get(3), 3);
  await blocks.need(4, 8);
  assert.equal(blocks.get(0), undefined);
});

test("a WAV's head is read whatever its chunks, RF64 too; other files are refused", () => {
  const head = (riff, dataSize, { ds64 = null, bits = 16 } = {}) => {
    const bytes = new DataView(new ArrayBuffer(200));
    const text = (at, word) => [...word].forEach((letter, i) => bytes.setUint8(at + i, letter.charCodeAt(0)));
    text(0, riff);
    text(8, "WAVE");
    let at = 12;
    if (ds64 !== null) {
      text(at, "ds64");
      bytes.setUint32(at + 4, 28, true);
      bytes.setBigUint64(at + 16, BigInt(ds64), true);
      at += 36;
    }
    text(at, "LIST");
    bytes.setUint32(at + 4, 3, true);
    at += 12;
    text(at, "fmt ");
    bytes.setUint32(at + 4, 16, true);
    bytes.setUint16(at + 10, 2, true);
    bytes.setUint32(at + 12, 48_000, true);
    bytes.setUint16(at + 22, bits, true);
    at += 24;
    text(at, "data");
    bytes.setUint32(at + 4, dataSize, true);
    return [bytes.buffer, at + 8];
  };
  const [plain, at] = head("RIFF", 4000);
  assert.deepEqual(parseHead(plain), { channels: 2, rate: 48_000, frames: 1000, dataAt: at });
  assert.equal(parseHead(head("RF64", 0xffffffff, { ds64: 6_000_000_000 })[0]).frames, 1_500_000_000);
  assert.throws(() => parseHead(head("RIFX", 1)[0]), /not a WAV/);
  assert.throws(() => parseHead(head("RIFF", 1, { bits: 24 })[0]), /16-bit/);
});

const inSegments = () => {
  const sync = {
    segments: { B: [{ startMs: 0, offsetMs: 1000, driftPpm: 0 }, { startMs: 4000, offsetMs: 1400, driftPpm: null }] },
  };
  const b = camera("B", 1000);
  return { ...b, segments: segmentsOf(sync, "B", b) };
};

test("each segment lies in its own place, with a gap where time was lost", () => {
  const b = inSegments();
  const offsets = new Offsets([camera("A", 0), b], "k");
  assert.deepEqual(time.extent(b), [1, 11.4]);
  assert.equal(time.toMaster(b, 5), 6.4);
  assert.equal(time.toCamera(b, 6.4), 5);
  assert.ok(Number.isNaN(time.toCamera(b, 5.2)));
  offsets.set("B/2", 900);
  assert.deepEqual(time.extentsOf(b).map(({ start, end }) => [start, end]), [[1, 4.9], [4.9, 10.9]]);
});

test("a segment is moved alone, its camera with all of its segments, and one undo takes each back", () => {
  const b = inSegments();
  const offsets = new Offsets([camera("A", 0), b], "k");
  offsets.nudge("B/2", 10);
  assert.deepEqual([offsets.of("B"), offsets.of("B/1"), offsets.of("B/2")], [1000, 1000, 1410]);
  assert.deepEqual(offsets.segments, { B: [{ startMs: 0, offsetMs: 1000 }, { startMs: 4000, offsetMs: 1410 }] });
  offsets.nudge("B", 20);
  assert.deepEqual([offsets.of("B/1"), offsets.of("B/2")], [1020, 1430]);
  assert.deepEqual(offsets.unsaved, ["B"]);
  offsets.undo();
  offsets.undo();
  assert.deepEqual([offsets.of("B/2"), offsets.asComputed(b), offsets.segments], [1400, true, {}]);
  offsets.redo();
  offsets.saved({ A: 0, B: 1000 }, { B: [{ offsetMs: 1000 }, { offsetMs: 1410 }] });
  assert.deepEqual(offsets.unsaved, []);
  offsets.reset("B");
  assert.equal(offsets.of("B/2"), 1400);
});

test("later chapters of a recording move with the first, and a correction leaves them to it", () => {
  const offsets = new Offsets([camera("A", 0), camera("B", 100), camera("B.2", 10_100, { continues: "B" })], "k");
  offsets.nudge("B.2", 5);
  offsets.nudge("B", 40);
  assert.deepEqual([offsets.of("B"), offsets.of("B.2"), offsets.unsaved], [140, 10_140, ["B"]]);
  assert.deepEqual(offsets.all, { A: 0, B: 140 });
  offsets.undo();
  assert.equal(offsets.of("B.2"), 10_100);
});

test("a segment's sound lies where the segment does, with silence in the gap", async () => {
  const b = inSegments();
  new Offsets([camera("A", 0), b], "k");
  const ramp = { read: async (start, count) => Float32Array.from({ length: count }, (_, i) => start + i) };
  const sound = await place(b, ramp, 4.9, 48_000);
  assert.equal(sound[0], Math.fround(3.9 * 48_000));
  assert.equal(sound[10_000], 0);
  assert.equal(sound[40_000], Math.fround((4.9 - 1.4) * 48_000 + 40_000));
});

test("the least certain clip comes first, and a later chapter or the master never", () => {
  const cameras = [camera("A", 0), camera("B", 1), camera("B.2", 2), camera("C", null), camera("D", 4), camera("D.2", 5, { continues: "D" })];
  const sync = {
    classification: { B: "looks-good", "B.2": "review-suggested", C: "needs-manual-nudge", D: "review-suggested" },
    confidence: { B: 20, "B.2": 9, C: null, D: 6 },
  };
  assert.deepEqual(worstFirst(cameras, sync), ["C", "D", "B.2", "B"]);
  assert.deepEqual(doubtful(cameras, sync), ["C", "D", "B.2"]);
});

test("a clip that was added last and recorded first is the first of its camera", () => {
  const at = { A: 0, B: 500, "B.2": 900, "B.3": 100, "B.4": null };
  assert.deepEqual(laterClips(Object.keys(at), "B.3", (label) => at[label]), ["B", "B.2", "B.4"]);
  assert.deepEqual(laterClips(Object.keys(at), "B.2", (label) => at[label]), ["B.4"]);
});

test("the later clips of a camera move along when asked, as one step to undo", () => {
  const labels = ["A", "B", "B.2", "B.3", "B.10", "C.2"];
  const nowhere = () => null;
  assert.deepEqual(laterClips(labels, "B.2", nowhere), ["B.3", "B.10"]);
  const offsets = new Offsets(labels.map((label, n) => camera(label, label === "B.10" ? null : 100 * n)), "test");
  offsets.nudge("B.2", 40, { onward: true });
  assert.deepEqual(["B", "B.2", "B.3", "B.10", "C.2"].map((label) => offsets.of(label)), [100, 240, 340, null, 500]);
  offsets.nudge("B", 1);
  assert.equal(offsets.undo().label, "B");
  assert.equal(offsets.undo().label, "B.2");
  assert.deepEqual(["B", "B.2", "B.3"].map((label) => offsets.of(label)), [100, 200, 300]);
  assert.equal(offsets.redo().label, "B.2");
  assert.deepEqual(["B.2", "B.3"].map((label) => offsets.of(label)), [240, 340]);
});

test("a camera's clips share one reel, which shows the clip at the clock and keeps the last one in a gap", () => {
  const [a, b, b2, b10] = [camera("A", 0), camera("B", 1000), camera("B.2", 20_000), camera("B.10", 40_000)];
  const [master, reel] = reelsOf([a, b, b10, b2]);
  assert.deepEqual([master.label, master.many, master.isMaster], ["A", false, true]);
  assert.deepEqual(reel.clips.map(({ label }) => label), ["B", "B.2", "B.10"]);
  assert.equal(reel.turn(22, () => true), true);
  assert.deepEqual([reel.clip, reel.offset, time.toCamera(reel, 22)], ["B.2", 20_000, 2]);
  assert.equal(reel.turn(35, () => true), false);
  assert.equal(reel.clip, "B.2");
  assert.equal(reel.turn(45, (label) => label !== "B.10"), false, "a clip that nobody placed is nowhere");
  assert.equal(reel.turn(45, () => true), true);
});

test("a sentence names a few of many", () => {
  const labels = Array.from({ length: 40 }, (_, place) => `B.${place + 1}`);
  assert.equal(named(labels.slice(0, 2)), "B.1, B.2");
  assert.equal(named(labels), "B.1, B.2, B.3, B.4, B.5, B.6 and 34 more");
  assert.equal(named(labels.slice(0, 7)), labels.slice(0, 7).join(", "));
});

test("a lane marks the clips that are to be looked at", () => {
  const sync = { classification: { B: "looks-good", "B.2": "review-suggested", "B.3": "needs-manual-nudge" } };
  const doubt = (label, more) => doubtOf(camera(label, 0, more), sync);
  assert.deepEqual(["A", "B", "B.2", "B.3", "C"].map((label) => doubt(label)), ["", "", "ask", "bad", "bad"]);
  assert.equal(doubt("B.3", { continues: "B.2" }), "");
  assert.equal(doubtOf(camera("B", 0), null), "");
});
