// One place on every page for what just happened: read out politely by screen readers, shown until dismissed.

export function notify(message, tone = "quiet", link = null) {
  const place = document.getElementById("messages");
  if (!place) {
    return;
  }
  const note = document.createElement("p");
  note.className = `note note-${tone}`;
  note.textContent = message;
  if (link) {
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.href, target: "_blank", rel: "noopener", textContent: link.label });
    note.append(" ", anchor);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "note-close";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  close.addEventListener("click", () => note.remove());
  note.append(close);
  place.replaceChildren(note);
}

/** A failure of Studio's API. One that signing in mends has the link to do so, in a tab of its own. */
export function notifyError(error) {
  const href = error.details?.signInUrl;
  notify(error.message, "bad", href ? { href, label: "Sign in" } : null);
}

/** For screen readers alone: milestones of something that is on the screen already. */
export function announce(message) {
  const place = document.getElementById("announcements");
  if (place) {
    place.textContent = message;
  }
}
