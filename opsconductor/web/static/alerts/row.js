// One row of the table; made once for a place in the window, then only changes are written.

import { el } from "../dom.js";
import { age, bothTimes, deviceOf, mutedText, number, plural, secondAddressOf } from "../format.js";
import { columnCount, shownColumns } from "./columns.js";
import { view } from "./view.js";

const CLOSED = new Set(["resolved", "expired"]);
export const isClosed = (alert) => CLOSED.has(alert.status);

const SIMPLE = {
  owner: (alert) => alert.assigned_to ?? alert.acknowledged_by ?? "",
  source: (alert) => alert.source_system,
  category: (alert) => alert.category,
  site: (alert) => alert.site ?? "",
  type: (alert) => alert.alert_type,
  resource: (alert) => alert.resource,
  tags: (alert) => alert.tags.join(", "),
};

const cell = (name, ...children) => el("td", { class: `c-${name}` }, ...children);

const CELLS = {
  severity: (parts) => cell("severity", parts.severity, parts.priority),
  device: (parts) => cell("device", parts.name, parts.ip),
  title: (parts) => cell("title", parts.title,
    el("div", { class: "sub" }, parts.fold, parts.flapping, parts.muted, parts.left, parts.where)),
  status: (parts) => cell("status", parts.status, parts.who),
  count: (parts) => cell("count", parts.count),
  age: (parts) => cell("age", parts.age),
  last: (parts) => cell("last", parts.last),
};

export function makeRow() {
  const parts = {
    box: el("input", { type: "checkbox", class: "pick", tabindex: "-1" }),
    severity: el("span", { class: "sev" }),
    priority: el("span", { class: "pri" }),
    name: el("span", { class: "name" }),
    ip: el("span", { class: "ip" }),
    title: el("span", { class: "title" }),
    where: el("span", { class: "where" }),
    fold: el("button", { class: "fold", type: "button", tabindex: "-1" }),
    flapping: el("span", { class: "mark", text: "flapping" }),
    muted: el("span", { class: "mark muted" }),
    left: el("span", { class: "mark left", text: "no longer in this list" }),
    status: el("span", { class: "chip" }),
    who: el("span", { class: "who" }),
    count: el("span", { class: "count" }),
    age: el("time", { class: "age" }),
    last: el("time", { class: "age" }),
  };
  const columns = shownColumns();
  for (const name of columns) if (SIMPLE[name]) parts[name] = el("span", { class: "plain" });
  const element = el("tr", { tabindex: "-1" }, cell("sel", parts.box),
    ...columns.map((name) => (CELLS[name] ? CELLS[name](parts) : cell(name, parts[name]))));
  return { element, parts, alert: null };
}

// State beside the alert: { depth, isSelected, isChosen, isFresh, isLeft, isUnfolded }.
export function fillRow(row, alert, state) {
  const { element, parts } = row;
  row.alert = alert;
  element.dataset.id = alert.id;
  const classes = ["row", `sev-${alert.severity}`, `st-${alert.status}`, state.depth && "child", isClosed(alert) && "is-closed",
    state.isSelected && "selected", state.isChosen && "chosen", state.isFresh && "fresh", state.isLeft && "is-left"].filter(Boolean).join(" ");
  if (element.className !== classes) element.className = classes;
  if (state.isChosen) element.setAttribute("aria-current", "true");
  else element.removeAttribute("aria-current");
  parts.box.checked = state.isSelected;
  name(parts.box, `Select ${deviceOf(alert)}: ${alert.title}`);
  put(parts.severity, alert.severity);
  put(parts.priority, alert.priority);
  put(parts.name, deviceOf(alert), true);
  put(parts.ip, secondAddressOf(alert));
  put(parts.title, alert.title, true);
  put(parts.where, [alert.resource, alert.message].filter(Boolean).join(" · "));
  put(parts.fold, plural(alert.impacted, "consequence", "consequences"));
  parts.fold.hidden = !alert.impacted;
  parts.fold.disabled = !isFoldable(alert); // then it only shows the number
  parts.fold.setAttribute("aria-expanded", String(state.isUnfolded));
  parts.flapping.hidden = !alert.flapping_since;
  parts.muted.hidden = !alert.muted_by;
  put(parts.muted, mutedText(alert));
  parts.left.hidden = !state.isLeft || isClosed(alert);
  put(parts.status, alert.status);
  parts.status.className = `chip ${alert.status}`;
  put(parts.who, whoOf(alert));
  put(parts.count, alert.occurrence_count === 1 ? "1" : `×${number(alert.occurrence_count)}`);
  parts.count.className = `count ${alert.occurrence_count === 1 ? "one" : alert.occurrence_count > 99 ? "many" : ""}`;
  for (const [each, textOf] of Object.entries(SIMPLE)) if (parts[each]) put(parts[each], textOf(alert), true);
  tick(row, Date.now());
}

// The consequences of a consequence are unfolded with its cause; in other groupings they are listed.
export const isFoldable = (alert) => Boolean(alert.impacted) && alert.status !== "suppressed" && view.group === "cause";

export function tick(row, now) {
  const { alert, parts } = row;
  put(parts.age, age(alert.occurred_at, now));
  put(parts.last, age(alert.last_occurrence_at, now));
  const hover = `Since ${bothTimes(alert.occurred_at)}\n\nLast received ${bothTimes(alert.last_occurrence_at)}`;
  if (parts.age.title !== hover) parts.age.title = parts.last.title = hover;
}

function whoOf(alert) {
  if (alert.status === "acknowledged") return alert.assigned_to ?? alert.acknowledged_by ?? "";
  if (isClosed(alert)) return alert.resolved_by ?? "";
  return alert.assigned_to ? `for ${alert.assigned_to}` : "";
}

function put(element, text, isTitled = false) {
  if (element.textContent === text) return;
  element.textContent = text ?? "";
  if (isTitled) element.title = text ?? "";
}

function name(box, text) {
  if (box.getAttribute("aria-label") !== text) box.setAttribute("aria-label", text);
}

// Rows beside those of alerts: a place that is still to be read, a group, the rest of an unfolded one.

export const gapRow = () => el("tr", { class: "gap", "aria-hidden": "true" }, el("td", { colspan: columnCount() }, el("i")));

export function moreRow({ key, total }) {
  return el("tr", { class: "more" }, el("td", { colspan: columnCount() },
    el("button", { type: "button", "data-more": key, text: `Show more of ${number(total)}` })));
}

export function groupRow({ group, isUnfolded }) {
  const { key, name: text, total, severity } = group;
  const chips = Object.entries(severity).map(([each, amount]) =>
    el("span", { class: `count-of sev-${each}` }, el("b", { class: "sev", text: number(amount) }), ` ${each}`));
  const fold = el("button", { class: "fold", type: "button", "data-group": key, "aria-expanded": String(isUnfolded), text });
  return el("tr", { class: "group" }, el("td", { colspan: columnCount() },
    el("div", { class: "sub" }, fold, el("span", { class: "sum", text: plural(total, "alert", "alerts") }), ...chips)));
}
