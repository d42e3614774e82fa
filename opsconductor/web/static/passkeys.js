// Passkeys: log-in with one, and the list in the account dialog. Binary values travel as base64url.

import { addPasskey, beginPasskey, beginPasskeyLogIn, listPasskeys, removePasskey, renamePasskey } from "./api.js";
import { byId, el, toast } from "./dom.js";

export const isPossible = () => typeof window.PublicKeyCredential === "function";

let added = () => {};

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// What the server checks of an answer.
function answerOf(credential) {
  const response = {};
  for (const key of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[key]) response[key] = text(credential.response[key]);
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

// What the browser says of a person who did nothing, or of an authenticator that has nothing to offer.
function reasonOf(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey of yours already";
  if (["NotAllowedError", "AbortError"].includes(error.name)) return "The passkey did not answer: nothing was chosen, or it took too long";
  if (["SecurityError", "NotSupportedError", "ConstraintError"].includes(error.name)) return `This browser offers no passkey here: ${error.message}`;
  return null;
}

// Runs what the browser is asked for; its refusals are faults to show, as those of the server.
async function asked(act) {
  try {
    return answerOf(await act());
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === null) throw error;
    throw Object.assign(new Error(reason), { code: "passkey" });
  }
}

// Lets the person choose a passkey of this page, and returns its answer.
export async function answered() {
  const { options } = await beginPasskeyLogIn();
  const allowCredentials = (options.allowCredentials ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials };
  return asked(() => navigator.credentials.get({ publicKey }));
}

async function made(options) {
  const excludeCredentials = options.excludeCredentials.map((each) => ({ ...each, id: bytes(each.id) }));
  const user = { ...options.user, id: bytes(options.user.id) };
  const publicKey = { ...options, user, challenge: bytes(options.challenge), excludeCredentials };
  return asked(() => navigator.credentials.create({ publicKey }));
}

async function tried(act) {
  byId("account-fault").textContent = "";
  try {
    return await act();
  } catch (error) {
    if (!error.status && !error.code) throw error; // a fault of the page itself
    byId("account-fault").textContent = error.message;
    return null;
  }
}

function row(one) {
  const used = one.last_used_at ? `used ${new Date(one.last_used_at).toLocaleString()}` : "not used yet";
  const button = (text, onclick) => el("button", { type: "button", class: "quiet", text, "aria-label": `${text} ${one.name}`, onclick });
  const place = el("li", {}, el("span", { text: `${one.name} · ${used}` }), button("Rename", () => edit(one, place)), button("Remove", () => remove(one)));
  return place;
}

// Puts a field for another name in the place of the row.
function edit(one, place) {
  const field = el("input", { type: "text", maxlength: "100", required: true, spellcheck: "false", value: one.name, "aria-label": `New name of ${one.name}` });
  const leave = (event) => { if (event.key === "Escape") { event.preventDefault(); show(); } };
  const form = el("form", { method: "post", action: "/", onsubmit: (event) => rename(event, one, field.value.trim()), onkeydown: leave }, field, el("button", { type: "submit", text: "Save" }));
  place.replaceChildren(form);
  field.select();
  field.focus();
}

async function rename(event, one, name) {
  event.preventDefault();
  if (await tried(() => renamePasskey(one.id, name))) await show();
}

async function show() {
  const found = await tried(listPasskeys);
  byId("passkey-list").replaceChildren(...(found ?? []).map(row));
}

async function add(event) {
  event.preventDefault();
  const name = byId("passkey-name").value.trim() || "passkey";
  const stored = await tried(async () => {
    const { options } = await beginPasskey(byId("passkey-password").value);
    return addPasskey(name, await made(options));
  });
  if (!stored) return;
  clear();
  toast(`${stored.name} is stored; from now on the password alone does not log you in`);
  await show();
  added();
}

async function remove(one) {
  const done = await tried(() => removePasskey(one.id, byId("passkey-password").value));
  if (!done) return;
  clear();
  toast(`${one.name} is removed`);
  await show();
}

function clear() {
  for (const id of ["passkey-password", "passkey-name"]) byId(id).value = "";
}

// Resets the dialog each time it opens: what was shown and typed before is removed.
export function reset() {
  byId("passkey-section").hidden = true;
  byId("passkey-list").replaceChildren();
  clear();
}

// Shows the list. What has been typed meanwhile stays.
export function offer() {
  if (!isPossible()) return;
  byId("passkey-section").hidden = false;
  show();
}

export function setUp(whenAdded) {
  added = whenAdded;
  byId("passkey-form").addEventListener("submit", add);
}
