// What of a camera's audio is listened to and why, and another choice: the audio is made again and the session synced again.

const by = (id) => document.getElementById(id);
const BY_HAND = "chosen by hand";

export class HeardPanel {
  /** `watch` holds the data as the server has it. */
  constructor(watch) {
    this.watch = watch;
    this.label = "";
    by("heard-choice").addEventListener("change", () => this.#offer());
    watch.addEventListener("fresh", () => this.show(this.label));
  }

  get asset() {
    return this.watch.data.assets.find((asset) => asset.cameraKey === this.label);
  }

  show(label) {
    const other = label !== this.label;
    this.label = label;
    const { asset } = this;
    by("heard").hidden = !asset;
    if (!asset) {
      return;
    }
    by("heard-text").textContent = heardWords(asset);
    const choosable = asset.tracks.length > 0;
    by("heard-form").hidden = !choosable;
    if (choosable) {
      this.#list(asset, other ? null : by("heard-choice").value);
      this.#offer();
    }
  }

  /** The choices, by track; `kept`: what a person had picked already. */
  #list(asset, kept) {
    const select = by("heard-choice");
    const automatic = new Option("Automatic: Studio chooses", "null");
    const groups = asset.tracks.map((track) => {
      const group = document.createElement("optgroup");
      group.label = asset.tracks.length > 1 ? `Track ${track.track}` : "Channels";
      group.append(...choicesOf(track).map(({ text, choice }) => new Option(text, JSON.stringify(choice))));
      return group;
    });
    select.replaceChildren(automatic, ...groups);
    const now = valueOf(asset.heard);
    select.value = kept && kept !== this.shown ? kept : now;
    this.shown = now;
  }

  #offer() {
    const { asset } = this;
    const [select, button] = [by("heard-choice"), by("heard-use")];
    const ready = asset.soundReady && ["needs-review", "ready"].includes(this.watch.data.session.status);
    const { sync, session } = this.watch.data;
    select.disabled = !ready;
    button.disabled = !ready || select.value === this.shown;
    by("heard-note").textContent = ready
      ? "Its waveform is drawn again and the session is synced again."
      : "Wait until the cameras are processed and compared.";
    Object.assign(button.dataset, {
      api: `/v2/sessions/${session.id}/assets/${asset.id}`,
      body: `{"heard": ${select.value}}`,
      done: `Camera ${this.label}: the new audio is being made, then the session is synced again.`,
      confirm: `Listen to something else of camera ${this.label} and sync the session again? ${standing(sync)}`,
    });
  }
}

function standing(sync) {
  const decided = sync && sync.operatorStatus !== "pending";
  return decided ? `The decision of ${sync.decidedBy} is set aside and stays in the history.` : "Unsaved offsets are not kept.";
}

/** "Heard: track 2, channel 3; channel 1 is silent." */
export function heardWords(asset) {
  const { heard } = asset;
  if (!heard) {
    return asset.soundReady ? "The channels were not measured. Process the camera again to choose one." : "No audio yet.";
  }
  const names = heard.names ? `${heard.names.join(", ")}: ` : "";
  if (heard.reason !== BY_HAND) {
    return heard.channels.length && !heard.reason.startsWith("every") ? `Heard: ${names}${heard.reason}.` : `Heard: nothing usable; ${heard.reason}.`;
  }
  const track = asset.tracks.find((one) => one.stream === heard.stream);
  const place = asset.tracks.length > 1 && track ? `track ${track.track}, ` : "";
  return `Heard: ${names}${place}${channelWords(heard)}; ${BY_HAND}.`;
}

function channelWords({ channels, how }) {
  if (how === "difference") {
    return `channel ${channels[0]} less channel ${channels[1]}`;
  }
  return channels.length === 1 ? `channel ${channels[0]}` : `mix of channels ${channels.join(", ")}`;
}

/** What a track offers: the mix, each channel, and the difference of each pair of neighbors. */
export function choicesOf({ stream, channels }) {
  const numbers = channels.map(({ channel }) => channel);
  const called = ({ name, channel }) => (name ? `${name[0].toUpperCase()}${name.slice(1)}, channel ${channel}` : `Channel ${channel}`);
  const one = (channel) => ({ text: `${called(channel)} (${contents(channel)})`, choice: { stream, channels: [channel.channel], how: "channel" } });
  const pairs = numbers.slice(1).map((number, place) => [numbers[place], number]).filter((_, place) => place % 2 === 0);
  const mix = { text: `Mix of channels ${numbers.join(", ")}`, choice: { stream, channels: numbers, how: "mix" } };
  const difference = (pair) => ({ text: `Channel ${pair[0]} less channel ${pair[1]}`, choice: { stream, channels: pair, how: "difference" } });
  return [...(numbers.length > 1 ? [mix] : []), ...channels.map(one), ...pairs.map(difference)];
}

function contents({ speech, ltc, loudness_dbfs: level, floor_dbfs: floor }) {
  if (level === null || (level < floor && speech < 0.1)) {
    return "silent";
  }
  if (ltc >= 0.5) {
    return "timecode";
  }
  return `${Math.round(level)} dBFS, speech ${Math.round(100 * speech)}%`.replace("-", "\u2212");
}

function valueOf(heard) {
  if (!heard || heard.reason !== BY_HAND) {
    return "null";
  }
  const { stream, channels, how } = heard;
  return JSON.stringify({ stream, channels, how: channels.length === 1 ? "channel" : how });
}
