// To a time of the recording: on its own page the player goes there, on a shoot's page the shoot's clock.

export function playerOf() {
  return document.querySelector("video.asset-player, audio.asset-player");
}

/** `seconds` on the recording's own clock. */
export function goTo(words, seconds) {
  const player = playerOf();
  if (player) {
    player.currentTime = seconds;
    return;
  }
  document.dispatchEvent(new CustomEvent("studio:goto", { detail: { camera: words.dataset.camera, seconds } }));
}
