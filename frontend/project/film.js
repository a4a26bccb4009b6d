// The film that is watched on the page of a project.

const by = (id) => document.getElementById(id);

/** Put a film into the player: where it is, where it is downloaded and described, and what it is. */
export function show({ film, download, page }, what) {
  by("film").hidden = false;
  by("film-player").src = film;
  by("film-download").href = download;
  by("film-page").href = page;
  by("film-what").textContent = what;
}

/** <a href="film" data-watch data-what data-download data-page> */
export function watch({ href, dataset }) {
  show({ film: href, download: dataset.download, page: dataset.page }, dataset.what);
}

/** A click on such a link plays the film on the page; with a key that opens tabs it is left to the browser. */
export function bindWatching() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-watch]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      watch(link);
      by("film-player").focus();
      by("film").scrollIntoView({ block: "nearest" });
    }
  });
}
