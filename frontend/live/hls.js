// <video data-hls>: where the browser plays no HLS, the player gives way to a sentence.

export function bindHls(root) {
  for (const video of root.querySelectorAll("video[data-hls]")) {
    const plays = video.canPlayType("application/vnd.apple.mpegurl") !== "";
    video.hidden = !plays;
    video.parentElement.querySelector("[data-no-hls]").hidden = plays;
  }
}
