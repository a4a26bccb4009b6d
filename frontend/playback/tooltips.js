// Tooltips: what a button does and the keys that do the same.

const SIGNS = { ArrowLeft: "←", ArrowRight: "→", Control: "Ctrl" };

export function keyTooltips(root) {
  for (const button of root.querySelectorAll("[data-do][aria-keyshortcuts]")) {
    const keys = button.getAttribute("aria-keyshortcuts").split(" ").map((key) =>
      key.split("+").map((part) => SIGNS[part] ?? (part || "+")).join(" "),
    );
    const does = button.title || (button.getAttribute("aria-label") ?? button.firstChild.textContent).trim();
    button.title = `${does} (${keys.join(" or ")})`;
  }
}
