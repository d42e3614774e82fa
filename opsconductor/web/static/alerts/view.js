// What the list shows: filters, order and grouping, kept in the address so that a view can be shared.

import { listed, unlisted } from "../format.js";

const URGENT_FIRST = "priority,-severity,-occurred_at";
const VIEWS = {
  open: { status: ["active", "acknowledged"], sort: URGENT_FIRST },
  active: { status: ["active"], sort: URGENT_FIRST },
  acknowledged: { status: ["acknowledged"], sort: URGENT_FIRST },
  suppressed: { status: ["suppressed"], sort: URGENT_FIRST },
  closed: { status: ["resolved", "expired"], sort: "-last_occurrence_at" },
  all: { status: [], sort: "-occurred_at" },
};

export const PER_PAGE = 100;
export const LAST_PAGE = 200; // of the API; see api/http/alert_parameters.py

export const GROUPS = { cause: "Cause", device: "Device", site: "Site", none: "Nothing" };

// Filters beside severity and search: how they are named, and what their values are.
export const FILTERS = {
  status: { title: "Status", choices: ["active", "acknowledged", "suppressed", "resolved", "expired"] }, // in place of those of the view
  device: { title: "Device" },
  site: { title: "Site" },
  role: { title: "Role" },
  category: { title: "Category" }, // the choices come with the page
  priority: { title: "Priority", choices: ["P1", "P2", "P3", "P4", "P5"] },
  alert_type: { title: "Type", hint: "power_*" },
  tag: { title: "Tag" },
  source_system: { title: "Source" },
  without: { title: "Without", choices: ["site", "role", "device", "tag", "assigned_to"] },
  resource: { title: "Resource", hint: "ifIndex=7" },
  assigned_to: { title: "Assigned to" },
  device_ip: { title: "Address" },
  acknowledged: { title: "Acknowledged", choices: ["true", "false"], isSingle: true },
  is_cause: { title: "Has consequences", choices: ["true", "false"], isSingle: true },
  hidden: { title: "Hidden by maintenance", choices: ["also", "only"], isSingle: true },
  from: { title: "Since", isTime: true, isSingle: true },
  to: { title: "Before", isTime: true, isSingle: true },
  last_from: { title: "Repeated since", isTime: true, isSingle: true },
  last_to: { title: "Not repeated since", isTime: true, isSingle: true },
  resolved_from: { title: "Ended since", isTime: true, isSingle: true },
  resolved_to: { title: "Ended before", isTime: true, isSingle: true },
  root_id: { title: "Consequences of" },
  id: { title: "Id", isSingle: true },
};

const RELATIVE = /^-(\d{1,4})(m|h|d)$/; // as `from=-24h`, so that a saved view means the last day every day
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

export const view = { alert: "", name: "open", severity: new Set(), search: "", sort: "", group: "cause", filters: {} };

export function readAddress() {
  readView(new URLSearchParams(location.search));
  view.alert = new URLSearchParams(location.search).get("alert") ?? "";
}

// Takes over a view from the query of an address; unknown names and values are left out.
export function readView(given) {
  const all = (name) => given.getAll(name).flatMap(unlisted);
  view.name = Object.hasOwn(VIEWS, given.get("view") ?? "") ? given.get("view") : all("status").length ? "all" : "open";
  view.severity = new Set(all("severity"));
  view.search = given.get("search") ?? "";
  view.sort = given.get("sort") ?? "";
  view.group = Object.hasOwn(GROUPS, given.get("group") ?? "") ? given.get("group") : "cause";
  view.filters = {};
  for (const [name, { choices }] of Object.entries(FILTERS)) {
    const values = all(name).filter((each) => !["status", "without"].includes(name) || choices.includes(each));
    if (values.length) view.filters[name] = [...new Set(values)];
  }
}

// The view as the query of an address, without the alert that is open.
export function viewQuery() {
  const said = new URLSearchParams();
  if (view.name !== "open") said.set("view", view.name);
  if (view.severity.size) said.set("severity", [...view.severity].join(","));
  for (const [name, values] of Object.entries(view.filters)) for (const value of values) said.append(name, listed(value));
  for (const name of ["search", "sort"]) if (view[name]) said.set(name, view[name]);
  if (view.group !== "cause") said.set("group", view.group);
  return said;
}

// A changed view is a step that Back undoes, and so is an alert that is opened; `state` is kept with the step.
export function writeAddress({ isStep = false, state = null } = {}) {
  const said = viewQuery();
  if (view.alert) said.set("alert", view.alert);
  const address = `${location.pathname}${said.size ? `?${said}` : ""}`;
  if (address === location.pathname + location.search) return;
  if (isStep) history.pushState(state, "", address);
  else history.replaceState(state, "", address);
}

export const isFiltered = () => Boolean(view.severity.size || view.search || Object.keys(view.filters).length);

export function addFilter(name, value) {
  const { isSingle } = FILTERS[name];
  view.filters[name] = isSingle ? [value] : [...new Set([...(view.filters[name] ?? []), value])];
}

export function removeFilter(name, value) {
  const left = (view.filters[name] ?? []).filter((each) => each !== value);
  if (left.length) view.filters[name] = left;
  else delete view.filters[name];
}

export function clearFilters() {
  Object.assign(view, { severity: new Set(), search: "", filters: {} });
}

// The filter as the API takes it in a body: names with lists, or single values.
export function filterBody() {
  const body = {};
  const status = statuses();
  if (status.length) body.status = status;
  if (view.severity.size) body.severity = [...view.severity];
  if (view.search) body.search = view.search;
  for (const [name, values] of Object.entries(view.filters)) {
    const { isSingle, isTime } = FILTERS[name];
    const given = isTime ? values.map(moment) : values.map((each) => (name === "acknowledged" || name === "is_cause" ? each === "true" : each));
    body[name] = isSingle ? given[0] : given;
  }
  return body;
}

export function query({ page = 1, cursor = "", only = {} } = {}) {
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filterBody(), ...only })) {
    for (const each of [value].flat()) wanted.append(name, Array.isArray(value) ? listed(each) : String(each));
  }
  wanted.set("sort", view.sort ? `${view.sort},-occurred_at` : VIEWS[view.name].sort);
  wanted.set("per_page", PER_PAGE);
  if (cursor) wanted.set("cursor", cursor);
  else wanted.set("page", page);
  return wanted;
}

// What is in a group of the view; that of no value has a filter of its own, beside those of the view.
export const onlyOf = (value) => (value ? { [view.group]: [value] }
  : { without: [...new Set([...(view.filters.without ?? []), view.group])] });

// The filter alone, for sums.
export function statsQuery() {
  const wanted = query();
  for (const name of ["sort", "per_page", "page"]) wanted.delete(name);
  return wanted;
}

// Grouped by cause, consequences are under their causes; else they are listed.
function statuses() {
  const { status } = VIEWS[view.name];
  return view.name === "open" && view.group !== "cause" ? [...status, "suppressed"] : status;
}

function moment(text) {
  const found = RELATIVE.exec(text);
  if (found) return new Date(Date.now() - found[1] * UNIT_MS[found[2]]).toISOString();
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? text : at.toISOString();
}

// A value of a filter, as people read it.
export function wordsOf(name, value) {
  const { isTime } = FILTERS[name];
  if (name === "without") return { assigned_to: "assignee" }[value] ?? value;
  if (!isTime) return { true: "yes", false: "no", also: "shown too", only: "only these" }[value] ?? value;
  const found = RELATIVE.exec(value);
  if (found) return `${found[1]} ${{ m: "minutes", h: "hours", d: "days" }[found[2]]} ago`;
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? value : at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

export const consequencesQuery = (id, page) => new URLSearchParams({
  root_id: id, status: "suppressed", sort: URGENT_FIRST, page, per_page: PER_PAGE,
});
