// Status of the database: a banner while it is away or behind, removed when it is back.

import { byId } from "./dom.js";
import { bothTimes, number, shortMoment } from "./format.js";

let state = "connected";
let changed = () => {};

export const whenDatabaseChanges = (act) => { changed = act; };

// Handles the status in the live feed and in every list: { database, since, waiting }.
export function showDatabase(standing) {
  if (standing.database === "busy") return; // a single late answer is not shown
  const banner = byId("database");
  banner.hidden = standing.database === "connected";
  banner.className = `notice ${standing.database}`;
  if (!banner.hidden) {
    const text = sentence(standing);
    if (banner.textContent !== text) banner.textContent = text;
    banner.title = bothTimes(standing.since);
  }
  if (standing.database === state) return;
  state = standing.database;
  changed();
}

function sentence({ database, since, waiting }) {
  const when = `since ${shortMoment(since)}: showing live state`;
  const kept = "changes are stored in the spool";
  const amount = `(${number(waiting)} waiting)`;
  return database === "behind"
    ? `Database behind ${when}; ${kept} and follow ${amount}`
    : `Database away ${when}; history is not available; ${kept} ${amount}`;
}
