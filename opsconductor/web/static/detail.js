// The pane of one alert.

import { getAlert, why } from "./api.js";
import { byId, el, toast } from "./dom.js";
import { bothTimes, deviceOf, moment, number, plural, secondAddressOf } from "./format.js";
import { isClosed } from "./row.js";
import { reasons, timeline } from "./story.js";

const WEB = /^https?:\/\/\S+$/;
const pane = byId("detail");
let shown = null;
let reading = 0;
let permits = () => false;
let act = { acknowledge() {}, resolve() {}, note() {}, open() {}, close() {} };

export const shownId = () => shown?.id ?? null;
export const shownAlert = () => shown;

export function setUp(mayOperate, actions) {
  permits = mayOperate;
  act = actions;
}

export function closeDetail() {
  pane.hidden = true;
  shown = null;
  reading += 1;
}

export async function openDetail(id, { quietly = false } = {}) {
  const mine = ++reading;
  try {
    const [alert, found] = await Promise.all([getAlert(id), why(id)]);
    if (mine !== reading) return;
    const top = shown?.id === id ? pane.scrollTop : 0;
    shown = alert;
    pane.hidden = false;
    pane.className = `detail sev-${alert.severity}`;
    const rawOpen = pane.querySelector("details")?.open ?? false;
    pane.replaceChildren(head(alert), ...linked(alert), message(alert), facts(alert), timeline(alert),
      reasons(found), raw(alert, rawOpen));
    pane.scrollTop = top;
  } catch (error) {
    if (!quietly) toast(error.message, { bad: true });
  }
}

function head(alert) {
  const where = [deviceOf(alert), secondAddressOf(alert), alert.resource].filter(Boolean);
  return el("header", {},
    el("div", { class: "line" },
      el("span", { class: "sev", text: alert.severity }),
      el("span", { class: `chip ${alert.status}`, text: alert.status }),
      alert.flapping_since ? el("span", { class: "mark", text: "flapping" }) : null,
      el("button", { type: "button", class: "quiet close", title: "Close (Esc)", text: "×", onclick: () => act.close() })),
    el("h2", { text: alert.title }),
    el("p", { class: "where", text: where.join(" · ") }),
    permits() && !isClosed(alert) ? buttons(alert) : null);
}

function buttons(alert) {
  const taken = alert.status === "acknowledged";
  return el("div", { class: "actions" },
    button(taken ? "Take back" : "Acknowledge", "a", () => act.acknowledge(alert), taken ? "" : "primary"),
    button("Resolve", "r", () => act.resolve(alert)),
    button("Note", "n", () => act.note(alert)));
}

const button = (text, key, onclick, kind = "") =>
  el("button", { type: "button", class: kind, onclick }, text, el("kbd", { text: key }));

function linked(alert) {
  const sections = [];
  if (alert.cause) {
    sections.push(el("section", {}, el("h3", { text: "Because of" }), el("div", { class: "linked" }, link(alert.cause))));
  }
  if (alert.consequences.length) {
    const rest = alert.impacted - alert.consequences.length;
    sections.push(el("section", {}, el("h3", { text: `1 cause, ${plural(alert.impacted, "consequence", "consequences")}` }),
      el("div", { class: "linked" }, ...alert.consequences.slice(0, 8).map(link),
        rest + Math.max(0, alert.consequences.length - 8) > 0
          ? el("p", { text: `and ${number(Math.max(rest, 0) + alert.consequences.length - Math.min(8, alert.consequences.length))} more` }) : null)));
  }
  return sections;
}

function link(other) {
  return el("button", { type: "button", class: `sev-${other.severity}`, onclick: () => act.open(other.id) },
    el("i"), el("span", { text: deviceOf(other) }), el("small", { text: other.title }));
}

function message(alert) {
  return alert.message ? el("section", {}, el("p", { class: "message", text: alert.message })) : "";
}

function facts(alert) {
  const list = el("dl", { class: "facts" });
  const add = (name, text, title) => {
    if (text) list.append(el("dt", { text: name }), WEB.test(text) ? el("dd", {}, outward(text)) : el("dd", { text, title }));
  };
  add("Since", moment(alert.occurred_at), bothTimes(alert.occurred_at));
  add("Last heard", moment(alert.last_occurrence_at), bothTimes(alert.last_occurrence_at));
  add("Count", number(alert.occurrence_count));
  add("Priority", `${alert.priority}: impact ${alert.impact}, urgency ${alert.urgency}`);
  add("Kind", `${alert.alert_type} (${alert.category})`);
  add("Source", [alert.source_system, alert.source_alert_id].filter(Boolean).join(" · "));
  add("Acknowledged", alert.acknowledged_by && `${alert.acknowledged_by}, ${moment(alert.acknowledged_at)}`);
  add("Assigned to", alert.assigned_to);
  add("Resolved", alert.resolved_at && [alert.resolved_by, moment(alert.resolved_at)].filter(Boolean).join(", "));
  add("Expires", alert.expires_at && moment(alert.expires_at), alert.expires_at && bothTimes(alert.expires_at));
  add("Tags", alert.tags.join(", "));
  for (const [name, value] of Object.entries(alert.custom_fields)) {
    add(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return el("section", {}, list);
}

const outward = (address) => el("a", { href: address, target: "_blank", rel: "noopener noreferrer", text: address });

function raw(alert, open) {
  if (alert.isLive && !Object.keys(alert.raw_data).length) return "";
  return el("section", {}, el("details", { open },
    el("summary", { text: "Raw data" }), el("pre", { text: JSON.stringify(alert.raw_data, null, 2) })));
}
