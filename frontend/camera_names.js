// A camera's name, saved to its session.

import { call } from "./api.js";

/** The other cameras keep the names that they have by now, from whomever. An empty name takes the camera's away. */
export async function saveCameraName(sessionUrl, label, name) {
  const { cameraNames } = await call("GET", sessionUrl);
  const others = Object.entries(cameraNames).filter(([other]) => other !== label);
  const named = name.trim() ? [[label, name.trim()]] : [];
  await call("PATCH", sessionUrl, { cameraNames: Object.fromEntries([...others, ...named]) });
}
