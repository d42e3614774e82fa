// One dataset: its files with their faults, its columns, its analyses.

import { confirm, Facts, go, Head, html, Mark, number, pathOf, plural, Reading, Table, TimeAgo, useApi, useCommand, useState } from "../../app/kit.js";
import { bytes } from "../../app/lengths.js";
import { Settings } from "./settings.js";
import { ReadState } from "./list.js";
import { Drop } from "./upload.js";

const EVERY_MS = 1_500;
const FAULTS = [
  { name: "file", title: "File" },
  { name: "line", title: "Line", align: "right", cell: ({ line }) => line || "" },
  { name: "column", title: "Column" },
  { name: "found", title: "Found", grow: true },
  { name: "expected", title: "Expected" },
];
const COLUMNS = [
  { name: "name", title: "Column" },
  { name: "kind", title: "Holds", value: ({ kind, is_text: text }) => (text ? "mostly text" : kind) },
  { name: "missing", title: "Missing", align: "right", cell: ({ missing }) => number(missing) },
  { name: "low", title: "Lowest", align: "right", cell: ({ low }) => low ?? "" },
  { name: "high", title: "Highest", align: "right", cell: ({ high }) => high ?? "" },
];
export const ANALYSIS_STATES = { waiting: "warn", running: "warn", completed: "good", failed: "bad", cancelled: "off" };
const ANALYSES = [
  { name: "created_at", title: "Analysis", cell: ({ id, dataset_id: dataset, created_at: at }) => html`<a href=${pathOf("datasets", dataset, id)}><${TimeAgo} at=${at} /></a>` },
  { name: "status", title: "State", cell: ({ status, progress, error_message: why }) => html`<${Mark} kind=${ANALYSIS_STATES[status]} title=${why ?? ""}>${status}${status === "running" ? ` ${Math.round(100 * progress)} %` : ""}<//>` },
  { name: "anomalous", title: "Anomalous", align: "right", value: ({ results }) => results?.anomalous, cell: ({ results }) => (results ? number(results.anomalous) : "") },
  { name: "warning", title: "Warnings", align: "right", value: ({ results }) => results?.warning, cell: ({ results }) => (results ? number(results.warning) : "") },
  { name: "by", title: "By", value: ({ created_by: by }) => by },
];

export function Dataset({ id, mayWrite }) {
  const found = useApi(`/datasets/${id}`, { every: EVERY_MS });
  const analyses = useApi(`/analyses?dataset=${id}`, { every: EVERY_MS });
  return html`<${Reading} of=${found}>${(dataset) => html`<${Shown} dataset=${dataset} analyses=${analyses} mayWrite=${mayWrite} reload=${found.reload} />`}<//>`;
}

function Shown({ dataset, analyses, mayWrite, reload }) {
  const { id, name, uploads, faults, columns, remarks, job } = dataset;
  const mayChange = mayWrite && dataset.is_own;
  const [send, isBusy] = useCommand();
  const [isAsking, setAsking] = useState(false);
  const change = async (body, said) => (await send("PATCH", `/datasets/${id}`, { body, said })) && reload();
  const remove = async () => {
    const about = `${plural(uploads.length, "file", "files")} and ${plural(dataset.analyses, "analysis", "analyses")} are deleted with it.`;
    if (!await confirm({ title: `Delete ${name}?`, about, button: "Delete", isDanger: true })) return;
    if (await send("DELETE", `/datasets/${id}`, { said: "Deleted" })) go(pathOf("datasets"));
  };
  const saved = (event) => {
    event.preventDefault();
    const tags = new FormData(event.target).get("tags").split(",").map((tag) => tag.trim()).filter(Boolean);
    change({ tags }, "Tags saved");
  };
  return html`<${Head} title=${name} up=${pathOf("datasets")} upTitle="Datasets" about=${dataset.description}>
      ${mayWrite && dataset.rows !== null && html`<button type="button" class="primary" onClick=${() => setAsking(true)}>Analyse</button>`}
      ${mayChange && html`<button type="button" disabled=${isBusy} onClick=${() => change({ is_shared: !dataset.is_shared }, dataset.is_shared ? "No longer shared" : "Shared")}>${dataset.is_shared ? "Stop sharing" : "Share"}</button>
        <button type="button" class="danger" disabled=${isBusy} onClick=${remove}>Delete</button>`}<//>
    ${isAsking && html`<${Settings} dataset=${dataset} onClose=${() => setAsking(false)} onBegun=${(analysis) => go(pathOf("datasets", id, analysis))} />`}
    <div class="stack">
      <section class="panel" aria-label="Files"><${Facts} of=${[["State", html`<${ReadState} job=${job} />`], ["Rows", dataset.rows !== null && number(dataset.rows)],
        ["Size", bytes(dataset.bytes)], ["Owner", dataset.created_by], ["Shared", dataset.is_shared && "with everyone who may read datasets"]]} />
        ${job?.status === "processing" && html`<progress value=${job.progress} max="1" aria-label="Progress of reading"></progress>`}
        ${job?.error_message && html`<p class="outcome bad" role="alert">${job.error_message}</p>`}
        ${remarks.map((remark) => html`<p class="faint" key=${remark}>${remark}</p>`)}
        <ul class="plain">${uploads.map((file) => html`<li key=${file.id}>${file.original_filename} <span class="faint">${bytes(file.file_size)}${file.status === "receiving" ? `, ${bytes(file.received)} arrived` : ""}</span></li>`)}</ul>
        ${mayChange ? html`<form class="one-line dataset-tags" onSubmit=${saved}><label>Tags <input name="tags" key=${dataset.tags.join(", ")} defaultValue=${dataset.tags.join(", ")} spellcheck=${false} /></label><button type="submit" disabled=${isBusy}>Save</button></form>`
          : dataset.tags.map((tag) => html`<span class="tag" key=${tag}>${tag}</span> `)}
        ${mayChange && html`<${Drop} label="More rows" begin=${async () => id} onDone=${reload} />`}</section>
      ${faults.length > 0 && html`<section aria-label="Faults"><h3>${plural(dataset.fault_total, "fault", "faults")} in the files: such cells and rows are left out</h3>
        <${Table} label="Faults" columns=${FAULTS} rows=${faults} filter=${false} keyOf=${JSON.stringify} noun=${["fault", "faults"]} /></section>`}
      <section aria-label="Analyses"><h3>Analyses</h3><${Reading} of=${analyses}>${(rows) => html`<${Table} label="Analyses" columns=${ANALYSES} rows=${rows}
        keyOf=${(row) => row.id} filter=${false} open=${(row) => go(pathOf("datasets", id, row.id))} noun=${["analysis", "analyses"]} empty="Not analysed yet." />`}<//></section>
      ${columns.length > 0 && html`<section aria-label="Columns"><h3>${plural(columns.length, "column", "columns")}</h3>
        <${Table} label="Columns" columns=${COLUMNS} rows=${columns} noun=${["column", "columns"]} /></section>`}</div>`;
}
