// What is usual, and what is too much, for all devices of a type.

import { DeclaredForm, go, html, Mark, pathOf, Reading, Table, useApi, useSchema } from "../../app/kit.js";

const WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const machineOf = ({ row }) => pathOf("measurements", "machines", row.machine_type);
const limits = ({ row }) => row.thresholds.map((each) => `${each.metric} ${["warning", "critical"].filter((level) => each[level] !== undefined)
  .map((level) => `${level} ${each.direction} ${each[level]}`).join(", ")}`).join("; ");
const usual = ({ row }) => Object.entries(row.baselines).map(([metric, { expected, variation }]) => `${metric} ${expected} ± ${variation}`);
const hours = ({ row }) => row.operational_pattern.map(({ days = [], from = "00:00", to = "24:00" }) => `${daysOf(days)} ${from}–${to}`).join("; ") || "always";

// "mon–fri" of days that follow each other, else "mon, wed".
function daysOf(days) {
  if (!days.length || days.length === WEEK.length) return "every day";
  const places = days.map((day) => WEEK.indexOf(day)).sort((one, other) => one - other);
  const isRow = places.length > 2 && places.at(-1) - places[0] === places.length - 1;
  return isRow ? `${WEEK[places[0]]}–${WEEK[places.at(-1)]}` : places.map((place) => WEEK[place]).join(", ");
}

const COLUMNS = [
  { name: "machine_type", title: "Type", value: ({ row }) => row.machine_type, cell: (stored) => html`<a href=${machineOf(stored)} tabindex="-1">${stored.row.machine_type}</a><small>${stored.row.description}</small>` },
  { name: "limits", title: "Limits", grow: true, value: limits },
  { name: "usual", title: "Usual", value: (stored) => usual(stored).join("; "), cell: (stored) => html`<ul class="plain">${usual(stored).map((text) => html`<li class="whole" key=${text}>${text}</li>`)}</ul>` },
  { name: "hours", title: "Works", value: hours, cell: (stored) => html`<span class="whole">${hours(stored)}</span>` },
  { name: "enabled", title: "State", value: ({ row }) => (row.enabled ? "on" : "off"), cell: ({ row }) => html`<${Mark} kind=${row.enabled ? "good" : "off"}>${row.enabled ? "on" : "off"}<//>` },
];

export function Machines({ may }) {
  const machines = useApi("/machine-configurations", { all: true });
  return html`<${Reading} of=${machines}>${(rows) => html`<${Table} label="Machine types" noun=${["type", "types"]} columns=${COLUMNS} rows=${rows}
      keyOf=${({ row }) => row.machine_type} first="machine_type" open=${(stored) => go(machineOf(stored))} empty="No type of machine is configured yet.">
      ${may("config:write") && html`<a class="button primary" href=${pathOf("measurements", "machines", "+new")}>New type</a>`}<//>`}<//>`;
}

export function EditMachine({ name, mayWrite }) {
  const schema = useSchema("DeclaredMachine");
  const initial = { baselines: {}, operational_pattern: [], thresholds: [] }; // what a type is made for is shown at once
  return html`<${Reading} of=${schema}>${(found) => html`<${DeclaredForm} path="/machine-configurations" name=${name} schema=${found} initial=${initial}
    mayWrite=${mayWrite} onDone=${() => go("/measurements/machines")} />`}<//>`;
}
