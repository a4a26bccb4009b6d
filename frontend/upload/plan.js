// Which camera each dropped file is to be, as a person may change it before a byte is sent. Pure.

import { keyOf, nextClip } from "../camera_keys.js";
import { nextLabel } from "./names.js";
import { packed, titleOf } from "./packing.js";

/** From the server's answer. `files`: those that were sorted. A plan's cameras: [{ label, name, make, files: [{ id, path, file, continues,
 * track, mix }] }], where `continues` is the id of another, `track` which of a recorder's tracks it is, and `mix` whether it holds all of
 * them. A take with a file for each track is one of these files, packed, with `tracks`: [{ id, path, file, name }]. What is set aside: [{ id, path, what, file, instead, track }], where `instead` is the id of the file that is sent in its place. Two
 * files may have one path, so each has an id. */
export function planOf({ cameras, setAside, unplaced, warnings }, files) {
  const waiting = [...files];
  const inTakes = new Set();
  const seen = new Map();
  const known = ({ path, sizeBytes, track = "", mix = true }) => {
    const same = waiting.filter((file) => pathOf(file) === path);
    const file = same.find((one) => one.size === sizeBytes) ?? same[0];
    if (file) {
      waiting.splice(waiting.indexOf(file), 1);
    }
    seen.set(path, (seen.get(path) ?? 0) + 1);
    return { id: seen.get(path) > 1 ? `${path}#${seen.get(path)}` : path, path, file, track, mix };
  };
  const takeOf = (main, { tracks = [], packedPath }) => {
    const all = tracks.map((track) => ({ ...(track.path === main.path ? main : known(track)), name: track.name }));
    all.forEach(({ path }) => inTakes.add(`${main.path} ${path}`));
    return all.length ? asTake({ ...main, packedPath, tracks: all }) : main;
  };
  const sorted = cameras.map(({ cameraLabel, name, make, clips }) => {
    const found = clips.map((clip) => ({ ...takeOf(known(clip), clip), key: clip.cameraKey, before: clip.continues }));
    const ids = new Map(found.map(({ key, id }) => [key, id]));
    const ofCamera = found.map((one) => ({ ...itself(one), continues: ids.get(one.before) ?? null }));
    return { label: cameraLabel, name, make, files: ofCamera };
  });
  const unplacedText = unplaced.length === 1 ? `There is no room for ${unplaced[0]}` : `There is no room for ${unplaced.length} files`;
  return {
    cameras: sorted,
    aside: [
      ...setAside.filter(({ path, instead }) => !inTakes.has(`${instead} ${path}`)).map((one) => ({ ...known(one), what: one.what, instead: one.instead || null })),
      ...unplaced.map((path) => ({ ...known({ path }), what: "no camera letter left", instead: null })),
    ],
    warnings: unplaced.length ? [...warnings, `${unplacedText}: a session can have up to 26 cameras.`] : warnings,
  };
}

/** A take whose files are sent as one. */
function asTake(one) {
  const { packedPath, tracks } = one;
  return { ...one, path: packedPath, file: packed(packedPath, tracks.map(({ file }) => file), tracks.map(({ name }) => name)) };
}

/** What belongs to a file, whether it is sent or set aside. */
function itself({ id, path, file, track, mix, tracks }) {
  return tracks ? { id, path, file, track, mix, tracks } : { id, path, file, track, mix };
}

/** The path of a file from the folder that was dropped or chosen; its name where it came without one. */
export function pathOf(file) {
  return file.path ?? file.name;
}

/** Whether a person should look: clips, chapters or warnings, and not just one file for each camera. */
export function isWorthALook({ cameras, warnings }) {
  return warnings.length > 0 || cameras.some(({ files }) => files.length > 1 || files.some(({ tracks }) => tracks));
}

/** The plan with its one camera as the one that the page was opened for. `free`: whether that has no file. A letter that the files
 * themselves gave stays. */
export function wanted(plan, label, free, used) {
  const [camera, ...others] = plan.cameras;
  if (!camera || others.length || !free || camera.label !== nextLabel(used)) {
    return plan;
  }
  return { ...plan, cameras: [{ ...camera, label }] };
}

/** The ids of the chapters of one recording, this file among them. */
export function recordingOf(plan, id) {
  const files = plan.cameras.find((camera) => camera.files.some((one) => one.id === id))?.files ?? [];
  const byId = new Map(files.map((one) => [one.id, one]));
  let first = byId.get(id);
  while (first && byId.has(first.continues)) {
    first = byId.get(first.continues);
  }
  const ids = [];
  for (let one = first; one; one = files.find((other) => other.continues === one.id)) {
    ids.push(one.id);
  }
  return ids.length ? ids : [id];
}

/** The plan with files given to another camera, from one or from those set aside; left out where `label` is empty. */
export function moved(plan, ids, label) {
  const chosen = [ids].flat();
  const isChosen = ({ id }) => chosen.includes(id);
  const from = plan.cameras.find((camera) => camera.files.some(isChosen));
  const files = [...plan.cameras.flatMap((camera) => camera.files), ...plan.aside].filter(isChosen);
  const kept = plan.cameras.map((camera) => ({ ...camera, files: camera.files.filter((one) => !isChosen(one)) }));
  const aside = plan.aside.filter((one) => !isChosen(one));
  if (!label) {
    aside.push(...files.map((one) => ({ ...one, what: "left out by you", instead: null })));
  } else {
    const to = kept.find((camera) => camera.label === label) ?? { label, name: "", make: from?.make ?? "", files: [] };
    to.files = files.reduce(withFile, to.files);
    if (!kept.includes(to)) {
      kept.push(to);
    }
  }
  const cameras = kept.filter((camera) => camera.files.length).sort((a, b) => a.label.localeCompare(b.label));
  return { ...plan, cameras, aside };
}

/** The files of a camera and one more, before the first that was written later and behind the chapter that it continues; by path
 * where the times do not tell. */
function withFile(files, one) {
  const continues = one.continues ?? null;
  const behind = files.findIndex((other) => other.id === continues) + 1;
  const later = files.findIndex((other) => isLater(other, one));
  const at = behind || (later < 0 ? files.length : later);
  return files.toSpliced(at, 0, { ...itself(one), continues });
}

function isLater(one, other) {
  const [a, b] = [one.file?.lastModified, other.file?.lastModified];
  return a && b && a !== b ? a > b : stemOf(one).localeCompare(stemOf(other), "en", { numeric: true }) > 0;
}

function stemOf({ path }) {
  return path.replace(/\.[^./]*$/, "");
}

/** The plan with a file that was set aside as the clip, in place of the one that was; for a track of its recording, that track in
 * every recording of the camera that has it. */
export function chosenInstead(plan, id) {
  const one = plan.aside.find((aside) => aside.id === id);
  const camera = plan.cameras.find(({ files }) => files.some((file) => file.id === one?.instead));
  if (!camera) {
    return plan;
  }
  const all = camera.files.flatMap((file) => plan.aside.filter(({ instead }) => instead === file.id));
  const chosen = one.track ? all.filter(({ track }) => track === one.track) : [one];
  return chosen.reduce(exchanged, plan);
}

function exchanged(plan, one) {
  const { id, path, instead, track } = one;
  const renamed = (other) => (other === instead ? id : other);
  let before = null;
  const cameras = plan.cameras.map((camera) => ({
    ...camera,
    files: camera.files.map((other) => {
      before = other.id === instead ? other : before;
      return { ...(other.id === instead ? itself(one) : other), continues: renamed(other.continues) };
    }),
  }));
  const what = track ? `track of ${nameOf(path)}` : `copy of ${path}`;
  const aside = plan.aside.map((other) => {
    if (other.id === id) {
      return { ...itself(before), what, instead: id };
    }
    return other.instead === instead ? { ...other, instead: id, what: other.track ? what : other.what } : other;
  });
  return { ...plan, cameras, aside };
}

/** What to upload as what: [{ key, file }], after the clips that the cameras have. `used`: the keys that have a file. */
export function uploads(plan, used) {
  return plan.cameras.flatMap(({ label, files }) => {
    const first = nextClip(label, used);
    return files.map(({ file }, index) => ({ key: keyOf(label, first + index), file }));
  });
}

/** How many files are sent, each track of a take counted. */
export function filesIn(cameras) {
  return cameras.flatMap(({ files }) => files).reduce((sum, { tracks }) => sum + (tracks?.length ?? 1), 0);
}

/** "2 cameras, 14 files". */
export function summary({ cameras }) {
  const files = filesIn(cameras);
  return `${cameras.length} ${cameras.length === 1 ? "camera" : "cameras"}, ${files} ${files === 1 ? "file" : "files"}`;
}

/** The recordings among what is set aside, in a sentence; empty where there are none. */
export function leftOut({ aside }) {
  const files = aside.filter(({ file }) => file).map(({ path, what }) => `${nameOf(path)} (${what})`);
  const more = files.length > 3 ? ` and ${files.length - 3} more` : "";
  return files.length ? `Left out: ${files.slice(0, 3).join(", ")}${more}. Drop such a file by itself to upload it.` : "";
}

/** What a file is called; a packed take without the ending. */
export function nameOf(path) {
  return titleOf(path.split("/").at(-1));
}

/** The plan with one file of a take in its place, the others set aside, where they can be chosen instead. */
export function alone(plan, id) {
  const take = plan.cameras.flatMap(({ files }) => files).find((one) => one.id === id);
  const main = take.tracks.find((track) => track.id === id);
  const others = take.tracks.filter((track) => track !== main);
  const file = { ...itself({ ...main, track: take.track, mix: take.mix }), continues: take.continues };
  const cameras = plan.cameras.map((camera) => ({ ...camera, files: camera.files.map((one) => (one === take ? file : one)) }));
  const aside = others.map(({ name, ...one }) => ({ ...itself({ ...one, track: name, mix: false }), what: `track of ${nameOf(main.path)}`, instead: id }));
  return { ...plan, cameras, aside: [...plan.aside, ...aside] };
}

/** The plan without the files of which `isIn` says so. */
export function without(plan, isIn) {
  const kept = plan.cameras.map((camera) => ({ ...camera, files: camera.files.filter((one) => !isIn(one)) }));
  return { ...plan, cameras: kept.filter(({ files }) => files.length) };
}
