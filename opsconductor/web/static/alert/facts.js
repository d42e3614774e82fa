// What an alert and its device are: message, facts, varbinds, raw data. A value that lists can be filtered by is a link.

import { byId, el, outward, withLinks } from "../dom.js";
import { bothTimes, deviceOf, listed, moment, mutedText, number, plural, zone } from "../format.js";

const AND_MORE = /^\u2026 and \d+ more$/;
const WEB = /^https?:\/\/\S+$/;

// The message without the lines that stand in the table of varbinds.
export function message(alert) {
  const names = alert.varbinds.map((each) => `${each.name ?? each.oid}: `);
  const isShown = (line) => names.some((name) => line.startsWith(name)) || (names.length > 0 && AND_MORE.test(line));
  const text = alert.message.split("\n").filter((line) => !isShown(line)).join("\n");
  return text ? el("section", {}, el("p", { class: "message" }, ...withLinks(text))) : "";
}

// The plot of the anomaly that an alert is about.
export function plot(alert) {
  const id = alert.custom_fields?.anomaly_id;
  if (!id) return "";
  const link = el("a", { href: `/measurements/anomaly/${encodeURIComponent(id)}`, text: "Why this is out of the ordinary, and whether it was a false alarm" });
  const image = el("img", { class: "plot", src: `/api/v1/anomalies/${encodeURIComponent(id)}/plot`, alt: "Values around the anomaly", width: "640", height: "200" });
  return el("section", {}, image, el("p", {}, link));
}

export function varbinds(alert) {
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

// A list of names and values; a value is a text, or nodes.
function listOf(entries, kind = "facts") {
  const list = el("dl", { class: kind });
  for (const [name, value, title] of entries) {
    const nodes = [value].flat().filter((each) => each !== null && each !== undefined && each !== "" && each !== false);
    if (!nodes.length) continue;
    const shown = nodes.flatMap((each) => (typeof each !== "string" ? [each] : WEB.test(each) ? [outward(each)] : withLinks(each)));
    list.append(el("dt", { text: name }), el("dd", { title }, ...shown));
  }
  return list;
}

// Leads to the alerts that have this value, with the alert left open.
function filtering(alert, name, value, text = value) {
  if (!value) return null;
  return el("a", { href: `/alerts?${new URLSearchParams({ [name]: listed(value), alert: alert.id })}`, class: "by", title: "Show all alerts with this", text });
}

const between = (nodes) => nodes.flatMap((node, at) => (at ? [", ", node] : [node]));

export function facts(alert) {
  const timed = (iso) => iso && `${moment(iso)} ${zone(new Date(iso))}`;
  return el("section", {}, el("h3", { text: "Facts" }), listOf([
    ["Since", timed(alert.occurred_at), bothTimes(alert.occurred_at)],
    ["Last heard", timed(alert.last_occurrence_at), bothTimes(alert.last_occurrence_at)],
    ["Count", number(alert.occurrence_count)],
    ["Priority", `${alert.priority}: impact ${alert.impact}, urgency ${alert.urgency}`],
    ["Type", [filtering(alert, "alert_type", alert.alert_type), ` (${alert.category})`]],
    ["Source", [filtering(alert, "source_system", alert.source_system), alert.source_alert_id && ` · ${alert.source_alert_id}`]],
    ["Acknowledged", alert.acknowledged_by && `${alert.acknowledged_by}, ${timed(alert.acknowledged_at)}`],
    ["Assigned to", alert.assigned_to],
    ["Resolved", alert.resolved_at && [alert.resolved_by, timed(alert.resolved_at)].filter(Boolean).join(", ")],
    ["Muted", alert.muted_by && mutedText(alert), alert.muted_until && bothTimes(alert.muted_until)],
    ["Expires", timed(alert.expires_at), alert.expires_at && bothTimes(alert.expires_at)],
    ["Tags", between(alert.tags.map((tag) => filtering(alert, "tag", tag)))],
    ...Object.entries(alert.custom_fields).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  ]));
}

export function device(alert, silence) {
  const name = deviceOf(alert);
  if (!name) return "";
  const known = alert.device;
  const section = byId("sections")?.querySelector('[data-section="devices"]:not([hidden])');
  return el("section", {},
    el("h3", { text: "Device" }),
    listOf([
      ["Name", section && known ? el("a", { href: `/devices/${encodeURIComponent(known.name)}`, text: known.name }) : known?.name ?? name],
      ["Model", known && [known.manufacturer, known.model, known.device_type].filter(Boolean).join(" · ")],
      ["Site", known && [filtering(alert, "site", known.site), known.location && ` · ${known.location}`]],
      ["Role", known && filtering(alert, "role", known.role)],
      ["Status", known?.status],
      ["Device tags", known?.tags.join(", ")],
      ["Below it", known?.dependents ? plural(known.dependents, "device depends on it", "devices depend on it") : ""],
      ["Alerts", [filtering(alert, "device", name, "open"), ", ",
        el("a", { href: `/alerts?${new URLSearchParams({ view: "all", device: listed(name), alert: alert.id })}`, class: "by", text: "all" })]],
    ], "about-device"),
    known ? null : el("p", { class: "reason", text: "The inventory does not have this device." }),
    silence ? el("button", { type: "button", class: "silence", "data-act": "Silence", text: "Silence this device for 2 h", onclick: () => silence(alert) }) : null);
}

export function raw(alert, open) {
  if (alert.mayLackPast && !Object.keys(alert.raw_data).length) return "";
  return el("section", {}, el("details", { open },
    el("summary", { text: "Raw data" }), el("pre", { text: JSON.stringify(alert.raw_data, null, 2) })));
}
