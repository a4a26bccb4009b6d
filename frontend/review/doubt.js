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

/** The labels of the later clips of a clip's camera: "B.3" and "B.4" after "B.2". */
export function laterClips(labels, label) {
  return labels.filter((one) => cameraOf(one) === cameraOf(label) && clipOf(one) > clipOf(label));
}
