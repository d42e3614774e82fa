// The history of an alert, and why it was or was not notified.

import { el, withLinks } from "../dom.js";
import { bothTimes, moment, number, zone } from "../format.js";

const DEEDS = {
  created: "Reported", acknowledged: "Acknowledged", unacknowledged: "Unacknowledged",
  resolved: "Resolved", suppressed: "Suppressed as a consequence", unsuppressed: "No longer a consequence",
  updated: "Updated", reopened: "Came back", expired: "Expired", escalated: "Got worse", noted: "Note",
  assigned: "Assigned", flapping: "Began to flap", stable: "Stable again", notified: "Notified",
};

// What happened, the newest first: transitions, notes, notifications with their state, repeats.
export function timeline(alert, { deliveries }) {
  const items = [
    ...alert.history.filter((each) => each.action !== "notified" || !deliveries.length).map((each) => ({ at: each.created_at, element: entry(each) })),
    ...deliveries.map((each) => ({ at: each.sent_at ?? each.created_at, element: delivery(each) })),
    ...repeats(alert),
  ].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const shown = alert.mayLackPast && !alert.history.length
    ? el("p", { class: "reason", text: "The history is shown again when the database is back." })
    : el("ol", { class: "timeline" }, ...items.map(({ element }) => element));
  return el("section", {}, el("h3", {}, "History ", el("small", { text: `times in ${zone()}` })), shown);
}

function repeats({ occurrence_count: amount, last_occurrence_at: at }) {
  if (amount < 2) return [];
  return [{ at, element: item("repeated", `Repeated, ${number(amount)} times in all`, at) }];
}

const item = (kind, text, at, ...more) => el("li", { class: `do-${kind}` },
  el("div", { class: "what" }, el("span", { text }), el("time", { text: moment(at), title: bothTimes(at) })), ...more);

function entry(happened) {
  const by = happened.user_name ? ` by ${happened.user_name}` : "";
  return el("li", { class: `do-${happened.action}` },
    el("div", { class: "what" },
      el("span", { text: deedOf(happened) + by, title: happened.rule }),
      el("time", { text: moment(happened.created_at), title: bothTimes(happened.created_at) })),
    ...changesOf(happened.changes).map((text) => el("div", { class: "change", text })),
    happened.notes ? el("div", { class: "note" }, ...withLinks(happened.notes)) : null);
}

function deedOf({ action, changes }) {
  if (action === "updated" && changes.muted_by) return changes.muted_by[1] ? "Muted" : "No longer muted";
  return DEEDS[action] ?? action;
}

function changesOf(changes) {
  return Object.entries(changes)
    .filter(([name, change]) => name !== "routing" && name !== "routed" && !(name === "muted_until" && isNothing(change[1])))
    .map(([name, change]) => `${name.replaceAll("_", " ")}: ${spoken(change)}`);
}

function spoken(change) {
  if (!Array.isArray(change) || change.length !== 2) return plain(change);
  const [before, after] = change.map(plain);
  if (isNothing(change[0])) return after;
  return isNothing(change[1]) ? `no longer ${before}` : `${before} → ${after}`;
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;
const isNothing = (value) => value === null || value === "";

function plain(value) {
  if (isNothing(value)) return "nothing";
  if (typeof value === "object") return JSON.stringify(value);
  return TIME.test(value) ? moment(value) : String(value);
}

export function reasons(found) {
  const section = el("section", {}, el("h3", { text: "Why" }));
  for (const text of sentences(found)) section.append(el("p", { class: "reason", text }));
  const decided = found.decisions.at(-1);
  if (decided) section.append(verdicts(decided));
  return section;
}

function sentences(found) {
  const said = [];
  if (found.status === "suppressed") said.push(`Not notified: ${found.correlation_rule ?? "it is a consequence of another alert"}.`);
  if (found.muted_by) {
    const held = found.is_held ? " If the problem still exists then, it is notified." : "";
    said.push(`Not notified: ${found.muted_by}, until ${found.muted_until ? moment(found.muted_until) : "it is ended"}.${held}`);
  }
  if (found.flapping_since) said.push(`Flapping since ${moment(found.flapping_since)}: nothing is sent.`);
  if (found.notify_at && Date.parse(found.notify_at) > Date.now()) {
    said.push(`Held until ${moment(found.notify_at)}, in case its cause is reported meanwhile.`);
  }
  if (!found.deliveries.length && !found.decisions.length) {
    if (found.mayLackPast) said.push("The verdicts of the rules are shown again when the database is back.");
    else if (!said.length) said.push("No rule was evaluated for it.");
  }
  const decided = found.decisions.at(-1);
  if (decided && !rulesOf(decided).length && !said.length) said.push("Not notified: there was no notification rule.");
  return said;
}

const rulesOf = (decided) => [].concat(decided.changes.routing ?? []);

function verdicts(decided) {
  return el("ul", { class: "verdicts" }, ...rulesOf(decided).map((verdict) =>
    el("li", { class: verdict.fired ? "fired" : "" },
      el("span", { text: verdict.rule }, el("small", { text: verdict.reason })))));
}

const KINDS = { problem: "Notified", worse: "Notified that it is worse", recovery: "Notified of the end" };
const STATES = { sent: "delivered", failed: "not delivered", pending: "waits to be delivered" };

function delivery(one) {
  const to = [one.recipient, one.channel].filter(Boolean).join(" over ");
  const about = [STATES[one.status] ?? one.status, one.rule_name && `rule ${one.rule_name}`,
    one.attempts > 1 && `${one.attempts} attempts`, one.error_message].filter(Boolean);
  return item(`notified is-${one.status}`, `${KINDS[one.kind] ?? `Notified (${one.kind})`}: ${to}`, one.sent_at ?? one.created_at,
    el("div", { class: "change state", text: about.join(" · ") }));
}
