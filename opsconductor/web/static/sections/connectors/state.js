// The state of a connector in words.

import { html, Mark } from "../../app/kit.js";

const KINDS = { connected: "good", error: "bad", degraded: "warn", connecting: "warn" };
const WORDS = { connected: "works", error: "does not work", degraded: "works partly", connecting: "starting" };

export const stateOf = (connector) => (connector.enabled ? WORDS[connector.status] ?? connector.status : "off");

export const State = ({ of }) => html`<${Mark} kind=${of.enabled ? KINDS[of.status] ?? "off" : "off"}>${stateOf(of)}<//>`;
