import assert from "node:assert/strict";
import { test } from "node:test";
import { SnapTargets } from "../../frontend/angles/snapping.js";
import { gapsOf, placed, spansIn, timesIn } from "../../frontend/sounds/places.js";

const clip = { offset: 2000, ppm: 0, duration: 60 };
const recording = { camera: "B", stretches: [["speech", 1000, 3000], ["music", 0, 500]], beats: [500, 1000], words: [[1000, 1400], [1700, 2000]] };
const near = (found, wanted) => {
  assert.equal(found.length, wanted.length, `${found}`);
  found.forEach((one, place) => assert.ok(Math.abs(one - wanted[place]) < 1e-9, `${found}`));
};

test("sounds lie where their camera's offset and drift put them", () => {
  const found = placed([recording], () => ({ ...clip, ppm: 1000 }));
  near(found.beats, [2.5005, 3.001]);
  near(found.stretches.speech[0], [3.001, 5.003]);
});

test("each segment of a clip has its own offset, and a camera without a place has no sounds", () => {
  const lines = [{ from: 0, to: 0.8, offset: 0, ppm: 0 }, { from: 0.8, to: 60, offset: 5000, ppm: 0 }];
  near(placed([recording], () => ({ ...clip, lines })).beats, [0.5, 6]);
  near(placed([recording], () => null).beats, []);
});

test("a cut finds the middle of a short gap and both ends of a long one, and no gap where words touch", () => {
  near(gapsOf([[1, 1.4], [1.41, 1.7], [2, 2.5], [5, 5.5]]), [0.85, 1.85, 2.65, 4.85, 5.65]);
  near(gapsOf([]), []);
});

test("of 20,000 marks only those in view are drawn", () => {
  const times = Array.from({ length: 20_000 }, (_, place) => place / 2);
  near(timesIn(times, [100, 101]), [100, 100.5, 101]);
  assert.deepEqual(spansIn([[0, 1], [2, 4], [5, 6], [9, 10]], [3, 5]), [[2, 4], [5, 6]]);
});

test("a cut snaps to what is near, unless snapping is off", () => {
  const targets = new SnapTargets();
  targets.on = true;
  targets.set("beats", [10, 20, 30]);
  targets.set("gaps", [22]);
  assert.equal(targets.near(21, 4), 20);
  assert.equal(targets.near(25, 2), 25);
  targets.turn(false);
  assert.equal(targets.near(21, 4), 21);
});

test("the next beat or gap is found on either side, and none where there is none", () => {
  const targets = new SnapTargets();
  targets.set("beats", [10, 20, 30]);
  targets.set("gaps", [22]);
  targets.set("range", [0, 25]);
  assert.equal(targets.beyond(20, 1), 22);
  assert.equal(targets.beyond(20, -1), 10);
  assert.equal(targets.beyond(30, 1), null);
  assert.equal(targets.beyond(10, -1), null);
});
