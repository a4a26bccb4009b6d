// Which key calls which command of the caption editor. Digits choose what is moved.

export const MAP = [
  ["Space", "", "play"], ["k", "", "play"], ["j", "", "back"], ["l", "", "forward"],
  ["ArrowLeft", "", "frameBack"], ["ArrowRight", "", "frameOn"],
  ["ArrowLeft", "shift", "secondBack"], ["ArrowRight", "shift", "secondOn"],
  ["ArrowUp", "", "cueBack"], ["ArrowDown", "", "cueOn"], ["d", "", "nextMark"],
  ["Home", "", "toStart"], ["End", "", "toEnd"], ["p", "", "playCue"], ["w", "", "loop"], ["m", "", "sound"],
  ["Enter", "", "editText"], ["Enter", "ctrl", "split"], ["Escape", "", "leaveText"],
  ["Space", "ctrl", "playTyping"], ["ArrowUp", "ctrl", "textBack"], ["ArrowDown", "ctrl", "textOn"],
  ["Comma", "", "earlierFrame"], ["Period", "", "laterFrame"],
  ["Comma", "shift", "earlier100"], ["Period", "shift", "later100"],
  ["[", "", "startHere"], ["]", "", "endHere"],
  ["s", "", "split"], ["m", "shift", "merge"], ["n", "", "add"],
  ["Delete", "", "remove"], ["Backspace", "", "remove"], ["x", "", "remove"],
  ["z", "ctrl", "undo"], ["z", "ctrl shift", "redo"], ["y", "ctrl", "redo"],
  ["+", "", "zoomIn"], ["=", "", "zoomIn"], ["-", "", "zoomOut"], ["z", "", "zoomFit"],
  ["?", "", "keys"],
]; // prettier-ignore

/** What 1, 2 and 3 choose. */
export const MOVED = ["moveWhole", "moveStart", "moveEnd"];

/** What works while somebody types. */
export const TYPED = ["split", "leaveText", "playTyping", "textBack", "textOn", "undo", "redo"];
