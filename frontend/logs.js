// <details><pre data-log="…/stderr.log">: while it is open, what the log says is added as it comes.

const LOOK_MS = 1000;
const MOST_CHARACTERS = 2_000_000;

export function followLogs(root) {
  for (const place of root.querySelectorAll("pre[data-log]")) {
    const details = place.closest("details");
    if (details && !details.open) {
      details.addEventListener("toggle", () => follow(place), { once: true });
    } else {
      follow(place);
    }
  }
}

/** A log is followed once, whatever is drawn around it anew. */
function follow(place) {
  if (place.dataset.followed) {
    return;
  }
  place.dataset.followed = "yes";
  let next = 0;

  async function look() {
    if (!place.isConnected) {
      return;
    }
    const answer = await piece(`${place.dataset.log}?from=${next}`);
    if (!answer) {
      setTimeout(look, 5 * LOOK_MS);
      return;
    }
    append(place, answer.text);
    const moved = answer.next > next;
    next = answer.next;
    if (place.textContent.length > MOST_CHARACTERS) {
      append(place, "\n[… open it as plain text to see the rest …]");
    } else if (!answer.over) {
      setTimeout(look, moved ? LOOK_MS / 4 : LOOK_MS);
    } else if (!place.textContent) {
      append(place, "No output.");
    }
  }

  look();
}

async function piece(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok) {
      return null;
    }
    const number = Number(answer.headers.get("X-Log-Next"));
    return { text: await answer.text(), next: number, over: answer.headers.get("X-Log-Over") === "1" };
  } catch {
    return null;
  }
}

/** Whoever reads at the end stays at the end; whoever has scrolled up is left alone. */
function append(place, text) {
  const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 8;
  place.append(text);
  if (atEnd) {
    place.scrollTop = place.scrollHeight;
  }
}
