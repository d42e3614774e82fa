// What the operator does with an alert, by button or key.

import { command } from "./api.js";
import { ask, toast } from "./dom.js";
import { isClosed } from "./row.js";

let changed = () => {};
let permits = () => false;

export function setUp(mayOperate, onChanged) {
  permits = mayOperate;
  changed = onChanged;
}

export async function acknowledge(alert) {
  if (!allowed(alert)) return;
  if (alert.status === "acknowledged") return give(alert, "unacknowledge", "Taken back");
  await give(alert, "acknowledge", "Acknowledged", {}, (now) => give(now, "unacknowledge", "Taken back"));
}

export async function resolve(alert) {
  if (!allowed(alert)) return;
  const notes = await ask({ title: "Resolve this alert?", about: alert.title, button: "Resolve" });
  if (notes !== null) await give(alert, "resolve", "Resolved", notes ? { notes } : {});
}

export async function note(alert) {
  if (!allowed(alert)) return;
  const notes = await ask({ title: "Add a note", about: alert.title, button: "Add note", needed: true });
  if (notes) await give(alert, "notes", "Noted", { notes });
}

function allowed(alert) {
  if (!alert || isClosed(alert)) return false;
  if (!permits()) toast("Your key may look but not change anything.", { bad: true });
  return permits();
}

async function give(alert, name, said, body = {}, undo = null) {
  try {
    const now = await command(alert.id, name, body);
    changed(now);
    toast(`${said}: ${alert.title}`, undo ? { label: "Undo", act: () => undo(now) } : {});
  } catch (error) {
    toast(error.message, { bad: true });
  }
}
