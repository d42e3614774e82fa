// Forms for rows of the configuration (docs/api.md, Configuration): connectors, mappings, rules, devices, ...

import { toast } from "../dom.js";
import { html, useState } from "../vendor/htm-preact/standalone.module.js";
import { confirm } from "./dialog.js";
import { Form } from "./form.js";
import { Reading, useApi, useCommand } from "./reading.js";

// Creates a row (name null, from `initial`) or changes one, with a check before, as far as the user may.
// path: `/oid-mappings/own`; name: id or key; schema: of the row; onDone(row): saved, or deleted (null).
// toRow(value, row), fromRow(row): where the form has another shape than the row. rowOf(answer): where the row is in it.
// check(row, send): another check than a trial of the change. children: above the fields.
export function DeclaredForm({ path, name = null, rowOf = (answer) => answer, ...given }) {
  const row = useApi(name === null ? null : `${path}/${encodeURIComponent(name)}`);
  if (name === null) return html`<${RowForm} path=${path} ...${given} />`;
  return html`<${Reading} of=${row}>${(answer) => {
    const found = rowOf(answer);
    return found ? html`<${RowForm} key=${found.etag} path=${path} found=${found} ...${given} />` : html`<p class="void">The database is away: it cannot be changed now.</p>`;
  }}<//>`;
}

function RowForm({ path, found = null, schema, initial = {}, prefix = "", mayWrite, onDone, check, toRow = (value) => value, fromRow = (row) => row, children }) {
  const [isTakenOver, setTakenOver] = useState(false);
  const [outcome, setOutcome] = useState(null);
  const mine = found ? `${path}/${encodeURIComponent(found.id)}` : path;
  const isLocked = Boolean(found?.is_read_only) && !isTakenOver;
  const asked = (more = {}) => {
    const query = new URLSearchParams({ ...(isTakenOver ? { take_over: "true" } : {}), ...more }).toString();
    return query ? `${mine}?${query}` : mine;
  };
  const send = (post, value, more) => post(found ? "PUT" : "POST", asked(more), { body: toRow(value, found?.row), etag: found?.etag });
  const save = async (value, post) => {
    setOutcome(null);
    const answer = await send(post, value, {});
    if (!answer) return;
    announce(answer.data);
    if (answer.data.error || Object.keys(answer.data.failed).length) setOutcome(answer.data);
    onDone(answer.data.row);
  };
  const tryOut = async (value, post) => {
    setOutcome(null);
    if (check) return check(toRow(value, found?.row), post);
    const answer = await send(post, value, { dry_run: "true" });
    if (answer) setOutcome(answer.data);
    return undefined;
  };
  return html`${found && html`<${Origin} found=${found} isTakenOver=${isTakenOver} onTakeOver=${mayWrite && setTakenOver} />`}
    <${Form} schema=${schema} value=${found ? fromRow(found.row) : initial} prefix=${prefix} onSubmit=${save} onCheck=${tryOut} isLocked=${!mayWrite || isLocked}
      beside=${found && mayWrite && !isLocked && html`<${Delete} path=${asked()} label=${found.label} onDone=${onDone} />`}>${children}<//>
    ${outcome && html`<${Outcome} of=${outcome} />`}`;
}

// Where a row is from, below its title; null: made here, or no row.
export const originOf = (row) => (row?.declared_in ? `declared in ${row.declared_in}` : row?.taken_over_from ? `taken over from ${row.taken_over_from}` : null);

function Origin({ found, isTakenOver, onTakeOver }) {
  if (found.is_found) return html`<p class="origin">An inventory has found it; a change makes it your own.</p>`;
  if (found.taken_over_from) return html`<p class="origin">It was taken over from <code>${found.taken_over_from}</code>, which no longer changes it.</p>`;
  if (!found.is_read_only) return null;
  return html`<p class="origin">It is declared in <code>${found.declared_in}</code> and is changed there. ${onTakeOver &&
    html`<label><input type="checkbox" checked=${isTakenOver} onChange=${(event) => onTakeOver(event.target.checked)} /> Take it over: from now on it is changed here</label>`}</p>`;
}

function Delete({ path, label, onDone }) {
  const [needed, setNeeded] = useState(null);
  const [send, isBusy] = useCommand({ onFault: (error) => error.code === "in_use" && (setNeeded(error), true) });
  const ask = async () => {
    setNeeded(null);
    if (!await confirm({ title: `Delete the ${label}?`, about: "This takes effect at once.", button: "Delete", isDanger: true })) return;
    const answer = await send("DELETE", path);
    if (!answer) return;
    toast(`Deleted: ${label}`);
    onDone(null);
  };
  return html`<button type="button" class="danger" disabled=${isBusy} onClick=${ask}>Delete</button>
    ${needed && html`<div class="form-fault" role="alert"><p>It cannot be deleted while others need it:</p>
      <ul>${needed.details.map(({ name, found }) => html`<li><code>${name}</code>${found && ` ${found}`}</li>`)}</ul></div>`}`;
}

function announce({ summary, remarks, error }) {
  if (error) toast(`Saved, but not in force: ${error}`, { bad: true });
  else toast(remarks.length ? `Saved. ${remarks[0]}` : `Saved: ${summary}`);
}

// What a change has done, or would do: remarks (probable mistakes), values old and new.
export function Outcome({ of: { summary, changes, remarks, missing_secrets: missing, is_in_force: isInForce, error, failed } }) {
  return html`<section class="panel outcome-box" role="status" aria-label="Outcome"><p><b>${isInForce ? "Done" : "This would be done"}</b>: ${summary}</p>
    ${error && html`<p class="field-fault">Not in force: ${error}</p>`}
    ${Object.entries(failed).map(([name, why]) => html`<p class="field-fault">${name} is not working: ${why}</p>`)}
    ${missing.length > 0 && html`<p class="field-fault">Secrets that the vault lacks: ${missing.join(", ")}</p>`}
    ${remarks.length > 0 && html`<ul class="remarks">${remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}
    ${changes.flatMap((change) => change.fields).length > 0 && html`<dl class="facts wide">${changes.flatMap((change) => change.fields).map(({ name, old, new: now }) =>
      html`<dt>${name}</dt><dd>${old === null || old === undefined ? "" : html`<del>${short(old)}</del> `}${short(now)}</dd>`)}</dl>`}</section>`;
}

const short = (value) => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
