// Passes on to the sections that alerts have changed.

const listeners = new Set();

// Calls `act` with the changed alerts; with none: anything may have changed. Returns how to end that.
export function whenAlertsChange(act) {
  listeners.add(act);
  return () => listeners.delete(act);
}

export function announceChanges(alerts) {
  for (const act of listeners) act(alerts);
}
