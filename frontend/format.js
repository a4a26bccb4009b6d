// Dates as every page writes them, in the reader's time zone: `27 Nov 2026, 00:17`. The server writes the same in UTC.

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const two = (number) => String(number).padStart(2, "0");

/** `27 Nov 2026` */
export function date(at) {
  return `${at.getDate()} ${MONTHS[at.getMonth()]} ${at.getFullYear()}`;
}

/** `27 Nov 2026, 00:17` */
export function dateTime(at) {
  return `${date(at)}, ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `27 Nov 2026` of a day as the API writes it, "2026-11-27"; the same in every time zone. */
export function day(written) {
  return date(new Date(`${written}T12:00`));
}

/** The server writes moments in UTC; each reader sees their own clock, and UTC in the tooltip. */
export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.title = time.textContent;
    time.textContent = dateTime(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}
