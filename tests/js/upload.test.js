import assert from "node:assert/strict";
import { test } from "node:test";
import { difference, refusal } from "../../frontend/upload/check.js";
import { filesOf, folderNote } from "../../frontend/upload/folders.js";
import { assign, claimed } from "../../frontend/upload/names.js";
import { Pace, inTime, progressWords } from "../../frontend/upload/pace.js";

const isAudio = (name) => /\.(wav|mp3)$/i.test(name);
const rules = { extensions: { video: [".mp4", ".mov"], audio: [".wav"] }, maxBytes: 1000 };
const file = (name, size = 10, lastModified = 1) => ({ name, size, lastModified });

test("a name claims its camera", () => {
  const names = { "cam_b.mov": "B", "Camera 2.mp4": "B", "angle-003_v001.mov": "C", "A001_C003_0101.mov": "A", "lesson_C_wide.mp4": "C" };
  for (const [name, label] of Object.entries(names)) {
    assert.equal(claimed(name), label, name);
  }
});

test("a clip's number claims nothing", () => {
  for (const name of ["C0012.MP4", "GX010042.MP4", "MVI_1234.MOV", "clip.mp4", "camping.mp4", "DSC_0001.MOV"]) {
    assert.equal(claimed(name), null, name);
  }
});

test("files dropped at once fill the slots by name, sound last", () => {
  assert.deepEqual(assign(["rec.wav", "C0002.MP4", "C0001.MP4"], ["A", "B", "C"], [], isAudio), ["C", "B", "A"]);
  assert.deepEqual(assign(["cam_b.mp4", "cam_a.mp4"], ["A", "B", "C"], [], isAudio), ["B", "A"]);
  assert.deepEqual(assign(["x_C_.mp4", "b.mp4"], ["A", "B", "C"], [], isAudio), ["C", "A"]);
});

test("two files that claim one camera are placed by name", () => {
  assert.deepEqual(assign(["cam1_2.mp4", "cam1_1.mp4"], ["A", "B", "C"], [], isAudio), ["B", "A"]);
});

test("more files than slots open new ones, up to Z", () => {
  assert.deepEqual(assign(["1.mp4", "2.mp4", "3.mp4"], ["C"], ["A", "B"], isAudio), ["C", "D", "E"]);
  const all = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  assert.deepEqual(assign(["1.mp4"], [], all, isAudio), [null]);
});

test("a camera that has a file is not claimed again", () => {
  assert.deepEqual(assign(["cam_a.mp4"], ["B"], ["A"], isAudio), ["B"]);
});

test("what cannot be taken is refused with its reason before a byte is sent", () => {
  assert.match(refusal(file("notes.pdf"), rules), /\.pdf file.*accepts video and audio/);
  assert.match(refusal(file("README"), rules), /no extension/);
  assert.match(refusal(file("a.mp4", 0), rules), /empty/);
  assert.match(refusal(file("a.mp4", 2000), rules), /Split the recording/);
  assert.match(refusal(file("a.mp4"), rules, [{ label: "A", file: file("a.mp4") }]), /already camera A/);
  assert.match(refusal(file("a.mp4"), rules, [{ label: null, file: file("a.mp4") }]), /chosen twice.*only once/);
  assert.equal(refusal(file("A.MP4"), rules), null);
});

/** A dropped folder as a browser hands it out: its entries two at a time, then none. */
function folder(name, ...entries) {
  const createReader = () => {
    const left = [...entries];
    return { readEntries: (resolve) => resolve(left.splice(0, 2)) };
  };
  return { name, isDirectory: true, createReader };
}

test("a dropped card gives all its recordings, and says in one sentence what it left out", async () => {
  const entry = (name) => ({ name, isDirectory: false, file: (resolve) => resolve(file(name)) });
  const clips = folder("CLIP", entry("C1.MP4"), entry("C1M01.XML"), entry("C2.MP4"), entry("C3.MOV"), entry(".DS_Store"));
  const card = folder("CARD", clips, folder("THMBNL", entry("C1T01.JPG")));
  const items = [card, entry("loose.wav")].map((one) => ({ webkitGetAsEntry: () => one }));
  const found = await filesOf({ items, files: [file("CARD", 0), file("loose.wav")] }, rules.extensions);
  assert.deepEqual(found.files.map(({ name }) => name), ["loose.wav", "C1.MP4", "C2.MP4", "C3.MOV"]);
  assert.equal(folderNote(found.folders[0]).text, "Skipped 2 files in CARD that are not recordings (.xml, .jpg).");
  assert.match(folderNote({ name: "EMPTY", recordings: 0, skipped: [] }).text, /no recordings/);
  assert.equal(folderNote({ name: "CLEAN", recordings: 2, skipped: [] }), null);
});

test("a file picked to go on with says how it differs", () => {
  const begun = { filename: "C1.MP4", sizeBytes: 10, fingerprint: "aa" };
  assert.equal(difference(file("C1.MP4"), "aa", begun), null);
  assert.equal(difference(file("C1.MP4"), "", begun), null);
  assert.match(difference(file("C2.MP4"), "aa", begun), /this is C2.MP4/);
  assert.match(difference(file("C1.MP4", 1234), "aa", begun), /1,234 bytes/);
  assert.match(difference(file("C1.MP4"), "bb", begun), /different content/);
});

test("speed is that of the last seconds", () => {
  const pace = new Pace();
  for (let second = 0; second <= 20; second += 1) {
    pace.add(second < 10 ? second * 1e6 : 10e6 + (second - 10) * 5e6, second * 1000);
  }
  assert.ok(Math.abs(pace.speed() - 5e6) < 1e5);
  assert.equal(progressWords(60e6, 110e6, pace), "60.0 of 110 MB · 5.0 MB/s · 10 s left");
});

test("nothing is said of the speed before there is something to say", () => {
  const pace = new Pace();
  pace.add(0, 0);
  pace.add(5, 100);
  assert.equal(pace.speed(), null);
  assert.equal(progressWords(5, 2000, pace), "5 bytes of 2.0 KB");
});

test("times are rounded as people say them", () => {
  assert.deepEqual([5, 89, 300, 8000].map(inTime), ["5 s", "89 s", "5 min", "2 h 13 min"]);
});
