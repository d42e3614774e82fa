// The state of a connector, and what it has received.

import { html, Mark } from "../../app/kit.js";

const KINDS = { connected: "good", error: "bad", degraded: "warn", connecting: "warn" };

export const stateOf = (connector) => (connector.enabled ? connector.status : "off");

export const State = ({ of }) => html`<${Mark} kind=${of.enabled ? KINDS[of.status] ?? "off" : "off"}>${stateOf(of)}<//>`;

// What a connector has received in each step of the last hours; the ledger has only steps with messages.
export function receivedOf({ over_time: steps, step_s: stepS, received }, name, hours) {
  const step = stepS * 1000;
  const first = Math.floor((Date.now() - hours * 3_600_000) / step) * step;
  const times = Array.from({ length: Math.ceil((hours * 3_600_000) / step) + 1 }, (_each, index) => first + index * step);
  const amounts = new Map(steps.map(({ at }, index) => [Date.parse(at), received[name]?.[index] ?? 0]));
  return { times: times.map((at) => new Date(at).toISOString()), values: times.map((at) => amounts.get(at) ?? 0) };
}
