// The list: one page of rows and expanded consequences, however many alerts are open.

import { isAttended } from "./attention.js";
import { byId } from "./dom.js";
import { number, plural } from "./format.js";
import { differenceOf, hideNews, isSame, sayArrived, showNews } from "./news.js";
import { forgetQuiet, showEmpty, showQuiet } from "./quiet.js";
import { fillRow, leave, makeRow, tick } from "./row.js";
import * as unfolded from "./unfolded.js";
import { LAST_PAGE, PER_PAGE, isFiltered, view } from "./view.js";

const body = byId("rows");
let rows = new Map();
let chosen = null;
let isKnown = false; // whether the rows shown are of this view
let isWanted = false; // show the next page that is read even if rows move
let waiting = null; // { alerts, meta } that would move rows while the user works
let onChoose = () => {};

export const whenChosen = (act) => { onChoose = act; };
export const chosenAlert = () => rowOf(chosen)?.alert ?? null;
export const chosenId = () => chosen;

// Shows a page that was read, or announces it while the user works in the list.
export function show(alerts, meta) {
  const shown = [...rows.values()].map((row) => row.alert);
  const difference = differenceOf(shown, alerts, { isCut: meta.total > alerts.length });
  const hold = !isWanted && isKnown && shown.length && !isSame(difference) && isAttended(Boolean(rowOf(chosen)));
  if (!hold) {
    apply(alerts, meta, isKnown ? difference.added : []);
    return false;
  }
  waiting = { alerts, meta };
  for (const alert of alerts) patch(alert);
  for (const { id } of difference.gone) leave(rows.get(id));
  showNews(difference);
  showRange(rows.size, meta);
  return true;
}

// Shows what has waited, or, if nothing has, what is read next; returns which.
export function showWaiting() {
  isWanted = !waiting;
  if (!waiting) return false;
  const { alerts, meta } = waiting;
  const known = new Set(rows.keys());
  apply(alerts, meta, alerts.filter((alert) => !known.has(alert.id)));
  return true;
}

export function showWaitingIfIdle() {
  if (waiting && !isAttended(Boolean(rowOf(chosen)))) showWaiting();
}

// Forgets what was on the page, so that another view is not highlighted as new.
export function forget() {
  isKnown = false;
  waiting = null;
}

export function patch(alert) {
  const row = rowOf(alert.id);
  if (row) fillRow(row, alert);
  return Boolean(row);
}

export function choose(id, { open = true, focus = false } = {}) {
  mark(chosen, false);
  chosen = id;
  const row = mark(id, true);
  row?.element.scrollIntoView({ block: "nearest" });
  if (focus) row?.element.focus({ preventScroll: true });
  if (open) onChoose(id);
}

export function move(step) {
  const shown = elements();
  if (!shown.length) return;
  const at = shown.findIndex((element) => element.dataset.id === chosen);
  const next = at < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, at + step));
  choose(shown[next].dataset.id, { open: !byId("detail").hidden, focus: true });
}

export function tickAges() {
  const now = Date.now();
  for (const row of [...rows.values(), ...unfolded.all()]) tick(row, now);
}

export const fold = (id) => unfolded.toggle(rows.get(id), place);
export const refreshUnfolded = () => unfolded.refresh(place);

function apply(alerts, meta, added) {
  const at = elements().findIndex((element) => element.dataset.id === chosen);
  const next = new Map();
  for (const alert of alerts) {
    const row = rows.get(alert.id);
    if (row) fillRow(row, alert);
    next.set(alert.id, row ?? makeRow(alert, { onFold: () => fold(alert.id) }));
  }
  rows = next;
  waiting = null;
  isWanted = false;
  unfolded.keepOnly(rows);
  for (const { id } of added) arrive(rows.get(id));
  hideNews();
  sayArrived(added);
  place();
  if (chosen && !rowOf(chosen)) keepPlace(isKnown ? at : -1);
  isKnown = true;
  showRange(alerts.length, meta);
}

// The selected row is gone: select the one in its place.
function keepPlace(at) {
  const shown = elements();
  chosen = at < 0 || !shown.length ? null : shown[Math.min(at, shown.length - 1)].dataset.id;
  mark(chosen, true);
}

function rowOf(id) {
  return rows.get(id) ?? unfolded.rowOf(id);
}

function mark(id, isChosen) {
  const row = rowOf(id);
  row?.element.classList.toggle("chosen", isChosen);
  if (isChosen) row?.element.setAttribute("aria-current", "true");
  else row?.element.removeAttribute("aria-current");
  rove();
  return row;
}

// The Tab key stops at one row: the selected one, or the first.
function rove() {
  const stop = rowOf(chosen)?.element ?? elements()[0];
  for (const element of elements()) element.tabIndex = element === stop ? 0 : -1;
}

const elements = () => [...body.querySelectorAll("tr.row")];

// Reorders the DOM, moving only what is out of place.
function place() {
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  const wanted = [];
  for (const [id, row] of rows) wanted.push(row.element, ...unfolded.elementsOf(id, place));
  const keep = new Set(wanted);
  for (const element of [...body.children]) if (!keep.has(element)) element.remove();
  wanted.forEach((element, at) => {
    if (body.children[at] !== element) body.insertBefore(element, body.children[at] ?? null);
  });
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  mark(chosen, true);
}

function arrive(row) {
  row.element.classList.add("fresh");
  setTimeout(() => row.element.classList.remove("fresh"), 2500);
}

function showRange(amount, meta) {
  const first = (view.page - 1) * PER_PAGE;
  const total = `${meta.total_is_exact ? "" : "about "}${plural(meta.total, "alert", "alerts")}`;
  byId("range").textContent = meta.total > PER_PAGE ? `${number(first + 1)} to ${number(first + amount)} of ${total}` : total;
  byId("previous").disabled = view.page === 1;
  byId("next").disabled = !meta.next_cursor || view.page >= LAST_PAGE;
  byId("empty").hidden = amount > 0;
  if (amount > 0) forgetQuiet();
  else if (isFiltered()) showEmpty("No alert matches these filters.");
  else if (view.name === "open") showQuiet(() => !rows.size && !isFiltered() && view.name === "open");
  else if (view.name === "closed" && meta.source === "engine") showEmpty("Closed alerts are in the database, and shown again when that is back.");
  else showEmpty("Nothing here.");
}

body.addEventListener("click", (event) => {
  const row = event.target.closest("tr.row");
  if (row) choose(row.dataset.id, { focus: !event.target.closest("button, a") });
});
body.addEventListener("focusin", (event) => {
  const row = event.target.closest("tr.row");
  if (row && row === event.target && row.dataset.id !== chosen && row.matches(":focus-visible")) choose(row.dataset.id, { open: false });
});
