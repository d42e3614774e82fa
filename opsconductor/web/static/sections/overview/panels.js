// Panels of the overview: rankings, times, and the way from messages to people.

import { Bar } from "../../app/chart.js";
import { html, number } from "../../app/kit.js";
import { span } from "../../app/lengths.js";

// Names by their amounts, as a table with bars.
export function Ranking({ title, rows, noun, linked = false, mono = false, none = "No alerts." }) {
  const most = Math.max(1, ...rows.map(({ amount }) => amount));
  return html`<section class="panel ranking" aria-label=${title}><h3>${title}</h3>${rows.length ? html`<table>
    <thead class="unseen"><tr><th scope="col">Name</th><th scope="col">${noun}</th></tr></thead>
    <tbody>${rows.map(({ name, amount }) => html`<tr key=${name}><th scope="row" class=${mono ? "mono" : ""}>${linked
      ? html`<a href=${`/alerts?view=closed&search=${encodeURIComponent(name)}`}>${name}</a>` : name}<${Bar} share=${amount / most} /></th>
      <td>${number(amount)}<span class="unseen"> ${noun}</span></td></tr>`)}</tbody></table>` : html`<p class="faint">${none}</p>`}</section>`;
}

export const Times = ({ title, of, none }) => html`<section class="panel tile" aria-label=${title}><h3>${title}</h3>
  ${of.amount ? html`<p class="figure">${span(of.median_s)}</p><p class="faint">median of ${number(of.amount)}; 90 % within ${span(of.p90_s)}</p>`
    : html`<p class="figure">–</p><p class="faint">${none}</p>`}</section>`;

// From messages to people: what is left after each step.
export function Way({ of }) {
  const rows = [
    ["Messages received", of.reports, "muted"],
    ["Alerts, repeats folded", of.alerts, "plain"],
    ["Not consequences of others", of.alerts - of.suppressed, "plain"],
    ["Alerts that were notified", of.notified, "plain"],
    ["Messages sent to people", of.sent, "plain"],
  ];
  const most = Math.max(1, of.reports, of.sent);
  return html`<section class="panel ranking" aria-label="From messages to people"><h3>From messages to people</h3><table>
    <thead class="unseen"><tr><th scope="col">Step</th><th scope="col">Amount</th></tr></thead>
    <tbody>${rows.map(([name, amount, kind]) => html`<tr key=${name}><th scope="row">${name}<${Bar} share=${amount / most} kind=${kind} /></th>
      <td>${number(amount)}</td></tr>`)}</tbody></table></section>`;
}
