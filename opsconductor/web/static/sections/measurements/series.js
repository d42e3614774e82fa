// Series of measured values: found by device and metric, and one of them over time.

import { go, html, LineChart, pathOf, Reading, Table, TimeAgo, useApi } from "../../app/kit.js";

const RANGES = [["6h", 6], ["1d", 24], ["7d", 168], ["30d", 720]];
const SLOTS = 300;
const COLUMNS = [
  { name: "device", title: "Device", sorts: false, cell: (one) => html`<a href=${seriesOf(one)} tabindex="-1">${one.device_name ?? one.device}</a><small>${one.device_name ? one.device : ""}</small>` },
  { name: "metric", title: "Metric", grow: true, sorts: false, cell: (one) => html`<span class="mono">${one.metric}</span><small>${one.resource}</small>` },
  { name: "unit", title: "Unit", sorts: false },
  { name: "source", title: "From", sorts: false, minor: true },
  { name: "last_at", title: "Last value", align: "right", sorts: false, cell: (one) => html`<${TimeAgo} at=${one.last_at} />` },
];

function seriesOf({ id }) {
  return pathOf("measurements", "series", id);
}

export function Series({ item, query }) {
  if (item) return html`<${One} id=${item} query=${query} />`;
  return html`<${Found} query=${query} />`;
}

function Found({ query }) {
  const wanted = Object.fromEntries(["device", "metric", "resource"].map((name) => [name, query.get(name) ?? ""]));
  const found = useApi(`/series?per_page=100&${new URLSearchParams(wanted)}`);
  const to = (name) => (event) => go(`/measurements/series?${new URLSearchParams({ ...wanted, [name]: event.target.value })}`, { replace: true });
  return html`<${Reading} of=${found}>${(rows, meta) => html`<${Table} label="Series" noun=${["series", "series"]} columns=${COLUMNS} rows=${rows} keyOf=${({ id }) => id}
      filter=${false} open=${(one) => go(seriesOf(one))} empty="No series: sources deliver values, or POST /api/v1/metrics.">
      ${Object.entries(wanted).map(([name, value]) => html`<input type="search" placeholder=${name} aria-label=${`Search ${name}`} value=${value} spellcheck=${false} onChange=${to(name)} />`)}<//>
    ${meta.next_cursor && html`<p class="faint">The first 100 are shown: search for more of the name.</p>`}`}<//>`;
}

function One({ id, query }) {
  const [name, hours] = RANGES.find(([each]) => each === query.get("range")) ?? RANGES[1];
  const step = Math.max(60, Math.round(hours * 3600 / SLOTS));
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const from = new Date(now - hours * 3_600_000).toISOString(), until = new Date(now + 60_000).toISOString();
  const path = (aggregate) => `/series/${encodeURIComponent(id)}/points?start=${from}&end=${until}&step=${step}&aggregate=${aggregate}`;
  const mean = useApi(path("mean")), low = useApi(path("min")), high = useApi(path("max"));
  const rules = (metric) => `${pathOf("measurements", "rules", "+new")}?${new URLSearchParams({ metric })}`;
  return html`<${Reading} of=${mean}>${({ series, unit, points }) => html`<section class="panel" aria-label="Series">
    <p><b>${series.device_name ?? series.device}</b> <span class="mono">${series.metric}</span> ${series.resource} <span class="faint">from ${series.source}</span></p>
    <div class="ranges" role="group" aria-label="Range">${RANGES.map(([each]) => html`<button type="button" aria-pressed=${String(each === name)}
      onClick=${() => go(`${pathOf("measurements", "series", id)}?range=${each}`, { replace: true })}>${each}</button>`)}</div>
    <${LineChart} title=${`${series.metric.replaceAll("_", " ")}, mean and range of ${step < 3600 ? `${Math.round(step / 60)} minutes` : `${Math.round(step / 3600)} hours`}`}
      times=${points.map(([at]) => Date.parse(at) / 1000)} values=${points.map(([, value]) => value)} unit=${unit}
      ...${bounds(points, low.data?.points, high.data?.points)} />
    <p><a href=${rules(series.metric)}>Set a limit</a> · <a href=${`/measurements?${new URLSearchParams({ filter: "", search: series.metric })}`}>Anomalies of this metric</a></p></section>`}<//>`;
}

// The range is drawn once both of its sides are there for the same slots.
function bounds(points, low, high) {
  if (low?.length !== points.length || high?.length !== points.length) return {};
  return { lowest: low.map(([, value]) => value), highest: high.map(([, value]) => value) };
}
