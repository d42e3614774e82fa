// Reads the list: its top, the blocks in view, groups, what is unfolded. What is not shown is not read.

import { alertStats, listAlerts, summary } from "../api.js";
import { showDatabase } from "../database.js";
import * as stale from "../stale.js";
import { paintSums } from "./filters.js";
import * as listing from "./listing.js";
import { notice } from "./sound.js";
import * as table from "./table.js";
import { consequencesQuery, onlyOf, query, statsQuery, view } from "./view.js";
import { blocksInView, whenGapsShow } from "./window.js";

const REFRESH_MS = 1_000; // minimum interval of reads while changes arrive
const RETRY_MS = 5_000;
const SEVERITIES = ["critical", "major", "minor", "warning", "info", "clear"];
const UNKNOWN = { site: "No site in the inventory", device: "No device" };

let isAllowed = () => false;
let isShown = () => true;
let waiting = 0;
let refreshedAt = 0;
let reading = 0;
let generation = 0; // of what is shown: blocks of an earlier one are dropped
const under = new Set(); // blocks that are being read

export const readAt = () => refreshedAt;

// Parameters: whether a user is logged in, and whether the list is what the page shows.
export function setUp(mayRead, isListShown) {
  isAllowed = mayRead;
  isShown = isListShown;
  whenGapsShow((blocks) => { for (const at of blocks) readBlock(at); });
}

export async function refresh() {
  clearTimeout(waiting);
  waiting = 0;
  refreshedAt = Date.now();
  const mine = ++reading;
  try {
    const [read, sums] = await Promise.all([isShown() ? readTop() : null, summary()]); // another section needs the sums only
    if (mine !== reading || !isAllowed()) return;
    stale.wasRead();
    paintSums(sums);
    if (!read) return;
    for (const [, page] of read.pages) notice(page.data);
    showDatabase(read.meta);
    if (table.show(read)) return;
    generation += 1;
    under.clear();
    await table.refreshUnfolded();
  } catch (error) {
    if (mine !== reading || !isAllowed() || error.status === 401) return;
    if (!error.status && !error.code) throw error; // a fault of the page itself
    stale.wasNotRead(error);
    waiting ||= setTimeout(refresh, RETRY_MS);
  }
}

export function refreshSoon() {
  if (waiting) return;
  waiting = setTimeout(refresh, Math.max(120, refreshedAt + REFRESH_MS - Date.now()));
}

async function readTop() {
  if (view.group === "device" || view.group === "site") return readGroups(view.group);
  const wanted = [...new Set([0, ...blocksInView()])];
  const pages = await Promise.all(wanted.map((at) => listAlerts(query({ page: at + 1 }))));
  const [{ meta }] = pages;
  return { pages: wanted.map((at, each) => [at, pages[each]]), total: meta.total, meta };
}

async function readGroups(by) {
  const { data, meta } = await alertStats(statsQuery());
  const severities = data[`${by}_severity`];
  const groups = Object.entries(data[by]).map(([value, total]) => ({
    key: `${by}:${value}`, value, name: value || UNKNOWN[by], total, severity: severities[value],
  }));
  const worst = (group) => SEVERITIES.findIndex((each) => group.severity[each]);
  groups.sort((one, other) => worst(one) - worst(other) || other.total - one.total || (one.name < other.name ? -1 : 1));
  return { pages: [], groups, total: data.total, meta };
}

// Reads one block that has come into view; after the block before it where that is known, so that nothing is missed.
async function readBlock(at) {
  if (under.has(at) || listing.isRead(at)) return;
  under.add(at);
  const mine = generation;
  try {
    const cursor = listing.cursorBefore(at);
    const page = await listAlerts(query(cursor ? { cursor } : { page: at + 1 }));
    if (mine === generation && isAllowed()) table.addBlock(at, page);
  } catch (error) {
    if (mine !== generation || error.status === 401) return;
    if (!error.status && !error.code) throw error;
    stale.wasNotRead(error);
    refreshSoon();
  } finally {
    if (mine === generation) under.delete(at);
  }
}

export function readUnder(key, page) {
  const group = listing.groupOf(key);
  if (!group) return listAlerts(consequencesQuery(key, page));
  return listAlerts(query({ page, only: onlyOf(group.value) }));
}
