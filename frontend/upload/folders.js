// Folders that were dropped: a camera's card is one. Every recording in it counts, at whatever depth; what a camera
// writes beside its recordings (indexes, thumbnails) is left out without a refusal for each.

import { extension } from "./names.js";

/** Must be called while the drop event is handled. Answers { files, folders: [{ name, recordings, skipped: [extension], others: [file] }] }; a file's `path` is from the folder dropped. */
export async function filesOf(transfer, extensions) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const folders = entries.filter((entry) => entry.isDirectory);
  const names = new Set(folders.map((entry) => entry.name));
  const loose = [...transfer.files].filter((file) => !names.has(file.name));
  const walked = await Promise.all(folders.map(async (folder) => ({ name: folder.name, all: await walk(folder) })));
  return collect(loose, walked, extensions);
}

/** The same of a folder that was chosen in the browser's dialog. `list`: the files of the field, each with its path. */
export function filesChosen(list, extensions) {
  const all = [...list].filter((file) => !file.webkitRelativePath.split("/").some((part) => part.startsWith(".")));
  const withPaths = all.map((file) => Object.assign(file, { path: file.webkitRelativePath }));
  const names = new Set(withPaths.map(({ path }) => path.split("/")[0]));
  const folders = [...names].map((name) => ({ name, all: withPaths.filter(({ path }) => path.startsWith(`${name}/`)) }));
  return collect([], folders, extensions);
}

function collect(loose, folders, extensions) {
  // What only its maker's program opens is a recording too: it is refused by name, not skipped.
  const recordings = new Set([...extensions.video, ...extensions.audio, ...Object.keys(extensions.refused ?? {})]);
  const isRecording = (file) => recordings.has(extension(file.name));
  const found = folders.map(({ name, all }) => {
    const others = all.filter((file) => !isRecording(file));
    return { name, recordings: all.length - others.length, skipped: others.map((file) => extension(file.name)), others };
  });
  return { files: [...loose, ...folders.flatMap(({ all }) => all.filter(isRecording))], folders: found };
}

async function walk(folder) {
  const files = [];
  for (const entry of await contents(folder)) {
    if (entry.name.startsWith(".")) {
      continue;
    }
    if (entry.isDirectory) {
      files.push(...(await walk(entry)));
    } else {
      const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
      files.push(Object.assign(file, { path: entry.fullPath?.replace(/^\//, "") ?? file.name }));
    }
  }
  return files;
}

/** A browser hands out a folder a hundred entries at a time. */
async function contents(folder) {
  const reader = folder.createReader();
  const entries = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) {
      return entries;
    }
    entries.push(...some);
  }
}

/** What to say of a folder, or null: that it had nothing to upload, or what was left out of it. */
export function folderNote({ name, recordings, skipped }) {
  if (!recordings) {
    return { tone: "bad", text: `The folder ${name} has no recordings in it.` };
  }
  if (!skipped.length) {
    return null;
  }
  const kinds = [...new Set(skipped)].filter(Boolean).slice(0, 4).join(", ");
  const [files, are] = skipped.length === 1 ? ["1 file", "is not a recording"] : [`${skipped.length} files`, "are not recordings"];
  return { tone: "ask", text: `Skipped ${files} in ${name} that ${are}${kinds ? ` (${kinds})` : ""}.` };
}
