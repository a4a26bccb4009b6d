// What the export dialog asks for besides its fixed files: a file of one's own, mastered sound, a watermark, captions.

const by = (id) => document.getElementById(id);
const EMPTY = "";

/** The file of one's own as the API takes it; what is left open is as filmed. */
export function customOutput(form, filmed) {
  const [format, codec] = form.codec.split("/");
  const sized = form.width !== EMPTY || form.height !== EMPTY;
  const size = sized ? { ...number("width", form.width), ...number("height", form.height) } : { width: filmed.width, height: filmed.height };
  return { format, codec, ...size, fps: form.fps || filmed.fps, ...(form.crop ? { crop: true } : {}) };
}

/** A watermark as it is asked for; nothing without a picture. */
export function watermarkWish({ picture, corner, width, opacity }) {
  return picture ? { watermark: { assetId: picture, corner, ...share("width", width), ...share("opacity", opacity) } } : {};
}

/** Captions as they are asked for; nothing where none are. */
export function captionsWish(burnIn, sides) {
  return burnIn || sides ? { captions: { burnIn, files: sides ? ["srt", "vtt"] : [] } } : {};
}

/** The dialog's fields, as they stand. */
export function customFields() {
  return { codec: by("custom-codec").value, width: by("custom-width").value, height: by("custom-height").value, fps: by("custom-fps").value, crop: by("custom-crop").checked };
}

export function extrasWish() {
  const preset = by("export-master").value;
  const picture = by("export-mark")?.value;
  const mark = picture ? { picture, corner: by("mark-corner").value, width: by("mark-width").value, opacity: by("mark-opacity").value } : {};
  return { ...captionsWish(by("export-burnt").checked, by("export-sides").checked), ...(preset ? { audio: { preset } } : {}), ...watermarkWish(mark) };
}

/** Open what belongs to what is chosen. */
export function openChosen(custom) {
  by("custom-output").hidden = !custom;
  if (by("mark-fields")) {
    by("mark-fields").hidden = !by("export-mark").value;
  }
}

const PLACES = { watermark: "export-mark-row", audio: "export-master-row", captions: "export-captions", thumbnail: "export-still-row", source: "export-source-row" };
const FIELDS = {
  width: "custom-width", height: "custom-height", fps: "custom-fps", codec: "custom-codec", format: "custom-codec", crop: "custom-crop",
  "watermark.assetId": "export-mark", "watermark.width": "mark-width", "watermark.opacity": "mark-opacity", "watermark.corner": "mark-corner", "audio.preset": "export-master",
};

/** Where a refusal belongs, which field it is about, and its sentence without the path. `names`: of the outputs that were sent. */
export function refusalOf({ field, message }, names) {
  const [, index, part] = /^outputs\[(\d+)\](?:\.(\w+))?/.exec(field ?? "") ?? [];
  const name = names[index];
  const row = name ? (name === "custom" ? "custom-output" : `row-${name}`) : PLACES[/^\w+/.exec(field ?? "")?.[0]];
  const about = name === "custom" ? FIELDS[part] : FIELDS[field];
  return { row: row ?? null, about: about ?? null, message: name ? named(message, field, part) : message };
}

function named(message, field, part) {
  const rest = message.startsWith(field) ? message.slice(field.length) : ` ${message}`;
  return `${part ? part[0].toUpperCase() + part.slice(1) : "This file"}${rest}`;
}

function number(name, text) {
  return text === EMPTY ? {} : { [name]: Number(text) };
}

function share(name, percent) {
  return percent === EMPTY || percent === undefined ? {} : { [name]: Number(percent) / 100 };
}
