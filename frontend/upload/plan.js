// Which camera each dropped file is to be, as a person may change it before a byte is sent. Pure.

import { keyOf, nextClip } from "../camera_keys.js";

/** From the server's answer. `files`: path → File. A plan's cameras: [{ label, name, files: [{ path, file, continues }] }]. */
export function planOf({ cameras, setAside, unplaced, warnings }, files) {
  return {
    cameras: cameras.map(({ cameraLabel, name, make, clips }) => {
      const paths = new Map(clips.map((clip) => [clip.cameraKey, clip.path]));
      return {
        label: cameraLabel,
        name,
        make,
        files: clips.map(({ path, continues }) => ({ path, file: files.get(path), continues: paths.get(continues) ?? null })),
      };
    }),
    aside: [...setAside, ...unplaced.map((path) => ({ path, what: "no camera letter left" }))],
    warnings,
  };
}

/** Whether a person should look: clips, chapters or warnings, and not just one file for each camera. */
export function isWorthALook({ cameras, warnings }) {
  return warnings.length > 0 || cameras.some(({ files }) => files.length > 1);
}

/** The plan with one file given to another camera, or left out where `label` is empty. */
export function moved(plan, path, label) {
  const from = plan.cameras.find((camera) => camera.files.some((one) => one.path === path));
  const one = from.files.find((file) => file.path === path);
  const kept = plan.cameras.map((camera) => ({ ...camera, files: camera.files.filter((file) => file !== one) }));
  const aside = label ? plan.aside : [...plan.aside, { path, what: "left out by you" }];
  const to = kept.find((camera) => camera.label === label);
  if (to) {
    to.files = [...to.files, one].sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
  } else if (label) {
    kept.push({ label, name: "", make: from.make, files: [one] });
  }
  const cameras = kept.filter(({ files }) => files.length).sort((a, b) => a.label.localeCompare(b.label));
  return { ...plan, cameras, aside };
}

/** What to upload as what: [{ key, file }], after the clips that the cameras have. `used`: the keys that have a file. */
export function uploads(plan, used) {
  return plan.cameras.flatMap(({ label, files }) => {
    const first = nextClip(label, used);
    return files.map(({ file }, index) => ({ key: keyOf(label, first + index), file }));
  });
}

/** "2 cameras, 14 files". */
export function summary({ cameras }) {
  const files = cameras.reduce((sum, camera) => sum + camera.files.length, 0);
  return `${cameras.length} ${cameras.length === 1 ? "camera" : "cameras"}, ${files} ${files === 1 ? "file" : "files"}`;
}
