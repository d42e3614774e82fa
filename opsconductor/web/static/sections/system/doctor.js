// The doctor: runs an examination and shows its findings, the worst first.

import { requestLines } from "../../api.js";
import { html, Mark, number, Table, TimeAgo, toast, useEffect, useState } from "../../app/kit.js";
import { bytes } from "../../app/lengths.js";

const KINDS = { ok: "good", warning: "warn", bad: "bad" };
const WORDS = { ok: "in order", warning: "look at it", bad: "wrong" };
const ORDER = ["bad", "warning", "ok"];
const WITHIN_S = 20; // the longest part of an examination, the database, has ten

const KEPT = [
  { name: "name", title: "Data", grow: true, cell: (one) => html`${one.name}<small>${one.setting}</small>` },
  { name: "length", title: "Kept for", sorts: false },
  { name: "oldest_at", title: "Oldest row", align: "right", cell: (one) => html`<${TimeAgo} at=${one.oldest_at} none=${one.is_known ? "none" : "takes too long"} />` },
  { name: "bytes", title: "Size", align: "right", cell: (one) => bytes(one.bytes) },
];

export function Doctor() {
  const [report, setReport] = useState(null);
  const [progress, setProgress] = useState(null);
  const isBusy = progress !== null;
  const examine = async () => {
    setProgress({ waiting: [], of: 0 });
    try {
      const last = await requestLines("/system/doctor?format=jsonl", (line) => { if (line?.waiting) setProgress(line); }, { withinMs: WITHIN_S * 1000 });
      if (last?.report) setReport(last.report);
    } catch (error) {
      if (!error.code) throw error;
      toast(`Not examined: ${error.message}`, { bad: true });
    }
    setProgress(null);
  };
  useEffect(() => { examine(); }, []);
  return html`<div class="tools"><button type="button" class="primary" disabled=${isBusy} onClick=${examine}>${isBusy ? "Examining…" : "Examine again"}</button>
      ${report && !isBusy && html`<span class="faint" role="status">${amountsOf(report.findings)}, <${TimeAgo} at=${report.at} /></span>`}</div>
    ${isBusy && html`<${Progress} ...${progress} />`}
    ${report && html`<${Findings} of=${report.findings} />`}
    ${report?.retention.length > 0 && html`<section aria-label="Retention"><h3>Retention</h3><${Table} label="Retention" columns=${KEPT} rows=${report.retention} filter=${false} noun=${["kind", "kinds"]} /></section>`}`;
}

const Progress = ({ waiting, of }) => html`<div class="progress" role="status"><progress aria-label="Examination" max=${of || 1} value=${of - waiting.length}></progress>
  <p class="faint">${waiting.length ? `${number(of - waiting.length)} of ${number(of)} steps are done. Still examined: ${waiting.join(", ")}` : "Examining…"}</p></div>`;

function amountsOf(findings) {
  const amount = (verdict) => findings.filter((each) => each.verdict === verdict).length;
  return [["bad", "wrong"], ["warning", "to look at"], ["ok", "in order"]].filter(([verdict]) => amount(verdict))
    .map(([verdict, word]) => `${number(amount(verdict))} ${word}`).join(", ");
}

function Findings({ of }) {
  const sorted = [...of].sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));
  return html`<ul class="findings">${sorted.map((each) => html`<li class=${each.verdict}>
    <${Mark} kind=${KINDS[each.verdict]} title=${WORDS[each.verdict]}><b>${each.area}</b><//>
    <div><p><span class="unseen">${WORDS[each.verdict]}: </span>${each.text}</p>${each.remedy && html`<p class="remedy">${each.remedy}</p>`}</div></li>`)}</ul>`;
}
