// One report: its parts as the PDF has them.

import { Columns, Head, html, Reading, Table, TimeAgo, useApi } from "../../app/kit.js";
import { Bar } from "../../app/chart.js";
import { Files } from "./files.js";

export function Report({ id }) {
  const found = useApi(`/reports/${encodeURIComponent(id)}`);
  return html`<${Reading} of=${found}>${(report) => html`<${Head} title=${report.content.title} up="/reports" upTitle="Reports" about=${report.content.period}><${Files} of=${report} /><//>
    <div class="stack report"><p class="faint">${report.content.scope}, made <${TimeAgo} at=${report.generated_time} />. Days are those of the time zone ${report.content.zone}.</p>
      ${report.content.parts.map((part) => html`<${Part} key=${part.title} ...${part} />`)}</div>`}<//>`;
}

const Part = ({ title, note, figures, bars, columns, rows, recommended }) => html`<section class=${bars && !bars.is_over_time ? "panel ranking" : "panel"} aria-label=${title}>
  ${!bars?.is_over_time && html`<h3>${title}</h3>`}
  ${figures.length > 0 && html`<dl class="figures">${figures.map(({ label, value, hint }) => html`<div key=${label}><dt>${label}</dt><dd>${value}<small>${hint}</small></dd></div>`)}</dl>`}
  ${note && html`<p class="faint">${note}</p>`}
  ${bars && html`<${Drawn} title=${title} ...${bars} />`}
  ${rows.length > 0 && html`<${Table} label=${title} filter=${rows.length > 20} rows=${rows.map((cells, at) => ({ at, cells }))} keyOf=${({ at }) => at}
    columns=${columns.map((column, at) => ({ name: String(at), title: column.title, align: column.is_number ? "right" : undefined, value: ({ cells }) => cells[at] }))} />`}
  ${recommended.map((each) => html`<div class="advice" key=${each.title}><b>${each.title}</b><p class="faint">${each.why}</p><p>${each.remedy}</p></div>`)}</section>`;

function Drawn({ title, names, values, parts, is_over_time: isOverTime }) {
  if (isOverTime) {
    const steps = names.map((at, index) => ({ at, amounts: Object.fromEntries(parts.map((part, place) => [part, values[index][place]])) }));
    return html`<${Columns} title=${title} series=${parts.map((name) => ({ name, kind: `sev-${name}` })).reverse()} steps=${steps} label=${(at) => at} axis=${dayOf} noun="alerts" />`;
  }
  const sums = values.map((each) => each.reduce((sum, value) => sum + value, 0)), most = Math.max(1, ...sums);
  return html`<table><tbody>${names.map((name, at) => html`<tr key=${name}><th scope="row">${name}<${Bar} share=${sums[at] / most} kind=${`sev-${name}`} /></th><td>${sums[at].toLocaleString("en")}</td></tr>`)}</tbody></table>`;
}

// "Monday, 23 November 2026" is 23 Nov.
const dayOf = (name) => name.replace(/^\w+, (\d+) (\w{3}).*/, "$1 $2");
