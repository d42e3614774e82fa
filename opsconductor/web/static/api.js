// Talks to the REST API with the session cookie.

import { exactJson } from "./format.js";

const ROOT = "/api/v1";
export const STREAM = `${ROOT}/alerts/stream`;

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let onLoggedOut = () => {};
export const whenLoggedOut = (act) => { onLoggedOut = act; };

async function request(method, path, body) {
  const options = { method, credentials: "same-origin", headers: {} };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  } else if (method !== "GET") {
    options.headers["Content-Type"] = "application/json";
  }
  let response, text;
  try {
    response = await fetch(ROOT + path, options);
    text = await response.text();
  } catch {
    throw new ApiError(0, "unreachable", "OpsConductor does not answer");
  }
  const answer = parsed(text);
  if (response.ok && answer?.success) return answer;
  if (response.status === 401 && path !== "/session") onLoggedOut();
  const error = answer?.error ?? { code: "unknown", message: `unexpected answer ${response.status}` };
  throw new ApiError(response.status, error.code, error.message);
}

function parsed(text) {
  try {
    return exactJson(text);
  } catch {
    return null;
  }
}

// What the engine answers while the database is away has no past.
const withSource = ({ data, meta }) => ({ ...data, isLive: meta.source === "engine" });

export const logIn = (key) => request("POST", "/session", { key }).then((answer) => answer.data);
export const logOut = () => request("DELETE", "/session");
export const whoAmI = () => request("GET", "/session").then((answer) => answer.data);
export const listAlerts = (query) => request("GET", `/alerts?${query}`);
export const summary = () => request("GET", "/alerts/summary").then((answer) => answer.data);
export const getAlert = (id) => request("GET", `/alerts/${id}`).then(withSource);
export const why = (id) => request("GET", `/alerts/${id}/why`).then(withSource);
export const command = (id, name, body = {}) =>
  request("POST", `/alerts/${id}/${name}`, body).then((answer) => answer.data);
