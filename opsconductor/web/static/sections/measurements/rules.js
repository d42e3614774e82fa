// Limits of measured values: rules, and trying them over stored points.

import { DeclaredForm, go, html, Mark, pathOf, Reading, Table, useApi, useSchema } from "../../app/kit.js";

const ruleOf = ({ row }) => pathOf("measurements", "rules", row.name);
const limits = ({ row }) => (row.hold_back ? "anomalies are held back" : ["warning", "critical"].filter((each) => row[each] !== null)
  .map((each) => `${each} ${row.direction} ${row[each]}`).join(", "));
const scope = ({ row }) => Object.entries(row.scope).map(([name, values]) => `${name.replace("_", " ")} ${values.join(", ")}`).join("; ") || "every device";

const COLUMNS = [
  { name: "name", title: "Rule", value: ({ row }) => row.name, cell: (stored) => html`<a href=${ruleOf(stored)} tabindex="-1">${stored.row.name}</a><small>${stored.row.description}</small>` },
  { name: "of", title: "Of", value: ({ row }) => row.metric || row.expression, cell: ({ row }) => html`<span class="mono">${row.metric || row.expression}</span>` },
  { name: "limits", title: "Limits", grow: true, value: limits },
  { name: "scope", title: "Devices", value: scope },
  { name: "enabled", title: "State", value: ({ row }) => (row.enabled ? "on" : "off"), cell: ({ row }) => html`<${Mark} kind=${row.enabled ? "good" : "off"}>${row.enabled ? "on" : "off"}<//>` },
];

export function Rules({ may }) {
  const rules = useApi("/alert-rules", { all: true });
  return html`<${Reading} of=${rules}>${(rows) => html`<${Table} label="Limits" noun=${["rule", "rules"]} columns=${COLUMNS} rows=${rows}
      keyOf=${({ row }) => row.name} first="name" open=${(stored) => go(ruleOf(stored))} empty="No limit yet: values are watched by the detector alone.">
      ${may("config:write") && html`<a class="button primary" href=${pathOf("measurements", "rules", "+new")}>New limit</a>`}<//>`}<//>`;
}

export function EditRule({ name, query, mayWrite }) {
  const schema = useSchema("DeclaredAlertRule");
  const initial = name === null ? Object.fromEntries(["metric"].map((each) => [each, query.get(each)]).filter(([, value]) => value)) : undefined;
  return html`<${Reading} of=${schema}>${(found) => html`<${DeclaredForm} path="/alert-rules" name=${name} schema=${found} initial=${initial}
    mayWrite=${mayWrite} onDone=${() => go("/measurements/rules")} />`}<//>`;
}
