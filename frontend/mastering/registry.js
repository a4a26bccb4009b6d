// A file without a session, sent to the registry: its routes as the page needs them.

import { call } from "../api.js";

export class Registry {
  /** `tenant`: { tenant_id, env }, which every route of the registry wants named. */
  constructor(assets, tenant) {
    this.assets = assets;
    this.query = new URLSearchParams(tenant);
  }

  /** Where to send a file, as the uploader takes it. */
  async begin({ filename, contentType, sizeBytes, fingerprint }) {
    const body = { filename, content_type: contentType, size_bytes: sizeBytes, fingerprint };
    return offer(await this.#call("POST", "/init-upload", body));
  }

  async refresh(id) {
    return offer(await this.#call("GET", `/${id}/upload`));
  }

  /** The id of the job that processes the file. */
  async complete(id) {
    return (await this.#call("POST", `/${id}/complete`, {})).job_id;
  }

  abort(id) {
    return this.#call("DELETE", `/${id}/upload`);
  }

  asset(id) {
    return this.#call("GET", `/${id}`);
  }

  job(id) {
    return call("GET", `/jobs/${id}?${this.query}`);
  }

  #call(method, path, body) {
    return call(method, `${this.assets}${path}?${this.query}`, body);
  }
}

const part = ({ part_number: partNumber, size_bytes: sizeBytes, url, etag }) => ({ partNumber, sizeBytes, url, etag });

function offer(said) {
  const whole = said.upload_url !== null;
  return {
    assetId: said.asset_id,
    contentType: said.content_type,
    arrived: said.arrived.map(part),
    ...(whole
      ? { uploadUrl: said.upload_url }
      : { uploadId: said.upload_id, partSize: said.part_size, parts: said.parts.map(part) }),
  };
}
