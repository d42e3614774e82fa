// REST client with the session cookie. Every request ends in time: with an answer or a reason.

import { exactJson } from "./format.js";

const ROOT = "/api/v1";
const ANSWER_MS = 10_000;
const COMMAND_MS = 10_000; // validity of a command; the server rejects it after that
const BULK_MS = 50_000; // a thousand alerts at once
const LATE_MS = 2_000; // extra time for the answer to a command executed at the last moment
export const STREAM = `${ROOT}/alerts/stream`;

export class ApiError extends Error {
  constructor(status, code, message, details = []) {
    super(code === "in_use" ? `${message}: ${details.map(({ name }) => name).join(", ")}` : message);
    this.status = status;
    this.code = code;
    this.details = details; // of 422: { name, found, expected } of each field
    this.found = Object.fromEntries(details.map(({ name, found }) => [name, found]));
    this.expected = code === "invalid" ? details.map(({ expected }) => expected).join("; ") : "";
  }
}

let onLoggedOut = () => {};
export const whenLoggedOut = (act) => { onLoggedOut = act; };

let session = 0; // a late answer to a request of the session before says nothing of this one
export const beginSession = () => { session += 1; };

let aheadMs = 0; // offset of the server's clock to ours

export async function request(method, path, { body, headers = {}, withinMs = ANSWER_MS, late = "" } = {}) {
  const options = { method, credentials: "same-origin", headers: { ...headers }, signal: AbortSignal.timeout(withinMs) };
  if (method !== "GET") options.headers["Content-Type"] = "application/json";
  if (body !== undefined) options.body = JSON.stringify(body);
  const mine = session;
  let response, text;
  try {
    response = await fetch(ROOT + path, options);
    text = await response.text();
  } catch (error) {
    const isLate = error.name === "TimeoutError" || error.name === "AbortError";
    throw isLate
      ? new ApiError(0, "too_late", `no answer within ${withinMs / 1000} s${late}`)
      : new ApiError(0, "unreachable", `OpsConductor does not answer${late}`);
  }
  const at = Date.parse(response.headers.get("Date"));
  if (at) aheadMs = at - Date.now();
  if (response.status === 304) return null;
  const answer = parsed(text);
  if (response.ok && answer?.success) return { ...answer, etag: response.headers.get("ETag") };
  const isInside = !path.startsWith("/session");
  const isOver = isInside && response.status === 401;
  const isOut = isOver || (isInside && answer?.error?.code === "second_factor_needed"); // a role requires one by now
  if (isOut && mine === session) onLoggedOut({ isOver });
  if (isOver) throw new ApiError(401, "logged_out", "your session has ended, log in again");
  const error = answer?.error ?? { code: "unknown", message: `unexpected answer ${response.status}` };
  throw new ApiError(response.status, error.code, error.message, error.details);
}

// Reads an answer of JSON lines; calls act with each while it comes, and resolves to the last one.
export async function requestLines(path, act, { withinMs }) {
  const response = await fetch(ROOT + path, { credentials: "same-origin", signal: AbortSignal.timeout(withinMs) })
    .catch(() => { throw new ApiError(0, "unreachable", "OpsConductor does not answer"); });
  if (!response.ok) {
    const error = parsed(await response.text())?.error ?? { code: "unknown", message: `unexpected answer ${response.status}` };
    throw new ApiError(response.status, error.code, error.message);
  }
  let text = "", last = null;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const read = () => reader.read().catch(() => { throw new ApiError(0, "too_late", "the answer broke off"); });
  for (let part = await read(); !part.done; part = await read()) {
    const lines = (text + part.value).split("\n");
    text = lines.pop();
    for (const line of lines.map(parsed)) act(last = line);
  }
  return last;
}

function parsed(text) {
  try {
    return exactJson(text);
  } catch {
    return null;
  }
}

// While the database does not answer, or is behind, history and raw data may be missing.
const withSource = ({ data, meta }) => ({ ...data, mayLackPast: meta.database !== "connected" });

export const logIn = (key) => request("POST", "/session", { body: { key } }).then((answer) => answer.data);
export const signIn = (username, password, { code, passkey } = {}) =>
  request("POST", "/session/password", { body: { username, password, ...(code ? { code } : {}), ...(passkey ? { passkey } : {}) } }).then((answer) => answer.data);
export const signInWays = () => request("GET", "/session/ways").then((answer) => answer.data);
export const signInByProxy = () => request("POST", "/session/proxy").then((answer) => answer.data);
export const lookAtLink = (token) => request("POST", "/password-links/look", { body: { token } }).then((answer) => answer.data);
export const useLink = (token, password, username) =>
  request("POST", "/password-links/use", { body: { token, password, ...(username === null ? {} : { username }) } }).then((answer) => answer.data);
export const changePassword = (current, fresh) =>
  request("POST", "/me/password", { body: { current, new: fresh } }).then((answer) => answer.data);
export const hasFactor = () => request("GET", "/me/second-factor").then((answer) => answer.data.is_on);
export const beginFactor = (password) => request("POST", "/me/second-factor", { body: { password } }).then((answer) => answer.data);
export const confirmFactor = (code) => request("POST", "/me/second-factor/confirm", { body: { code } }).then((answer) => answer.data);
export const removeFactor = (password) => request("POST", "/me/second-factor/remove", { body: { password } });
export const beginPasskeyLogIn = () => request("POST", "/session/passkey/options").then((answer) => answer.data);
export const logInByPasskey = (credential) => request("POST", "/session/passkey", { body: { credential } }).then((answer) => answer.data);
export const listPasskeys = () => request("GET", "/me/passkeys").then((answer) => answer.data);
export const beginPasskey = (password) => request("POST", "/me/passkeys/options", { body: { password } }).then((answer) => answer.data);
export const addPasskey = (name, credential) => request("POST", "/me/passkeys", { body: { name, credential } }).then((answer) => answer.data);
export const renamePasskey = (id, name) => request("PATCH", `/me/passkeys/${id}`, { body: { name } }).then((answer) => answer.data);
export const removePasskey = (id, password) => request("POST", `/me/passkeys/${id}/remove`, { body: { password } });
export const endSessions = () => request("DELETE", "/me/sessions");
export const logOut = () => request("DELETE", "/session");
export const whoAmI = () => request("GET", "/session").then((answer) => answer.data);
export const listAlerts = (query) => request("GET", `/alerts?${query}`);
export const listConnectors = () => request("GET", "/connectors").then((answer) => answer.data);
export const summary = () => request("GET", "/alerts/summary").then((answer) => answer.data);
export const alertStats = (query) => request("GET", `/alerts/stats?${query}`);
export const suggestions = (text) => request("GET", `/alerts/suggestions?${new URLSearchParams({ text })}`).then((answer) => answer.data);
export const savedViews = () => request("GET", "/views").then((answer) => answer.data);
export const saveView = (body) => request("POST", "/views", { body }).then((answer) => answer.data);
export const deleteView = (id) => request("DELETE", `/views/${id}`);
export const related = (id) => request("GET", `/alerts/${id}/related`).then((answer) => answer.data);
export const bulk = (name, body) => request("POST", `/alerts/bulk/${name}`, { body, withinMs: BULK_MS }).then((answer) => answer.data);
export const silenceDevice = ({ device_name: name, device_ip: ip }, reason) => request("POST", "/maintenance", {
  body: { conditions: name ? { device_name: [name.replace(/[*?[]/g, "[$&]")] } : { device_ip_pattern: [ip] }, lasts: "2h", ...(reason ? { reason } : {}) },
}).then((answer) => answer.data);
export const endSilence = (id) => request("POST", `/maintenance/${id}/end`);
export const getAlert = (id) => request("GET", `/alerts/${id}`).then(withSource);
export const why = (id) => request("GET", `/alerts/${id}/why`).then(withSource);

// Sends a command for the alert as the operator saw it, with an expiry of seconds.
export function command(seen, name, body = {}) {
  const expires_at = new Date(Date.now() + aheadMs + COMMAND_MS).toISOString();
  const expected = name === "notes" ? {} : {
    expected_status: seen.status,
    expected_severity: seen.severity,
    ...(seen.status === "acknowledged" && seen.acknowledged_by ? { expected_acknowledged_by: seen.acknowledged_by } : {}),
  };
  const late = ". If it is not done by now, it will not be done: check before you retry";
  return request("POST", `/alerts/${seen.id}/${name}`, {
    body: { ...body, ...expected, expires_at }, withinMs: COMMAND_MS + LATE_MS, late,
  }).then((answer) => answer.data);
}
