// Which camera a file is from, as far as its name tells. Pure.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** The label that a name claims, or null: "cam_b.mov" and "A001_C003.mov" do, "C0012.MP4" (a clip's number) does not. */
export function claimed(filename) {
  const stem = filename.replace(/\.[^.]*$/, "");
  const lettered = /(?:^|[^a-z])(?:camera|cam|angle)[ _.-]?([a-z])(?![a-z0-9])/i.exec(stem);
  if (lettered) {
    return lettered[1].toUpperCase();
  }
  const numbered = /(?:^|[^a-z])(?:camera|cam|angle)[ _.-]?0*([1-9]\d?)(?!\d)/i.exec(stem);
  if (numbered && Number(numbered[1]) <= ALPHABET.length) {
    return ALPHABET[Number(numbered[1]) - 1];
  }
  const reel = /^([A-Z])\d{3}[_C]/.exec(stem);
  if (reel) {
    return reel[1];
  }
  const alone = /(?:^|[ _.-])([A-Z])(?=[ _.-]|$)/.exec(stem);
  return alone ? alone[1] : null;
}

export function extension(filename) {
  const dot = filename.lastIndexOf(".");
  return dot > 0 ? filename.slice(dot).toLowerCase() : "";
}

/** Whether the name is of a sound file, by the endings that Studio takes as sound. */
export function isAudio(filename, extensions) {
  return extensions.audio.includes(extension(filename));
}

/**
 * One label per file, in the files' order: what a name claims first, then pictures before sound, by name.
 * `free` are the labels to fill in order; when they run out, the alphabet's next unused ones follow. Null: no label is left.
 */
export function assign(filenames, free, used = [], isAudio = () => false) {
  const labels = filenames.map(() => null);
  const open = [...free];
  const take = (label) => {
    const place = open.indexOf(label);
    if (place >= 0) {
      open.splice(place, 1);
    }
    return label;
  };
  const taken = () => new Set([...used, ...labels.filter(Boolean)]);
  const claims = filenames.map(claimed);
  claims.forEach((label, index) => {
    const alone = claims.filter((other) => other === label).length === 1;
    if (label && alone && (open.includes(label) || !taken().has(label))) {
      labels[index] = take(label);
    }
  });
  const rest = filenames.map((name, index) => ({ name, index })).filter(({ index }) => labels[index] === null);
  rest.sort(
    (a, b) => Number(isAudio(a.name)) - Number(isAudio(b.name)) || a.name.localeCompare(b.name, "en", { numeric: true }),
  );
  for (const { index } of rest) {
    const next = open[0] ?? [...ALPHABET].find((letter) => !taken().has(letter)) ?? null;
    labels[index] = next === null ? null : take(next);
  }
  return labels;
}

export function nextLabel(used) {
  return [...ALPHABET].find((letter) => !used.includes(letter)) ?? null;
}
