// One connector: its state, what it has rejected, a check; switched on and off.

import { Columns, Facts, Head, html, number, pathOf, Reading, shortMoment, Table, TimeAgo, toast, useApi, useCommand, useState } from "../../app/kit.js";
import { localClock } from "../../format.js";
import { CheckResult } from "./edit.js";
import { receivedOf, State } from "./state.js";

const EVERY_MS = 10_000;
const LEDGER_MS = 60_000;
const HOURS = 24;
const RECEIVED = [{ name: "received", kind: "plain" }];
const clockOf = (at) => localClock(new Date(at)).slice(0, 5);

const REJECTED = [
  { name: "sender", title: "From", cell: (one) => html`<span class="mono">${one.sender}</span>` },
  { name: "explanation", title: "Why", grow: true, cell: (one) => html`${one.explanation}<small>${one.remedy}</small>` },
  { name: "count", title: "Count", align: "right", cell: (one) => number(one.count) },
  { name: "last_at", title: "Last", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_at} />` },
];

export function Detail({ name, user }) {
  const connector = useApi(pathOf("connectors", name), { every: EVERY_MS });
  if (connector.error?.status === 404) return html`<div class="void"><h2 tabindex="-1">There is no connector ${name}</h2><p><a href="/connectors">All connectors</a></p></div>`;
  return html`<${Reading} of=${connector}>${(one) => html`<${Shown} one=${one} user=${user} reload=${connector.reload} />`}<//>`;
}

function Shown({ one, user, reload }) {
  const may = (permission) => user.permissions.includes(permission);
  return html`<${Head} title=${one.name} up="/connectors" upTitle="Connectors" about=${[one.role, one.type].filter(Boolean).join(" · ")}>
      ${may("config:write") && html`<${Switch} one=${one} reload=${reload} /><a class="button" href=${pathOf("connectors", one.name, "edit")}>Edit</a>`}<//>
    <div class="stack">
      <section class="panel" aria-label="State"><${Facts} of=${[
        ["State", html`<${State} of=${one} />`],
        ["Problem", one.enabled && one.error_message],
        ["Last poll", one.last_poll_at && html`<${TimeAgo} at=${one.last_poll_at} />`],
        ["Last success", one.last_success_at && html`<${TimeAgo} at=${one.last_success_at} />`],
        ["Alerts received", one.role !== "channel" && one.alerts_received !== null && `${number(one.alerts_received)}, ${number(one.alerts_today ?? 0)} of them today`],
        ["Recoveries without an alert", one.unmatched_recoveries > 0 && number(one.unmatched_recoveries)],
        ["Takes posts at", one.webhook && html`<code>${one.webhook}</code>`],
        ["Declared in", one.declared?.declared_in && html`<code>${one.declared.declared_in}</code>`],
      ]} /></section>
      ${may("system:write") && html`<${Check} one=${one} />`}
      ${may("system:read") && one.role !== "channel" && html`<${Messages} name=${one.name} />`}
      ${one.rejected.length > 0 && html`<section aria-label="Rejected"><h3>Recently rejected or not understood</h3>
        <${Table} label="Rejected messages" columns=${REJECTED} rows=${one.rejected} filter=${false} keyOf=${(each) => each.sender + each.reason} /></section>`}
    </div>`;
}

function Switch({ one, reload }) {
  const [send, isBusy] = useCommand();
  const isFixed = Boolean(one.declared?.is_read_only);
  const act = async () => {
    const answer = await send("POST", pathOf("connectors", one.name, one.enabled ? "disable" : "enable"));
    if (!answer) return;
    const why = answer.data.failed[one.name];
    toast(why ? `${one.name} is not working: ${why}` : `${one.name} is switched ${one.enabled ? "off" : "on"}`, { bad: Boolean(why) });
    reload();
  };
  return html`<button type="button" onClick=${act} disabled=${isBusy || isFixed} title=${isFixed ? "It is declared in a file and is switched there" : undefined}>${one.enabled ? "Switch off" : "Switch on"}</button>`;
}

// Messages of the last day, from the loss ledger.
function Messages({ name }) {
  const ledger = useApi(`/system/ledger?hours=${HOURS}`, { every: LEDGER_MS });
  if (!ledger.data?.received[name]) return null;
  const { times, values } = receivedOf(ledger.data, name, HOURS);
  return html`<section class="panel" aria-label="Messages"><${Columns} title="Messages received, 24 h" noun="messages" series=${RECEIVED}
    steps=${times.map((at, index) => ({ at, amounts: { received: values[index] } }))} label=${shortMoment} axis=${clockOf} /></section>`;
}

// Asks the connector to reach what it talks to, whether it is running or not; channels send a test message.
function Check({ one }) {
  const [found, setFound] = useState(null);
  const [recipient, setRecipient] = useState("");
  const [send, isBusy] = useCommand();
  const ask = async (path, body) => {
    setFound(null);
    const answer = await send("POST", path, { body });
    if (answer) setFound(answer.data);
  };
  const test = (event) => {
    event.preventDefault();
    ask(pathOf("connectors", one.name, "test"), recipient.trim() ? { recipient: recipient.trim() } : {});
  };
  return html`<section class="panel check" aria-label="Check">
    <button type="button" onClick=${() => ask(pathOf("connectors", one.name, "check"))} disabled=${isBusy}>Check now</button>
    ${one.role === "channel" && one.enabled && html`<form class="one-line" onSubmit=${test}><input type="text" aria-label="Recipient of the test message" placeholder="Recipient; empty: its own"
      value=${recipient} spellcheck=${false} onInput=${(event) => setRecipient(event.target.value)} /><button type="submit" disabled=${isBusy}>Send a test message</button></form>`}
    <${CheckResult} found=${found} isBusy=${isBusy} /></section>`;
}
