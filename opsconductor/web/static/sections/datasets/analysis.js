// One analysis: progress, then what was found: the picture, the rows, the features that explain them.

import { confirm, Cut, Facts, go, Head, html, Mark, moment, number, pathOf, plural, Reading, Table, useApi, useCommand, useState } from "../../app/kit.js";
import { ANALYSIS_STATES } from "./dataset.js";
import { COLUMNS, ofAnomaly } from "../measurements/anomalies.js";
import { blamed, Picture } from "./picture.js";
import { Settings } from "./settings.js";

const EVERY_MS = 1_000;
const MOST_RUNS = 100;
const isOpen = (analysis) => !analysis || analysis.status === "waiting" || analysis.status === "running";

const ROWS = [
  { name: "row_number", title: "Row", align: "right", cell: ({ row_number: row }) => number(row) },
  { name: "where", title: "Where", value: ({ file, line }) => `${file}:${line}`, minor: true },
  { name: "occurred_at", title: "Time", cell: ({ occurred_at: at }) => (at ? moment(at) : "") },
  { name: "level", title: "Level", value: ({ level, severity }) => severity ?? level },
  { name: "distance", title: "Distance", align: "right", cell: ({ distance, statistic }) => html`${distance.toFixed(2)}<small>${statistic}</small>` },
  { name: "features", title: "Explained by", grow: true, value: ({ features }) => blamed(features).join("; "),
    cell: ({ features }) => html`<ul class="plain">${blamed(features).map((text) => html`<li key=${text}>${text}</li>`)}</ul>` },
];

const RUNS = COLUMNS.filter(({ name }) => ["title", "severity", "status"].includes(name));

export function Analysis({ id, mayWrite }) {
  const [is, setOpen] = useState(true);
  const found = useApi(`/analyses/${id}`, { every: is ? EVERY_MS : 0 });
  if (found.data && isOpen(found.data) !== is) setOpen(isOpen(found.data));
  return html`<${Reading} of=${found}>${(analysis) => html`<${Shown} analysis=${analysis} mayWrite=${mayWrite} />`}<//>`;
}

function Shown({ analysis, mayWrite }) {
  const { id, dataset_id: dataset, status, results } = analysis;
  const [send, isBusy] = useCommand();
  const whole = useApi(`/datasets/${dataset}`);
  const [isAsking, setAsking] = useState(false);
  const remove = async () => {
    if (!await confirm({ title: "Delete this analysis?", about: "Rows and picture are deleted, the dataset stays.", button: "Delete", isDanger: true })) return;
    if (await send("DELETE", `/analyses/${id}`, { said: "Deleted" })) go(pathOf("datasets", dataset));
  };
  const at = `/api/v1/analyses/${id}`;
  return html`<${Head} title="Analysis" up=${pathOf("datasets", dataset)} upTitle=${analysis.dataset}>
      ${mayWrite && isOpen(analysis) && html`<button type="button" disabled=${isBusy} onClick=${() => send("POST", `/analyses/${id}/cancel`, { said: "Cancelled" })}>Cancel</button>`}
      ${mayWrite && !isOpen(analysis) && html`<button type="button" disabled=${!whole.data} onClick=${() => setAsking(true)}>Analyse again</button>`}
      ${mayWrite && analysis.is_own && html`<button type="button" class="danger" disabled=${isBusy} onClick=${remove}>Delete</button>`}<//>
    ${isAsking && html`<${Settings} dataset=${whole.data} former=${analysis} onClose=${() => setAsking(false)} onBegun=${(next) => { setAsking(false); go(pathOf("datasets", dataset, next)); }} />`}
    <section class="panel" aria-label="State"><${Mark} kind=${ANALYSIS_STATES[status]}>${status}${analysis.step && isOpen(analysis) ? `: ${analysis.step}` : ""}<//>
      ${isOpen(analysis) && html`<progress value=${analysis.progress} max="1" aria-label="Progress of the analysis"></progress>`}
      ${analysis.error_message && html`<p class="outcome bad" role="alert">${analysis.error_message}</p>`}
      ${results && html`<${Summary} of=${results} />`}</section>
    ${status === "completed" && (analysis.archived_at ? html`<p class="faint">Rows and picture were deleted by retention: analyse again.</p>`
      : html`<${Found} id=${id} at=${at} />`)}`;
}

function Summary({ of: found }) {
  const limit = ({ value, source }) => `${value.toPrecision(4)} (${source})`;
  const leading = found.leading.filter(({ first }) => first > 0).slice(0, 8);
  return html`<p class="outcome">${plural(found.anomalous, "anomalous row", "anomalous rows")} and ${plural(found.warning, "warning", "warnings")} of ${number(found.monitored_rows)} rows</p>
    <${Facts} of=${[["Baseline", plural(found.baseline_rows, "row", "rows")], ["Compared", plural(found.features, "column", "columns")],
      ["Components", `${found.components}, which keep ${(100 * found.explained).toFixed(1)} % of the variance`],
      ["Limits", `T2 ${limit(found.limits.t2)}, SPE ${limit(found.limits.spe)}`],
      ["Too few values", found.unknown > 0 && plural(found.unknown, "row", "rows")],
      ["First explained by", leading.map(({ name, first }) => `${name} (${number(first)})`).join(", ")],
      ["Constant before", found.changed_constants.map(({ name, rows }) => `${name} changes in ${plural(rows, "row", "rows")}`).join(", ")]]} />`;
}

function Found({ id, at }) {
  const points = useApi(`/analyses/${id}/projection`);
  const rows = useApi(`/analyses/${id}/rows?level=warning&per_page=1000`);
  const runs = useApi(`/anomalies?analysis=${id}&limit=${MOST_RUNS}`);
  return html`<section aria-label="Picture"><h3>Picture</h3>
      <${Reading} of=${points}>${(drawn) => html`<${Picture} points=${drawn} rows=${rows.data ?? []} />`}<//>
      <p class="faint">Two principal components of the baseline. They only draw: T2 and SPE in all dimensions decide.${" "}
        <a href=${`${at}/projection?format=png`} download>PNG</a>, <a href=${`${at}/projection?format=svg`} download>SVG</a>, <a href=${`${at}/rows?format=csv&level=warning`} download>rows as CSV</a></p></section>
    <section aria-label="Anomalies"><h3>Anomalies</h3><p class="faint">Rows next to each other that the same column explains. Open one to confirm it, or to call it a false alarm.</p>
      <${Reading} of=${runs}>${(found) => html`<${Table} label="Anomalies" columns=${RUNS} rows=${found} keyOf=${({ id: key }) => key} open=${(one) => go(ofAnomaly(one))}
        noun=${["anomaly", "anomalies"]} filter=${false} empty="No row is anomalous." /><${Cut} rows=${found} most=${MOST_RUNS} />`}<//></section>
    <section aria-label="Rows"><h3>Rows out of the ordinary</h3><${Reading} of=${rows}>${(found, meta) => html`<${Table} label="Rows" columns=${ROWS} rows=${found}
      keyOf=${(row) => row.row_number} noun=${["row", "rows"]} empty="All rows are ordinary." />
      ${meta.total > found.length && html`<p class="faint cut">The first ${number(found.length)} of ${number(meta.total)}; the CSV above has all.</p>`}`}<//></section>`;
}
