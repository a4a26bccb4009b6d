// The keyboard. Every key calls a command that has a button too. Single keys can be turned off (WCAG 2.1.4); keys typed
// into a field, and keys that a focused control needs for itself, are left alone.

const KEPT = "studio-single-keys";

/** [code or key, modifiers, command]: letters and signs by what they type, `,` `.` and digits by where they lie. */
const MAP = [
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
  ["[", "", "segmentBack"], ["]", "", "segmentOn"],
  ["z", "ctrl", "undo"], ["z", "ctrl shift", "redo"], ["y", "ctrl", "redo"],
  ["+", "", "zoomIn"], ["=", "", "zoomIn"], ["-", "", "zoomOut"], ["z", "", "zoomFit"], ["z", "shift", "zoomClosest"],
  ["o", "", "overlay"], ["e", "", "evidence"], ["e", "shift", "evidenceBack"], ["c", "", "nextPeak"],
  ["a", "", "approve"], ["x", "", "rework"], ["Enter", "ctrl", "save"], ["n", "", "next"], ["p", "", "previous"], ["?", "", "keys"],
]; // prettier-ignore

const SIGNS = new Set(["+", "=", "-", "?"]);
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const OWN_KEYS = new Set(["Space", "Enter"]);

export function listenToKeys(commands, choose) {
  const sheet = document.getElementById("key-sheet");
  const single = document.getElementById("single-keys");
  single.checked = localStorage.getItem(KEPT) !== "off";
  single.addEventListener("change", () => localStorage.setItem(KEPT, single.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.(TYPING);
    const command = commandOf(event);
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) {
      return;
    }
    if (typing && command !== "save") {
      return;
    }
    if (OWN_KEYS.has(event.code) && !event.ctrlKey && event.target.closest?.("button, a, summary, input")) {
      return;
    }
    const modified = event.ctrlKey || event.metaKey;
    if (!single.checked && !modified && (event.key.length === 1 || event.code.startsWith("Digit"))) {
      return;
    }
    const camera = !modified && !event.altKey && !event.shiftKey && /^Digit[1-9]$/.exec(event.code);
    if (camera) {
      event.preventDefault();
      choose(Number(event.code.slice(5)));
    } else if (command) {
      event.preventDefault();
      commands[command]();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-do]");
    if (button && commands[button.dataset.do]) {
      event.preventDefault();
      if (button.getAttribute("aria-disabled") !== "true") {
        commands[button.dataset.do]();
      }
    }
  });

  commands.keys = () => (sheet.open ? sheet.close() : sheet.showModal());
}

/** The names of all commands that a key calls. */
export const KEYED = [...new Set(MAP.map(([, , command]) => command))];

function commandOf(event) {
  const held = [
    event.ctrlKey || event.metaKey ? "ctrl" : "",
    event.altKey ? "alt" : "",
    event.shiftKey && !SIGNS.has(event.key) ? "shift" : "",
  ]
    .filter(Boolean)
    .join(" ");
  const found = MAP.find(
    ([key, modifiers]) => modifiers === held && (key === event.code || key === event.key.toLowerCase()),
  );
  return found?.[2];
}
