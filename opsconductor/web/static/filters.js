// The controls above the table.

import { setCritical } from "./app/title.js";
import { byId } from "./dom.js";
import { number } from "./format.js";
import { noteHidden } from "./quiet.js";
import { isFiltered, view, writeAddress } from "./view.js";

const TYPING_MS = 250;
let changed = () => {};
let typing = 0;

export function setUp(onChanged) {
  changed = onChanged;
  byId("views").addEventListener("click", (event) => pick(event, "view", (name) => Object.assign(view, { name, sort: "" })));
  byId("severities").addEventListener("click", (event) => pick(event, "severity", (name) => {
    if (!view.severity.delete(name)) view.severity.add(name);
  }));
  document.querySelector(".alerts thead").addEventListener("click", (event) => pick(event, "sort", sortBy));
  byId("category").addEventListener("change", (event) => apply({ category: event.target.value }));
  byId("search").addEventListener("input", (event) => {
    clearTimeout(typing);
    typing = setTimeout(() => apply({ search: event.target.value.trim() }), TYPING_MS);
  });
  byId("reset").addEventListener("click", () => apply({ severity: new Set(), category: "", search: "" }));
  byId("previous").addEventListener("click", () => apply({ page: view.page - 1 }));
  byId("next").addEventListener("click", () => apply({ page: view.page + 1 }));
}

// Writes the view into the controls.
export function paint() {
  for (const tab of byId("views").children) tab.setAttribute("aria-pressed", String(tab.dataset.view === view.name));
  for (const tally of byId("severities").children) {
    tally.setAttribute("aria-pressed", String(view.severity.has(tally.dataset.severity)));
  }
  for (const head of document.querySelectorAll("[data-sort]")) {
    const active = view.sort.replace("-", "") === head.dataset.sort;
    if (active) head.dataset.direction = view.sort.startsWith("-") ? "down" : "up";
    else delete head.dataset.direction;
    const order = view.sort.startsWith("-") ? "descending" : "ascending";
    head.closest("th").setAttribute("aria-sort", active ? order : "none");
  }
  byId("category").value = view.category;
  if (document.activeElement !== byId("search")) byId("search").value = view.search;
  byId("reset").hidden = !isFiltered();
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

function apply(wanted) {
  Object.assign(view, { page: 1 }, wanted);
  writeAddress();
  paint();
  changed();
}
