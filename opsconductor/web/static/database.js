// How the database stands: a calm banner while it is away or behind, gone by itself when it is back.

import { byId } from "./dom.js";
import { bothTimes, number, shortMoment } from "./format.js";

let state = "connected";
let changed = () => {};

export const whenDatabaseChanges = (act) => { changed = act; };

// Takes what the live feed and every list say: { database, since, waiting }.
export function showDatabase(standing) {
  if (standing.database === "busy") return; // one answer was late; nothing anyone has to know
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
  const kept = "changes are kept safely on this machine";
  const amount = `(${number(waiting)} waiting)`;
  return database === "behind"
    ? `Database behind ${when}; ${kept} and follow ${amount}`
    : `Database away ${when}; history is not available; ${kept} ${amount}`;
}
