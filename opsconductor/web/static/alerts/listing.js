// What is in the list, in one order: blocks of alerts that were read, groups, and what is unfolded under them.
// Only what the window shows is read; the rest are gaps of known length.

import { LAST_PAGE, PER_PAGE, view } from "./view.js";

const alerts = new Map(); // id -> alert as it is now
const unfolded = new Map(); // key of a group, or id of a cause -> { ids, total, page }
const left = new Set(); // ids that are kept only so that nothing moves
let blocks = []; // [{ ids, cursor }], sparse
let groups = null; // [{ key, name, total, severity }] when the list is grouped
let total = 0;
let order = [];
let places = null; // id -> index, made when it is asked for

export const alertOf = (id) => alerts.get(id) ?? null;
export const orderNow = () => order;
export const totalNow = () => total;
export const hasLeft = (id) => left.has(id);
export const isUnfolded = (key) => unfolded.has(key);
export const unfoldedKeys = () => [...unfolded.keys()];
export const isRead = (at) => Boolean(blocks[at]);
export const cursorBefore = (at) => blocks[at - 1]?.cursor ?? "";
export const groupOf = (key) => groups?.find((group) => group.key === key) ?? null;
export const groupsNow = () => groups;
export const allKnown = () => alerts.values();

export const topAlerts = () => (blocks[0]?.ids ?? []).map((id) => alerts.get(id));

export function indexOf(id) {
  if (!places) {
    places = new Map();
    order.forEach((entry, at) => { if (entry.kind === "alert" && !places.has(entry.id)) places.set(entry.id, at); });
  }
  return places.get(id) ?? -1;
}

export function clear() {
  alerts.clear();
  unfolded.clear();
  left.clear();
  blocks = [];
  groups = null;
  total = 0;
  build();
}

export function patch(alert) {
  if (!alerts.has(alert.id)) return false;
  alerts.set(alert.id, alert);
  return true;
}

export const leave = (id) => left.add(id);

// Replaces everything that was read by these blocks: [[index, page]]; groups: by the new sums.
export function replace(pages, sums, groupsRead = null) {
  const kept = new Set(unfoldedKeys().flatMap((key) => unfolded.get(key).ids));
  left.clear();
  blocks = [];
  groups = groupsRead;
  total = sums;
  const known = new Set();
  for (const [at, page] of pages) {
    blocks[at] = blockOf(page, known);
    for (const id of blocks[at].ids) known.add(id);
  }
  for (const id of alerts.keys()) if (!known.has(id) && !kept.has(id)) alerts.delete(id);
  for (const key of unfoldedKeys()) if (!alerts.has(key) && !groupOf(key)) unfolded.delete(key);
  build();
}

// Adds a block that was read later; what has moved into it meanwhile and is shown elsewhere is left out.
export function addBlock(at, page) {
  const shown = new Set(blocks.flatMap((block, each) => (each === at || !block ? [] : block.ids)));
  blocks[at] = blockOf(page, shown);
  build();
}

function blockOf({ data, meta }, without) {
  for (const alert of data) alerts.set(alert.id, alert);
  return { ids: data.map((alert) => alert.id).filter((id) => !without.has(id)), cursor: meta.next_cursor };
}

export function unfold(key) {
  unfolded.set(key, { ids: [], total: 0, page: 0 });
}

export function fold(key) {
  unfolded.delete(key);
  build();
}

export const pageUnder = (key) => unfolded.get(key)?.page ?? 0;

// Takes over a page of what is under a group or a cause; the first replaces what was there.
export function addUnder(key, page, { data, meta }) {
  const under = unfolded.get(key);
  if (!under) return;
  for (const alert of data) alerts.set(alert.id, alert);
  const ids = data.map((alert) => alert.id);
  under.ids = page === 1 ? ids : [...new Set([...under.ids, ...ids])];
  under.total = meta.total;
  under.page = Math.max(page, under.page);
  build();
}

export function setGroups(found) {
  groups = found;
  build();
}

const GAPS = Array.from({ length: LAST_PAGE }, (_, block) => ({ kind: "gap", block }));

function build() {
  order = [];
  places = null;
  if (groups) {
    for (const group of groups) {
      order.push({ kind: "group", key: group.key });
      addUnfolded(group.key);
    }
    return;
  }
  const amount = Math.min(Math.ceil(total / PER_PAGE), LAST_PAGE);
  for (let at = 0; at < Math.max(amount, blocks.length); at += 1) {
    const block = blocks[at];
    if (block) for (const id of block.ids) addAlert(id, 0);
    else for (let n = Math.min(PER_PAGE, total - at * PER_PAGE); n > 0; n -= 1) order.push(GAPS[at]);
  }
}

function addAlert(id, depth, under = "") {
  order.push({ kind: "alert", id, depth, key: under ? `${under} ${id}` : id });
  if (!depth && view.group === "cause") addUnfolded(id);
}

function addUnfolded(key) {
  const under = unfolded.get(key);
  if (!under) return;
  for (const id of under.ids) addAlert(id, 1, key);
  if (under.total > under.ids.length) order.push({ kind: "more", key, total: under.total });
}
