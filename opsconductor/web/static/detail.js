// The pane of one alert.

import { getAlert, why } from "./api.js";
import { byId, el, outward, toast, withLinks } from "./dom.js";
import { bothTimes, deviceOf, isShelved, moment, mutedText, number, plural, secondAddressOf, zone } from "./format.js";
import { isClosed } from "./row.js";
import { reasons, timeline } from "./story.js";

const AND_MORE = /^\u2026 and \d+ more$/;
const WEB = /^https?:\/\/\S+$/;
const pane = byId("detail");
let shown = null;
let reading = 0;
let permits = () => false;
let act = { acknowledge() {}, unacknowledge() {}, resolve() {}, shelve() {}, unshelve() {}, note() {}, open() {}, close() {} };

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
  if (shown?.id !== id) pane.classList.add("is-reading"); // the alert still shown is not the requested one
  try {
    const [alert, found] = await Promise.all([getAlert(id), why(id)]);
    if (mine !== reading) return;
    const top = shown?.id === id ? pane.scrollTop : 0;
    const focused = pane.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    shown = alert;
    pane.hidden = false;
    pane.className = `detail sev-${alert.severity}`;
    const rawOpen = pane.querySelector("details")?.open ?? false;
    pane.replaceChildren(head(alert), ...linked(alert), message(alert), facts(alert),
      varbinds(alert), timeline(alert), reasons(found), raw(alert, rawOpen));
    pane.scrollTop = top;
    if (focused) pane.querySelector(`[data-act="${focused}"]`)?.focus({ preventScroll: true });
  } catch (error) {
    if (mine !== reading) return;
    if (quietly && shown?.id === id) return toast(`The alert cannot be read: ${error.message}`, { bad: true });
    showFault(id, error);
  }
}

function showFault(id, error) {
  shown = null;
  pane.hidden = false;
  pane.className = "detail";
  const again = el("button", { type: "button", text: "Try again", onclick: () => openDetail(id) });
  pane.replaceChildren(
    el("header", {}, el("div", { class: "line" }, closing()), el("h2", { text: "This alert cannot be read" })),
    el("section", { role: "alert" }, el("p", { class: "reason", text: error.message }), again));
}

const closing = () => el("button", { type: "button", class: "quiet close", "data-act": "close", "aria-label": "Close",
  title: "Close (Esc)", text: "×", onclick: () => act.close() });

function head(alert) {
  const where = [deviceOf(alert), secondAddressOf(alert), alert.resource].filter(Boolean);
  return el("header", {},
    el("div", { class: "line" },
      el("span", { class: "sev", text: alert.severity }),
      el("span", { class: `chip ${alert.status}`, text: alert.status }),
      alert.flapping_since ? el("span", { class: "mark", text: "flapping" }) : null,
      alert.muted_by ? el("span", { class: "mark muted", text: "muted" }) : null,
      closing()),
    el("h2", { text: alert.title }),
    el("p", { class: "where", text: where.join(" · ") }),
    permits() && !isClosed(alert) ? buttons(alert) : null);
}

function buttons(alert) {
  const isTaken = alert.status === "acknowledged";
  return el("div", { class: "actions" },
    isTaken ? button("Unacknowledge", "u", () => act.unacknowledge(alert)) : button("Acknowledge", "a", () => act.acknowledge(alert), "primary"),
    button("Resolve", "r", () => act.resolve(alert)),
    isShelved(alert) ? button("Unshelve", "s", () => act.unshelve(alert)) : button("Shelve 2 h", "s", () => act.shelve(alert)),
    button("Note", "n", () => act.note(alert)));
}

const button = (text, key, onclick, kind = "") =>
  el("button", { type: "button", class: kind, "data-act": text, "aria-keyshortcuts": key, onclick }, text, el("kbd", { text: key, "aria-hidden": "true" }));

function linked(alert) {
  const sections = [];
  if (alert.cause) sections.push(because("Because of", alert.cause));
  if (alert.root && alert.root.id !== alert.cause.id) sections.push(because("Root cause", alert.root));
  if (alert.consequences.length) {
    const rest = alert.impacted - alert.consequences.length;
    sections.push(el("section", {}, el("h3", { text: `1 cause, ${plural(alert.impacted, "consequence", "consequences")}` }),
      el("div", { class: "linked" }, ...alert.consequences.slice(0, 8).map(link),
        rest + Math.max(0, alert.consequences.length - 8) > 0
          ? el("p", { text: `and ${number(Math.max(rest, 0) + alert.consequences.length - Math.min(8, alert.consequences.length))} more` }) : null)));
  }
  return sections;
}

const because = (text, other) =>
  el("section", {}, el("h3", { text }), el("div", { class: "linked" }, link(other)));

function link(other) {
  return el("button", { type: "button", class: `sev-${other.severity}`, onclick: () => act.open(other.id) },
    el("i"), el("span", { text: deviceOf(other) }), el("small", { text: other.title }));
}

// The message without the lines that stand in the table of varbinds.
function message(alert) {
  const names = alert.varbinds.map((each) => `${each.name ?? each.oid}: `);
  const isShown = (line) => names.some((name) => line.startsWith(name)) || (names.length > 0 && AND_MORE.test(line));
  const text = alert.message.split("\n").filter((line) => !isShown(line)).join("\n");
  return text ? el("section", {}, el("p", { class: "message" }, ...withLinks(text))) : "";
}

function varbinds(alert) {
  if (!alert.varbinds.length) return "";
  const names = el("tr", {}, ...["Varbind", "Value", "Meaning"].map((text) => el("th", { scope: "col", text })));
  const table = el("table", { class: "varbinds" }, el("thead", {}, names), el("tbody", {}, ...alert.varbinds.map(varbind)));
  return el("section", {}, el("h3", { text: plural(alert.varbinds.length, "varbind", "varbinds") }), table);
}

function varbind({ oid, name, type, value, meaning }) {
  const none = value === null;
  return el("tr", {},
    el("th", { scope: "row", title: `${oid} ${type}`, text: name ?? oid }),
    el("td", { text: none ? "no value" : String(value), class: none && "none", colspan: meaning === null && 2 }),
    meaning === null ? null : el("td", { text: meaning }));
}

function facts(alert) {
  const list = el("dl", { class: "facts" });
  const add = (name, text, title) => {
    if (text) list.append(el("dt", { text: name }), WEB.test(text) ? el("dd", {}, outward(text)) : el("dd", { title }, ...withLinks(String(text))));
  };
  add("Since", timed(alert.occurred_at), bothTimes(alert.occurred_at));
  add("Last heard", timed(alert.last_occurrence_at), bothTimes(alert.last_occurrence_at));
  add("Count", number(alert.occurrence_count));
  add("Priority", `${alert.priority}: impact ${alert.impact}, urgency ${alert.urgency}`);
  add("Kind", `${alert.alert_type} (${alert.category})`);
  add("Source", [alert.source_system, alert.source_alert_id].filter(Boolean).join(" · "));
  add("Acknowledged", alert.acknowledged_by && `${alert.acknowledged_by}, ${timed(alert.acknowledged_at)}`);
  add("Assigned to", alert.assigned_to);
  add("Resolved", alert.resolved_at && [alert.resolved_by, timed(alert.resolved_at)].filter(Boolean).join(", "));
  add("Muted", alert.muted_by && mutedText(alert), alert.muted_until && bothTimes(alert.muted_until));
  add("Expires", alert.expires_at && timed(alert.expires_at), alert.expires_at && bothTimes(alert.expires_at));
  add("Tags", alert.tags.join(", "));
  for (const [name, value] of Object.entries(alert.custom_fields)) {
    add(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  return el("section", {}, list);
}

const timed = (iso) => `${moment(iso)} ${zone(new Date(iso))}`;

function raw(alert, open) {
  if (alert.mayLackPast && !Object.keys(alert.raw_data).length) return "";
  return el("section", {}, el("details", { open },
    el("summary", { text: "Raw data" }), el("pre", { text: JSON.stringify(alert.raw_data, null, 2) })));
}
