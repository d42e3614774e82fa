// One connector: its state, what it has rejected, a check.

import { Facts, Head, html, number, pathOf, Reading, Table, TimeAgo, useApi, useCommand, useState } from "../../app/kit.js";
import { State } from "./state.js";

const EVERY_MS = 10_000;

const REJECTED = [
  { name: "sender", title: "From", cell: (one) => html`<span class="mono">${one.sender}</span>` },
  { name: "explanation", title: "Why", grow: true, cell: (one) => html`${one.explanation}<small>${one.remedy}</small>` },
  { name: "count", title: "Count", align: "right", cell: (one) => number(one.count) },
  { name: "last_at", title: "Last", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_at} />` },
];

export function Detail({ name, user }) {
  const connectors = useApi("/connectors", { every: EVERY_MS });
  return html`<${Reading} of=${connectors}>${(all) => {
    const one = all.find((each) => each.name === name);
    return one ? html`<${Shown} one=${one} user=${user} />` : html`<div class="void"><h2 tabindex="-1">There is no connector ${name}</h2>
      <p><a href="/connectors">All connectors</a></p></div>`;
  }}<//>`;
}

function Shown({ one, user }) {
  return html`<${Head} title=${one.name} up="/connectors" upTitle="Connectors" about=${[one.role, one.type].filter(Boolean).join(" · ")} />
    <div class="stack">
      <section class="panel" aria-label="State"><${Facts} of=${[
        ["State", html`<${State} of=${one} />`],
        ["What is wrong", one.enabled && one.error_message],
        ["Last poll", one.last_poll_at && html`<${TimeAgo} at=${one.last_poll_at} />`],
        ["Last success", one.last_success_at && html`<${TimeAgo} at=${one.last_success_at} />`],
        ["Alerts received", one.alerts_received !== null && `${number(one.alerts_received)}, ${number(one.alerts_today ?? 0)} of them today`],
        ["Recoveries without an alert", one.unmatched_recoveries > 0 && number(one.unmatched_recoveries)],
        ["Takes posts at", one.webhook && html`<code>${one.webhook}</code>`],
      ]} /></section>
      ${user.permissions.includes("system:write") && html`<${Check} name=${one.name} />`}
      ${one.rejected.length > 0 && html`<section aria-label="Rejected"><h3>Recently rejected or not understood</h3>
        <${Table} label="Rejected messages" columns=${REJECTED} rows=${one.rejected} filter=${false} keyOf=${(each) => each.sender + each.reason} /></section>`}
    </div>`;
}

// Asks the connector to reach what it talks to, whether it is running or not.
function Check({ name }) {
  const [found, setFound] = useState(null);
  const [send, isBusy] = useCommand();
  const check = async () => {
    setFound(null);
    const answer = await send("POST", pathOf("connectors", name, "check"));
    if (answer) setFound(answer.data);
  };
  return html`<section class="panel" aria-label="Check">
    <button type="button" onClick=${check} disabled=${isBusy}>${isBusy ? "Checking…" : "Check now"}</button>
    <div role="status">${found && html`<p class=${found.ok ? "outcome good" : "outcome bad"}>${found.ok ? "✓" : "✕"} ${found.message}</p>
      <${Facts} of=${Object.entries(found.details).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])} />`}</div></section>`;
}
