// One place on every page for what just happened: read out politely by screen readers, shown until dismissed.

export function notify(message, tone = "quiet") {
  const room = document.getElementById("messages");
  if (!room) {
    return;
  }
  const note = document.createElement("p");
  note.className = `note note-${tone}`;
  note.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "note-close";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  close.addEventListener("click", () => note.remove());
  note.append(close);
  room.replaceChildren(note);
}

/** For screen readers alone: milestones of something that is on the screen already. */
export function announce(message) {
  const room = document.getElementById("announcements");
  if (room) {
    room.textContent = message;
  }
}
