import assert from "node:assert/strict";
import { test } from "node:test";

import { ears, factor, Player } from "../../frontend/mastering/player.js";

test("decibels become factors", () => {
  assert.equal(factor(0), 1);
  assert.ok(Math.abs(factor(-6.0206) - 0.5) < 1e-6);
});

test("one channel goes to both ears, and of many the first two", () => {
  const mono = ears(new Int16Array([16384, -16384]), 1);
  assert.deepEqual([...mono.left], [0.5, -0.5]);
  assert.deepEqual([...mono.right], [0.5, -0.5]);
  const many = ears(new Int16Array([16384, -16384, 1, 8192, 0, 1]), 3);
  assert.deepEqual([...many.left], [0.5, 0.25]);
  assert.deepEqual([...many.right], [-0.5, 0]);
});

test("one side is heard at a time, turned down to be as loud as the other", () => {
  const player = new Player({ seconds: 10, wavs: { before: "/b", after: "/a" }, gains: { before: 0, after: -20 } });
  assert.equal(player.gainOf("before"), 0);
  assert.ok(Math.abs(player.gainOf("after") - 0.1) < 1e-9);
  player.matchLoudness(false);
  assert.equal(player.gainOf("after"), 1);
  player.hear("before");
  assert.deepEqual([player.gainOf("before"), player.gainOf("after")], [1, 0]);
});

test("a seek stays inside the recording", () => {
  const player = new Player({ seconds: 10, wavs: {}, gains: {} });
  player.seek(25);
  assert.equal(player.time, 10);
  player.seek(-3);
  assert.equal(player.time, 0);
});
