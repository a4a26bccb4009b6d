// How a title looks and where it stands: the presets, and single fields over them, with the meaning that a render gives them.

/** A field as it is drawn: the title's own where that is not as it comes, else its preset's, else as it comes. */
export function effective(style, name, { presets, plain }) {
  const own = style[name];
  if (own !== undefined && !same(own, plain[name])) {
    return own;
  }
  return presets.find((one) => one.name === style.textPreset)?.style[name] ?? plain[name];
}

/** The style with a field changed; what is as without it is not kept. */
export function withField(style, name, value, texts) {
  const others = Object.fromEntries(Object.entries(style).filter(([one]) => one !== name));
  return same(value, effective(others, name, texts)) ? others : { ...others, [name]: value };
}

/** The style with another preset, and nothing of its own besides. */
export function withPreset(name) {
  return name ? { textPreset: name } : {};
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
