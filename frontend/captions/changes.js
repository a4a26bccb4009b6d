// What of the captions on the page the server does not have yet, as its PATCH takes it.

/** The captions as the server has them, by the page's ids. */
export class Kept {
  constructor(cues) {
    this.cues = cues;
    this.places = new Map(cues.map(({ id }, place) => [id, place]));
  }

  /** The changes that make the server's captions these, and those that it will have then. A text that cannot be shown waits: the rest
   * of its caption is sent, all of it where the server has none. `waiting`: how many do. */
  changesTo(cues, layout) {
    const changes = [];
    const after = [];
    let waiting = 0;
    for (const cue of cues) {
      const fits = layout.fits(cue.text);
      waiting += fits ? 0 : 1;
      const before = this.cues[this.places.get(cue.id)];
      const text = fits ? layout.lines(cue.text).join("\n") : before?.text;
      if (text === undefined) {
        continue;
      }
      after.push({ ...cue, text });
      const change = before ? changed(before, { ...cue, text }) : { start_ms: cue.start, end_ms: cue.end, text, speaker: cue.speaker };
      if (Object.keys(change).length) {
        changes.push(before ? { index: this.places.get(cue.id), ...change } : change);
      }
    }
    const left = new Set(after.map(({ id }) => id));
    this.cues.forEach(({ id }, index) => (left.has(id) ? null : changes.push({ index, deleted: true })));
    return { changes, after, waiting };
  }
}

function changed(before, { start, end, text, speaker }) {
  return {
    ...(start === before.start ? {} : { start_ms: start }),
    ...(end === before.end ? {} : { end_ms: end }),
    ...(text === before.text ? {} : { text }),
    ...(speaker === before.speaker ? {} : { speaker }),
  };
}
