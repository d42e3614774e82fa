// The state of a device at a time in the past: the alerts open then, and the values measured last before.

import { html, moment, pathOf, Reading, Severity, Table, useApi, useState } from "../../app/kit.js";
import { quantity } from "../../app/quantity.js";

const SOURCES = { snapshot: "As it was stored", none: "No data is stored for that time." };
const ALERTS = [
  { name: "severity", title: "Severity", sorts: false, cell: (one) => html`<${Severity} of=${one.severity} />` },
  { name: "title", title: "Alert", grow: true, sorts: false, cell: (one) => html`<a href=${pathOf("alerts", one.id)}>${one.title}</a>` },
  { name: "status", title: "Status", sorts: false },
  { name: "occurred_at", title: "Since", align: "right", sorts: false, cell: (one) => moment(one.occurred_at) },
];
const VALUES = [
  { name: "metric", title: "Metric", grow: true, sorts: false, cell: (one) => html`${one.metric}${one.resource && html`<small>${one.resource}</small>`}` },
  { name: "value", title: "Value", align: "right", sorts: false, cell: (one) => quantity(one.value, one.unit) },
  { name: "at", title: "Measured", align: "right", sorts: false, cell: (one) => moment(one.at) },
];

export function Past({ name }) {
  const [at, setAt] = useState("");
  const time = at && new Date(at);
  return html`<section class="stack" aria-label="State at a time"><h3>State at a time</h3>
    <div class="tools"><label>State at <input type="datetime-local" value=${at} onInput=${(event) => setAt(event.target.value)} /></label></div>
    ${time && (time > new Date() ? html`<p class="faint" role="status">This time is in the future.</p>` : html`<${Then} key=${at} name=${name} at=${time.toISOString()} />`)}</section>`;
}

function Then({ name, at }) {
  const state = useApi(`${pathOf("devices", name, "state")}?at=${encodeURIComponent(at)}`);
  return html`<${Reading} of=${state}>${(one) => html`<div class="stack">
    ${SOURCES[one.source] && html`<p class="faint" role="status">${SOURCES[one.source]}${one.source === "snapshot" && ` at ${moment(one.known_at)}; the history of that time is deleted.`}</p>`}
    ${one.source !== "none" && html`<${Table} label="Alerts open then" columns=${ALERTS} rows=${one.alerts} filter=${false} keyOf=${(each) => each.id}
      noun=${["alert", "alerts"]} empty="No alert was open." />`}
    ${one.values.length > 0 && html`<${Table} label="Values measured last before" columns=${VALUES} rows=${one.values} filter=${false} keyOf=${(each) => each.series} noun=${["value", "values"]} />`}
    </div>`}<//>`;
}
