// Which clips to look at first, and which clips of a camera come after one.

import { cameraOf, clipOf } from "../camera_keys.js";

const ORDER = ["needs-manual-nudge", "review-suggested", "looks-good"];

/** The labels of the clips that a decision places, the least certain first. */
export function worstFirst(cameras, sync) {
  const rank = ({ label }) => ORDER.indexOf(sync?.classification[label] ?? ORDER[0]);
  const score = ({ label }) => sync?.confidence[label] ?? -1;
  const placed = cameras.filter((camera) => camera.counts && !camera.isMaster && !camera.continues);
  return placed.toSorted((a, b) => rank(a) - rank(b) || score(a) - score(b)).map(({ label }) => label);
}

/** Those of them that do not look good by themselves. */
export function doubtful(cameras, sync) {
  return worstFirst(cameras, sync).filter((label) => sync?.classification[label] !== "looks-good");
}

/** How a lane marks a clip that is to be looked at: "ask", "bad", or "" for a sure one. */
export function doubtOf({ label, isMaster, continues, counts }, sync) {
  const word = sync?.classification[label];
  const judged = sync && counts && !isMaster && !continues;
  return !judged || word === ORDER[2] ? "" : word === ORDER[1] ? "ask" : "bad";
}

/** The labels of a camera's clips in order of time; `at(label)`: where one lies, null for nowhere, which comes last. Numbers say in
 * which order clips were added, and no more. */
export function inTime(labels, at) {
  const place = (label) => at(label) ?? Infinity;
  return labels.toSorted((a, b) => (place(a) === place(b) ? clipOf(a) - clipOf(b) : place(a) - place(b)));
}

/** The labels of the clips that a clip's camera recorded after it. */
export function laterClips(labels, label, at) {
  const clips = inTime(labels.filter((one) => cameraOf(one) === cameraOf(label)), at);
  return clips.slice(clips.indexOf(label) + 1);
}
