import assert from "node:assert/strict";
import { test } from "node:test";
import { placeAt } from "../../frontend/words/following.js";
import { found } from "../../frontend/words/searching.js";

const SAID = ["The", "second", "camera,", "the", "Second", "one;", "don’t", "move."];

test("a word is found whatever its capitals and marks", () => {
  assert.deepEqual(found(SAID, "second"), [[1, 1], [4, 1]]);
  assert.deepEqual(found(SAID, "don't"), [[6, 1]]);
  assert.deepEqual(found(SAID, "camera"), [[2, 1]]);
});

test("a phrase is found where all of its words follow one another, the last one as far as it is typed", () => {
  assert.deepEqual(found(SAID, "the sec"), [[0, 2], [3, 2]]);
  assert.deepEqual(found(SAID, "the second cam"), [[0, 3]]);
  assert.deepEqual(found(SAID, "move on"), []);
});

test("nothing is found by nothing", () => {
  assert.deepEqual(found(SAID, "  "), []);
  assert.deepEqual(found([], "x"), []);
});

test("the segment that is said is the last that has begun", () => {
  assert.equal(placeAt([0, 1000, 2000], 1500), 1);
  assert.equal(placeAt([500], 100), -1);
});
