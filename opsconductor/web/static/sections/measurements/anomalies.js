// The list of anomalies, a page at a time.

import { go, html, Mark, pathOf, Reading, Table, TimeAgo, useApi, useState } from "../../app/kit.js";

const EVERY_MS = 15_000;
const KINDS = { critical: "bad", high: "bad", medium: "warn", low: "off" };
const FILTERS = [["open=true", "lasting"], ["", "all"], ["admitted=true", "alerted"], ["admitted=false&source=series", "held back"],
  ["source=dataset", "in datasets"], ["status=false_positive", "false alarms"]];

export const ofAnomaly = ({ id }) => pathOf("measurements", "anomaly", id);
export const Weight = ({ of }) => html`<${Mark} kind=${KINDS[of] ?? "off"}>${of}<//>`;
export const whereOf = (one) => one.dataset_name ?? (one.device_name || one.device_key);
export const outcomeOf = (one) => (one.analysis_id ? "in a dataset" : one.is_admitted ? "alerted" : "held back");
export const stateOf = ({ status, ended_at: ended }) => (status === "detected" && ended ? "over" : status.replace("_", " "));

export const COLUMNS = [
  { name: "title", title: "What", grow: true, sorts: false, cell: (one) => html`<a href=${ofAnomaly(one)} tabindex="-1">${one.title}</a>
    <small>${one.rule_name ? `limit: ${one.rule_name}` : one.algorithm_used}${one.members > 0 && `, with ${one.members} more`}</small>` },
  { name: "device_name", title: "Where", sorts: false, cell: (one) => html`${whereOf(one)}<small>${one.resource || one.site}</small>` },
  { name: "severity", title: "Severity", sorts: false, cell: ({ severity }) => html`<${Weight} of=${severity} />` },
  { name: "status", title: "State", sorts: false, cell: (one) => html`${stateOf(one)}<small>${outcomeOf(one)}</small>` },
  { name: "detected_at", title: "Begun", align: "right", sorts: false, cell: (one) => html`<${TimeAgo} at=${one.detected_at} />${!one.ended_at && html`<small>lasts</small>`}` },
];

export function Anomalies({ query }) {
  const filter = query.get("filter") ?? "open=true";
  const search = query.get("search") ?? "";
  const [cursors, setCursors] = useState([""]);
  const found = useApi(`/anomalies?limit=100&${filter}&search=${encodeURIComponent(search)}&cursor=${cursors.at(-1)}`, { every: EVERY_MS });
  const to = (changed) => {
    setCursors([""]);
    go(`/measurements?${new URLSearchParams({ filter, search, ...changed })}`, { replace: true });
  };
  return html`<${Reading} of=${found}>${(rows, meta) => html`<${Table} label="Anomalies" noun=${["anomaly", "anomalies"]} columns=${COLUMNS} rows=${rows}
      keyOf=${({ id }) => id} filter=${false} open=${(one) => go(ofAnomaly(one))} empty="Nothing is out of the ordinary."
      paging=${(meta.next || cursors.length > 1) && { range: `page ${cursors.length}`, onPrevious: cursors.length > 1 ? () => setCursors(cursors.slice(0, -1)) : null,
        onNext: meta.next ? () => setCursors([...cursors, meta.next]) : null }}>
      <input type="search" placeholder="Search" aria-label="Search anomalies" value=${search} spellcheck=${false} onChange=${(event) => to({ search: event.target.value })} />
      <select aria-label="Which anomalies" onChange=${(event) => to({ filter: event.target.value })}>${FILTERS.map(([value, text]) =>
        html`<option value=${value} selected=${value === filter}>${text}</option>`)}</select><//>`}<//>`;
}
