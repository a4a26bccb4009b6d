// Words that are looked for: marked, counted, and gone through one after the other.

/** Mark the words that hold what is looked for, or where a phrase is looked for, all of its words. */
export function mark(words, wanted) {
  const all = [...words.querySelectorAll(".word")];
  const places = found(all.map((word) => word.textContent), wanted);
  for (const [place, word] of all.entries()) {
    word.classList.toggle("word-found", places.some(([first, count]) => place >= first && place < first + count));
    word.classList.toggle("word-first", places.some(([first]) => place === first));
  }
  words.querySelector("[data-found]").textContent = wanted.trim() ? `${places.length} found` : "";
  words.dataset.at = -1;
}

/** The next place that was found, or null; it is brought into view. */
export function next(words) {
  const places = [...words.querySelectorAll(".word-first")];
  if (!places.length) {
    return null;
  }
  words.dataset.at = (Number(words.dataset.at ?? -1) + 1) % places.length;
  const word = places[Number(words.dataset.at)];
  word.scrollIntoView({ block: "nearest" });
  return word;
}

/** [first word, how many] of each place where the wanted words follow one another; capitals and marks do not count. */
export function found(texts, wanted) {
  const looked = plain(wanted).split(" ").filter(Boolean);
  if (!looked.length) {
    return [];
  }
  const said = texts.map(plain);
  const fits = (place) => looked.every((word, step) => (step === looked.length - 1 ? said[place + step]?.startsWith(word) : said[place + step] === word));
  return said.flatMap((_, place) => (fits(place) ? [[place, looked.length]] : []));
}

function plain(text) {
  return text
    .toLowerCase()
    .replaceAll("’", "'")
    .replace(/[^\p{L}\p{N}' ]/gu, "")
    .trim();
}
