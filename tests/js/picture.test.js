// A box that is drawn on a picture, as plain functions.

import assert from "node:assert/strict";
import test from "node:test";
import { between, boxOf } from "../../frontend/picture/box.js";

const form = (values) => ({ elements: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])) });

test("a box is the same from whichever corner it was drawn, and ends at the picture's edges", () => {
  assert.deepEqual(between([20, 30], [60.04, 80]), { x: 20, y: 30, width: 40, height: 50 });
  assert.deepEqual(between([60, 80], [20, 30]), { x: 20, y: 30, width: 40, height: 50 });
  assert.deepEqual(between([-5, 50], [140, 120]), { x: 0, y: 50, width: 100, height: 50 });
});

test("a box that was typed beyond the picture ends with it", () => {
  assert.deepEqual(boxOf(form({ x: "75", y: "0", width: "50", height: "100" })), { x: 0.75, y: 0, width: 0.25, height: 1 });
});
