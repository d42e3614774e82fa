// What was held back, and rules that feedback suggests.

import { go, html, plural, Reading, Table, TimeAgo, useApi, useCommand } from "../../app/kit.js";

const HOURS = [24, 168, 720];
const COLUMNS = [
  { name: "admission", title: "Why it was held back", grow: true },
  { name: "metric", title: "Metric", cell: ({ metric }) => html`<span class="mono">${metric}</span>` },
  { name: "amount", title: "Anomalies", align: "right" },
  { name: "devices", title: "Devices", align: "right" },
  { name: "last_at", title: "Last", align: "right", cell: ({ last_at: at }) => html`<${TimeAgo} at=${at} />` },
];

export function Digest({ query, may }) {
  const hours = HOURS.find((each) => each === Number(query.get("hours"))) ?? 24;
  const found = useApi(`/anomalies/digest?hours=${hours}`, { every: 60_000 });
  const [send, isBusy] = useCommand();
  const accept = async ({ rule }) => {
    await send("POST", "/alert-rules", { body: rule, said: `Anomalies of ${rule.metric} are held back there` });
    found.reload();
  };
  return html`<${Reading} of=${found}>${(sums) => html`<div class="stack">
    <p>${plural(sums.total, "anomaly", "anomalies")} in ${hours === 24 ? "a day" : `${hours / 24} days`}: ${sums.admitted} alerted, ${sums.total - sums.admitted} held back, ${sums.open} still ongoing.
      ${" "}${sums.true_positives} were confirmed, ${sums.false_positives} were false alarms.</p>
    ${sums.proposals.map((each) => html`<section class="panel" key=${each.rule.name} aria-label="Proposal"><h3>${each.metric} of ${each.device_type}</h3>
      <p>${each.judged} anomalies of ${plural(each.devices, "device", "devices")} were false alarms. A rule can hold back all of them; they stay in this list.</p>
      ${may("config:write") && html`<button type="button" class="primary" disabled=${isBusy} onClick=${() => accept(each)}>Hold them back</button>`}</section>`)}
    <${Table} label="Held back" noun=${["kind", "kinds"]} columns=${COLUMNS} rows=${sums.held_back} keyOf=${(one) => `${one.admission} ${one.metric}`} empty="Nothing was held back.">
      <select aria-label="Period" onChange=${(event) => go(`/measurements/digest?hours=${event.target.value}`, { replace: true })}>${HOURS.map((each) =>
        html`<option value=${each} selected=${each === hours}>${each === 24 ? "1 day" : `${each / 24} days`}</option>`)}</select><//></div>`}<//>`;
}
