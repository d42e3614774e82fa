// The loss ledger: what became of every message, by connector and over time.

import { Columns } from "../../app/chart.js";
import { go, html, number, Reading, Table, useApi } from "../../app/kit.js";
import { span } from "../../app/lengths.js";

const EVERY_MS = 30_000;
const PERIODS = [[1, "1 hour"], [24, "24 hours"], [168, "7 days"], [720, "30 days"]];
const SERIES = [{ name: "accepted", kind: "plain" }, { name: "turned away", kind: "muted" }, { name: "lost", kind: "sev-critical" }];
const LOST = ["kernel_drop", "dropped", "failed"];
const AWAY = ["refused", "undecodable", "duplicate", "discovery", "invalid"];

export function Ledger({ query }) {
  const asked = Number(query.get("hours"));
  const hours = PERIODS.some(([each]) => each === asked) ? asked : 24;
  const found = useApi(`/system/ledger?hours=${hours}`, { every: EVERY_MS });
  return html`<div class="tools"><label>Period <select onChange=${(event) => go(`/system/messages?hours=${event.target.value}`, { replace: true })}>
      ${PERIODS.map(([each, text]) => html`<option value=${each} selected=${each === hours}>${text}</option>`)}</select></label></div>
    <${Reading} of=${found}>${(data) => html`<${Shown} of=${data} />`}<//>`;
}

const summed = (stages, names) => names.reduce((sum, name) => sum + (stages[name] ?? 0), 0);

const CONNECTORS = [
  { name: "connector", title: "Connector" },
  { name: "received", title: "Received", align: "right", cell: ({ received }) => number(received) },
  { name: "normalized", title: "Understood", align: "right", cell: ({ normalized }) => number(normalized), minor: true },
  { name: "away", title: "Turned away", align: "right", cell: ({ away }) => number(away) },
  { name: "lost", title: "Lost", align: "right", cell: ({ lost }) => html`<span class=${lost ? "bad" : ""}>${number(lost)}</span>` },
  { name: "gap", title: "Unaccounted", align: "right", cell: ({ gap }) => html`<span class=${gap ? "bad" : ""}>${number(gap)}</span>` },
  { name: "reasons", title: "Reasons", grow: true, sorts: false, value: ({ reasons }) => reasons.map((each) => each.reason).join(" "),
    cell: ({ reasons }) => reasons.length > 0 && html`<span>${reasons.slice(0, 5).map(({ stage, reason, amount }) => html`<span class="tag">${number(amount)} ${stage.replaceAll("_", " ")}${reason && `: ${reason.replaceAll("_", " ")}`}</span> `)}</span>` },
];

function Shown({ of }) {
  const rows = of.connectors.map((one) => ({ ...one, received: one.stages.received ?? 0, normalized: one.stages.normalized ?? 0,
    away: summed(one.stages, AWAY), lost: summed(one.stages, LOST) }));
  const steps = stepsOf(of);
  const lost = rows.reduce((sum, one) => sum + one.lost, 0);
  return html`<div class="stack">
    <p class=${lost || of.gaps.length ? "verdict bad" : "verdict good"}>${lost ? `${number(lost)} messages were lost.` : "No message was lost."}
      ${of.gaps.length ? ` ${of.gaps.map(({ connector, equation, missing }) => `${connector}: ${number(Math.abs(missing))} ${missing < 0 ? "counted twice" : "unaccounted for"} (${equation})`).join("; ")}.` : " All sums agree."}
      ${of.unknown_s > 0 && ` For ${span(of.unknown_s)} nothing was counted: the daemon ended without shutdown.`}
      ${of.down_s > 0 && ` For ${span(of.down_s)} the daemon was stopped.`}</p>
    <section class="panel" aria-label="Messages over time"><${Columns} title="Messages" noun="messages" series=${SERIES} steps=${steps} label=${timeOf} axis=${of.step_s >= 86_400 ? dayOf : clockOf} /></section>
    <${Table} label="Connectors" noun=${["connector", "connectors"]} columns=${CONNECTORS} rows=${rows} keyOf=${(one) => one.connector} filter=${false} first="-received" empty="No message has come in." /></div>`;
}

// Every step of the period, also those without a message.
function stepsOf({ since, step_s: length, over_time: given }) {
  const known = new Map(given.map((step) => [Date.parse(step.at), step]));
  const size = length * 1000;
  const steps = [];
  for (let at = Math.floor(Date.parse(since) / size) * size; at <= Date.now(); at += size) {
    const { received = 0, turned_away: away = 0, lost = 0 } = known.get(at) ?? {};
    steps.push({ at, amounts: { accepted: Math.max(0, received - away - lost), "turned away": away, lost } });
  }
  return steps;
}

const clockOf = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
const dayOf = (at) => new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
const timeOf = (at) => `${dayOf(at)}, ${clockOf(at)}`;
