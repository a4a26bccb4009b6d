// Regions as boxes on the frame, and as a list.

import { drawnBox, drawn } from "./places.js";
import { boxAt, nameOf } from "./regions.js";

/** Positions of a region that are listed. */
const MOST_KEYS = 8;

export function drawRegions(picture, regions, chosen, ms, draft) {
  const boxes = regions.map((region) => ({ region, box: boxAt(region, ms) })).filter(({ box }) => box);
  const corner = ({ x, y, width, height }) => drawn("path", { class: "corner", d: `M${100 * (x + width)} ${100 * (y + height)}h0.01` });
  picture.replaceChildren(
    ...boxes.flatMap(({ region, box }) => (region.id === chosen ? [drawnBox(box, "box-main"), corner(box)] : [drawnBox(box, "box")])),
    ...(draft ? [drawnBox(draft, "box-main")] : []),
  );
}

export function listRegions(regioning, list, regions, before) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.as : null;
  list.replaceChildren(...regions.filter((region) => !(region.removed && region.isNew)).map((region) => row(regioning, region, before)));
  list.querySelector(`[data-as="${CSS.escape(focused ?? "")}"]`)?.focus();
}

function row(regioning, region, before) {
  const item = document.createElement("li");
  const name = nameOf(region);
  const chosen = region.id === regioning.chosen;
  const choose = button(`choose-${region.id}`, name, () => {
    regioning.choose(region.id);
    if (!boxAt(region, regioning.stage.startMs)) {
      regioning.stage.show(regioning.stage.frameAt(region.start + 0.5));
    }
  });
  choose.setAttribute("aria-pressed", chosen);
  choose.disabled = region.removed;
  item.append(choose, ` ${seconds(region.start)} to ${seconds(region.end)}${stateOf(region, before)} `);
  if (!region.removed) {
    const remove = button(`remove-${region.id}`, "Remove", () => regioning.remove(region.id));
    remove.setAttribute("aria-label", `Remove ${name}`);
    item.append(remove);
  }
  if (chosen && !region.found && !region.removed) {
    item.append(" Positions: ", ...region.keys.slice(0, MOST_KEYS).flatMap((key) => [button(`${region.id}-${key.time_ms}`, seconds(key.time_ms), () => regioning.stage.show(regioning.stage.frameAt(key.time_ms + 0.5))), " "]));
  }
  return item;
}

function stateOf(region, before) {
  if (region.removed) {
    return ", taken away";
  }
  if (region.isNew) {
    return "";
  }
  return before.includes(region) ? "" : ", changed";
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

function button(as, text, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button button-small", textContent: text });
  made.dataset.as = as;
  made.addEventListener("click", act);
  return made;
}
