// The plan of a render, drawn into the page.

import { commandLine, count, keptCommands, planWords } from "./plan_words.js";

const by = (id) => document.getElementById(id);

export function drawPlan(plan) {
  const { facts, warnings, clamped } = planWords(plan, nameOf);
  by("plan-facts").replaceChildren(...facts.map(([term, text]) => made("div", "", made("dt", "", term), made("dd", "", text))));
  by("plan-warnings").replaceChildren(...warnings.map((one) => made("p", "note note-ask", ...sentence(one))));
  by("plan-clamped").hidden = !clamped.length;
  by("plan-clamped").querySelector("summary").textContent = `${count(clamped.length, "number")} brought into ${clamped.length === 1 ? "its" : "their"} range`;
  by("plan-clamped").querySelector("ul").replaceChildren(...clamped.map((one) => made("li", "small", ...sentence(one))));
  by("plan-ffmpeg").querySelector("summary").textContent = `As ffmpeg: ${count(plan.commands.length, "command")}`;
  by("plan-ffmpeg").querySelector("div").replaceChildren(...ffmpegOf(plan));
  by("render-plan").hidden = false;
}

export function hidePlan() {
  by("render-plan").hidden = true;
}

/** A sentence, and a link to the record that it is about where the page shows it. */
export function sentence({ text, anchor }) {
  if (!anchor || !by(anchor)) {
    return [text];
  }
  const link = made("a", "", "Show it");
  link.href = `#${anchor}`;
  return [text, " ", link];
}

/** What the drawing calls a clip or a track. */
export function nameOf(anchor) {
  return by(anchor)?.querySelector("text, strong")?.textContent ?? "";
}

function* ffmpegOf(plan) {
  const { inputs, commands, files } = plan;
  const kept = keptCommands(plan);
  const read = inputs.map(({ name }, number) => `{input:${number}} is ${name}`).join(", ");
  yield made("p", "quiet small", `What a worker runs: ${read ? `${read}, ` : ""}{output} is the film.`);
  for (const [number, argv] of commands.entries()) {
    if (kept.has(number)) {
      yield made("p", "quiet small", "Its result is kept from an earlier render, so it does not run:");
    }
    yield block(`plan-command-${number}`, `Command ${number + 1}`, commandLine(argv));
  }
  for (const [number, [name, text]] of Object.entries(files).entries()) {
    yield made("p", "small", `${name}, beside the commands:`);
    yield block(`plan-file-${number}`, name, text);
  }
}

/** Text to copy: the button is served by every page's script. */
function block(id, label, text) {
  const shown = made("pre", "code", text);
  Object.assign(shown, { id, tabIndex: 0, role: "region", ariaLabel: label });
  const copy = made("button", "button button-small", "Copy", made("span", "visually-hidden", ` ${label}`));
  copy.type = "button";
  copy.dataset.copy = id;
  return made("div", "command", shown, copy);
}

function made(tag, className, ...parts) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...parts);
  return element;
}
