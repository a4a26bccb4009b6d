// The files of a take as one file to send: a tar, made of what lies on the disk without reading it. The same files always give the same bytes,
// so that an upload can be resumed.

const BLOCK = 512;
const MOST_OCTAL = 8 ** 11;
const encoder = new TextEncoder();

/** `files`: those of one take, each with a path. Answers a file of that name, with `path` where the take lay, and `title` to show. */
export function packed(path, files, names) {
  const parts = files.flatMap((file) => [...headers(placeOf(file), file.size, file.lastModified), file, new Uint8Array(-file.size & (BLOCK - 1))]);
  const name = path.split("/").at(-1);
  const made = new File([...parts, new Uint8Array(2 * BLOCK)], name, { lastModified: files[0].lastModified });
  return Object.assign(made, { path, title: `${titleOf(name)}: ${names.join(", ")}` });
}

/** What a take is called: its file's name without the ending. */
export function titleOf(name) {
  return name.replace(/\.tar$/, "");
}

/** What to choose to go on with an upload of a file of this name. */
export function toChoose(name) {
  return isTake(name) ? `the files of ${titleOf(name)}` : name;
}

export function isTake(name) {
  return name.endsWith(".tar");
}

/** Some devices name folders and not files. */
function placeOf(file) {
  return (file.path ?? file.name).split("/").slice(-2).join("/");
}

function headers(place, size, modifiedMs) {
  const name = encoder.encode(place);
  const own = header(name.slice(0, 100), size, modifiedMs, "0");
  return name.length > 100 ? [header(encoder.encode("././@LongLink"), name.length, 0, "L"), padded(name), own] : [own];
}

function padded(bytes) {
  const out = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
  out.set(bytes);
  return out;
}

function header(name, size, modifiedMs, kind) {
  const out = new Uint8Array(BLOCK);
  const write = (at, text) => out.set(encoder.encode(text), at);
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  out.set(name);
  write(100, `${octal(0o644, 7)}${octal(0, 7)}${octal(0, 7)}`);
  write(124, octal(size % MOST_OCTAL, 11));
  if (size >= MOST_OCTAL) {
    const view = new DataView(out.buffer);
    out.fill(0, 124, 136);
    out[124] = 0x80;
    view.setBigUint64(128, BigInt(size));
  }
  write(136, octal(Math.max(0, Math.floor(modifiedMs / 1000)), 11));
  write(148, "        ");
  write(156, `${kind}`);
  write(257, "ustar\u000000");
  write(148, `${octal(out.reduce((sum, byte) => sum + byte, 0), 6)} `);
  return out;
}
