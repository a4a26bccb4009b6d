// Studio's HTTP API as the pages use it: JSON both ways, CSRF, and every failure an ApiError with a sentence.

export class ApiError extends Error {
  constructor(message, { code = "", status = 0, field = null, details = {} } = {}) {
    super(message);
    this.name = "ApiError";
    Object.assign(this, { code, status, field, details });
  }

  /** Whether the same request may well succeed later: no answer at all, or the server is busy or restarting. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export function csrfToken() {
  return document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

/** The answer's JSON, or null when it has no body. Throws ApiError; an abort by `signal` passes through. With `keepalive` it is sent
 * although the page is left. A page that was open while its reader signed in again takes over the new CSRF token: nothing typed is
 * lost. */
export async function call(method, url, body, options = {}) {
  let answer = await send(method, url, body, options);
  if (answer.status === 403 && (await codeOf(answer)) === "csrf_failed" && (await renewToken())) {
    answer = await send(method, url, body, options);
  }
  const said = await answer.text().catch(() => "");
  const data = parsed(said);
  if (answer.ok) {
    return data;
  }
  const error = data?.error;
  throw new ApiError(error?.message ?? unexplained(answer.status), { ...error, status: answer.status });
}

async function codeOf(answer) {
  return parsed(await answer.clone().text().catch(() => ""))?.error?.code;
}

async function renewToken() {
  const page = await fetch(window.location.href, { credentials: "same-origin" }).catch(() => null);
  const fresh = page?.ok ? new DOMParser().parseFromString(await page.text(), "text/html") : null;
  const token = fresh?.querySelector("meta[name=csrf-token]")?.content;
  if (token) {
    document.querySelector("meta[name=csrf-token]").content = token;
  }
  return Boolean(token);
}

async function send(method, url, body, { signal, keepalive, headers = {} }) {
  try {
    return await fetch(url, {
      method,
      signal,
      keepalive,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": csrfToken(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") {
      throw error;
    }
    throw new ApiError("Studio is not responding. Check your connection and try again; nothing is lost.");
  }
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function unexplained(status) {
  if (status === 401 || status === 403) {
    return "You are signed out. Reload the page and sign in again.";
  }
  return `Something went wrong (error ${status}). Try again; if it keeps happening, tell an administrator the time.`;
}
