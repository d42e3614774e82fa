// The list of connectors.

import { Head, html, number, pathOf, Reading, Table, TimeAgo, useApi, go } from "../../app/kit.js";
import { State, stateOf } from "./state.js";

const EVERY_MS = 10_000;
const ROLES = { source: "source", channel: "channel", inventory: "inventory" };

const COLUMNS = [
  { name: "name", title: "Connector", cell: (one) => html`<a href=${pathOf("connectors", one.name)} tabindex="-1">${one.name}</a>` },
  { name: "status", title: "State", value: stateOf, cell: (one) => html`<${State} of=${one} />` },
  { name: "role", title: "Role", value: (one) => ROLES[one.role] ?? "not installed" },
  { name: "type", title: "Type" },
  { name: "error_message", title: "What is wrong", grow: true, sorts: false, value: wrongOf, cell: Wrong },
  { name: "alerts_today", title: "Today", align: "right", cell: (one) => (one.alerts_today === null ? "" : number(one.alerts_today)) },
  { name: "last_success_at", title: "Last success", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_success_at} none="" />` },
];

export function List() {
  const connectors = useApi("/connectors", { every: EVERY_MS });
  return html`<${Head} title="Connectors" about="Sources bring alerts in, channels take notifications out, inventories know the devices" />
    <${Reading} of=${connectors}>${(rows) => html`<${Table} label="Connectors" noun=${["connector", "connectors"]} columns=${COLUMNS} rows=${rows}
      first="name" open=${(one) => go(pathOf("connectors", one.name))}
      empty="No connector is declared yet. Declare one in a file: opsconductor apply FILE" />`}<//>`;
}

function wrongOf(one) {
  const rejected = one.rejected.length ? `rejected ${number(one.rejected.reduce((sum, { count }) => sum + count, 0))}` : "";
  return [one.enabled && one.error_message, rejected].filter(Boolean).join(" ");
}

function Wrong(one) {
  const [worst] = one.rejected;
  return html`${one.enabled && one.error_message}${worst && html`<small>${number(worst.count)} rejected from ${worst.sender}: ${worst.explanation}</small>`}`;
}
