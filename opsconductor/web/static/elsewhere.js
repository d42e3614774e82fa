// Logging in with an account that is kept elsewhere: one that the reverse proxy has authenticated, or of an identity provider.

import { signInByProxy, signInWays } from "./api.js";
import { byId, el } from "./dom.js";
import { byPasskey } from "./login.js";
import { isPossible } from "./passkeys.js";

// Shows the ways to log in beside name and password; `enter` is called with the user who has logged in.
export async function showWays(enter) {
  const ways = await signInWays().catch(() => null);
  if (!ways) return;
  const buttons = [];
  if (ways.proxy_user) {
    const onclick = () => byProxy().then((who) => who && enter(who));
    buttons.push(el("button", { type: "button", text: `Log in as ${ways.proxy_user}`, onclick }));
  }
  if (ways.oidc) {
    const onclick = () => location.assign("/login/oidc");
    buttons.push(el("button", { type: "button", text: `Log in with ${ways.oidc}`, onclick }));
  }
  if (ways.passkeys && isPossible()) buttons.push(el("button", { type: "button", text: "Log in with a passkey", onclick: byPasskey }));
  byId("login-elsewhere").replaceChildren(...buttons);
}

// Logs in the user whom the reverse proxy names; null: it names no user who may log in.
export async function byProxy() {
  try {
    const ways = await signInWays();
    return ways.proxy_user ? await signInByProxy() : null;
  } catch (error) {
    if (error.status === 403) byId("login-fault").textContent = error.message;
    return null;
  }
}
