// Commands on the selection: on alerts by their ids, or on all that match the filter. What was done can be undone.

import { bulk } from "../api.js";
import { byId, el, toast } from "../dom.js";
import { deviceOf, number, plural } from "../format.js";
import { askFor } from "../alert/asking.js";
import * as selection from "./selection.js";
import { filterBody } from "./view.js";

const MOST_IDS = 400; // of a request; see api/many/bulk.py
const MOST_AT_ONCE = 1_000; // changed by a command on all that match; see there
const MOST_LISTED = 12;

let user = () => null;
let done = () => {};

export function setUp(whoIsThere, whenDone) {
  user = whoIsThere;
  done = whenDone;
  selection.whenSelected(paint);
  byId("bulk").addEventListener("click", ({ target }) => {
    const { bulk: name } = target.closest("button")?.dataset ?? {};
    if (name === "clear") selection.clear();
    else if (name) give(name);
  });
}

const COMMANDS = {
  acknowledge: { said: "acknowledged", undo: "unacknowledge" },
  resolve: { said: "resolved", undo: "reopen", title: "Resolve", button: "Resolve" },
  assign: { said: "assigned", title: "Assign", button: "Assign", person: true },
  shelve: { said: "shelved", undo: "unshelve", title: "Shelve", button: "Shelve", lasts: true, needed: true },
  notes: { said: "noted", title: "Add a note to", button: "Add note", needed: true },
};

function paint() {
  const amount = selection.amount();
  byId("bulk").hidden = amount === 0;
  byId("selected").textContent = selection.isEverything() ? `All ${number(amount)} that match` : `${number(amount)} selected`;
  const box = byId("select-all");
  box.checked = selection.isEverything();
  box.indeterminate = amount > 0 && !selection.isEverything();
}

export const isWanted = () => selection.amount() > 0;

export async function give(name) {
  const about = COMMANDS[name];
  if (!user()?.permissions.includes("alerts:write")) return toast("You may read but not change anything.", { bad: true });
  const amount = selection.amount();
  const all = plural(amount, "alert", "alerts");
  const what = selection.isEverything() && amount > MOST_AT_ONCE ? `the ${number(MOST_AT_ONCE)} most urgent of ${all}` : all;
  let body = {};
  if (about.title) {
    body = await askFor({ ...about, title: `${about.title} ${what}?`, me: user().name });
    if (body === null) return;
  }
  const before = selection.pickedAlerts();
  const chosen = selection.isEverything() ? [{ filter: filterBody() }] : chunks(before.map((alert) => alert.id)).map((ids) => ({ ids }));
  const outcome = await carriedOut(name, chosen, body);
  if (!outcome) return;
  selection.clear();
  showOutcome(outcome, about.said, before, undoing(name, outcome));
  done();
}

// Gives every part of a command; what one of them did stands even if the next fails.
async function carriedOut(name, parts, body) {
  const all = { changed: [], failed: [], owners: {}, left: 0 };
  try {
    for (const part of parts) {
      const { changed, failed, owners, left } = await bulk(name, { ...part, ...body });
      all.changed.push(...changed);
      all.failed.push(...failed);
      Object.assign(all.owners, owners);
      all.left += left;
    }
  } catch (error) {
    if (!error.status && !error.code) throw error;
    toast(`${all.changed.length ? `${plural(all.changed.length, "alert", "alerts")} done, then not` : "Not done"}: ${error.message}`, { bad: true });
    if (!all.changed.length) return null;
  }
  return all;
}

function showOutcome({ changed, failed, left }, said, before, undo) {
  const rest = left ? `. ${plural(left, "more matches", "more match")}: repeat the command` : "";
  if (changed.length) toast(`${plural(changed.length, "alert", "alerts")} ${said}${rest}`, undo ? { label: "Undo", act: undo } : {});
  if (failed.length) report(failed, said, before);
}

// Names what was not done, and why.
function report(failed, said, before) {
  const titles = new Map(before.map((alert) => [alert.id, `${deviceOf(alert)}: ${alert.title}`]));
  const dialog = byId("report");
  dialog.querySelector("h2").textContent = `${plural(failed.length, "alert was", "alerts were")} not ${said}`;
  const items = failed.slice(0, MOST_LISTED).map(({ id, message }) => el("li", {}, el("b", { text: titles.get(id) ?? id }), el("span", { text: message })));
  if (failed.length > MOST_LISTED) items.push(el("li", { text: `and ${number(failed.length - MOST_LISTED)} more` }));
  dialog.querySelector("ul").replaceChildren(...items);
  dialog.showModal();
}

// A note stays: histories only grow.
function undoing(name, { changed, owners }) {
  const { undo } = COMMANDS[name];
  if (undo) return () => takeBack([[undo, changed, { restore: true }]]);
  if (name !== "assign") return null;
  const of = new Map();
  for (const id of changed) of.set(owners[id], [...(of.get(owners[id]) ?? []), id]);
  return () => takeBack([...of].map(([assigned_to, ids]) => ["assign", ids, { assigned_to }]));
}

async function takeBack(commands) {
  let amount = 0;
  const failed = [];
  for (const [name, ids, body] of commands) {
    const outcome = await carriedOut(name, chunks(ids).map((each) => ({ ids: each })), body);
    if (!outcome) return;
    amount += outcome.changed.length;
    failed.push(...outcome.failed);
  }
  toast(`${plural(amount, "alert is", "alerts are")} as before`);
  if (failed.length) report(failed, "put back", []);
  done();
}

const chunks = (ids) => Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, at) => ids.slice(at * MOST_IDS, (at + 1) * MOST_IDS));
