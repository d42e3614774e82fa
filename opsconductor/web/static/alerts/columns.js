// The columns of the list: which there are, which are shown, their heads.

import { byId, el } from "../dom.js";
import { preference, prefer } from "./preferences.js";
import { view } from "./view.js";

export const COLUMNS = {
  severity: { title: "Severity", sort: "severity", isFixed: true },
  device: { title: "Device", sort: "device_name", isFixed: true },
  title: { title: "Alert", sort: "title", isFixed: true },
  status: { title: "Status" },
  count: { title: "Count", sort: "occurrence_count" },
  age: { title: "Age", sort: "occurred_at" },
  last: { title: "Last heard", sort: "last_occurrence_at" },
  owner: { title: "Owner" },
  source: { title: "Source" },
  category: { title: "Category", sort: "category" },
  site: { title: "Site" },
  type: { title: "Type", sort: "alert_type" },
  resource: { title: "Resource" },
  tags: { title: "Tags" },
};
const USUAL = ["severity", "device", "title", "status", "count", "age"];

export const shownColumns = () => {
  const wanted = new Set(preference("columns") ?? USUAL);
  return Object.keys(COLUMNS).filter((name) => COLUMNS[name].isFixed || wanted.has(name));
};

export const columnCount = () => shownColumns().length + 1; // and the one of the boxes

export function chooseColumn(name, isShown) {
  const now = shownColumns();
  prefer("columns", isShown ? [...now, name] : now.filter((each) => each !== name));
}

export function paintHeads() {
  const box = el("input", { type: "checkbox", id: "select-all", "aria-label": "Select all alerts of this view", title: "Select all alerts of this view" });
  byId("heads").replaceChildren(el("th", { class: "c-sel", scope: "col" }, box), ...shownColumns().map(head));
  paintOrder();
}

function head(name) {
  const { title, sort } = COLUMNS[name];
  return el("th", { class: `c-${name}`, scope: "col" }, sort ? el("button", { type: "button", "data-sort": sort, text: title }) : title);
}

export function paintOrder() {
  for (const button of byId("heads").querySelectorAll("[data-sort]")) {
    const isActive = view.sort.replace("-", "") === button.dataset.sort;
    const isDown = view.sort.startsWith("-");
    if (isActive) button.dataset.direction = isDown ? "down" : "up";
    else delete button.dataset.direction;
    button.closest("th").setAttribute("aria-sort", isActive ? (isDown ? "descending" : "ascending") : "none");
  }
}

const NARROWEST = 130, STEP = 16; // in steps, so that the width changes rarely
const MOST = 0.36, MOST_BESIDE = 0.27; // of the list; beside an open alert it is narrow
const pen = document.createElement("canvas").getContext("2d");
let needed = NARROWEST;

// Makes the column of devices as wide as their names need; only when rows are placed again, never while scrolling.
export function fitDevices(names) {
  const at = getComputedStyle(byId("heads").closest("table"));
  pen.font = `500 ${at.fontSize} ${at.fontFamily}`;
  needed = Math.max(NARROWEST, ...names.map((name) => pen.measureText(name).width + 38));
  fitColumns();
}

export function fitColumns() {
  const table = byId("heads").closest("table");
  const most = Math.max(NARROWEST, Math.round(table.clientWidth * (table.clientWidth > 1000 ? MOST : MOST_BESIDE)));
  table.style.setProperty("--device", `${Math.min(Math.ceil(needed / STEP) * STEP, most)}px`);
}
