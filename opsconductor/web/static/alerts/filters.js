// The controls above the list: views, filters as chips, the search with suggestions, what to add.

import { setCritical } from "../app/title.js";
import { byId, el } from "../dom.js";
import { number } from "../format.js";
import { paintOrder } from "./columns.js";
import { noteHidden } from "./quiet.js";
import { setUp as setUpSuggestions } from "./suggestions.js";
import { FILTERS, addFilter, clearFilters, isFiltered, removeFilter, view, wordsOf, writeAddress } from "./view.js";

const TYPING_MS = 250;
const TIMES = { "-1h": "the last hour", "-24h": "the last 24 hours", "-7d": "the last 7 days", "-30d": "the last 30 days" };
let changed = () => {};
let typing = 0;

export function setUp(onChanged) {
  changed = onChanged;
  byId("views").addEventListener("click", (event) => pick(event, "view", (name) => {
    Object.assign(view, { name, sort: "" });
    delete view.filters.status; // those of the view
  }));
  byId("severities").addEventListener("click", (event) => pick(event, "severity", (name) => {
    if (!view.severity.delete(name)) view.severity.add(name);
  }));
  byId("heads").addEventListener("click", (event) => pick(event, "sort", sortBy));
  byId("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => apply({ search: event.target.value.trim() }), TYPING_MS);
  });
  setUpSuggestions((kind, value) => {
    clearTimeout(typing);
    addFilter(kind, value);
    byId("search").value = "";
    apply({ search: "" });
  });
  byId("chips").addEventListener("click", remove);
  byId("reset").addEventListener("click", () => {
    clearTimeout(typing);
    clearFilters();
    byId("search").value = "";
    apply({});
    byId("search").focus();
  });
  setUpBuilder();
}

// The form that adds a filter: which one, and its value.
function setUpBuilder() {
  const name = byId("filter-name");
  name.replaceChildren(...Object.entries(FILTERS).map(([value, { title }]) => el("option", { value, text: title })));
  name.addEventListener("change", paintBuilder);
  byId("filter-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const given = byId("filter-value").value.trim();
    if (!given) return byId("filter-value").focus();
    addFilter(name.value, given);
    byId("filter-menu").hidePopover();
    apply({});
  });
  byId("filter-menu").addEventListener("toggle", (event) => { if (event.newState === "open") paintBuilder(); });
}

function paintBuilder() {
  const { title, choices, hint = "", isTime } = FILTERS[byId("filter-name").value];
  const given = choices ?? (byId("filter-name").value === "category" ? byId("filter-name").dataset.categories.split(" ") : null);
  const name = byId("filter-name").value;
  const options = given?.map((value) => el("option", { value, text: wordsOf(name, value) }))
    ?? Object.entries(TIMES).map(([value, text]) => el("option", { value, text }));
  const field = given || isTime ? el("select", { id: "filter-value" }, ...options)
    : el("input", { id: "filter-value", type: "text", placeholder: hint, maxlength: 255, autocomplete: "off", spellcheck: "false" });
  if (isTime) field.append(el("option", { value: "at", text: "a certain time…" }));
  field.setAttribute("aria-label", title);
  byId("filter-value").replaceWith(field);
  field.addEventListener("change", () => { if (field.value === "at") atCertainTime(title); });
}

function atCertainTime(title) {
  const field = el("input", { id: "filter-value", type: "datetime-local", "aria-label": title });
  byId("filter-value").replaceWith(field);
  field.focus();
}

// Writes the view into the controls.
export function paint() {
  for (const tab of byId("views").children) tab.setAttribute("aria-pressed", String(tab.dataset.view === view.name));
  for (const tally of byId("severities").children) {
    tally.setAttribute("aria-pressed", String(view.severity.has(tally.dataset.severity)));
  }
  paintOrder();
  paintChips();
  if (document.activeElement !== byId("search")) byId("search").value = view.search;
  byId("group").value = view.group;
}

function paintChips() {
  const chips = Object.entries(view.filters).flatMap(([name, values]) => values.map((value) => chip(name, value)));
  byId("chips").replaceChildren(...chips);
  byId("chips").hidden = !chips.length;
  byId("reset").hidden = !isFiltered();
}

function chip(name, value) {
  const text = `${FILTERS[name].title}: ${wordsOf(name, value)}`;
  return el("button", { type: "button", class: "filter", "data-name": name, "data-value": value, "aria-label": `Remove ${text}`, title: "Remove" },
    el("span", {}, el("small", { text: FILTERS[name].title }), wordsOf(name, value)), el("b", { text: "×", "aria-hidden": "true" }));
}

function remove(event) {
  const button = event.target.closest("button");
  if (!button) return;
  removeFilter(button.dataset.name, button.dataset.value);
  apply({});
  (byId("chips").querySelector("button") ?? byId("search")).focus();
}

export function paintSums({ status, severity, hidden }) {
  noteHidden(hidden);
  byId("hidden").textContent = hidden ? `${number(hidden)} hidden by maintenance` : "";
  for (const tally of byId("severities").children) {
    const of = severity[tally.dataset.severity];
    const amount = of.active + of.acknowledged;
    tally.firstElementChild.textContent = number(amount);
    tally.classList.toggle("none", amount === 0);
    tally.title = `${number(of.active)} active, ${number(of.acknowledged)} acknowledged, ${number(of.suppressed)} suppressed`;
  }
  const sums = { open: status.active + status.acknowledged, active: status.active,
    acknowledged: status.acknowledged, suppressed: status.suppressed };
  for (const tab of byId("views").children) {
    if (tab.dataset.view in sums) tab.querySelector("b").textContent = number(sums[tab.dataset.view]);
  }
  const critical = severity.critical.active;
  setCritical(critical ? `${number(critical)} critical` : "");
}

function pick(event, name, act) {
  const button = event.target.closest(`[data-${name}]`);
  if (!button) return;
  act(button.dataset[name]);
  apply({});
}

function sortBy(column) {
  const down = `-${column}`;
  view.sort = view.sort === down ? column : view.sort === column ? "" : down;
}

export function apply(wanted) {
  Object.assign(view, wanted);
  writeAddress({ isStep: true });
  paint();
  changed();
}
