import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTimecode } from "../../frontend/playback/time.js";
import { aboutRecord, anchorOf, commandLine, keptCommands, planWords } from "../../frontend/project/plan_words.js";

const plan = ({ meta = {}, ...more } = {}) => ({
  inputs: [
    { name: "stage.mov", artifact_id: null },
    { name: "stage.mov", artifact_id: "7" },
  ],
  commands: [["-i", "file:{input:0}", "{output}"]],
  expected: { frames: 1500, duration_ms: 50_050, width: 1280, height: 720, fps: "30000/1001" },
  ...more,
  meta: {
    video_codec: "libx264", strategy: "final", source: "proxy", channels: 2, not_repeatable_because: "",
    estimate: { seconds: 125, bytes: 4_200_000, decoded_frames: 1620, needed_frames: 1250, based_on: 0 },
    ...meta,
  },
});
const facts = (made) => Object.fromEntries(planWords(made).facts);

test("a plan says what it makes, what it takes, and what it reads", () => {
  const said = facts(plan());
  assert.equal(said.Makes, "1,500 frames, 0:50.050 at 29.97 fps, 1280 × 720, H.264 with stereo sound.");
  assert.equal(said.Takes, "About 2 min and 4.2 MB; a first guess, as this profile was not rendered here yet.");
  assert.equal(said.Decodes, "1,620 frames of the files, 1,250 of which are shown.");
  assert.equal(said.Reads, "stage.mov (original), stage.mov (a proxy)");
  assert.match(said.Encodes, /nothing is copied from the files\. The same plan gives the same bytes each time\./);
  assert.deepEqual(["Picture", "Sound", "Sync"].filter((term) => term in said), [], "nothing is said of what is not there");
});

test("a plan says what is kept from an earlier render", () => {
  const chunks = [{ commands: [0, 0], cached: true }, { commands: [1, 1], cached: false }, { commands: [2, 4], cached: true }];
  const made = plan({ commands: [[], [], [], [], [], []], chunks, meta: { chunk_count: 2, cached_chunks: 1 } });
  assert.match(facts(made).Encodes, /^1 of 2 chunks of the picture is kept from an earlier render; every other frame is drawn and encoded anew\./);
  assert.equal(facts(made).Runs, "2 commands, one after the other.");
  assert.deepEqual([...keptCommands(made)], [0, 2, 3, 4]);
});

test("a plan says what was chosen for it", () => {
  const estimate = { seconds: 0.4, bytes: 900, decoded_frames: 0, needed_frames: 0, based_on: 1 };
  const said = facts(plan({
    meta: {
      strategy: "draft", video_codec: "prores_ks", channels: 1, estimate, not_repeatable_because: "Graphics hardware encoded it (h264_qsv).",
      normalize_audio: true, target_loudness_lufs: -16, transitions: [{}, {}], overlays: [{}],
      slowmo_details: [{ method: "minterpolate" }, { method: "tblend" }, { method: "tblend" }], stabilise_details: [{}],
      audio_voice_enhance_selection: [{ source: "enhanced" }, { source: "original" }],
      sync: [{ camera_label: "B", offset_ms: 3237 }, { camera_label: "B", offset_ms: 3237 }, { camera_label: "C", offset_ms: -310 }],
    },
  }));
  assert.match(said.Makes, /^A draft: 1,500 frames, .* ProRes 422 HQ with mono sound\.$/);
  assert.equal(said.Takes, "About 1 s and 900 bytes; as the last render of this profile took.");
  assert.equal(said.Sound, "Brought to −16 LUFS: the whole mix is measured first. Enhanced voice in 1 of 2 clips.");
  assert.equal(
    said.Picture,
    "2 transitions. 1 text or shape, drawn once. 1 slowed clip: frames in between are interpolated by motion. " +
      "2 slowed clips: frames in between are mixed from those around. 1 clip steadied in two passes.",
  );
  assert.equal(said.Sync, "camera B at +3.237 s; camera C at −0.310 s");
  assert.match(said.Encodes, /Graphics hardware encoded it/);
  assert.ok(!("Decodes" in said), "a title alone decodes nothing");
});

test("what was changed to fit and what to know lead to their records", () => {
  const { warnings, clamped } = planWords(
    plan({
      meta: {
        clamped: [{ clip_id: "c1", field: "opacity", from: 2, to: 1 }, { filter_stack_id: "f", filter_index: 0, field: "filters[0].params.amount", from: -5, to: 0 }],
        warnings: [{ message: "Too short.", transition_id: "t1" }, { message: "No sound.", track_id: "v" }],
        stabilise_warnings: [{ message: "As it was shot.", clip_id: "c2" }],
        preview_warnings: ["no_clips_for_preview"],
      },
    }),
    (anchor) => ({ "clip-c1": "stage.mov" })[anchor] ?? "",
  );
  assert.deepEqual(clamped, [
    { text: "stage.mov: opacity 2 is used as 1.", anchor: "clip-c1" },
    { text: "filters[0].params.amount -5 is used as 0.", anchor: "" },
  ]);
  assert.deepEqual(warnings.map((one) => one.anchor), ["transition-t1", "track-v", "clip-c2", ""]);
  assert.equal(warnings.at(-1).text, "The sequence has no clips: the film is black and silent.");
  assert.deepEqual([anchorOf(null), anchorOf({}), anchorOf({ clip_id: "x", field: "opacity" })], ["", "", "clip-x"]);
});

test("a refusal names a clip as the page does, and nothing else is changed in it", () => {
  const id = "2f73db21-11a4-4336-8502-8208f3967831";
  const beyond = { code: "beyond_media", message: `Clip ${id}: in_ms is 0, and Camera B has 1000 to 61000 ms.` };
  const named = () => "Camera B";
  assert.deepEqual(aboutRecord(beyond, { clip_id: id }, named), { text: "Camera B: in_ms is 0, and Camera B has 1000 to 61000 ms.", anchor: `clip-${id}` });
  assert.equal(aboutRecord(beyond, { clip_id: id }).text, beyond.message, "a clip that the page does not show keeps its id");
  assert.match(aboutRecord({ code: "unknown_media", message: "…" }, { clip_id: id }, named).text, /^The file or camera of this clip is no longer in Studio/);
  assert.equal(aboutRecord(new Error("Studio is not responding."), undefined, named).text, "Studio is not responding.");
});

test("a command can be pasted into a shell", () => {
  assert.equal(
    commandLine(["-i", "file:{input:0}", "-filter_complex", "[0:0]null[p];[p]eq=a='it'", "{output}"]),
    `ffmpeg -i file:{input:0} -filter_complex '[0:0]null[p];[p]eq=a='"'"'it'"'"'' {output}`,
  );
});

test("times are read as they are written", () => {
  const ms = ["0:00.000", "1:02.5", " 1:00:02 ", "90", "2,25", "61:00"].map(parseTimecode);
  assert.deepEqual(ms, [0, 62_500, 3_602_000, 90_000, 2250, 3_660_000]);
  for (const wrong of ["", "x", "1:60", "-1", "1:2:3:4", "1::2", "1.2.3"]) {
    assert.ok(Number.isNaN(parseTimecode(wrong)), wrong);
  }
});
