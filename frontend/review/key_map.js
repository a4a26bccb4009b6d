// Which key calls which command of the review page.

/** [code or key, modifiers, command]: letters and signs by what they type, `,` `.` and digits by where they lie. */
export const MAP = [
  ["Space", "", "play"], ["k", "", "play"], ["j", "", "back"], ["l", "", "forward"],
  ["ArrowLeft", "", "frameBack"], ["ArrowRight", "", "frameOn"],
  ["ArrowLeft", "shift", "secondBack"], ["ArrowRight", "shift", "secondOn"],
  ["Home", "", "toStart"], ["End", "", "toEnd"], ["w", "", "loop"],
  ["f", "", "enlarge"], ["b", "", "listen"], ["s", "", "solo"], ["m", "", "mute"],
  ["Comma", "", "earlierFrame"], ["Period", "", "laterFrame"],
  ["Comma", "shift", "earlier10"], ["Period", "shift", "later10"],
  ["Comma", "alt", "earlier1"], ["Period", "alt", "later1"],
  ["Digit0", "", "reset"], ["r", "", "reset"],
  ["d", "", "doubtOn"], ["d", "shift", "doubtBack"],
  ["PageUp", "", "clipBack"], ["PageDown", "", "clipOn"],
  ["[", "", "segmentBack"], ["]", "", "segmentOn"],
  ["z", "ctrl", "undo"], ["z", "ctrl shift", "redo"], ["y", "ctrl", "redo"],
  ["+", "", "zoomIn"], ["=", "", "zoomIn"], ["-", "", "zoomOut"], ["z", "", "zoomFit"], ["z", "shift", "zoomClosest"],
  ["o", "", "overlay"], ["e", "", "evidence"], ["e", "shift", "evidenceBack"], ["c", "", "nextPeak"],
  ["a", "", "approve"], ["x", "", "rework"], ["Enter", "ctrl", "save"], ["n", "", "onward"], ["p", "", "previous"], ["?", "", "keys"],
]; // prettier-ignore
