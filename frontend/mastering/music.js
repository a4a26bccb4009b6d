// A music file dropped on the page: sent, processed, and chosen. It becomes an asset without a session.

import { ApiError } from "../api.js";
import { contentTypeOf, fingerprintOf, refusal } from "../upload/check.js";
import { Uploader } from "../uploader.js";
import { Registry } from "./registry.js";

const LOOK_MS = 1000;
const ID = "music";

export function bindMusic(panel, { assets, tenant, extensions, maxBytes }) {
  const registry = new Registry(assets, tenant);
  const find = (name) => panel.querySelector(`[data-music-${name}]`);
  const [input, progress, status] = ["file", "progress", "status"].map(find);
  let current = null;

  const report = (text, tone = "") => {
    status.hidden = !text;
    status.textContent = text;
    status.className = tone ? `small note note-${tone}` : "small";
  };
  const show = (text, percent) => {
    report(text);
    progress.hidden = percent === null;
    progress.value = percent ?? 0;
  };
  const fail = (text) => {
    show("", null);
    report(text, "bad");
    current = null;
    input.disabled = false;
  };

  const uploader = new Uploader({
    progress: (_, bytes) => show(`Uploading ${current.file.name}: ${percentOf(bytes, current.file.size)}%`, percentOf(bytes, current.file.size)),
    sent: () => guarded(complete),
    failed: (_, error) => {
      registry.abort(current.id).catch(() => {});
      fail(`${current.file.name} was not uploaded. ${error.message} Choose it again.`);
    },
  });

  /** What went wrong in a step, as a sentence. */
  async function guarded(step) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      fail(error.message);
    }
  }

  async function take(file) {
    const refused = refusal(file, { extensions, maxBytes });
    if (refused) {
      fail(refused);
      return;
    }
    input.disabled = true;
    show(`Uploading ${file.name}…`, 0);
    const fingerprint = await fingerprintOf(file).catch(() => null);
    if (fingerprint === null) {
      fail(`${file.name} could not be read. Check that its disk is still connected, then choose it again.`);
      return;
    }
    const asked = { filename: file.name, contentType: contentTypeOf(file), sizeBytes: file.size, fingerprint };
    const offer = await registry.begin(asked);
    current = { file, id: offer.assetId };
    uploader.start(ID, file, offer, () => registry.refresh(offer.assetId));
  }

  async function complete() {
    show(`${current.file.name} is uploaded. Processing…`, 0);
    await follow(await registry.complete(current.id));
  }

  async function follow(jobId) {
    for (;;) {
      const asset = await registry.asset(current.id).catch(whenPassing);
      if (asset && asset.status !== "ingesting") {
        end(asset);
        return;
      }
      const job = await registry.job(jobId).catch(whenPassing);
      if (job) {
        show(`Processing ${current.file.name}: ${Math.round(job.progress_percent)}%`, job.progress_percent);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  function end(asset) {
    const { name } = current.file;
    if (asset.status !== "ready") {
      fail(asset.status_message || `${name} could not be processed. Choose another file.`);
    } else if (!asset.has_audio) {
      fail(`${name} has no audio. Choose another file.`);
    } else {
      choose(asset.id, name);
      show("", null);
      report(`${name} is ready and chosen as music.`, "good");
      current = null;
      input.disabled = false;
    }
  }

  panel.addEventListener("dragover", (event) => {
    event.preventDefault();
    panel.classList.add("is-over");
  });
  panel.addEventListener("dragleave", () => panel.classList.remove("is-over"));
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    panel.classList.remove("is-over");
    const [file] = event.dataTransfer.files;
    if (file && !input.disabled) {
      guarded(() => take(file));
    }
  });
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = "";
    if (file) {
      guarded(() => take(file));
    }
  });
}

function percentOf(bytes, size) {
  return size ? Math.floor((100 * bytes) / size) : 0;
}

/** Nothing to show yet where Studio is away for a moment; anything else is thrown. */
function whenPassing(error) {
  if (!error.passing) {
    throw error;
  }
  return null;
}

/** The file in the list of music, chosen. */
function choose(id, name) {
  const list = document.querySelector("select[name=music]");
  const option = new Option(name, id, true, true);
  list.add(option, 1);
  list.dispatchEvent(new Event("change", { bubbles: true }));
}
