// Report on the stored traps: traps without a mapping, clears that ended nothing, problems never cleared.

import { go, html, number, plural, Reading, Table, TimeAgo, useApi } from "../../app/kit.js";
import { Proposals } from "./proposals.js";

const WITHIN_MS = 40_000;
const LIMITS = { events: 100_000, time_limit: 25 };
const DAYS = [1, 7, 30];

const UNMAPPED = [
  { name: "name", title: "Trap", grow: true, value: (one) => `${one.name} ${one.trap_oid}`, cell: (one) => html`<a href=${`/mappings/try?oid=${one.trap_oid}`} tabindex="-1">${one.name || html`<span class="mono">${one.trap_oid}</span>`}</a>
    ${one.name && html`<small class="mono">${one.trap_oid}</small>`}` },
  { name: "maker", title: "Vendor", value: (one) => one.maker || one.enterprise },
  { name: "count", title: "Traps", align: "right", cell: (one) => number(one.count) },
  { name: "devices", title: "Devices", align: "right", cell: (one) => html`<span title=${one.some_devices.join("\n")}>${number(one.devices)}</span>` },
  { name: "last_at", title: "Last", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_at} />` },
];
const UNMATCHED = [
  { name: "alert_type", title: "Clear of", grow: true, cell: (one) => html`<span class="mono">${one.alert_type}</span><small>${one.reason}</small>` },
  { name: "device", title: "Device" },
  { name: "count", title: "Clears", align: "right", cell: (one) => number(one.count) },
  { name: "last_at", title: "Last", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_at} />` },
];
const LASTING = [
  { name: "title", title: "Alert", grow: true, cell: (one) => html`${one.title}<small>${one.reason}</small>` },
  { name: "device", title: "Device" },
  { name: "clear", title: "Would be ended by" },
  { name: "since", title: "Open for", align: "right", cell: (one) => html`<${TimeAgo} at=${one.since} suffix="" />` },
];

export function Unmapped({ query, may }) {
  const days = DAYS.includes(Number(query.get("days"))) ? Number(query.get("days")) : 7;
  const report = useApi(`/oid-mappings/report?${new URLSearchParams({ days, ...LIMITS })}`, { withinMs: WITHIN_MS });
  return html`<div class="table-bar"><select aria-label="Span" onChange=${(event) => go(`/mappings/unmapped?days=${event.target.value}`)}>
      ${DAYS.map((each) => html`<option value=${each} selected=${each === days}>${`last ${plural(each, "day", "days")}`}</option>`)}</select>
      <button type="button" onClick=${report.reload}>Read again</button></div>
    ${report.isReading && html`<p class="reading" role="status">Reading the stored traps, up to half a minute…</p>`}
    ${!report.isReading && html`<${Reading} of=${report}>${(found) => html`<${Found} found=${found} mayWrite=${may("config:write")} onDone=${report.reload} />`}<//>`}`;
}

function Found({ found, mayWrite, onDone }) {
  const { archive, unmapped, unmatched_clears: unmatched, never_cleared: lasting, faults } = found;
  const make = { name: "make", title: "", sorts: false, align: "right", value: () => "", cell: (one) => html`<a class="button" href=${mappingFrom(one)}>Make a mapping</a>` };
  return html`<p class="faint">${plural(archive.events, "stored trap", "stored traps")} read${archive.limited_by && ", older ones left out"}${
      archive.unreadable ? `, ${number(archive.unreadable)} of them cannot be decoded` : ""}.${Object.entries(faults).map(([name, why]) => ` ${name}: ${why}.`)}</p>
    <section aria-label="Unmapped traps"><h3>Traps that no mapping knows</h3>
      <${Table} label="Unmapped traps" columns=${mayWrite ? [...UNMAPPED, make] : UNMAPPED} rows=${unmapped} keyOf=${(one) => one.trap_oid} noun=${["trap", "traps"]} filter=${unmapped.length > 8}
        open=${(one) => go(`/mappings/try?oid=${one.trap_oid}`)} empty="Every received trap has a mapping." /></section>
    <${Proposals} found=${found} mayWrite=${mayWrite} onDone=${onDone} />
    ${unmatched.length > 0 && html`<section aria-label="Clears that ended nothing"><h3>Clears that ended nothing</h3>
      <${Table} label="Clears that ended nothing" columns=${UNMATCHED} rows=${unmatched} filter=${false} keyOf=${(one) => `${one.device} ${one.alert_type} ${one.connector}`} noun=${["clear", "clears"]} /></section>`}
    ${lasting.length > 0 && html`<section aria-label="Problems that never ended"><h3>Problems that never ended</h3>
      <${Table} label="Problems that never ended" columns=${LASTING} rows=${lasting} filter=${false} keyOf=${(one) => `${one.device} ${one.alert_type} ${one.resource}`} noun=${["alert", "alerts"]} /></section>`}`;
}

const trapOf = ({ maker, enterprise, trap_oid: oid }) => `${maker || enterprise || "Trap"} ${oid.split(".").at(-1)}`;

function mappingFrom(one) {
  const [module, object] = one.name.includes("::") ? one.name.split("::") : ["", one.name];
  const given = { oid_pattern: one.trap_oid, mib_name: module, mib_object: object, title_template: `${object || trapOf(one)} - {device_name}` };
  return `/mappings/new?${new URLSearchParams(Object.entries(given).filter(([, value]) => value))}`;
}
