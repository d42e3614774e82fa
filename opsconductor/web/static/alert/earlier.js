// Earlier alerts about the same fault: when, how long, and what ended them.

import { el } from "../dom.js";
import { bothTimes, number, plural, span } from "../format.js";

const MOST = 8;

export function earlier(section, alerts, open) {
  if (!section) return;
  if (!alerts.length) return section.replaceChildren();
  const amount = alerts.length === 20 ? "20 or more" : number(alerts.length);
  section.replaceChildren(
    el("h3", { text: `The same before: ${amount}` }),
    el("ol", { class: "past" }, ...alerts.slice(0, MOST).map((alert) => entry(alert, open))),
    ...(alerts.length > MOST ? [el("p", { class: "reason", text: `and ${plural(alerts.length - MOST, "more", "more")}` })] : []));
}

function entry(alert, open) {
  const day = new Date(alert.occurred_at).toLocaleDateString([], { year: "numeric", month: "short", day: "numeric" });
  const how = alert.status === "expired" ? "expired without a repeat" : `ended by ${alert.resolved_by ?? alert.source_system}`;
  const lasted = alert.resolved_at ? span(Date.parse(alert.resolved_at) - Date.parse(alert.occurred_at)) : "";
  return el("li", { class: `sev-${alert.severity}` },
    el("button", { type: "button", class: "quiet", onclick: () => open(alert.id) },
      el("time", { text: day, title: bothTimes(alert.occurred_at) }), el("span", { text: lasted }), el("small", { text: how })));
}
