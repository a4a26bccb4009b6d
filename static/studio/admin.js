// Names for what stock admin leaves unnamed: the fields of split dates, the boxes of choices, empty headings.

function name(root) {
  for (const field of root.querySelectorAll(".vDateField:not([aria-label]), .vTimeField:not([aria-label])")) {
    const row = field.closest(".form-row, .fieldBox, td");
    const label = row?.querySelector("legend, label, .label")?.textContent.replace(":", "").trim() ?? field.name;
    field.setAttribute("aria-label", `${label}, ${field.classList.contains("vDateField") ? "date" : "time"}`);
  }
  for (const box of root.querySelectorAll(".select2-selection:not([aria-label])")) {
    const select = box.closest(".related-widget-wrapper, .form-row, td")?.querySelector("select");
    const label = select && document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    box.setAttribute("aria-label", label?.textContent.replace(":", "").trim() || select?.name || "Choice");
    box.removeAttribute("aria-labelledby");
    const shown = box.querySelector(".select2-selection__rendered");
    shown?.setAttribute("aria-label", box.getAttribute("aria-label"));
  }
  for (const tip of root.querySelectorAll(".help-tooltip[aria-label]:not([role])")) {
    tip.setAttribute("role", "img");
  }
  for (const head of root.querySelectorAll("th:empty")) {
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = head.classList.contains("original") ? "Record" : "Delete";
    head.append(words);
  }
}

name(document);
new MutationObserver(() => name(document)).observe(document.body, { childList: true, subtree: true });
