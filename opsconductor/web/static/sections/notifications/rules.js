// The notification rules, in the order in which they are evaluated.

import { go, html, pathOf, Reading, Mark, Table, useApi } from "../../app/kit.js";
import { inWords, targetInWords } from "./conditions.js";

const ruleOf = (stored) => pathOf("notifications", "rules", stored.row.name);

const COLUMNS = [
  { name: "name", title: "Rule", value: ({ row }) => row.name, cell: (stored) => html`<a href=${ruleOf(stored)} tabindex="-1">${stored.row.name}</a>
    ${stored.row.description && html`<small>${stored.row.description}</small>`}` },
  { name: "priority", title: "Order", align: "right", value: ({ row }) => row.priority },
  { name: "conditions", title: "Alerts", grow: true, sorts: false, value: ({ row }) => inWords(row.conditions) || "every alert" },
  { name: "channels", title: "Notifies", sorts: false, value: ({ row }) => row.channels.map(targetInWords).join(", "),
    cell: ({ row }) => html`<ul class="plain bare">${row.channels.map((target) => html`<li>${targetInWords(target)}</li>`)}</ul>` },
  { name: "enabled", title: "State", value: stateOf, cell: (stored) => html`<${Mark} kind=${stored.row.enabled ? "good" : "off"}>${stateOf(stored)}<//>
    ${stored.is_read_only && html`<small>from a file</small>`}` },
];

function stateOf({ row }) {
  return row.enabled ? (row.stop ? "on, the last" : "on") : "off";
}

export function Rules({ mayConfigure }) {
  const rules = useApi("/notifications/rules", { all: true });
  return html`<${Reading} of=${rules}>${(rows) => html`<${Table} label="Notification rules" noun=${["rule", "rules"]} columns=${COLUMNS}
      rows=${rows} keyOf=${({ row }) => row.name} first="priority" open=${(stored) => go(ruleOf(stored))}
      empty="No rule yet: no notifications are sent.">
      ${mayConfigure && html`<a class="button primary" href=${pathOf("notifications", "rules", "+new")}>New rule</a>`}<//>`}<//>`;
}
