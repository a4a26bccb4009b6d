// Why an offset is believed: what the start, the middle and the end of the recording say, each to be looked at and heard.

import { readAll } from "../playback/bytes.js";
import { exactText, lineAt, msWords, offsetText, timecode } from "../playback/time.js";

const PLACES = [["start", "Start"], ["middle", "Middle"], ["end", "End"]];

export class Evidence {
  constructor(cameras, renew) {
    this.cameras = new Map(cameras.map((camera) => [camera.label, camera]));
    this.renew = renew;
    this.known = new Map();
    this.at = -1;
  }

  /** A camera's evidence as the sync stored it; null where there is none. */
  async of(label) {
    const camera = this.cameras.get(label);
    if (!camera.evidence) {
      return null;
    }
    if (!this.known.has(label)) {
      const reading = readAll(() => camera.evidence, this.renew).then((data) =>
        JSON.parse(new TextDecoder().decode(data)),
      );
      this.known.set(label, reading);
      reading.catch(() => this.known.delete(label));
    }
    return this.known.get(label);
  }

  /** The windows that speak, in order: { name, word, at: master seconds, own: camera seconds, lag: ms on the master }. */
  async places(label) {
    const found = await this.of(label).catch(() => null);
    if (!found) {
      return [];
    }
    const base = this.#baseOf(found);
    return PLACES.filter(([name]) => found[name]).map(([name, word]) => {
      const { time_s: own, lag_ms: lag, weight } = found[name];
      return { name, word, own, lag: lag + base, weight, at: own + (lag + base) / 1000 };
    });
  }

  /** The offset on the master's clock that a lag of the curve stands for. */
  async offsetOf(label, lagMs) {
    const found = await this.of(label);
    return lagMs + this.#baseOf(found);
  }

  #baseOf(found) {
    return this.cameras.get(found.compared_with)?.offset ?? 0;
  }
}

/** The table of places for the chosen camera. `go(place)` shows and plays one. */
export async function showEvidence(evidence, camera, offsets, go) {
  const panel = document.getElementById("evidence");
  const [found, places] = [await evidence.of(camera.label).catch(() => null), await evidence.places(camera.label)];
  panel.querySelector("#evidence-with").textContent =
    found && !evidence.cameras.get(found.compared_with)?.isMaster ? `against camera ${found.compared_with}` : "";
  const table = panel.querySelector("#windows");
  table.hidden = places.length === 0;
  panel.querySelector(".evidence-tools").hidden = places.length === 0;
  table.tBodies[0].replaceChildren(...places.map((place) => row(place, camera, offsets, go)));
  panel.querySelector("#evidence-text").textContent = text(camera, places);
  panel.querySelector("#witnesses").replaceChildren(
    ...camera.witnesses.map(({ message }) => Object.assign(document.createElement("li"), { textContent: message })),
  );
}

function row(place, camera, offsets, go) {
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = place.word;
  const play = document.createElement("button");
  play.type = "button";
  play.className = "tool";
  play.dataset.place = place.name;
  play.textContent = "Play";
  play.setAttribute("aria-label", `Play the ${place.word.toLowerCase()} of camera ${camera.label}`);
  play.addEventListener("click", () => go(place));
  const cells = [timecode(place.own, 1), lagCell(place.lag), against(place, camera, offsets), play].map((content) => {
    const cell = document.createElement("td");
    cell.append(content);
    return cell;
  });
  line.append(head, ...cells);
  return line;
}

function lagCell(ms) {
  const shown = document.createElement("span");
  shown.textContent = offsetText(ms);
  shown.title = exactText(ms);
  return shown;
}

/** How far a place disagrees with the offset on the screen and its drift. */
function against(place, camera, offsets) {
  if (offsets.of(camera.label) === null) {
    return "–";
  }
  const { offset, ppm } = lineAt(camera, place.own);
  return msWords(place.lag - (offset + (place.own * ppm) / 1000), 1);
}

function text(camera, places) {
  if (camera.isMaster) {
    return "This is the master camera. The others are compared with it.";
  }
  if (!places.length) {
    return "No evidence for this camera: none of its audio could be matched.";
  }
  const lags = places.map((place) => place.lag - (place.own * camera.ppm) / 1000);
  const spread = Math.max(...lags) - Math.min(...lags);
  const drift = Math.abs(camera.ppm * 3.6);
  const clocks = drift >= 0.5 ? ` Its clock drifts ${drift.toFixed(1)} ms per hour; playback here follows the drift.` : "";
  const segments = camera.segments.length > 1 ? ` It has ${camera.segments.length} segments, each with its own offset.` : "";
  const agree =
    places.length < 2
      ? "Only one section matched."
      : spread < 5
        ? `All sections agree within ${spread.toFixed(1)} ms.`
        : `The sections disagree by ${spread.toFixed(0)} ms. Listen to each one.`;
  return agree + clocks + segments;
}
