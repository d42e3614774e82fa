// Settings of an analysis in a dialog.

import { Dialog, html, useCommand, useState } from "../../app/kit.js";

const KINDS = [["share", "first share of the rows, in %"], ["rows", "first rows"], ["until", "rows before a time"], ["files", "first files"]];

const lines = (text) => text.split(/[\n,]/).map((line) => line.trim()).filter(Boolean);

function baselineOf(kind, value) {
  if (kind === "until") return { until: new Date(value).toISOString() };
  return { [kind]: kind === "share" ? Number(value) / 100 : Number(value) };
}

export function Settings({ dataset, former = null, onClose, onBegun }) {
  const [kind, setKind] = useState("share");
  const [fault, setFault] = useState("");
  const [send, isBusy] = useCommand({ onFault: (error) => { setFault(error.expected ? error.details.map(({ name, expected }) => `${name}: ${expected}`).join("; ") : error.message); return true; } });
  const kinds = KINDS.filter(([name]) => (name !== "files" || dataset.files > 1) && (name !== "until" || dataset.columns.some((column) => column.kind === "time")));
  const begin = async (event) => {
    event.preventDefault();
    const given = new FormData(event.target);
    const settings = { baseline: baselineOf(kind, given.get("value")), false_alarm_rate: Number(given.get("rate")) / 100,
      warning_rate: Math.max(.05, Number(given.get("rate")) / 100), features: lines(given.get("features")), excluded: lines(given.get("excluded")) };
    const answer = former ? await send("POST", `/analyses/${former.id}/rerun`, { body: settings })
      : await send("POST", "/analyses", { body: { dataset: dataset.id, ...settings } });
    if (answer) onBegun(answer.data.id);
  };
  const config = former?.config;
  return html`<${Dialog} title=${former ? "Analyse again" : "Analyse"} onClose=${onClose} wide><form class="form" onSubmit=${begin}>
    ${fault && html`<p class="form-fault" role="alert">${fault}</p>`}
    <div class="field"><label for="baseline-kind">Baseline: rows without faults</label>
      <select id="baseline-kind" value=${kind} onChange=${(event) => setKind(event.target.value)}>${kinds.map(([name, title]) => html`<option value=${name}>${title}</option>`)}</select>
      <input key=${kind} name="value" class="short" aria-label="Baseline" required type=${kind === "until" ? "datetime-local" : "number"} min="1" step=${kind === "share" ? "any" : "1"} defaultValue=${kind === "share" ? 50 : kind === "files" ? 1 : ""} />
      <p class="about">The other rows are compared with it. It needs at least 20 rows, better thousands, and all modes of operation.</p></div>
    <div class="field"><label for="rate">Ordinary rows that may be called anomalous, in %</label><input id="rate" name="rate" class="short" type="number" min="0.001" max="50" step="any" defaultValue=${config ? 100 * config.false_alarm_rate : 1} /></div>
    <div class="field"><label for="features">Columns to compare<span class="optional">all, unless given</span></label><input id="features" name="features" spellcheck=${false} placeholder="f_*" defaultValue=${config?.features.join(", ") ?? ""} /></div>
    <div class="field"><label for="excluded">Columns to leave out<span class="optional">optional</span></label><input id="excluded" name="excluded" spellcheck=${false} placeholder="valve_*" defaultValue=${config?.excluded.join(", ") ?? ""} /></div>
    <div class="buttons"><button type="submit" class="primary" disabled=${isBusy}>Analyse</button><button type="button" class="quiet" onClick=${onClose}>Cancel</button></div>
  </form><//>`;
}
