// Consequences under their causes: read page by page, shown as rows of the list.

import { listAlerts } from "./api.js";
import { el, toast } from "./dom.js";
import { number } from "./format.js";
import { fillRow, isFoldable, makeRow } from "./row.js";
import { consequencesQuery } from "./view.js";

const groups = new Map(); // id of the cause: { rows, total, page }

export const all = () => [...groups.values()].flatMap((under) => under.rows);
export const rowOf = (id) => all().find((row) => row.alert.id === id) ?? null;

export function keepOnly(causes) {
  for (const id of groups.keys()) if (!causes.has(id)) groups.delete(id);
}

export async function toggle(row, changed) {
  if (!row || (!isFoldable(row) && !groups.has(row.alert.id))) return;
  const { id } = row.alert;
  row.parts.fold.setAttribute("aria-expanded", String(!groups.has(id)));
  if (groups.delete(id)) return changed();
  groups.set(id, { rows: [], total: 0, page: 0 });
  await read(id, changed);
}

export async function refresh(changed) {
  for (const [id, under] of [...groups]) {
    if (under.page > 1) continue; // further pages are expanded: only changes are written there
    under.page = 0;
    await read(id, changed);
  }
}

export function elementsOf(id, changed) {
  const under = groups.get(id);
  if (!under) return [];
  const shown = under.rows.map((child) => child.element);
  return under.total > under.rows.length ? [...shown, moreRow(id, under, changed)] : shown;
}

async function read(id, changed) {
  const under = groups.get(id);
  try {
    const { data, meta } = await listAlerts(consequencesQuery(id, under.page + 1));
    const kept = new Map(under.rows.map((row) => [row.alert.id, row]));
    const found = data.map((alert) => {
      const row = kept.get(alert.id);
      if (row) fillRow(row, alert);
      return row ?? makeRow(alert, { child: true });
    });
    under.rows = under.page ? [...new Set([...under.rows, ...found])] : found;
    under.total = meta.total;
    under.page += 1;
    changed();
  } catch (error) {
    toast(`Consequences cannot be read: ${error.message}`, { bad: true });
  }
}

function moreRow(id, under, changed) {
  const more = el("button", { type: "button", text: `Show more of ${number(under.total)}`, onclick: () => read(id, changed) });
  return el("tr", { class: "more" }, el("td", { colspan: 6 }, more));
}
