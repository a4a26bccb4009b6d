// The words of a recording and its strip: a click goes there, a search marks what is found.

import "./index.css";
import { goTo, playerOf } from "./going.js";
import { followClock, followPlayer, forget } from "./following.js";
import { mark, next } from "./searching.js";

document.addEventListener("click", (event) => {
  const words = event.target.closest?.(".words");
  const timed = event.target.closest?.("[data-ms]");
  if (words && timed) {
    goTo(words, Number(timed.dataset.ms) / 1000);
  } else if (words && event.target.closest("[data-strip]")) {
    const bars = words.querySelector(".strip-bars").getBoundingClientRect();
    const share = (event.clientX - bars.left) / bars.width;
    if (share >= 0 && share <= 1) {
      goTo(words, (share * Number(words.dataset.duration)) / 1000);
    }
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id === "words-search") {
    mark(event.target.closest(".words"), event.target.value);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.id === "words-search" && event.key === "Enter") {
    event.preventDefault();
    const found = next(event.target.closest(".words"));
    if (found) {
      goTo(found.closest(".words"), Number(found.dataset.ms) / 1000);
    }
  }
});

document.body.addEventListener("htmx:afterSwap", () => {
  forget();
  const search = document.getElementById("words-search");
  if (search?.value) {
    mark(search.closest(".words"), search.value);
  }
});

followPlayer(playerOf());
followClock();
