// A canvas, drawn on as finely as the screen shows it.

/** The canvas as sharp as the screen, and its size in device pixels. */
export function sized(canvas) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
  }
  return { context: canvas.getContext("2d"), width, height };
}
