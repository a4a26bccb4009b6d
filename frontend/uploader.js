// Bytes to the store: the one module that knows Uppy. Everything else deals in files, offers and progress.
//
// An offer is the API's answer to init-upload. Starting a file again with a fresh offer sends only what the offer does
// not list as arrived, so pausing, retrying and resuming are all the same: stop, ask for an offer, start.

import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { ApiError, call } from "./api.js";
import { cameraOf, clipOf } from "./camera_keys.js";

const IN_FLIGHT = 6;

export class Uploader {
  #uppy;
  #offers = new Map();
  #partSizes = new WeakMap();
  #listener;

  /** `listener` has progress(id, bytesSent), sent(id) and failed(id, ApiError). */
  constructor(listener) {
    this.#listener = listener;
    this.#uppy = new Uppy({ autoProceed: false, allowMultipleUploadBatches: true });
    this.#uppy.use(AwsS3, {
      limit: IN_FLIGHT,
      retryDelays: [0, 1000, 3000],
      shouldUseMultipart: (file) => Boolean(this.#offers.get(file.id)?.uploadId),
      getChunkSize: (data) => this.#partSizes.get(data),
      createMultipartUpload: async (file) => this.#reference(file.id),
      listParts: async (file) =>
        this.#offers.get(file.id).arrived.map(({ partNumber, sizeBytes, etag }) => ({
          PartNumber: partNumber,
          Size: sizeBytes,
          ETag: etag,
        })),
      signPart: async (file, { partNumber }) => ({ url: await this.#link(file.id, partNumber) }),
      getUploadParameters: async (file) => {
        const offer = this.#offers.get(file.id);
        const { href } = new URL(offer.uploadUrl, window.location.href);
        return { method: "PUT", url: href, headers: { "Content-Type": offer.contentType } };
      },
      // Studio completes an upload when it has looked at what arrived, and only a person ends one.
      completeMultipartUpload: async () => ({}),
      abortMultipartUpload: async () => {},
    });
    this.#uppy.on("upload-progress", (file, { bytesUploaded }) => {
      if (file && this.#offers.has(file.id)) {
        this.#listener.progress(this.#offers.get(file.id).id, bytesUploaded);
      }
    });
    this.#uppy.on("upload-success", (file) => this.#ended(file, ({ id }) => this.#listener.sent(id)));
    this.#uppy.on("upload-error", (file, error) =>
      this.#ended(file, (offer) => this.#listener.failed(offer.id, explained(error, goesElsewhere(offer)))),
    );
  }

  /** Send of `file` what `offer` says is missing. `refresh` answers a newer offer when its links are used up. */
  start(id, file, offer, refresh) {
    this.stop(id);
    const fileId = this.#uppy.addFile({ name: `${id}/${file.name}`, type: offer.contentType, data: file, meta: { id } });
    const links = new Map((offer.parts ?? []).map(({ partNumber, url }) => [partNumber, url]));
    this.#offers.set(fileId, { ...offer, id, links, refresh });
    if (offer.uploadId) {
      this.#partSizes.set(file, offer.partSize);
      this.#uppy.setFileState(fileId, { s3Multipart: this.#reference(fileId) });
    }
    this.#uppy.upload().catch(() => {});
  }

  /** Stop sending; what has arrived stays where it is. */
  stop(id) {
    for (const [fileId, offer] of this.#offers) {
      if (offer.id === id) {
        this.#offers.delete(fileId);
        this.#uppy.removeFile(fileId);
      }
    }
  }

  #reference(fileId) {
    const { uploadId, assetId } = this.#offers.get(fileId);
    return { uploadId, key: assetId };
  }

  async #link(fileId, partNumber) {
    const offer = this.#offers.get(fileId);
    if (!offer.links.has(partNumber)) {
      offer.renewing ??= offer.refresh().finally(() => {
        offer.renewing = null;
      });
      const { parts = [] } = await offer.renewing;
      parts.forEach((part) => offer.links.set(part.partNumber, part.url));
    }
    const url = offer.links.get(partNumber);
    offer.links.delete(partNumber);
    if (!url) {
      throw new ApiError("This part was already uploaded.", { status: 503 });
    }
    return url;
  }

  #ended(file, report) {
    const offer = file && this.#offers.get(file.id);
    if (offer) {
      this.#offers.delete(file.id);
      this.#uppy.removeFile(file.id);
      report(offer);
    }
  }
}

export function newOffer(sessionUrl, { label, file, contentType, fingerprint }, signal) {
  const body = {
    cameraLabel: cameraOf(label),
    clip: clipOf(label),
    filename: file.name,
    // Only of a folder that was dropped or chosen: from its top.
    cardPath: file.path ?? "",
    contentType,
    sizeBytes: file.size,
    fingerprint,
  };
  return call("POST", `${sessionUrl}/assets/init-upload`, body, { signal });
}

/** What the store or Studio said of a part that it did not take. */
function explained(error, elsewhere) {
  if (error instanceof ApiError) {
    return error;
  }
  const answer = error?.source;
  const status = answer?.status ?? 0;
  const said = status ? fromJson(answer.responseText) ?? fromXml(answer.responseText) : null;
  if (said) {
    return new ApiError(said.message, { status, code: said.code, details: { store: true } });
  }
  const message = status
    ? `Storage rejected part of the file (error ${status}).`
    : elsewhere
      ? "Lost the connection to the storage bucket. If this keeps happening, ask an administrator to check the bucket's CORS settings."
      : "The connection was lost during the upload.";
  return new ApiError(message, { status, details: { store: true } });
}

/** Do the bytes go to another origin? A browser does not say whether such a one is away or forbids this page. */
function goesElsewhere({ uploadUrl, parts = [] }) {
  const url = uploadUrl ?? parts[0]?.url;
  return Boolean(url) && new URL(url, window.location.href).origin !== window.location.origin;
}

function fromJson(text) {
  try {
    return JSON.parse(text).error ?? null;
  } catch {
    return null;
  }
}

function fromXml(text) {
  const message = /<Message>([^<]*)<\/Message>/.exec(text ?? "")?.[1];
  return message ? { message: `The storage bucket answered: ${message}.`, code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? "" } : null;
}
