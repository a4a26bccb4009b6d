/** Of calls that overlap, one is made. */
export function once(act) {
  let running = null;
  return () => {
    running ??= act().finally(() => {
      running = null;
    });
    return running;
  };
}
