// Commands on an alert, by button or key.

import { command } from "./api.js";
import { ask, toast } from "./dom.js";
import { isShelved, moment } from "./format.js";
import { isClosed } from "./row.js";

const underWay = new Map(); // alert id -> { name, done } of its last command without an answer
let changed = () => {};
let conflict = () => {};
let user = () => null;

// Parameters: the user, the handler of a changed alert, and of the id of one that differs from what was shown.
export function setUp(whoIsThere, onChanged, onConflict) {
  user = whoIsThere;
  changed = onChanged;
  conflict = onConflict;
}

export const mayOperate = () => user()?.permissions.includes("alerts:write") ?? false;

export async function acknowledge(alert) {
  if (!allowed(alert)) return;
  if (alert.status === "acknowledged") return toast(`${holderOf(alert)}. Press u to unacknowledge it.`);
  await give(alert, "acknowledge", "Acknowledged", {}, (now) => give(now, "unacknowledge", "Unacknowledged"));
}

export async function unacknowledge(alert) {
  if (!allowed(alert)) return;
  if (alert.status !== "acknowledged") return toast(`It is not acknowledged but ${alert.status}.`);
  const holder = alert.acknowledged_by;
  if (holder !== user().name) {
    const sure = await ask({ title: `Withdraw the acknowledgement of ${holder}?`, about: alert.title, button: "Unacknowledge" });
    if (sure === null) return;
    return give(alert, "unacknowledge", "Unacknowledged", sure ? { notes: sure } : {});
  }
  await give(alert, "unacknowledge", "Unacknowledged");
}

export async function resolve(alert) {
  if (!allowed(alert)) return;
  const notes = await ask({ title: "Resolve this alert?", about: alert.title, button: "Resolve" });
  if (notes !== null) await give(alert, "resolve", "Resolved", notes ? { notes } : {});
}

export async function shelve(alert) {
  if (!allowed(alert)) return;
  if (isShelved(alert)) return unshelve(alert);
  const notes = await ask({ title: "Shelve this alert for 2 hours?", about: alert.title, button: "Shelve", needed: true });
  if (notes) await give(alert, "shelve", "Shelved", { lasts: "2h", notes }, (now) => give(now, "unshelve", "Unshelved"));
}

export async function unshelve(alert) {
  if (allowed(alert)) await give(alert, "unshelve", "Unshelved");
}

export async function note(alert) {
  if (!allowed(alert)) return;
  const notes = await ask({ title: "Add a note", about: alert.title, button: "Add note", needed: true });
  if (notes) await give(alert, "notes", "Noted", { notes });
}

function allowed(alert) {
  if (!alert || isClosed(alert)) return false;
  if (!mayOperate()) toast("Your key may read but not change anything.", { bad: true });
  return mayOperate();
}

const holderOf = ({ acknowledged_by: who, acknowledged_at: at }) =>
  `${who === user()?.name ? "Acknowledged by you" : `Acknowledged by ${who || "someone"}`}${at ? ` since ${moment(at)}` : ""}`;

// Sends a command after the one before it on the same alert has its answer; repeats of that one are ignored.
async function give(alert, name, said, body = {}, undo = null) {
  const before = underWay.get(alert.id);
  if (before?.name === name) return;
  const mine = { name, done: (before?.done ?? Promise.resolve()).then(() => send(alert, name, said, body, undo)) };
  underWay.set(alert.id, mine);
  await mine.done;
  if (underWay.get(alert.id) === mine) underWay.delete(alert.id);
}

async function send(alert, name, said, body, undo) {
  try {
    const now = await command(alert, name, body);
    changed(now);
    toast(`${said}: ${alert.title}`, undo ? { label: "Undo", act: () => undo(now) } : {});
  } catch (error) {
    toast(reasonOf(error), { bad: true });
    if (error.code === "conflict" || error.code === "too_late" || error.code === "expired") conflict(alert.id);
  }
}

function reasonOf(error) {
  if (error.code !== "conflict") return `Not done: ${error.message}`;
  return error.found.status === "acknowledged"
    ? `${holderOf(error.found)}. Nothing was changed.` : `Not done: ${error.message}`;
}
