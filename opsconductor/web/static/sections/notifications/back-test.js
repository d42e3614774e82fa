// What a rule would have sent for the events that were really received: a job of the daemon, with its progress.

import { html, shortMoment, number, plural, Table, useApi, useCommand, useEffect, useState } from "../../app/kit.js";

const LENGTHS = [["1d", "day"], ["7d", "7 days"], ["30d", "30 days"]];
const EVERY_MS = 700;
const ROWS = [
  { name: "rule", title: "Rule" },
  { name: "recipient", title: "To", grow: true, value: ({ channel, recipient }) => [recipient, channel].filter(Boolean).join(" by ") },
  { name: "would", title: "Would be", align: "right", cell: ({ would }) => number(would) },
  { name: "were", title: "Were", align: "right", cell: ({ were }) => number(were) },
];
const FAULTS = [
  { name: "device", title: "Device", value: ({ device, resource }) => [device, resource].filter(Boolean).join(" ") },
  { name: "alert_type", title: "Alert", grow: true, cell: ({ alert_type: type, severity, reason }) => html`${type}, ${severity}<small>${reason}</small>` },
  { name: "first_at", title: "First", align: "right", cell: ({ first_at: at }) => shortMoment(at) },
];

export function BackTest({ rule }) {
  const [last, setLast] = useState("7d");
  const [id, setId] = useState(null);
  const [send, isBusy] = useCommand();
  const test = useApi(id && `/rules/test/${id}`);
  const isRunning = Boolean(id) && !test.error && (test.data?.state ?? "running") === "running";
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(test.reload, EVERY_MS);
    return () => clearInterval(timer);
  }, [isRunning, test.reload]);
  const start = async () => {
    const answer = await send("POST", "/rules/test", { body: { provision: { notification_rules: [rule] }, last } });
    if (answer) setId(answer.data.id);
  };
  return html`<section class="panel" aria-label="Back-test"><h3>What would it have sent?</h3>
    <div class="try"><label>In the last <select value=${last} onChange=${(event) => setLast(event.target.value)}>${LENGTHS.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></label>
      ${isRunning ? html`<button type="button" onClick=${() => send("DELETE", `/rules/test/${id}`)}>Cancel</button>`
        : html`<button type="button" onClick=${start} disabled=${isBusy}>Test</button>`}</div>
    <div role="status">${isRunning && html`<p><progress value=${test.data?.share ?? 0} max="1" aria-label="Progress of the test"></progress>
      <span class="faint"> ${plural(test.data?.events ?? 0, "event", "events")}</span></p>`}
      ${test.data?.error && html`<p class="outcome bad">${test.data.error}</p>`}
      ${test.error && html`<p class="outcome bad">${test.error.message}</p>`}</div>
    ${test.data?.result && html`<${Outcome} of=${test.data.result} />`}</section>`;
}

function Outcome({ of: { messages, rows, silent, silent_total: silentTotal, new: fresh, new_total: newTotal, tested, archive, limited_by: limit } }) {
  return html`<p class="outcome">${plural(messages.would, "message", "messages")} instead of ${number(messages.were)}</p>
    <p class="faint tested">${shortMoment(tested.from)} to ${shortMoment(tested.to)}${archive ? "" : ". The archive is empty: archive.enabled"}${limit ? `. The limit of ${limit} ended the test` : ""}</p>
    ${rows.length > 0 && html`<${Table} label="Messages by recipient" columns=${ROWS} rows=${rows.slice(0, 200)} filter=${false} keyOf=${(row) => JSON.stringify(row)} />`}
    ${silentTotal > 0 && html`<h3>No notification for ${plural(silentTotal, "fault", "faults")}</h3><${Table} label="Faults without notification" columns=${FAULTS} rows=${silent.slice(0, 50)} filter=${false} keyOf=${JSON.stringify} />`}
    ${newTotal > 0 && html`<h3>New notifications for ${plural(newTotal, "fault", "faults")}</h3><${Table} label="Faults with a new notification" columns=${FAULTS} rows=${fresh.slice(0, 50)} filter=${false} keyOf=${JSON.stringify} />`}`;
}
