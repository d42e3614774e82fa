// Commands on an alert, by button or key.

import { command, endSilence, silenceDevice } from "../api.js";
import { toast } from "../dom.js";
import { deviceOf, isShelved, moment } from "../format.js";
import { askFor } from "./asking.js";
import { isClosed } from "../alerts/row.js";

const underWay = new Map(); // alert id -> { name, done } of its last command without an answer
const TAKE_BACK = { restore: true }; // restores the state before the command
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
  await give(alert, "acknowledge", "Acknowledged", {}, (now) => give(now, "unacknowledge", "No longer acknowledged", TAKE_BACK));
}

export async function unacknowledge(alert) {
  if (!allowed(alert)) return;
  if (alert.status !== "acknowledged") return toast(`It is not acknowledged but ${alert.status}.`);
  const holder = alert.acknowledged_by;
  if (holder !== user().name) {
    const body = await askFor({ title: `Withdraw the acknowledgement of ${holder}?`, about: alert.title, button: "Unacknowledge" });
    return body && give(alert, "unacknowledge", "Unacknowledged", body);
  }
  await give(alert, "unacknowledge", "Unacknowledged");
}

export async function resolve(alert) {
  if (!allowed(alert)) return;
  const body = await askFor({ title: "Resolve this alert?", about: alert.title, button: "Resolve" });
  if (body) await give(alert, "resolve", "Resolved", body, (now) => give(now, "reopen", "As before", TAKE_BACK));
}

export async function reopen(alert) {
  if (mayOperate()) await give(alert, "reopen", "Reopened");
}

export async function shelve(alert) {
  if (!allowed(alert)) return;
  if (isShelved(alert)) return unshelve(alert);
  const body = await askFor({ title: "Shelve this alert?", about: alert.title, button: "Shelve", needed: true, lasts: true });
  if (body) await give(alert, "shelve", "Shelved", body, (now) => give(now, "unshelve", "Unshelved", TAKE_BACK));
}

export async function unshelve(alert) {
  if (allowed(alert)) await give(alert, "unshelve", "Unshelved");
}

export async function note(alert) {
  if (!allowed(alert)) return;
  const body = await askFor({ title: "Add a note", about: alert.title, button: "Add note", needed: true });
  if (body) await give(alert, "notes", "Noted", body);
}

export async function assign(alert) {
  if (!allowed(alert)) return;
  const before = alert.assigned_to;
  const body = await askFor({ title: "Assign this alert", about: alert.title, button: "Assign", person: true, me: user().name });
  if (body) await give(alert, "assign", "Assigned", body, (now) => give(now, "assign", "Assigned", { assigned_to: before }));
}

// Mutes the alert's device for two hours; Undo ends that earlier.
export async function silence(alert) {
  if (!mayOperate()) return;
  const device = deviceOf(alert);
  const body = await askFor({ title: `Silence ${device} for 2 hours?`, about: "No notifications are sent for its alerts; they stay in the list.", button: "Silence" });
  if (!body) return;
  try {
    const window = await silenceDevice(alert, body.notes);
    toast(`${device} is muted until ${moment(window.end_at)}`, { label: "Undo", act: () => unsilence(window.id) });
  } catch (error) {
    toast(reasonOf(error), { bad: true });
  }
}

async function unsilence(id) {
  try {
    await endSilence(id);
    toast("The silence has ended");
  } catch (error) {
    toast(reasonOf(error), { bad: true });
  }
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
