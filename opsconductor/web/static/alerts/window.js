// The part of the list that is in the document: the rows in view and a few around them, however long the list is.
// All rows of a density have one height, so that a place is a multiplication and nothing jumps.

import { byId, el } from "../dom.js";
import { fitColumns } from "./columns.js";
import * as listing from "./listing.js";
import { fillRow, gapRow, groupRow, makeRow, moreRow, tick } from "./row.js";
import * as selection from "./selection.js";
import { LAST_PAGE, PER_PAGE } from "./view.js";

const AROUND = 12; // rows above and below the view
const SPARE = 60; // rows kept for use again

const scroll = byId("scroll");
const body = byId("rows");
const above = el("tr", { class: "space", "aria-hidden": "true" }, el("td"));
const below = el("tr", { class: "space", "aria-hidden": "true" }, el("td"));
const spare = [];
const fresh = new Map(); // id -> until when it is marked as new
let shown = new Map(); // key -> { element, row }
let height = 0;
let chosen = null;
let wanted = () => {};

export const whenGapsShow = (act) => { wanted = act; };
export const chosenId = () => chosen;

export function setChosen(id) {
  chosen = id;
}

// After a change of density, columns or width.
export function reset() {
  height = 0;
  spare.length = 0;
  for (const { element } of shown.values()) element.remove();
  shown = new Map();
  paint();
}

export function markFresh(ids) {
  const now = Date.now();
  for (const [id, until] of fresh) if (until < now) fresh.delete(id);
  for (const id of ids) fresh.set(id, now + 2_500);
}

function rowHeight() {
  height ||= parseFloat(getComputedStyle(scroll).getPropertyValue("--row")) || 53;
  return height;
}

export function paint() {
  const order = listing.orderNow();
  const first = Math.max(0, Math.floor(scroll.scrollTop / rowHeight()) - AROUND);
  const last = Math.min(order.length, Math.ceil((scroll.scrollTop + scroll.clientHeight) / rowHeight()) + AROUND);
  const next = new Map();
  const gaps = new Set();
  for (let at = first; at < last; at += 1) {
    const entry = order[at];
    if (entry.kind === "gap") gaps.add(entry.block);
    const key = entry.kind === "gap" ? `gap ${at}` : `${entry.kind} ${entry.key}`;
    next.set(key, placed(key, entry, at));
  }
  const focused = body.contains(document.activeElement) ? document.activeElement : null;
  below.firstChild.style.height = `${order.length * rowHeight()}px`; // a shorter list meanwhile would move the view
  dropOthers(next);
  arrange([above, ...[...next.values()].map((each) => each.element), below]);
  shown = next;
  above.firstChild.style.height = `${first * rowHeight()}px`;
  below.firstChild.style.height = `${Math.max(0, order.length - last) * rowHeight()}px`;
  above.hidden = first === 0;
  body.closest("table").setAttribute("aria-rowcount", String(order.length + 1));
  keepFocus(focused);
  rove();
  if (gaps.size) wanted([...gaps]);
}

function placed(key, entry, at) {
  const place = shown.get(key) ?? made(entry);
  if (entry.kind === "alert") fill(place.row, entry);
  else if (entry.kind === "group") place.element = regrouped(place, entry.key);
  place.element.setAttribute("aria-rowindex", String(at + 2));
  return place;
}

function made(entry) {
  if (entry.kind === "alert") {
    const row = spare.pop() ?? makeRow();
    return { element: row.element, row };
  }
  if (entry.kind === "gap") return { element: gapRow() };
  if (entry.kind === "more") return { element: moreRow(entry) };
  return { element: el("tr") };
}

function regrouped(place, key) {
  const element = groupRow({ group: listing.groupOf(key), isUnfolded: listing.isUnfolded(key) });
  if (place.element.isEqualNode(element)) return place.element;
  const hadFocus = place.element.contains(document.activeElement);
  place.element.replaceWith(element);
  if (hadFocus) element.querySelector("button").focus({ preventScroll: true });
  return element;
}

function fill(row, { id, depth }) {
  fillRow(row, listing.alertOf(id), {
    depth, isSelected: selection.isSelected(id), isChosen: id === chosen, isFresh: fresh.get(id) > Date.now(),
    isLeft: listing.hasLeft(id), isUnfolded: listing.isUnfolded(id),
  });
}

function dropOthers(next) {
  const kept = new Set([...next.values()].map((each) => each.element));
  for (const { element, row } of shown.values()) {
    if (kept.has(element)) continue;
    element.remove();
    if (row && spare.length < SPARE) spare.push(row);
  }
}

function arrange(elements) {
  elements.forEach((element, at) => {
    if (body.children[at] !== element) body.insertBefore(element, body.children[at] ?? null);
  });
}

// The focus stays on its row while that is moved, and in the list when the row has been scrolled away.
function keepFocus(focused) {
  if (!focused || document.activeElement === focused) return;
  (focused.isConnected ? focused : scroll).focus({ preventScroll: true });
}

// The Tab key stops at one row: the chosen one, or the first.
function rove() {
  const rows = alertRows();
  const stop = rows.find(({ row }) => row.alert.id === chosen) ?? rows[0];
  for (const place of rows) place.element.tabIndex = place === stop ? 0 : -1;
}

const alertRows = () => [...shown.values()].filter((place) => place.row);

export function tickAges() {
  const now = Date.now();
  for (const { row } of alertRows()) tick(row, now);
}

export function scrollTo(at) {
  const top = at * rowHeight();
  const head = byId("heads").offsetHeight;
  if (top < scroll.scrollTop) scroll.scrollTop = top;
  else if (top + rowHeight() > scroll.scrollTop + scroll.clientHeight - head) {
    scroll.scrollTop = top + rowHeight() - scroll.clientHeight + head;
  }
  paint();
}

export function focusRow(id) {
  alertRows().find(({ row }) => row.alert.id === id)?.element.focus({ preventScroll: true });
}

// The blocks of the list that can be seen, few at most; none of a list that is read whole in its first block.
export function blocksInView() {
  if (listing.groupsNow()) return [];
  const { first, last } = rowsInView();
  const blockOf = (place) => Math.min(LAST_PAGE - 1, Math.max(0, Math.floor((place - 1) / PER_PAGE)));
  return [...new Set([blockOf(first), blockOf(last)])];
}

// Numbers of the first and the last row that can be seen, from 1.
export function rowsInView() {
  const order = listing.orderNow();
  const first = Math.floor(scroll.scrollTop / rowHeight()) + 1;
  const last = Math.floor((scroll.scrollTop + scroll.clientHeight - byId("heads").offsetHeight) / rowHeight());
  return { first: Math.min(first, order.length), last: Math.min(order.length, Math.max(first, last)) };
}

scroll.addEventListener("scroll", paint, { passive: true });
new ResizeObserver(() => {
  height = 0;
  fitColumns();
  paint();
}).observe(scroll);
