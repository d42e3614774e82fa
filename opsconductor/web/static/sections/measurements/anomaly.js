// One anomaly: the values, why they are out of the ordinary, and the feedback.

import { Facts, Head, html, LineChart, pathOf, Reading, Table, TimeAgo, useApi, useCommand } from "../../app/kit.js";
import { COLUMNS, stateOf, Weight, whereOf } from "./anomalies.js";

const BANDS = 3; // usual distances from the expected value between which a value is ordinary

const BANDED_S = 3_600;

const seconds = (time) => Date.parse(time) / 1000;

function bandOf({ expected, calculated_metrics: { band } }) {
  return expected === null || !band ? null : [expected - BANDS * band, expected + BANDS * band];
}

const metricsOf = (one) => one.explanation.metrics ?? [];
const drawnOf = (one) => one.series_id !== null ? one : metricsOf(one)[0]; // of a whole device: what contributes most

// What is usual at an hour holds around the begin; what is the usual level, all the time.
function bandedOf({ detected_at: at, explanation: { season } }) {
  return season?.startsWith("hour") ? [seconds(at) - BANDED_S, seconds(at) + BANDED_S] : null;
}

const titleOf = ({ metric, resource }, of) => [metric.replaceAll("_", " "), resource, "of", of.device_name || of.device_key].filter(Boolean).join(" ");

export const Plot = ({ of }) => html`<${LineChart} title=${titleOf(drawnOf(of), of)} ...${of.points}
  unit=${of.unit} band=${bandOf(of)} banded=${bandedOf(of)} span=${[seconds(of.detected_at), of.ended_at && seconds(of.ended_at)]} limit=${of.threshold} />
  ${bandOf(of) && html`<p class="faint">The grey band shows the expected values${bandedOf(of) ? " at that hour" : ""}. The marked values are out of the ordinary.</p>`}`;

export function AnomalyPage({ id, may }) {
  const found = useApi(`/anomalies/${id}`, { every: 20_000 });
  const [send, isBusy] = useCommand();
  const act = async (path, body, said) => {
    await send("POST", `/anomalies/${id}/${path}`, { body, said });
    found.reload();
  };
  return html`<${Reading} of=${found}>${(one) => html`<${Head} title=${one.title} up="/measurements" upTitle="Anomalies" about=${whereOf(one)}>
      ${may("alerts:write") && html`<${Actions} ...${{ one, act, isBusy }} />`}<//>
    <div class="stack"><section class="panel" aria-label="Why"><h3>Why</h3>${one.explanation.sentences.map((each) => html`<p>${each}</p>`)}</section>
    ${drawnOf(one) && html`<section class="panel" aria-label="Plot"><${Plot} of=${one} /></section>`}
    <section class="panel" aria-label="Facts"><${Facts} of=${factsOf(one)} /></section>
    ${one.feedback.length > 0 && html`<section class="panel" aria-label="Feedback"><h3>Feedback</h3>${one.feedback.map((each) => html`<p>
      <b>${each.user_name}</b>: ${each.is_true_positive ? "confirmed" : "a false alarm"}${each.notes && `, ${each.notes}`} <span class="faint"><${TimeAgo} at=${each.at} /></span></p>`)}</section>`}
    ${one.part_of_it.length > 0 && html`<section class="panel" aria-label="Together with it"><h3>Together with it</h3>
      <${Table} label="Members" noun=${["anomaly", "anomalies"]} columns=${COLUMNS} rows=${one.part_of_it} keyOf=${(each) => each.id} filter=${false} /></section>`}</div>`}<//>`;
}

const factsOf = (one) => [
  ["Severity", html`<${Weight} of=${one.severity} />`],
  ["State", stateOf(one)],
  ["Begun", html`<${TimeAgo} at=${one.detected_at} />`],
  ["Ended", one.ended_at && html`<${TimeAgo} at=${one.ended_at} />`],
  ["Dataset", one.dataset_id && html`<a href=${pathOf("datasets", one.dataset_id, one.analysis_id)}>${one.dataset_name}</a>`],
  ["Device", one.device_key && html`<a href=${pathOf("devices", one.device_key)}>${one.device_name || one.device_key}</a>`],
  ["Resource", one.resource],
  ["Series", one.series_id !== null && html`<a href=${pathOf("measurements", "series", one.series_id)}>${one.metric}</a>`],
  ["Metrics", metricsOf(one).length > 0 && metricsOf(one).map((each, place) => html`${place > 0 && ", "}<a
    href=${pathOf("measurements", "series", each.series)}>${[each.metric, each.resource].filter(Boolean).join(" ")}</a>`)],
  ["Limit", one.rule_name && html`<a href=${pathOf("measurements", "rules", one.rule_name)}>${one.rule_name}</a>`],
  ["Alert", one.alert_id && html`<a href=${`/alerts/${one.alert_id}`}>${one.anomaly_type}</a>`],
  ["Part of", one.group_id && html`<a href=${pathOf("measurements", "anomaly", one.group_id)}>an alert of many</a>`],
  ["Confidence", one.confidence !== null && `${Math.round(one.confidence * 100)} %`],
  ["Last like it", one.last_similar && html`<a href=${pathOf("measurements", "anomaly", one.last_similar)}>show</a>`],
  ["Assigned to", one.assigned_to],
  ["Acknowledged by", one.acknowledged_by],
];

const Actions = ({ one, act, isBusy }) => html`
  ${one.status === "detected" && html`<button type="button" disabled=${isBusy} onClick=${() => act("acknowledge", {}, "Acknowledged")}>Acknowledge</button>`}
  ${["detected", "acknowledged"].includes(one.status) && html`<button type="button" disabled=${isBusy} onClick=${() => act("resolve", {}, "Resolved")}>Resolve</button>`}
  <button type="button" disabled=${isBusy || one.is_false_positive === false} onClick=${() => act("feedback", { is_true_positive: true }, "Confirmed")}>Confirm</button>
  <button type="button" disabled=${isBusy || one.is_false_positive === true}
    onClick=${() => act("feedback", { is_true_positive: false }, one.analysis_id ? "Marked as a false alarm" : "Similar anomalies are held back, less and less for 30 days")}>False alarm</button>`;
