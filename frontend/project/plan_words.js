// The plan of a render as people read it: a pure function of a dry run's answer.

import { offsetText, rateOf, timecode } from "../playback/time.js";
import { inBytes, inTime } from "../upload/pace.js";

/** Records that a page shows, by which a sentence leads to one. */
const ANCHORED = ["clip", "transition", "track"];
const CODECS = { libx264: "H.264", prores_ks: "ProRes 422 HQ" };
const COPIES = { proxy: "a proxy", mezzanine: "its mezzanine" };
/** What a page says where the API names a field. */
const IN_WORDS = {
  unknown_media: "The file or camera of this clip is no longer in Studio. Choose another, or remove the clip.",
};
const EMPTY = {
  no_tracks_for_preview: "The sequence has no tracks: the film is black and silent.",
  no_clips_for_preview: "The sequence has no clips: the film is black and silent.",
};

/** `{facts: [[term, text]], warnings: [{text, anchor}], clamped: [{text, anchor}]}`; `nameOf(anchor)` says what the page calls a record. */
export function planWords(plan, nameOf = () => "") {
  return {
    facts: factsOf(plan).filter(([, text]) => text),
    warnings: warningsOf(plan.meta, nameOf),
    clamped: (plan.meta.clamped ?? []).map((one) => clampedWords(one, nameOf)),
  };
}

/** Where a page shows the record that a warning or a refusal names: `clip-…`; empty for none. */
export function anchorOf(found) {
  const kind = ANCHORED.find((one) => found?.[`${one}_id`]);
  return kind ? `${kind}-${found[`${kind}_id`]}` : "";
}

/** What is wrong with a record or to be known of it, `{code, message}`, and where the page shows it: by its name there, not by its id. */
export function aboutRecord({ code, message }, details, nameOf = () => "") {
  const anchor = anchorOf(details);
  const name = nameOf(anchor);
  const text = anchor && IN_WORDS[code] ? IN_WORDS[code] : name ? message.replace(/^[A-Z]\w+ [0-9a-f-]{36}: /, `${name}: `) : message;
  return { text, anchor };
}

/** A command as a shell takes it. */
export function commandLine(argv) {
  return ["ffmpeg", ...argv].map((part) => (/^[\w@%+=:,./{}-]+$/.test(part) ? part : `'${part.replaceAll("'", `'"'"'`)}'`)).join(" ");
}

/** `1 frame`, `1,500 frames`. */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** The numbers of the commands that need not run, since what they make is kept. */
export function keptCommands(plan) {
  const kept = (plan.chunks ?? []).filter((one) => one.cached);
  return new Set(kept.flatMap(({ commands: [first, last] }) => Array.from({ length: last - first + 1 }, (_, n) => first + n)));
}

function factsOf(plan) {
  const { inputs, commands, expected, meta } = plan;
  const { estimate } = meta;
  const running = commands.length - keptCommands(plan).size;
  return [
    ["Makes", makes(expected, meta)],
    ["Takes", `About ${inTime(estimate.seconds)} and ${inBytes(estimate.bytes)}; ${basis(estimate.based_on)}.`],
    ["Decodes", decodes(estimate)],
    ["Reads", [...new Set(inputs.map((one) => `${one.name} (${read(one, meta.source)})`))].join(", ")],
    ["Picture", [...pictures(meta)].join(" ")],
    ["Sound", [...sounds(meta)].join(" ")],
    ["Sync", synced(meta.sync ?? [])],
    ["Encodes", encodes(meta)],
    ["Runs", `${count(running, "command")}, one after the other.`],
  ];
}

function makes({ frames, duration_ms: ms, width, height, fps }, meta) {
  const rate = rateOf(fps).toFixed(3).replace(/\.?0+$/, "");
  const codec = CODECS[meta.video_codec] ?? meta.video_codec;
  const kind = meta.strategy === "draft" ? "A draft: " : "";
  return `${kind}${count(frames, "frame")}, ${timecode(ms / 1000)} at ${rate} fps, ${width} × ${height}, ${codec} with ${meta.channels === 1 ? "mono" : "stereo"} sound.`;
}

function basis(number) {
  const last = number === 1 ? "render" : `${number} renders`;
  return number ? `as the last ${last} of this profile took` : "a first guess, as this profile was not rendered here yet";
}

function decodes({ decoded_frames: decoded, needed_frames: needed }) {
  return decoded ? `${count(decoded, "frame")} of the files, ${needed.toLocaleString("en-US")} of which are shown.` : "";
}

function read({ artifact_id: copy }, source) {
  return copy ? (COPIES[source] ?? "made from it") : "original";
}

function* pictures(meta) {
  if (meta.transitions?.length) {
    yield `${count(meta.transitions.length, "transition")}.`;
  }
  if (meta.overlays?.length) {
    yield `${count(meta.overlays.length, "text or shape", "texts and shapes")}, drawn once.`;
  }
  for (const method of new Set((meta.slowmo_details ?? []).map((one) => one.method))) {
    const slowed = meta.slowmo_details.filter((one) => one.method === method).length;
    yield `${count(slowed, "slowed clip")}: frames in between are ${method === "minterpolate" ? "interpolated by motion" : "mixed from those around"}.`;
  }
  if (meta.stabilise_details?.length) {
    yield `${count(meta.stabilise_details.length, "clip")} steadied in two passes.`;
  }
}

function* sounds(meta) {
  if (meta.normalize_audio) {
    yield `Brought to ${String(meta.target_loudness_lufs).replace("-", "−")} LUFS: the whole mix is measured first.`;
  }
  const voices = meta.audio_voice_enhance_selection ?? [];
  if (voices.length) {
    yield `Enhanced voice in ${voices.filter((one) => one.source === "enhanced").length} of ${count(voices.length, "clip")}.`;
  }
}

/** Each camera once, with the offsets of its clips. */
function synced(clips) {
  const cameras = Map.groupBy(clips, (one) => one.camera_label);
  return [...cameras].map(([label, found]) => `camera ${label} at ${[...new Set(found.map((one) => offsetText(one.offset_ms)))].join(", ")}`).join("; ");
}

function encodes(meta) {
  const again = meta.not_repeatable_because || "The same plan gives the same bytes each time.";
  const { chunk_count: chunks, cached_chunks: kept } = meta;
  const anew = kept
    ? `${kept} of ${count(chunks, "chunk")} of the picture ${kept === 1 ? "is" : "are"} kept from an earlier render; every other frame is drawn and encoded anew.`
    : "Every frame is redrawn and encoded; nothing is copied from the files.";
  return `${anew} ${again}`;
}

function warningsOf(meta, nameOf) {
  const found = [...(meta.warnings ?? []), ...(meta.stabilise_warnings ?? []), ...(meta.voice_enhance_warnings ?? [])];
  const empty = (meta.preview_warnings ?? []).map((code) => ({ text: EMPTY[code] ?? code, anchor: "" }));
  return [...found.map((one) => aboutRecord(one, one, nameOf)), ...empty];
}

function clampedWords(one, nameOf) {
  const anchor = anchorOf(one);
  const of = nameOf(anchor);
  return { text: `${of ? `${of}: ` : ""}${one.field} ${one.from} is used as ${one.to}.`, anchor };
}
