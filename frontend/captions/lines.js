// A caption's text as lines on the screen, broken and measured as the server does: `limits` are its own.

const ENDS = ".?!…";
const CLAUSES = ",;:–—";
const [SENTENCE, CLAUSE, BEFORE] = [100, 40, 22];
// Control characters, and the separators that Python too takes for spaces.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\u2028\u2029]/g;
const SPACE = /[\s\u0085]+/u;

const count = (text) => [...text].length;
const words = (text) => text.split(SPACE).filter(Boolean);

/** The lines that a person wrote, without empty ones and without spaces at their ends. */
export function plainLines(text) {
  const lines = text.replaceAll("\r\n", "\n").split("\n").map((line) => words(line.replace(CONTROL, " ")).join(" "));
  return lines.filter(Boolean);
}

export class Layout {
  /** `limits`: { line, lines, cps, openers }. */
  constructor(limits) {
    this.limits = limits;
    this.openers = new Set(limits.openers);
    this.measured = new WeakMap();
  }

  /** The lines of a text: its own as long as they fit, else new ones, which may be too many. */
  lines(text) {
    const own = plainLines(text);
    const { line, lines } = this.limits;
    return own.length <= lines && own.every((one) => count(one) <= line) ? own : this.wrapped(own.join(" "));
  }

  /** Whether a text can be shown: not empty, and not too long. */
  fits(text) {
    const { length } = this.lines(text);
    return length > 0 && length <= this.limits.lines;
  }

  /** `{ lengths, cps, fast, fits }` of a caption, measured once for each that there was. */
  measure(cue) {
    if (!this.measured.has(cue)) {
      this.measured.set(cue, this.#measure(cue));
    }
    return this.measured.get(cue);
  }

  #measure({ text, start, end }) {
    const lengths = this.lines(text).map(count);
    const characters = lengths.reduce((sum, length) => sum + length, 0) + Math.max(0, lengths.length - 1);
    const cps = (1000 * characters) / Math.max(1, end - start);
    return { lengths, cps, fast: cps > this.limits.cps, fits: lengths.length > 0 && lengths.length <= this.limits.lines };
  }

  /** Text in lines of at most so many characters, as many as it takes: two of them break where a clause does. */
  wrapped(text) {
    const tokens = words(text).flatMap((token) => this.#pieces(token));
    const joined = tokens.join(" ");
    if (count(joined) <= this.limits.line) {
      return joined ? [joined] : [];
    }
    let best = null;
    for (let place = 1; place < tokens.length; place += 1) {
      const halves = [tokens.slice(0, place).join(" "), tokens.slice(place).join(" ")];
      if (halves.every((half) => count(half) <= this.limits.line)) {
        const worth = this.#worth(tokens[place - 1], tokens[place]) - Math.abs(count(halves[0]) - count(halves[1]));
        if (best === null || worth > best.worth) {
          best = { worth, halves };
        }
      }
    }
    return best ? best.halves : this.#filled(tokens);
  }

  #pieces(token) {
    const letters = [...token];
    const { line } = this.limits;
    return Array.from({ length: Math.ceil(letters.length / line) }, (_, i) => letters.slice(i * line, (i + 1) * line).join(""));
  }

  #filled(tokens) {
    const lines = [];
    for (const token of tokens) {
      if (lines.length && count(lines.at(-1)) + 1 + count(token) <= this.limits.line) {
        lines[lines.length - 1] += ` ${token}`;
      } else {
        lines.push(token);
      }
    }
    return lines;
  }

  /** How good a break between two words is by what is written there. */
  #worth(before, after) {
    const mark = before.replace(/["'”’)]+$/u, "").at(-1) ?? "";
    if (mark && ENDS.includes(mark)) {
      return SENTENCE;
    }
    if (mark && CLAUSES.includes(mark)) {
      return CLAUSE;
    }
    return this.openers.has(after.toLowerCase().replace(/^["'“‘(]+|["'“‘(]+$/gu, "")) ? BEFORE : 0;
  }
}
