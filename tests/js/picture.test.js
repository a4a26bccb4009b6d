// Boxes, marks and regions on a picture, as plain functions.

import assert from "node:assert/strict";
import test from "node:test";
import { NOTHING, selects, withPoint, withStroke, without } from "../../frontend/picture/marks.js";
import { between, fitted, movedBy } from "../../frontend/picture/places.js";
import { boxAt, changesOf, lasting, moved, regionsOf, withAdded } from "../../frontend/picture/regions.js";

test("a box is the same from whichever corner it was drawn, and a click is none", () => {
  const [one, other] = [{ x: 0.2, y: 0.3 }, { x: 0.6, y: 0.8 }];
  assert.deepEqual(between(one, other), { x: 0.2, y: 0.3, width: 0.4, height: 0.5 });
  assert.deepEqual(between(other, one), between(one, other));
  assert.equal(between(one, one), null);
});

test("a box never leaves the picture, also where its sides are rounded", () => {
  const { x, width } = fitted({ x: 0.33335, y: 0, width: 0.66665, height: 1 });
  assert.ok(x + width <= 1 + 1e-9);
  assert.deepEqual(movedBy({ x: 0.7, y: 0, width: 0.25, height: 1 }, 0.5, 0.5), { x: 0.75, y: 0, width: 0.25, height: 1 });
});

test("a frame in which things are only left out has nothing to cut out", () => {
  const out = withPoint(NOTHING, { x: 0.1, y: 0.1 }, 0);
  assert.equal(selects(out), false);
  const line = withStroke(out, [{ x: 0.2, y: 0.2 }, { x: 0.2001, y: 0.2 }, { x: 0.3, y: 0.2 }], 1);
  assert.equal(selects(line), true);
  assert.equal(line.strokes[0].points.length, 2);
  assert.equal(selects(without(line, "strokes", 0)), false);
});

const BOX = { x: 0.2, y: 0.2, width: 0.1, height: 0.2 };
const FACE = { region_id: "face-1", start_ms: 0, end_ms: 400, boxes: [{ time_ms: 0, ...BOX }, { time_ms: 400, ...BOX, x: 0.4 }] };
const found = () => regionsOf({ regions: [FACE] });

test("a new region goes from one position to the other, and lies still around them", () => {
  const [region] = withAdded([], 100, BOX, 1000).map((one) => moved(one, 500, { ...BOX, x: 0.6 }));
  assert.deepEqual([100, 300, 900].map((ms) => boxAt(region, ms).x), [0.2, 0.4, 0.6]);
  assert.equal(boxAt(region, 50), null);
});

test("a face that was found is moved with all its positions, and stays in the picture", () => {
  const [region] = found().map((one) => moved(one, 0, { ...BOX, x: 0.8 }));
  assert.deepEqual(region.keys.map((key) => key.x), [0.8, 0.9]);
});

test("what is made longer is asked for as that; what loses its place is taken away and added, with a reason", () => {
  const before = found();
  const longer = before.map((one) => lasting(one, 0, 600));
  assert.deepEqual(changesOf(before, longer, ""), { changes: [{ region_id: "face-1", start_ms: 0, end_ms: 600 }], asksWhy: false });

  const { changes, asksWhy } = changesOf(before, before.map((one) => lasting(one, 100, 300)), "ends there");
  assert.equal(asksWhy, true);
  assert.deepEqual(changes[0], { region_id: "face-1", deleted: true, reason: "ends there" });
  assert.deepEqual(changes[1].boxes.map((key) => [key.time_ms, key.x]), [[100, 0.25], [300, 0.35]]);
});

test("nothing is asked for where nothing changed, nor of a region that came and went", () => {
  const before = found();
  const gone = withAdded(before, 0, BOX, 400).map((one) => (one.isNew ? { ...one, removed: true } : one));
  assert.deepEqual(changesOf(before, gone, "").changes, []);
});
