// Work that a person waits for: asked for, looked at until it has ended, canceled.

import { call } from "../api.js";

const EVERY_MS = 600;
const UNFINISHED = ["PENDING", "PROCESSING"];

/** The ids of what was asked for, once it is there; `said(state)` of its job is called meanwhile. Throws what the API refuses, and why
 * the work failed. */
export async function made(answer, said) {
  if (!answer.job_id) {
    return answer.artifact_ids;
  }
  const job = await ended(answer.status_url, said);
  if (job.status !== "COMPLETED") {
    throw new Error(job.status === "CANCELLED" ? "Canceled. Nothing was made." : job.error_message || "The work ended without a result.");
  }
  return job.result.artifact_ids;
}

async function ended(url, said) {
  for (;;) {
    const job = await call("GET", url);
    if (!UNFINISHED.includes(job.status)) {
      return job;
    }
    said(job);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

/** A job's state as a sentence. */
export function progress(job) {
  if (job.cancel_requested) {
    return "Stopping";
  }
  const step = job.progress_step ? `, ${job.progress_step}` : "";
  return job.status === "PENDING" ? "Waiting for a worker" : `${Math.round(job.progress_percent)}%${step}`;
}
