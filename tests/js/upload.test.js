import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { difference, refusal } from "../../frontend/upload/check.js";
import { ofGoPro, ofSony, serialsOf } from "../../frontend/upload/device.js";
import { filesChosen, filesOf, folderNote } from "../../frontend/upload/folders.js";
import { assign, claimed } from "../../frontend/upload/names.js";
import { byKey, called, keyOf, nextClip } from "../../frontend/camera_keys.js";
import { alone, chosenInstead, isWorthALook, leftOut, moved, planOf, recordingOf, summary, uploads, wanted } from "../../frontend/upload/plan.js";
import { packed } from "../../frontend/upload/packing.js";
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

const entry = (name) => ({ name, isDirectory: false, file: (resolve) => resolve(file(name)) });

test("a dropped card gives all its recordings, and says in one sentence what it left out", async () => {
  const clips = folder("CLIP", entry("C1.MP4"), entry("C1M01.XML"), entry("C2.MP4"), entry("C3.MOV"), entry(".DS_Store"));
  const card = folder("CARD", clips, folder("THMBNL", entry("C1T01.JPG")));
  const items = [card, entry("loose.wav")].map((one) => ({ webkitGetAsEntry: () => one }));
  const found = await filesOf({ items, files: [file("CARD", 0), file("loose.wav")] }, rules.extensions);
  assert.deepEqual(found.files.map(({ name }) => name), ["loose.wav", "C1.MP4", "C2.MP4", "C3.MOV"]);
  assert.equal(folderNote(found.folders[0]).text, "Skipped 2 files in CARD that are not recordings (.xml, .jpg).");
  assert.match(folderNote({ name: "EMPTY", recordings: 0, skipped: [] }).text, /no recordings/);
  assert.equal(folderNote({ name: "CLEAN", recordings: 2, skipped: [] }), null);
});

test("what only its maker's program opens is refused in its own words, in a folder too", async () => {
  const why = "A .360 file comes from a GoPro MAX. Export it as .mp4.";
  const extensions = { ...rules.extensions, refused: { ".360": why } };
  assert.equal(refusal(file("GS01.360"), { ...rules, extensions }), `GS01.360 was not added. ${why}`);

  const found = await filesOf(
    { items: [{ webkitGetAsEntry: () => folder("100GOPRO", entry("GS01.360"), entry("a.thm")) }], files: [] },
    extensions,
  );
  assert.deepEqual(found.files.map(({ name }) => name), ["GS01.360"]);
  assert.match(folderNote(found.folders[0]).text, /^Skipped 1 file in 100GOPRO that is not a recording \(\.thm\)/);
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

const clip = (path, cameraKey, continues = "") => ({ path, cameraKey, continues });
const answer = {
  cameras: [
    { cameraLabel: "A", name: "Wide", make: "GoPro", clips: [clip("W/GX010012.MP4", "A"), clip("W/GX020012.MP4", "A.2", "A")] },
    { cameraLabel: "B", name: "", make: "", clips: [clip("b.mov", "B")] },
  ],
  setAside: [{ path: "W/GX010012.THM", what: "picture" }],
  unplaced: [],
  warnings: [],
};
const dropped = ["W/GX010012.MP4", "W/GX020012.MP4", "b.mov"].map((path) => file(path));
const keysOf = (plan, used = []) => uploads(plan, used).map(({ key, file: { name } }) => [key, name]);

test("camera keys sort and read as people count clips", () => {
  assert.deepEqual(["C", "B.10", "B", "B.2"].sort(byKey), ["B", "B.2", "B.10", "C"]);
  assert.deepEqual([called("B"), called("B.2")], ["Camera B", "Camera B, clip 2"]);
  assert.equal(keyOf("B", nextClip("B", ["A", "B", "B.2"])), "B.3");
  assert.equal(keyOf("C", nextClip("C", ["A", "B"])), "C");
});

test("a sorted card is uploaded as numbered clips, after those that are there", () => {
  const plan = planOf(answer, dropped);
  assert.equal(summary(plan), "2 cameras, 3 files");
  assert.deepEqual(keysOf(plan), [["A", "W/GX010012.MP4"], ["A.2", "W/GX020012.MP4"], ["B", "b.mov"]]);
  assert.deepEqual(keysOf(plan, ["B", "B.2"]).at(-1), ["B.3", "b.mov"]);
  assert.equal(plan.cameras[0].files[1].continues, "W/GX010012.MP4");
});

test("a file that is moved or left out changes the plan and nothing else", () => {
  const plan = planOf(answer, dropped);
  assert.deepEqual(keysOf(moved(plan, "b.mov", "A")), [["A", "b.mov"], ["A.2", "W/GX010012.MP4"], ["A.3", "W/GX020012.MP4"]]);
  assert.deepEqual(keysOf(moved(plan, "W/GX020012.MP4", "C")).at(-1), ["C", "W/GX020012.MP4"]);
  const without = moved(plan, "b.mov", "");
  assert.deepEqual([without.cameras.length, without.aside.at(-1).path], [1, "b.mov"]);
  assert.equal(plan.cameras.length, 2);
});

test("a file that was left out can be taken back, into any camera", () => {
  const without = moved(planOf(answer, dropped), "b.mov", "");
  assert.deepEqual(keysOf(moved(without, "b.mov", "B")).at(-1), ["B", "b.mov"]);
  assert.equal(moved(without, "b.mov", "B").aside.length, 1);
});

test("a recording moves with all its chapters", () => {
  const plan = planOf(answer, dropped);
  const ids = recordingOf(plan, "W/GX020012.MP4");
  assert.deepEqual(ids, ["W/GX010012.MP4", "W/GX020012.MP4"]);
  assert.deepEqual(keysOf(moved(plan, ids, "B")), [["B", "b.mov"], ["B.2", "W/GX010012.MP4"], ["B.3", "W/GX020012.MP4"]]);
});

test("a file that is moved stands where it was written, whatever its name", () => {
  const files = [file("C9999.MP4", 10, 100), file("C0001.MP4", 10, 300), file("MVI_5000.MP4", 10, 200)];
  const cameras = [
    { cameraLabel: "A", name: "", make: "Sony", clips: [clip("C9999.MP4", "A"), clip("C0001.MP4", "A.2")] },
    { cameraLabel: "B", name: "", make: "Canon", clips: [clip("MVI_5000.MP4", "B")] },
  ];
  const plan = planOf({ cameras, setAside: [], unplaced: [], warnings: [] }, files);
  assert.deepEqual(keysOf(moved(plan, "MVI_5000.MP4", "A")).map(([, name]) => name), ["C9999.MP4", "MVI_5000.MP4", "C0001.MP4"]);
});

test("two files of one path are both sent, each as itself", () => {
  const files = [file("ZOOM0001.WAV", 9), file("ZOOM0001.WAV", 5)];
  const clips = [{ ...clip("ZOOM0001.WAV", "A"), sizeBytes: 5 }, { ...clip("ZOOM0001.WAV", "A.2"), sizeBytes: 9 }];
  const plan = planOf({ cameras: [{ cameraLabel: "A", name: "", make: "Zoom", clips }], setAside: [], unplaced: [], warnings: [] }, files);
  assert.deepEqual(uploads(plan, []).map((one) => [one.key, one.file.size]), [["A", 5], ["A.2", 9]]);
});

const tracksOf = (...names) => names.map((name) => Object.assign(new File([name.repeat(90)], `ZOOM0001_${name}.WAV`, { lastModified: 5000 }), { path: `Z/ZOOM0001_${name}.WAV` }));
const sortedTake = (files) => {
  const tracks = files.map(({ path, size, name }) => ({ path, sizeBytes: size, name: name.slice(9, -4) }));
  const main = { ...clip(tracks[0].path, "A"), sizeBytes: files[0].size, track: "LR", tracks, packedPath: "Z/ZOOM0001.tar" };
  const setAside = tracks.slice(1).map(({ path, name }) => ({ path, what: "track of ZOOM0001_LR.WAV", instead: main.path, track: name }));
  return planOf({ cameras: [{ cameraLabel: "A", name: "Z", make: "Zoom", clips: [main] }], setAside, unplaced: [], warnings: [] }, files);
};

test("a take with a file for each track is one clip, a tar that is the same each time", async () => {
  const files = tracksOf("LR", "Tr1", "Tr2");
  const plan = sortedTake(files);
  assert.deepEqual([summary(plan), isWorthALook(plan), plan.aside], ["1 camera, 3 files", true, []]);
  const [{ key, file: sent }] = uploads(plan, []);
  assert.deepEqual([key, sent.name, sent.path, sent.title], ["A", "ZOOM0001.tar", "Z/ZOOM0001.tar", "ZOOM0001: LR, Tr1, Tr2"]);
  const bytes = Buffer.from(await sent.arrayBuffer());
  assert.deepEqual(bytes, Buffer.from(await uploads(sortedTake(tracksOf("LR", "Tr1", "Tr2")), [])[0].file.arrayBuffer()));
  const listed = spawnSync("tar", ["-tvf", "-"], { input: bytes });
  assert.equal(listed.status, 0, String(listed.stderr));
  assert.deepEqual(String(listed.stdout).trim().split("\n").map((line) => line.split(/\s+/)).map((line) => [line[2], line.at(-1)]), [
    ["180", "Z/ZOOM0001_LR.WAV"],
    ["270", "Z/ZOOM0001_Tr1.WAV"],
    ["270", "Z/ZOOM0001_Tr2.WAV"],
  ]);
  const out = spawnSync("tar", ["-xOf", "-", "Z/ZOOM0001_Tr1.WAV"], { input: bytes });
  assert.equal(String(out.stdout), "Tr1".repeat(90));
});

test("a long name is kept whole in a tar", async () => {
  const name = `${"Ünlü ".repeat(20)}T01_1.wav`;
  const one = packed("T01.tar", [new File(["one"], name), new File(["two"], "T01_2.wav")], ["1", "2"]);
  const listed = spawnSync("tar", ["--quoting-style=literal", "-tf", "-"], { input: Buffer.from(await one.arrayBuffer()) });
  assert.deepEqual(String(listed.stdout).trim().split("\n"), [name, "T01_2.wav"]);
});

test("one file of a take is sent alone, and another one instead", () => {
  const plan = alone(sortedTake(tracksOf("LR", "Tr1", "Tr2")), "Z/ZOOM0001_LR.WAV");
  assert.deepEqual(keysOf(plan), [["A", "ZOOM0001_LR.WAV"]]);
  assert.deepEqual(plan.aside.map(({ path, instead }) => [path, instead]), [
    ["Z/ZOOM0001_Tr1.WAV", "Z/ZOOM0001_LR.WAV"],
    ["Z/ZOOM0001_Tr2.WAV", "Z/ZOOM0001_LR.WAV"],
  ]);
  assert.deepEqual(keysOf(chosenInstead(plan, "Z/ZOOM0001_Tr2.WAV")), [["A", "ZOOM0001_Tr2.WAV"]]);
});

const tracks = (take) => [1, 2, 3].map((track) => file(`R/S01T0${take}_${track}.wav`));
const poly = {
  cameras: [{ cameraLabel: "A", name: "R", make: "", clips: [1, 2].map((take) => ({ ...clip(`R/S01T0${take}_1.wav`, take > 1 ? "A.2" : "A"), track: "1" })) }],
  setAside: [1, 2].flatMap((take) =>
    ["2", "3"].map((track) => ({ path: `R/S01T0${take}_${track}.wav`, what: `track of S01T0${take}_1.wav`, instead: `R/S01T0${take}_1.wav`, track })),
  ),
  unplaced: [],
  warnings: [],
};

test("another track stands for every recording of its camera, and the first can be taken back", () => {
  const plan = planOf(poly, [...tracks(1), ...tracks(2)]);
  const third = chosenInstead(plan, "R/S01T02_3.wav");
  assert.deepEqual(keysOf(third), [["A", "R/S01T01_3.wav"], ["A.2", "R/S01T02_3.wav"]]);
  assert.deepEqual(third.aside.map(({ path, instead }) => [path, instead]), [
    ["R/S01T01_2.wav", "R/S01T01_3.wav"],
    ["R/S01T01_1.wav", "R/S01T01_3.wav"],
    ["R/S01T02_2.wav", "R/S01T02_3.wav"],
    ["R/S01T02_1.wav", "R/S01T02_3.wav"],
  ]);
  assert.deepEqual(keysOf(chosenInstead(third, "R/S01T01_1.wav")), keysOf(plan));
});

test("files for which no letter is left are a warning, and stay in the list", () => {
  const plan = planOf({ cameras: [], setAside: [], unplaced: ["b.mov"], warnings: [] }, [file("b.mov")]);
  assert.deepEqual(plan.warnings, ["There is no room for b.mov: a session can have up to 26 cameras."]);
  assert.deepEqual(plan.aside.map((one) => one.file.name), ["b.mov"]);
});

test("a page that was opened for one camera gives it what has no letter of its own", () => {
  const one = { cameras: [{ label: "A", files: [1] }], aside: [], warnings: [] };
  assert.equal(wanted(one, "C", true, []).cameras[0].label, "C");
  assert.equal(wanted(one, "C", false, []).cameras[0].label, "A");
  assert.equal(wanted({ ...one, cameras: [{ label: "B", files: [1] }] }, "C", true, []).cameras[0].label, "B");
});

test("what is left out without a look is said by name", () => {
  const aside = [{ path: "SUB/C0001S03.MP4", what: "low-resolution copy", file: file("C0001S03.MP4") }, { path: "C0001M01.XML", what: "index" }];
  assert.equal(leftOut({ aside }), "Left out: C0001S03.MP4 (low-resolution copy). Drop such a file by itself to upload it.");
  assert.equal(leftOut({ aside: aside.slice(1) }), "");
});

test("a folder that is chosen gives the same as one that is dropped", () => {
  const list = ["CARD/CLIP/C1.MP4", "CARD/CLIP/C1M01.XML", "CARD/.Trashes/C2.MP4"].map((webkitRelativePath) => ({
    ...file(webkitRelativePath.split("/").at(-1)),
    webkitRelativePath,
  }));
  const found = filesChosen(list, rules.extensions);
  assert.deepEqual(found.files.map(({ path }) => path), ["CARD/CLIP/C1.MP4"]);
  assert.deepEqual(found.folders.map(({ name, recordings, others }) => [name, recordings, others.map(({ path }) => path)]), [
    ["CARD", 1, ["CARD/CLIP/C1M01.XML"]],
  ]);
});

test("only clips and warnings are worth a look", () => {
  assert.equal(isWorthALook(planOf(answer, dropped)), true);
  assert.equal(isWorthALook({ cameras: [{ files: [1] }, { files: [2] }], warnings: [] }), false);
  assert.equal(isWorthALook({ cameras: [{ files: [1] }], warnings: ["GX020012.MP4 is missing."] }), true);
});

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const box = (name, content) => {
  const whole = new Uint8Array(8 + content.length);
  new DataView(whole.buffer).setUint32(0, whole.length);
  whole.set(bytes(name), 4);
  whole.set(content, 8);
  return whole;
};
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const gopro = bytes("DEVC\0\u0001\0\u0010CASNc\u0001\0\u000eC3471325208123\0\0");
const sony = '<Device manufacturer="Sony" modelName="ILCE-7SM3" serialNo="0004711"/>';
const film = (path, content) => Object.assign(new File([content], path.split("/").at(-1)), { path });

test("a file's serial number is read from its index, or from what lies beside it", async () => {
  assert.equal(ofGoPro(gopro), "C3471325208123");
  assert.equal(ofGoPro(gopro.slice(0, 12)), "");
  assert.equal(ofSony(sony), "0004711");
  assert.equal(ofSony("<Device/>"), "");

  const head = joined(box("ftyp", bytes("isom")), box("mdat", new Uint8Array(99)));
  const files = [
    film("G/GX010001.MP4", joined(head, box("moov", joined(box("trak", bytes("x")), box("udta", box("GPMF", gopro)))))),
    film("S/C0001.MP4", joined(head, box("moov", box("udta", new Uint8Array(0))))),
    film("S/C0002.MP4", joined(head, box("moov", box("meta", bytes(sony))))),
    film("S/C0003.MP4", bytes("no film at all")),
  ];
  const found = await serialsOf(files, [film("S/C0001M01.XML", bytes(sony))]);
  assert.deepEqual(files.map((one) => found.get(one) ?? ""), ["C3471325208123", "0004711", "0004711", ""]);
});
