// The doctor: runs an examination and shows its findings, the worst first.

import { html, Mark, number, TimeAgo, useCommand, useEffect, useState } from "../../app/kit.js";

const KINDS = { ok: "good", warning: "warn", bad: "bad" };
const WORDS = { ok: "in order", warning: "look at it", bad: "wrong" };
const ORDER = ["bad", "warning", "ok"];
const WITHIN_S = 20; // the longest part of an examination, the database, has ten

export function Doctor() {
  const [report, setReport] = useState(null);
  const [send, isBusy] = useCommand();
  const examine = async () => {
    const answer = await send("GET", "/system/doctor", { withinMs: WITHIN_S * 1000 });
    if (answer) setReport(answer.data);
  };
  useEffect(() => { examine(); }, []);
  return html`<div class="tools"><button type="button" class="primary" disabled=${isBusy} onClick=${examine}>${isBusy ? "Examining…" : "Examine again"}</button>
      ${report && !isBusy && html`<span class="faint" role="status">${told(report.findings)}, <${TimeAgo} at=${report.at} /></span>`}</div>
    ${isBusy && html`<${Progress} />`}
    ${report && html`<${Findings} of=${report.findings} />`}`;
}

function Progress() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((each) => each + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  return html`<div class="progress" role="status"><progress aria-label="Examination"></progress>
    <p class="faint">Database, connectors, ledger, disk, clock, certificates and configuration are examined${seconds > 1 ? `: ${seconds} s` : "…"}</p></div>`;
}

function told(findings) {
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
