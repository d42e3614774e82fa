// Which alerts are selected: some by their ids, or all that match the filter. Kept while rows come and go.

const picked = new Map(); // id -> alert as it was when it was picked
let everything = 0; // number of alerts that match, when all of them are selected
let anchor = null;
const listeners = [];
const changed = () => { for (const act of listeners) act(); };

export const whenSelected = (act) => listeners.push(act);
export const isSelected = (id) => everything > 0 || picked.has(id);
export const isEverything = () => everything > 0;
export const amount = () => everything || picked.size;
export const pickedAlerts = () => [...picked.values()];

export function toggle(alert) {
  everything = 0;
  if (!picked.delete(alert.id)) picked.set(alert.id, alert);
  anchor = alert.id;
  changed();
}

// Selects from the row toggled last to this one, in the order of the list.
export function extend(alert, order, alertOf) {
  const ids = order.filter((entry) => entry.kind === "alert").map((entry) => entry.id);
  const from = ids.indexOf(anchor), to = ids.indexOf(alert.id);
  if (from < 0 || to < 0) return toggle(alert);
  everything = 0;
  for (const id of ids.slice(Math.min(from, to), Math.max(from, to) + 1)) picked.set(id, alertOf(id));
  changed();
}

export function selectEverything(total) {
  picked.clear();
  everything = total;
  changed();
}

export function clear() {
  if (!amount()) return;
  picked.clear();
  everything = 0;
  anchor = null;
  changed();
}

export function keepNewest(alert) {
  if (picked.has(alert.id)) picked.set(alert.id, alert);
}
