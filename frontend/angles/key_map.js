// Which key calls which command of the angle editor. Digits cut.

export const MAP = [
  ["Space", "", "play"], ["k", "", "play"], ["j", "", "back"], ["l", "", "forward"],
  ["ArrowLeft", "", "frameBack"], ["ArrowRight", "", "frameOn"],
  ["ArrowLeft", "shift", "secondBack"], ["ArrowRight", "shift", "secondOn"],
  ["ArrowUp", "", "cutBack"], ["ArrowDown", "", "cutOn"],
  ["Home", "", "toStart"], ["End", "", "toEnd"], ["w", "", "loop"], ["m", "", "sound"],
  ["Comma", "", "earlierFrame"], ["Period", "", "laterFrame"],
  ["Comma", "shift", "earlier10"], ["Period", "shift", "later10"],
  ["Comma", "alt", "snapBack"], ["Period", "alt", "snapOn"], ["n", "", "snap"],
  ["[", "", "trimStart"], ["]", "", "trimEnd"],
  ["Delete", "", "remove"], ["Backspace", "", "remove"], ["x", "", "remove"], ["d", "", "dissolve"],
  ["i", "", "rangeIn"], ["o", "", "rangeOut"], ["t", "", "addTitle"],
  ["z", "ctrl", "undo"], ["z", "ctrl shift", "redo"], ["y", "ctrl", "redo"],
  ["+", "", "zoomIn"], ["=", "", "zoomIn"], ["-", "", "zoomOut"], ["z", "", "zoomFit"],
  ["e", "", "export"], ["?", "", "keys"],
]; // prettier-ignore
