// The list: which row has the cursor, and when rows may move. What is in it: listing.js; what is drawn: window.js.

import { isAttended } from "./attention.js";
import { byId, toast } from "../dom.js";
import { deviceOf, number, plural } from "../format.js";
import { fitDevices } from "./columns.js";
import * as listing from "./listing.js";
import { differenceOf, hideNews, isSame, sayArrived, showNews } from "./news.js";
import { forgetQuiet, showEmpty, showQuiet } from "./quiet.js";
import { isFoldable } from "./row.js";
import * as selection from "./selection.js";
import { LAST_PAGE, PER_PAGE, isFiltered, view } from "./view.js";
import * as rows from "./window.js";

let isKnown = false; // whether the rows shown are of this view
let isWanted = false; // show the next list that is read even if rows move
let waiting = null; // what was read and would move rows while the user works
let meta = null;
let onChoose = () => {};
let readUnder = async () => {};

export function setUp({ chose, under }) {
  onChoose = chose;
  readUnder = under;
}

export const chosenId = rows.chosenId;
export const chosenAlert = () => listing.alertOf(rows.chosenId());

// Shows what was read ({ pages: [[index, page]], groups, total }), or announces it while the user works in the list.
export function show(read) {
  meta = read.meta;
  const difference = compared(read);
  const moves = difference ? !isSame(difference) : false;
  const hold = !isWanted && isKnown && listing.orderNow().length > 0 && isAttended(Boolean(chosenAlert()))
    && (moves || byId("scroll").scrollTop > 0 || Boolean(read.groups));
  if (!hold) {
    apply(read, isKnown ? difference : null);
    return false;
  }
  for (const [, page] of read.pages) for (const alert of page.data) patch(alert);
  if (read.groups) updateGroups(read.groups);
  if (moves) announce(read, difference);
  rows.paint();
  showRange();
  return true;
}

// The first alerts of the list that was read against those that are shown; null: it is grouped.
function compared(read) {
  const top = read.pages.find(([at]) => at === 0)?.[1].data;
  const grown = read.meta.total_is_exact === false ? 0 : read.total - listing.totalNow();
  return top ? differenceOf(listing.topAlerts(), top, { isCut: read.total > top.length, grown }) : null;
}

function announce(read, difference) {
  waiting = read;
  for (const { id } of difference.gone) listing.leave(id);
  showNews(difference);
}

// Groups keep their order while the user works; new ones come last.
function updateGroups(found) {
  const now = new Map(found.map((group) => [group.key, group]));
  const kept = (listing.groupsNow() ?? []).map((group) => now.get(group.key) ?? { ...group, total: 0, severity: {} });
  const known = new Set(kept.map((group) => group.key));
  listing.setGroups([...kept, ...found.filter((group) => !known.has(group.key))]);
}

// Shows what has waited, or, if nothing has, what is read next; returns which.
export function showWaiting() {
  isWanted = !waiting;
  if (!waiting) return false;
  apply(waiting, compared(waiting));
  return true;
}

export function showWaitingIfIdle() {
  if (waiting && !isAttended(Boolean(chosenAlert()))) showWaiting();
}

// Forgets what was in the list, so that another view is not highlighted as new.
export function forget() {
  isKnown = false;
  waiting = null;
  hideNews();
  byId("scroll").scrollTop = 0;
}

export function patch(alert) {
  selection.keepNewest(alert);
  return listing.patch(alert);
}

function apply(read, difference) {
  const at = listing.indexOf(rows.chosenId());
  const wasChosen = Boolean(chosenAlert());
  if (!isKnown) listing.clear();
  listing.replace(read.pages, read.total, read.groups);
  waiting = null;
  isWanted = false;
  hideNews();
  if (difference) {
    rows.markFresh(difference.added.map((alert) => alert.id));
    sayArrived(difference);
  }
  fit();
  if (wasChosen && listing.indexOf(rows.chosenId()) < 0) keepPlace(isKnown ? at : -1);
  isKnown = true;
  rows.paint();
  showRange();
}

const fit = () => fitDevices([...listing.allKnown()].slice(-2 * PER_PAGE).map(deviceOf));

// The chosen row is gone: choose the one in its place.
function keepPlace(at) {
  const order = listing.orderNow();
  const place = at < 0 ? null : order.slice(0, at + 1).reverse().concat(order).find((entry) => entry.kind === "alert");
  rows.setChosen(place?.id ?? null);
}

export function choose(id, { open = true, focus = false } = {}) {
  rows.setChosen(id);
  const at = listing.indexOf(id);
  if (at >= 0) rows.scrollTo(at);
  else rows.paint();
  if (focus) rows.focusRow(id);
  if (open) onChoose(id);
}

export function move(step) {
  const order = listing.orderNow();
  let at = listing.indexOf(rows.chosenId());
  do at = at < 0 ? 0 : at + step; while (order[at] && order[at].kind !== "alert" && order[at].kind !== "gap");
  const entry = order[at];
  if (entry?.kind === "alert") choose(entry.id, { open: !byId("detail").hidden, focus: true });
  else if (entry) rows.scrollTo(at); // it is read now
}

export async function fold(key) {
  const alert = listing.alertOf(key);
  if (listing.isUnfolded(key)) listing.fold(key);
  else if (listing.groupOf(key) || (alert && isFoldable(alert))) {
    listing.unfold(key);
    await more(key);
  }
  rows.paint();
}

// Reads the next page of what is under a group or a cause.
export async function more(key) {
  try {
    const page = listing.pageUnder(key) + 1;
    listing.addUnder(key, page, await readUnder(key, page));
    fit();
  } catch (error) {
    toast(`The alerts below cannot be read: ${error.message}`, { bad: true });
  }
  rows.paint();
}

export async function refreshUnfolded() {
  for (const key of listing.unfoldedKeys()) {
    if (listing.pageUnder(key) > 1) continue; // further pages are shown: only changes are written there
    listing.addUnder(key, 1, await readUnder(key, 1));
  }
  rows.paint();
}

export function addBlock(at, page) {
  listing.addBlock(at, page);
  rows.paint();
  showRange();
}

export function showRange() {
  if (!meta) return;
  const total = listing.totalNow();
  const amount = `${meta.total_is_exact === false ? "about " : ""}${plural(total, "alert", "alerts")}`;
  const { first, last } = rows.rowsInView();
  const most = LAST_PAGE * PER_PAGE;
  const text = listing.groupsNow() ? `${plural(listing.groupsNow().length, "group", "groups")}, ${amount}`
    : last < listing.orderNow().length || first > 1 ? `${number(first)} to ${number(last)} of ${amount}` : amount;
  byId("range").textContent = total > most ? `${text}; the first ${number(most)} are listed` : text;
  showWhetherEmpty(listing.orderNow().length === 0);
}

function showWhetherEmpty(isEmpty) {
  byId("empty").hidden = !isEmpty;
  if (!isEmpty) forgetQuiet();
  else if (isFiltered()) showEmpty("No alert matches these filters.");
  else if (view.name === "open") showQuiet(() => !listing.orderNow().length && !isFiltered() && view.name === "open");
  else if (view.name === "closed" && meta.source === "engine") showEmpty("Closed alerts are in the database, and shown again when that is back.");
  else showEmpty("Nothing here.");
}

function clicked(event) {
  const { more: rest, group } = event.target.closest("button")?.dataset ?? {};
  if (rest) return more(rest);
  if (group) return fold(group);
  const row = event.target.closest("tr.row");
  if (!row) return;
  const alert = listing.alertOf(row.dataset.id);
  if (event.target.closest(".fold")) fold(alert.id);
  else if (event.target.closest(".c-sel")) pick(event, alert);
  else choose(alert.id, { focus: !event.target.closest("button, a") });
}

function pick(event, alert) {
  if (!event.target.matches("input")) event.preventDefault();
  if (event.shiftKey) selection.extend(alert, listing.orderNow(), listing.alertOf);
  else selection.toggle(alert);
}

byId("rows").addEventListener("click", clicked);
byId("rows").addEventListener("focusin", (event) => {
  const row = event.target.closest("tr.row");
  if (row && row === event.target && row.dataset.id !== rows.chosenId() && row.matches(":focus-visible")) choose(row.dataset.id, { open: false });
});
byId("scroll").addEventListener("scroll", showRange, { passive: true });
