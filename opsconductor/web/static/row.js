// One row of the table; created once, then only changes are written.

import { el } from "./dom.js";
import { age, bothTimes, mutedText, number, plural, secondAddressOf } from "./format.js";

const CLOSED = new Set(["resolved", "expired"]);
export const isClosed = (alert) => CLOSED.has(alert.status);

export function makeRow(alert, { child = false, onFold = null } = {}) {
  const parts = {
    severity: el("span", { class: "sev" }),
    priority: el("span", { class: "pri" }),
    name: el("span", { class: "name" }),
    ip: el("span", { class: "ip" }),
    title: el("span", { class: "title" }),
    where: el("span"),
    fold: el("button", { class: "fold", type: "button", "aria-expanded": "false" }),
    flapping: el("span", { class: "mark", text: "flapping" }),
    muted: el("span", { class: "mark muted" }),
    left: el("span", { class: "mark left", text: "no longer in this list" }),
    status: el("span", { class: "chip" }),
    who: el("span", { class: "who" }),
    count: el("span", { class: "count" }),
    age: el("time", { class: "age" }),
  };
  const element = el("tr", { "data-id": alert.id, tabindex: "-1" },
    el("td", { class: "c-sev" }, parts.severity, parts.priority),
    el("td", { class: "c-device" }, parts.name, parts.ip),
    el("td", { class: "c-title" }, parts.title,
      el("div", { class: "sub" }, parts.fold, parts.flapping, parts.muted, parts.left, parts.where)),
    el("td", { class: "c-status" }, parts.status, parts.who),
    el("td", { class: "c-count" }, parts.count),
    el("td", { class: "c-age" }, parts.age));
  parts.fold.addEventListener("click", (event) => { event.stopPropagation(); onFold?.(); });
  const row = { element, parts, child, alert: null };
  fillRow(row, alert);
  return row;
}

export function fillRow(row, alert) {
  const { parts } = row;
  row.alert = alert;
  parts.left.hidden = true;
  const marks = ["chosen", "fresh"].filter((mark) => row.element.classList.contains(mark));
  row.element.className = ["row", `sev-${alert.severity}`, `st-${alert.status}`, row.child && "child",
    isClosed(alert) && "is-closed", ...marks].filter(Boolean).join(" ");
  put(parts.severity, alert.severity);
  put(parts.priority, alert.priority);
  put(parts.name, alert.device_name || alert.device_ip);
  put(parts.ip, secondAddressOf(alert));
  put(parts.title, alert.title);
  put(parts.where, [alert.resource, alert.message].filter(Boolean).join(" · "));
  put(parts.fold, plural(alert.impacted, "consequence", "consequences"));
  parts.fold.hidden = !alert.impacted;
  parts.fold.disabled = !isFoldable(row); // then it only shows the number
  parts.flapping.hidden = !alert.flapping_since;
  parts.muted.hidden = !alert.muted_by;
  put(parts.muted, mutedText(alert));
  put(parts.status, alert.status);
  parts.status.className = `chip ${alert.status}`;
  put(parts.who, whoOf(alert));
  put(parts.count, alert.occurrence_count === 1 ? "1" : `×${number(alert.occurrence_count)}`);
  parts.count.className = `count ${alert.occurrence_count === 1 ? "one" : alert.occurrence_count > 99 ? "many" : ""}`;
  tick(row, Date.now());
}

// The consequences of a consequence are expanded with it, and are beside it where all are listed.
export const isFoldable = (row) => Boolean(row.alert.impacted) && !row.child && row.alert.status !== "suppressed";

// Marks a row that is kept only so that nothing moves and would not be listed now.
export function leave(row) {
  row.element.classList.add("is-left");
  row.parts.left.hidden = isClosed(row.alert);
}

export function tick(row, now) {
  put(row.parts.age, age(row.alert.occurred_at, now));
  const hover = `Since ${bothTimes(row.alert.occurred_at)}\n\nLast received ${bothTimes(row.alert.last_occurrence_at)}`;
  if (row.parts.age.title !== hover) row.parts.age.title = hover;
}

function whoOf(alert) {
  if (alert.status === "acknowledged") return alert.assigned_to ?? alert.acknowledged_by ?? "";
  if (isClosed(alert)) return alert.resolved_by ?? "";
  return alert.assigned_to ? `for ${alert.assigned_to}` : "";
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text ?? "";
}
