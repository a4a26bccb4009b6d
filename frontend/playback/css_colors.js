// Colours of the stylesheet for a canvas, which knows neither custom properties nor light-dark().

export function cssColors(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const read = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  return { read, done: () => probe.remove() };
}
