// The captions over the picture as they are burnt into a film: in the same box, of the same size, on the same frames.

const LINE_EM = 1.164;
const FULL = 1080;

export class Burnt {
  /** `style` as the server has it: lengths in px of a frame 1080 px high. */
  constructor(root, style, layout) {
    Object.assign(this, { root, style, layout });
    this.shown = null;
    new ResizeObserver(() => this.#place()).observe(root.parentElement);
    this.#place();
  }

  /** Draw this text; an empty one takes the caption away. */
  show(text) {
    if (text === this.shown) {
      return;
    }
    this.shown = text;
    this.root.replaceChildren(
      ...this.layout.lines(text).map((line) => {
        const made = document.createElement("span");
        made.textContent = line;
        return made;
      }),
    );
  }

  /** The picture lies in the middle of its screen, with bars where their shapes differ. */
  #place() {
    const { style, root } = this;
    const { clientWidth, clientHeight } = root.parentElement;
    const [width, height] = style.frame;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    const [wide, high] = [width * scale, height * scale];
    const px = high / FULL;
    const { box } = style;
    Object.assign(root.style, {
      left: `${(clientWidth - wide) / 2 + box.x * wide}px`,
      top: `${(clientHeight - high) / 2 + box.y * high}px`,
      width: `${box.width * wide}px`,
      height: `${box.height * high}px`,
      fontSize: `${style.size * px}px`,
      lineHeight: `${style.size * px * LINE_EM}px`,
      color: style.fill,
      webkitTextStroke: style.outline ? `${2 * style.outlineWidth * px}px ${style.outline}` : "",
    });
  }
}
