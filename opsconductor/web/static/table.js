// The list: never more rows than one page and what is unfolded, whatever is open in the network.

import { listAlerts } from "./api.js";
import { byId, el, toast } from "./dom.js";
import { number, plural } from "./format.js";
import { fillRow, makeRow, tick } from "./row.js";
import { PER_PAGE, consequencesQuery, isFiltered, view } from "./view.js";

const body = byId("rows");
let rows = new Map();
let unfolded = new Map();
let chosen = null;
let known = null;
let onChoose = () => {};

export const whenChosen = (act) => { onChoose = act; };
export const chosenAlert = () => rowOf(chosen)?.alert ?? null;
export const chosenId = () => chosen;

// Shows one page; rows that stay are kept, so that nothing flickers.
export function show(alerts, meta) {
  const next = new Map();
  for (const alert of alerts) {
    const row = rows.get(alert.id);
    next.set(alert.id, refilled(row, alert) ?? rootRow(alert));
    if (known && !known.has(alert.id)) arrive(next.get(alert.id));
  }
  for (const id of unfolded.keys()) if (!next.has(id)) unfolded.delete(id);
  rows = next;
  known = new Set(rows.keys());
  place();
  showRange(alerts.length, meta);
}

// Forgets what was on the page, so that another view does not light up as news.
export const forget = () => { known = null; };

export function patch(alert) {
  const row = rowOf(alert.id);
  if (row) fillRow(row, alert);
  return Boolean(row);
}

export function choose(id, { open = true } = {}) {
  rowOf(chosen)?.element.classList.remove("chosen");
  chosen = id;
  const row = rowOf(id);
  row?.element.classList.add("chosen");
  row?.element.scrollIntoView({ block: "nearest" });
  if (open) onChoose(id);
}

export function move(step) {
  const shown = [...body.querySelectorAll("tr.row")];
  if (!shown.length) return;
  const at = shown.findIndex((element) => element.dataset.id === chosen);
  const next = at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step));
  choose(shown[next].dataset.id, { open: !byId("detail").hidden });
}

export function tickAges() {
  const now = Date.now();
  for (const row of [...rows.values(), ...[...unfolded.values()].flatMap((under) => under.rows)]) tick(row, now);
}

export async function fold(id) {
  const row = rows.get(id);
  if (!row?.alert.impacted && !unfolded.has(id)) return;
  row.parts.fold.setAttribute("aria-expanded", String(!unfolded.has(id)));
  if (unfolded.delete(id)) return place();
  unfolded.set(id, { rows: [], total: 0, page: 0 });
  await readConsequences(id);
}

export async function refreshUnfolded() {
  for (const [id, under] of [...unfolded]) {
    if (under.page > 1) continue; // someone reads further down: only what changed is written there
    under.page = 0;
    await readConsequences(id);
  }
}

async function readConsequences(id) {
  const under = unfolded.get(id);
  try {
    const { data, meta } = await listAlerts(consequencesQuery(id, under.page + 1));
    const kept = new Map(under.rows.map((row) => [row.alert.id, row]));
    const read = data.map((alert) => refilled(kept.get(alert.id), alert) ?? makeRow(alert, { child: true }));
    under.rows = under.page ? [...new Set([...under.rows, ...read])] : read;
    under.total = meta.total;
    under.page += 1;
    place();
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

function refilled(row, alert) {
  if (row) fillRow(row, alert);
  return row;
}

function rootRow(alert) {
  return makeRow(alert, { onFold: () => fold(alert.id) });
}

function rowOf(id) {
  if (rows.has(id)) return rows.get(id);
  for (const under of unfolded.values()) {
    const row = under.rows.find((candidate) => candidate.alert.id === id);
    if (row) return row;
  }
  return null;
}

// Brings the DOM into the wanted order, moving only what is out of place.
function place() {
  const wanted = [];
  for (const [id, row] of rows) {
    wanted.push(row.element);
    const under = unfolded.get(id);
    if (!under) continue;
    wanted.push(...under.rows.map((child) => child.element));
    if (under.total > under.rows.length) wanted.push(moreRow(id, under));
  }
  const keep = new Set(wanted);
  for (const element of [...body.children]) if (!keep.has(element)) element.remove();
  wanted.forEach((element, at) => {
    if (body.children[at] !== element) body.insertBefore(element, body.children[at] ?? null);
  });
  rowOf(chosen)?.element.classList.add("chosen");
}

function moreRow(id, under) {
  const more = el("button", { type: "button", text: `Show more of ${number(under.total)}`,
    onclick: () => readConsequences(id) });
  return el("tr", { class: "more" }, el("td", { colspan: 6 }, more));
}

function arrive(row) {
  row.element.classList.add("fresh");
  setTimeout(() => row.element.classList.remove("fresh"), 2500);
}

function showRange(amount, meta) {
  const first = (view.page - 1) * PER_PAGE;
  const total = `${meta.total_is_exact ? "" : "more than "}${plural(meta.total, "alert", "alerts")}`;
  byId("range").textContent = meta.total > PER_PAGE ? `${number(first + 1)} to ${number(first + amount)} of ${total}` : total;
  byId("previous").disabled = view.page === 1;
  byId("next").disabled = first + amount >= meta.total;
  const empty = byId("empty");
  empty.hidden = amount > 0;
  empty.classList.toggle("none-match", isFiltered() || view.name !== "open");
  empty.textContent = isFiltered() ? "No alert matches these filters." :
    view.name === "open" ? "Nothing is wrong. All quiet." :
    view.name === "closed" && meta.source === "engine" ? "What was closed is in the database, and shown again when that is back." :
    "Nothing here.";
}

body.addEventListener("click", (event) => {
  const row = event.target.closest("tr.row");
  if (row) choose(row.dataset.id);
});
