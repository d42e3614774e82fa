// The list of connectors.

import { go, Head, html, number, pathOf, Reading, Sparkline, Table, TimeAgo, useApi, useMemo } from "../../app/kit.js";
import { receivedOf, State, stateOf } from "./state.js";

const EVERY_MS = 10_000;
const LEDGER_MS = 60_000;
const HOURS = 24;

const COLUMNS = [
  { name: "name", title: "Connector", cell: (one) => html`<a href=${pathOf("connectors", one.name)} tabindex="-1">${one.name}</a><small>${[one.type, one.role].filter(Boolean).join(" · ")}</small>`,
    value: (one) => `${one.name} ${one.type} ${one.role}` },
  { name: "status", title: "State", value: stateOf, cell: (one) => html`<${State} of=${one} />` },
  { name: "error_message", title: "Problem", grow: true, sorts: false, value: wrongOf, cell: Wrong },
  { name: "alerts_today", title: "Alerts today", align: "right", cell: (one) => (one.role === "channel" || one.alerts_today === null ? null : number(one.alerts_today)) },
  { name: "last_success_at", title: "Last success", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_success_at} none="" />` },
];

export function List({ user }) {
  const connectors = useApi("/connectors", { every: EVERY_MS });
  const ledger = useApi(user.permissions.includes("system:read") ? `/system/ledger?hours=${HOURS}` : null, { every: LEDGER_MS });
  const columns = useMemo(() => (ledger.data ? COLUMNS.toSpliced(3, 0, {
    name: "received", title: "Messages, 24 h", minor: true, value: (one) => sumOf(ledger.data.received[one.name]),
    cell: (one) => ledger.data.received[one.name] && html`<${Messages} of=${receivedOf(ledger.data, one.name, HOURS).values} />`,
  }) : COLUMNS), [ledger.data]);
  return html`<${Head} title="Connectors" about="Sources bring alerts in, channels take notifications out, inventories provide the devices">
      ${user.permissions.includes("config:write") && html`<a class="button primary" href="/connectors?new">New connector</a>`}<//>
    <${Reading} of=${connectors}>${(rows) => html`<${Table} label="Connectors" noun=${["connector", "connectors"]} columns=${columns} rows=${rows}
      first="name" open=${(one) => go(pathOf("connectors", one.name))} empty="No connector yet: no alert can be received." />`}<//>`;
}

const sumOf = (amounts) => (amounts ?? []).reduce((sum, amount) => sum + amount, 0);

const Messages = ({ of }) => html`<div class="messages"><${Sparkline} values=${of} label=${`${number(sumOf(of))} messages in 24 hours`} /><span class="faint">${number(sumOf(of))}</span></div>`;

function wrongOf(one) {
  const rejected = one.rejected.length ? `rejected ${number(one.rejected.reduce((sum, { count }) => sum + count, 0))}` : "";
  return [one.enabled && one.error_message, rejected].filter(Boolean).join(" ");
}

function Wrong(one) {
  const [worst] = one.rejected;
  if (!worst && !(one.enabled && one.error_message)) return null;
  return html`${one.enabled && one.error_message}${worst && html`<small>${number(worst.count)} rejected from ${worst.sender}: ${worst.explanation}</small>`}`;
}
