// Overview: how many alerts there were, of what, how long they took, and what suppression saved.

import { Columns } from "../../app/chart.js";
import { go, Head, html, loadStyles, number, Reading, useApi } from "../../app/kit.js";
import { Ranking, Times, Way } from "./panels.js";

await loadStyles(new URL("./overview.css", import.meta.url));

const EVERY_MS = 60_000;
const RANGES = [["24h", "24 hours"], ["7d", "7 days"], ["30d", "30 days"]];
const SERIES = ["critical", "major", "minor", "warning", "info"].map((name) => ({ name, kind: `sev-${name}` }));

export default function Overview({ query }) {
  const asked = query.get("range");
  const range = RANGES.some(([name]) => name === asked) ? asked : "24h";
  const found = useApi(`/alerts/overview?range=${range}`, { every: EVERY_MS });
  return html`<${Head} title="Overview" about=${range === "24h" ? "By the hour, in your time" : "By the day, in UTC; today until now"}>
      <div class="ranges" role="group" aria-label="Period">${RANGES.map(([name, title]) => html`<button type="button" aria-pressed=${String(name === range)}
        onClick=${() => go(`/overview?range=${name}`, { replace: true })}>${title}</button>`)}</div><//>
    <${Reading} of=${found}>${(data) => html`<${Shown} of=${data} range=${range} />`}<//>`;
}

function Shown({ of, range }) {
  const isDays = range !== "24h";
  const steps = of.over_time.map(({ at, severity }) => ({ at, amounts: severity }));
  return html`<div class="stack overview">
    <div class="tiles">
      <${Tile} title="Alerts" value=${number(of.alerts)} about=${`from ${number(of.reports)} messages`} />
      <${Times} title="Time to acknowledge" of=${of.acknowledged} none="No alert was acknowledged" />
      <${Times} title="Time to resolve" of=${of.resolved} none="No alert was resolved" />
      <${Tile} title="Pages not sent" value=${of.saved ? `≈ ${number(of.saved)}` : number(of.suppressed)}
        about=${of.suppressed ? `${number(of.suppressed)} consequences, of ${number(of.causes)} ${of.causes === 1 ? "cause" : "causes"}` : "no alert was the consequence of another"} />
    </div>
    <section class="panel" aria-label="Alerts over time"><${Columns} title="Alerts over time" noun="alerts" series=${SERIES} steps=${steps}
      label=${isDays ? dayOf : hourOf} axis=${isDays ? shortDayOf : clockOf} /></section>
    <div class="panels">
      <${Ranking} title="Noisiest devices" rows=${of.devices} noun="alerts" linked />
      <${Ranking} title="Noisiest alert types" rows=${of.types} noun="alerts" mono />
      <${Ranking} title="Flapping" rows=${of.flapping} noun="times" linked none="Nothing has begun to flap." />
      <${Way} of=${of} />
    </div></div>`;
}

const Tile = ({ title, value, about }) => html`<section class="panel tile" aria-label=${title}><h3>${title}</h3><p class="figure">${value}</p><p class="faint">${about}</p></section>`;

const DAY = { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" };
const dayOf = (at) => new Date(at).toLocaleDateString("en-GB", DAY);
const shortDayOf = (at) => new Date(at).toLocaleDateString("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const clockOf = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
const hourOf = (at) => `${new Date(at).toLocaleDateString("en-GB", { weekday: "short" })} ${clockOf(at)}`;
