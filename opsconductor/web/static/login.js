// Logging in: with name and password, with an API key, by a one-time link; logging out.

import { endSessions, logIn, logInByPasskey, logOut, lookAtLink, signIn, signInWays, useLink, changePassword, whoAmI } from "./api.js";
import { byId, toast } from "./dom.js";
import * as passkeys from "./passkeys.js";
import * as factor from "./second-factor.js";

const KEY = "ops_";
const LINK = /^#(setup|password)=([A-Za-z0-9_-]+)$/;

let entered = () => {};
let left = () => {};
let typed = ""; // the password just given, so that it need not be given twice for a second factor
let isEnrolling = false;

// The token of a one-time link in the address, which is removed from it, so that it is not in the history.
function linkInAddress() {
  const found = LINK.exec(location.hash);
  if (found) history.replaceState(null, "", location.pathname + location.search);
  return found && { isFirst: found[1] === "setup", token: found[2] };
}

function say(place, text = "") {
  byId(place).textContent = text;
}

// Runs what a form does; shows why it failed, with the faults of the single fields.
async function tried(place, act) {
  say(place);
  try {
    return await act();
  } catch (error) {
    if (!error.status && !error.code) throw error; // a fault of the page itself
    if (error.code === "code_needed" && place === "login-fault") askForCode(true);
    say(place, error.expected ? `${error.message}: ${error.expected}` : error.message);
    return null;
  }
}

function askForCode(isNeeded) {
  byId("login-code").hidden = byId("login-code-label").hidden = !isNeeded;
  if (isNeeded) byId("login-code").focus();
}

function clear(...ids) {
  for (const id of ids) byId(id).value = "";
}

// Name and password, and then the passkey if the account has one.
async function signedIn(name, secret, code) {
  try {
    return await signIn(name, secret, { code });
  } catch (error) {
    if (error.code !== "passkey_needed" || !passkeys.isPossible()) throw error;
    return signIn(name, secret, { passkey: await passkeys.answered() });
  }
}

// A passkey alone or, with name and password, in place of the code.
export async function byPasskey() {
  const name = byId("login-name").value.trim();
  const secret = byId("login-key").value;
  const who = await tried("login-fault", async () => {
    const passkey = await passkeys.answered();
    return name && secret ? signIn(name, secret, { passkey }) : logInByPasskey(passkey);
  });
  if (!who) return;
  clear("login-key", "login-code");
  askForCode(false);
  entered(who);
}

async function submitLogin(event) {
  event.preventDefault();
  const name = byId("login-name").value.trim();
  const secret = byId("login-key").value;
  const isKey = secret.trim().startsWith(KEY);
  if (!name && !isKey) {
    say("login-fault", "Enter your name with the password, or an API key");
    byId("login-name").focus();
    return;
  }
  const code = byId("login-code").value.trim();
  const who = await tried("login-fault", () => (isKey ? logIn(secret.trim()) : signedIn(name, secret, code)));
  if (!who) return;
  typed = secret;
  clear("login-key", "login-code");
  askForCode(false);
  entered(who);
  typed = "";
}

async function openLink({ isFirst, token }) {
  const form = byId("link-form");
  byId("login-form").hidden = true;
  form.hidden = false;
  byId("link-name").disabled = byId("link-name-label").hidden = byId("link-name").hidden = !isFirst;
  const owner = await tried("link-fault", () => lookAtLink(token));
  say("link-about", isFirst ? "Create the first administrator." : `Choose a password for ${owner?.username ?? "your account"}.`);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (byId("link-password").value !== byId("link-again").value) {
      say("link-fault", "The two passwords differ");
      return;
    }
    const who = await tried("link-fault", () => useLink(token, byId("link-password").value, isFirst ? byId("link-name").value.trim() : null));
    if (!who) return;
    clear("link-password", "link-again");
    closeLink();
    entered(who);
  });
  byId("link-back").addEventListener("click", closeLink);
  byId(isFirst ? "link-name" : "link-password").focus();
}

function closeLink() {
  byId("link-form").hidden = true;
  byId("login-form").hidden = false;
}

export const isLinkOpen = () => !byId("link-form").hidden;

// Accounts that are kept elsewhere: what is changed there.
const KEPT = { ldap: "Password and roles are those of the directory.", oidc: "Log-in and roles are those of the identity provider.",
  proxy: "Log-in and roles are those of the reverse proxy." };

// Shows what the caller may do with the account: change the password, log out here or everywhere. Who has to set up a
// second factor can do nothing else.
export function showAccount(who) {
  const isUser = who.kind === "user";
  const hasPassword = isUser && (who.origin === "local" || who.origin === "ldap"); // which begins and ends a second factor
  isEnrolling = who.must_enrol;
  say("account-title", isEnrolling ? "Set up a second factor" : "Account");
  say("account-about", isEnrolling
    ? `A role of ${who.name} requires a second factor. Set up an authenticator app or a passkey, then continue.`
    : `${who.name} · ${who.roles.join(", ") || "no role"}${isUser && KEPT[who.origin] ? `. ${KEPT[who.origin]}` : ""}`);
  say("account-fault");
  byId("password-form").hidden = !isUser || who.origin !== "local" || isEnrolling;
  byId("account-close").hidden = isEnrolling;
  byId("enrolled").hidden = true;
  clear("password-now", "password-new", "password-again");
  factor.reset(hasPassword);
  byId("factor-password").value = isEnrolling ? typed : "";
  passkeys.reset();
  if (hasPassword) signInWays().then((ways) => { if (ways.passkeys) passkeys.offer(); }, () => {});
  byId("account").showModal();
}

function nowHasFactor() {
  byId("enrolled").hidden = !isEnrolling;
  if (isEnrolling) byId("enrolled").focus();
}

async function goOn() {
  const who = await tried("account-fault", whoAmI);
  if (!who) return;
  byId("account").close();
  entered(who);
}

async function submitPassword(event) {
  event.preventDefault();
  if (byId("password-new").value !== byId("password-again").value) {
    say("account-fault", "The two passwords differ");
    return;
  }
  const who = await tried("account-fault", () => changePassword(byId("password-now").value, byId("password-new").value));
  if (!who) return;
  clear("password-now", "password-new", "password-again");
  byId("account").close();
  toast("The password is changed; all your other sessions have ended");
}

async function leave(act) {
  byId("account").close();
  const gone = await act().catch(() => null);
  left();
  if (gone?.data?.address) location.assign(gone.data.address); // logs out at the identity provider, too
}

export function setUp({ enter, leave: wentOut }) {
  entered = enter;
  left = wentOut;
  byId("login-form").addEventListener("submit", submitLogin);
  byId("password-form").addEventListener("submit", submitPassword);
  factor.setUp(nowHasFactor);
  passkeys.setUp(nowHasFactor);
  byId("enrolled").addEventListener("click", goOn);
  byId("account").addEventListener("cancel", (event) => { if (isEnrolling) event.preventDefault(); });
  byId("log-out").addEventListener("click", () => leave(logOut));
  byId("log-out-everywhere").addEventListener("click", () => leave(endSessions));
  const link = linkInAddress();
  if (link) openLink(link);
}
