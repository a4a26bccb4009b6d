// Camera keys: "B" is the first clip of camera B, "B.2" the second. Pure.

export function cameraOf(key) {
  return key[0];
}

export function clipOf(key) {
  return Number(key.split(".")[1] ?? 1);
}

export function keyOf(camera, clip) {
  return clip > 1 ? `${camera}.${clip}` : camera;
}

/** B, B.2, B.10, C. */
export function byKey(a, b) {
  return cameraOf(a).localeCompare(cameraOf(b)) || clipOf(a) - clipOf(b);
}

/** "Camera B", "Camera B, clip 2". */
export function called(key) {
  return clipOf(key) > 1 ? `Camera ${cameraOf(key)}, clip ${clipOf(key)}` : `Camera ${key}`;
}

/** The first clip number that a camera has no file for. `used`: the keys that have one. */
export function nextClip(camera, used) {
  return Math.max(0, ...used.filter((key) => cameraOf(key) === camera).map(clipOf)) + 1;
}
