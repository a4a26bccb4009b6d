// The page's data, as the server sent it, turned into cameras. Also where fresh links come from when old ones expire.

import { segmentsOf } from "./segments.js";
import { rateOf } from "../playback/time.js";

export function readPageData() {
  return JSON.parse(document.getElementById("page-data").textContent);
}

/** One plain object per clip of a camera, master first; its `label` is the camera's key (B, B.2); `offset` is live and belongs to the nudges. A camera `counts` when a
 * decision speaks of it: a failed file does not. */
export function camerasOf(data) {
  const { sync, master } = data;
  const cameras = data.assets.map((asset) => {
    const computed = asset.cameraKey === master ? 0 : (sync?.offsets[asset.cameraKey] ?? null);
    const saved = sync?.finalOffsets?.[asset.cameraKey] ?? computed;
    const clock = { ppm: sync?.driftPpm[asset.cameraKey] ?? 0, duration: (asset.durationMs ?? 0) / 1000 };
    return {
      label: asset.cameraKey,
      name: asset.originalFilename,
      isMaster: asset.cameraKey === master,
      counts: sync ? asset.cameraKey in sync.offsets : asset.status === "ready" || asset.soundReady,
      rate: rateOf(asset.fps),
      ...clock,
      computed,
      saved,
      offset: saved ?? 0,
      proxy: linkOf(asset, "proxy"),
      // Until the proxy is there, the file itself shows the picture, where the browser can play it.
      original: asset.kind === "video" ? asset.originalUrl : null,
      trouble: asset.statusMessage,
      poster: linkOf(asset, "thumbnail"),
      overview: linkOf(asset, "waveform", "20"),
      detail: linkOf(asset, "waveform", "1000"),
      wav: linkOf(asset, "audio-wav"),
      witnesses: sync?.details?.witnesses?.[asset.cameraKey] ?? [],
      continues: sync?.details?.continues?.[asset.cameraKey] ?? null,
      evidence: sync?.evidence[asset.cameraKey]?.curve ?? null,
      segments: segmentsOf(sync, asset.cameraKey, { computed, saved, ...clock }),
      coverage: sync?.coverage?.[asset.cameraKey] ?? [],
    };
  });
  return cameras.sort((a, b) => b.isMaster - a.isMaster || a.label.localeCompare(b.label, "en", { numeric: true }));
}

/** Links are signed for hours, pages stay open for days: take over the fresh ones. */
export function refreshLinks(cameras, data) {
  const fresh = new Map(camerasOf(data).map((camera) => [camera.label, camera]));
  for (const camera of cameras) {
    const { proxy, original, trouble, overview, detail, wav, evidence } = fresh.get(camera.label) ?? camera;
    Object.assign(camera, { proxy, original, trouble, overview, detail, wav, evidence });
  }
}

function linkOf(asset, kind, variant = "") {
  return asset.derivatives.find((made) => made.kind === kind && made.variant === variant)?.url ?? null;
}
