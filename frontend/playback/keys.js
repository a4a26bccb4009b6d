// The keyboard. Every key calls a command that has a button too. Single keys can be turned off (WCAG 2.1.4); keys typed
// into a field, and keys that a focused control needs for itself, are left alone.

const KEPT = "studio-single-keys";

const SIGNS = new Set(["+", "=", "-", "?"]);
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const OWN_KEYS = new Set(["Space", "Enter"]);

/** `map`: `[code or key, modifiers, command]` each; `digit(number, modifiers)`: 1 to 9, where they lie; `typed`: commands that
 * work while somebody types. */
export function listenToKeys(map, commands, digit, typed = []) {
  const sheet = document.getElementById("key-sheet");
  const single = document.getElementById("single-keys");
  single.checked = localStorage.getItem(KEPT) !== "off";
  single.addEventListener("change", () => localStorage.setItem(KEPT, single.checked ? "on" : "off"));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.(TYPING);
    const held = modifiersOf(event);
    const command = commandOf(map, event, held);
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) {
      return;
    }
    if (typing && !typed.includes(command)) {
      return;
    }
    if (OWN_KEYS.has(event.code) && !event.ctrlKey && event.target.closest?.("button, a, summary, input")) {
      return;
    }
    const modified = event.ctrlKey || event.metaKey;
    if (!single.checked && !modified && (event.key.length === 1 || event.code.startsWith("Digit"))) {
      return;
    }
    if (/^Digit[1-9]$/.test(event.code) && digit(Number(event.code.slice(5)), held)) {
      event.preventDefault();
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

/** The names of all commands that a key of the map calls. */
export function keyed(map) {
  return [...new Set(map.map(([, , command]) => command))];
}

function modifiersOf(event) {
  return [
    event.ctrlKey || event.metaKey ? "ctrl" : "",
    event.altKey ? "alt" : "",
    event.shiftKey && !SIGNS.has(event.key) ? "shift" : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function commandOf(map, event, held) {
  const found = map.find(
    ([key, modifiers]) => modifiers === held && (key === event.code || key === event.key.toLowerCase()),
  );
  return found?.[2];
}
