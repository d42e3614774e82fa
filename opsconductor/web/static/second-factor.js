// The second factor in the account dialog: set up with an authenticator app, recovery codes, removal.

import { beginFactor, confirmFactor, hasFactor, removeFactor } from "./api.js";
import { byId, toast } from "./dom.js";

let made = () => {};

function show(part) {
  for (const each of ["factor-begin", "factor-confirm", "factor-codes"]) byId(each).hidden = each !== part;
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

const password = () => byId("factor-password").value;

async function begin(event) {
  event.preventDefault();
  const begun = await tried(() => beginFactor(password()));
  if (!begun) return;
  byId("factor-password").value = "";
  byId("factor-secret").textContent = begun.secret.replace(/.{4}/g, "$& ").trim();
  byId("factor-uri").href = begun.uri;
  show("factor-confirm");
  byId("factor-code").focus();
}

async function confirm(event) {
  event.preventDefault();
  const confirmed = await tried(() => confirmFactor(byId("factor-code").value));
  if (!confirmed) return;
  byId("factor-list").textContent = confirmed.recovery_codes.join("\n");
  show("factor-codes");
  made();
}

async function remove() {
  const done = await tried(() => removeFactor(password()));
  if (!done) return;
  byId("factor-password").value = "";
  toast("You log in with the password alone from now on");
  paint(false);
}

// An app that is set up can be removed; null: it is not known yet.
function paint(isOn) {
  byId("factor-state").hidden = isOn !== true;
  byId("factor-set").hidden = isOn === true;
  byId("factor-remove").hidden = isOn !== true;
}

// Shows the beginning again, each time the dialog opens.
export function reset(isUser) {
  byId("factor-section").hidden = !isUser;
  for (const id of ["factor-password", "factor-code"]) byId(id).value = "";
  byId("factor-secret").textContent = byId("factor-list").textContent = "";
  show("factor-begin");
  paint(null);
  if (isUser) hasFactor().then(paint, () => {});
}

export function setUp(whenMade) {
  made = whenMade;
  byId("factor-begin").addEventListener("submit", begin);
  byId("factor-confirm").addEventListener("submit", confirm);
  byId("factor-remove").addEventListener("click", remove);
}
