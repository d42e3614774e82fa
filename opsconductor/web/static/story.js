// History of an alert, and why it was or was not notified.

import { el, withLinks } from "./dom.js";
import { bothTimes, moment, zone } from "./format.js";

const DEEDS = {
  created: "Reported", acknowledged: "Acknowledged", unacknowledged: "Unacknowledged",
  resolved: "Resolved", suppressed: "Suppressed as a consequence", unsuppressed: "No longer a consequence",
  updated: "Updated", reopened: "Came back", expired: "Expired", escalated: "Got worse", noted: "Note",
  assigned: "Assigned", flapping: "Began to flap", stable: "Stable again", notified: "Notified",
};

export function timeline({ history, mayLackPast }) {
  const items = [...history].reverse().map(entry);
  const told = mayLackPast && !items.length
    ? el("p", { class: "reason", text: "It is in the database, and shown again when that is back." })
    : el("ol", { class: "timeline" }, ...items);
  return el("section", {}, el("h3", {}, "History ", el("small", { text: `times in ${zone()}` })), told);
}

function entry(happened) {
  const by = happened.user_name ? ` by ${happened.user_name}` : "";
  return el("li", { class: `do-${happened.action}` },
    el("div", { class: "what" },
      el("span", { text: (DEEDS[happened.action] ?? happened.action) + by, title: happened.rule }),
      el("time", { text: moment(happened.created_at), title: bothTimes(happened.created_at) })),
    ...changesOf(happened.changes).map((text) => el("div", { class: "change", text })),
    happened.notes ? el("div", { class: "note" }, ...withLinks(happened.notes)) : null);
}

function changesOf(changes) {
  return Object.entries(changes)
    .filter(([name]) => name !== "routing" && name !== "routed")
    .map(([name, change]) => `${name.replaceAll("_", " ")}: ${spoken(change)}`);
}

function spoken(change) {
  if (Array.isArray(change) && change.length === 2) return `${plain(change[0])} → ${plain(change[1])}`;
  return plain(change);
}

const plain = (value) =>
  value === null || value === "" ? "nothing" : typeof value === "object" ? JSON.stringify(value) : String(value);

export function reasons(found) {
  const section = el("section", {}, el("h3", { text: "Why" }));
  for (const text of sentences(found)) section.append(el("p", { class: "reason", text }));
  const decided = found.decisions.at(-1);
  if (decided) section.append(verdicts(decided));
  if (found.deliveries.length) {
    section.append(el("ul", { class: "verdicts" }, ...found.deliveries.map(delivery)));
  }
  return section;
}

function sentences(found) {
  const said = [];
  if (found.status === "suppressed") said.push(`Nobody is notified: ${found.correlation_rule ?? "it is a consequence"}.`);
  if (found.muted_by) {
    const held = found.is_held ? " What still stands then is notified then." : "";
    said.push(`Nobody is notified: ${found.muted_by}, until ${found.muted_until ? moment(found.muted_until) : "it is ended"}.${held}`);
  }
  if (found.flapping_since) said.push(`Flapping since ${moment(found.flapping_since)}: nothing is sent.`);
  if (found.notify_at && Date.parse(found.notify_at) > Date.now()) {
    said.push(`Held until ${moment(found.notify_at)}, in case its cause is reported meanwhile.`);
  }
  if (!found.deliveries.length && !found.decisions.length) {
    if (found.isLive) said.push("The verdicts of the rules are in the database, and shown again when that is back.");
    else if (!said.length) said.push("No rule was evaluated for it.");
  }
  const decided = found.decisions.at(-1);
  if (decided && !rulesOf(decided).length && !said.length) said.push("Nobody is notified: there was no notification rule.");
  return said;
}

const rulesOf = (decided) => [].concat(decided.changes.routing ?? []);

function verdicts(decided) {
  return el("ul", { class: "verdicts" }, ...rulesOf(decided).map((verdict) =>
    el("li", { class: verdict.fired ? "fired" : "" },
      el("span", { text: verdict.rule }, el("small", { text: verdict.reason })))));
}

function delivery(one) {
  const state = { sent: "fired", failed: "failed", pending: "waiting" }[one.status];
  const outcome = one.status === "sent" ? `sent ${moment(one.sent_at)}` : one.status;
  const text = `${one.kind} to ${[one.channel, one.recipient].filter(Boolean).join(", ")}`;
  const more = [outcome, one.attempts > 1 ? `${one.attempts} attempts` : "", one.error_message].filter(Boolean);
  return el("li", { class: state }, el("span", { text }, el("small", { text: more.join(" · ") })));
}
