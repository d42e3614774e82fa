// The audit log: filters, pages, what was changed, and whether the log is intact.

import { bothTimes, go, html, moment, number, Reading, Table, useApi, useCommand, useState } from "../../app/kit.js";

const PER_PAGE = 100;
const WITHIN_MS = 60_000;
const FILTERS = [["actor", "Who"], ["action", "Action"], ["subject", "What"]];

const COLUMNS = [
  { name: "created_at", title: "When", sorts: false, cell: (one) => html`<time datetime=${one.created_at} title=${bothTimes(one.created_at)}>${moment(one.created_at)}</time><small>no. ${number(one.seq)}</small>` },
  { name: "actor", title: "Who", sorts: false, cell: (one) => html`${one.actor || "unknown"}<small class="mono">${one.remote_ip ?? "this host"}</small>` },
  { name: "action", title: "Action", sorts: false, cell: (one) => html`<span class="tag mono">${one.action}</span>` },
  { name: "subject", title: "What", sorts: false },
  { name: "details", title: "Details", sorts: false, grow: true, value: (one) => JSON.stringify(one.details), cell: ({ details }) => Object.keys(details).length > 0 && html`<${Details} of=${details} />` },
];

export function Audit({ query }) {
  const asked = new URLSearchParams({ limit: PER_PAGE });
  for (const [name] of FILTERS) if (query.get(name)) asked.set(name, query.get(name));
  const before = query.get("before");
  if (before) asked.set("before", before);
  const found = useApi(`/audit?${asked}`);
  const to = (changes) => {
    const next = new URLSearchParams(query);
    for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name);
    go(`/system/audit${next.size ? `?${next}` : ""}`);
  };
  const paging = (rows) => ({
    range: rows.length ? `no. ${number(rows.at(-1).seq)} to ${number(rows[0].seq)}` : "",
    onPrevious: before ? () => history.back() : null,
    onNext: rows.length === PER_PAGE ? () => to({ before: rows.at(-1).seq }) : null,
  });
  return html`<div class="tools">${FILTERS.map(([name, title]) => html`<label key=${name}>${title} <input type="search" spellcheck="false" value=${query.get(name) ?? ""}
      onChange=${(event) => to({ [name]: event.target.value.trim(), before: "" })} /></label>`)}<${Verify} /></div>
    <${Reading} of=${found}>${(rows) => html`<${Table} label="Audit log" columns=${COLUMNS} rows=${rows} keyOf=${({ seq }) => String(seq)} filter=${false} paging=${paging(rows)} empty="No entry matches." />`}<//>`;
}

// Changes as "name: before → after", the rest as JSON.
function Details({ of: { before, after, ...others } }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((name) => shown(before?.[name]) !== shown(after?.[name]));
  return html`<span class="changes">${names.map((name) => html`<span><span class="faint">${name}: </span>${before && html`<del>${shown(before[name])}</del> → `}${shown(after?.[name])}</span>`)}
    ${Object.keys(others).length > 0 && html`<span class="mono">${JSON.stringify(others)}</span>`}</span>`;
}

const shown = (value) => (value === undefined || value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value));

function Verify() {
  const [verdict, setVerdict] = useState(null);
  const [send, isBusy] = useCommand();
  const verify = async () => {
    setVerdict(null);
    const answer = await send("GET", "/audit/verify", { withinMs: WITHIN_MS });
    if (answer) setVerdict(answer.data);
  };
  return html`<button type="button" disabled=${isBusy} onClick=${verify}>${isBusy ? "Verifying…" : "Verify"}</button>
    <div role="status" class="verified">${verdict && (verdict.faults.length
      ? html`<p class="verdict bad">The log is not intact: ${verdict.faults.join("; ")}.</p>`
      : html`<p class="verdict good">Intact: ${number(verdict.entries)} entries, none is missing or changed. Note its head outside of this host: <code>${verdict.head}</code></p>`)}</div>`;
}
