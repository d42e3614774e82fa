// One device: facts and open alerts, history, dependencies, and what its failure would mean.

import { Facts, go, Head, html, moment, number, pathOf, plural, Reading, Severity, Table, Tabs, TimeAgo, toast, useApi, useCommand, useState } from "../../app/kit.js";
import { listed } from "../../format.js";
import { Dependencies } from "./dependencies.js";
import { Failure } from "./failure.js";
import { Past } from "./past.js";
import { State } from "./state.js";

const TABS = [["overview", "Overview"], ["history", "History"], ["dependencies", "Dependencies"], ["failure", "If it fails"]];
const SILENCE = "2h";
const ORIGINS = { file: "a file", inventory: "an inventory", own: "here" };
const PER_PAGE = 50;

const ALERTS = [
  { name: "severity", title: "Severity", sorts: false, cell: (one) => html`<${Severity} of=${one.severity} />` },
  { name: "title", title: "Alert", grow: true, sorts: false, cell: (one) => html`<a href=${pathOf("alerts", one.id)} tabindex="-1">${one.title}</a>${
    one.correlation_rule && one.status === "suppressed" && html`<small>${one.correlation_rule}</small>`}` },
  { name: "status", title: "Status", sorts: false },
  { name: "occurrence_count", title: "Count", align: "right", sorts: false, minor: true, cell: (one) => number(one.occurrence_count) },
  { name: "occurred_at", title: "Since", align: "right", sorts: false, cell: (one) => html`<${TimeAgo} at=${one.occurred_at} suffix="" />` },
  { name: "resolved_at", title: "Ended", align: "right", sorts: false, cell: (one) => one.resolved_at && html`<${TimeAgo} at=${one.resolved_at} />` },
];
const OPEN_ALERTS = ALERTS.filter(({ name }) => name !== "resolved_at");

export function Detail({ name, tab, user }) {
  const device = useApi(pathOf("devices", name), { follows: true, every: 60_000 });
  if (device.error?.status === 404) {
    return html`<div class="void"><h2 tabindex="-1">There is no device ${name}</h2><p>It is in no inventory, and no message came from it.</p>
      <p><a href="/devices">All devices</a></p></div>`;
  }
  return html`<${Reading} of=${device}>${(one) => html`<${Shown} one=${one} tab=${tab} user=${user} reload=${device.reload} />`}<//>`;
}

function Shown({ one, tab, user, reload }) {
  const about = [one.role, one.site, [one.manufacturer, one.model].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
  const mayAct = user.permissions.includes("alerts:write");
  return html`<${Head} title=${one.name} up="/devices" upTitle="Devices" about=${about || (one.is_listed ? "" : "in no inventory")}>
      ${one.alerts > 0 && html`<a class="button" href=${`/alerts?device=${encodeURIComponent(listed(one.key))}`}>${plural(one.alerts, "open alert", "open alerts")}</a>`}
      ${mayAct && html`<${Silence} one=${one} onDone=${reload} />`}<//>
    ${one.maintenance.map((window) => html`<${Window} key=${window.id} window=${window} mayAct=${mayAct} onDone=${reload} />`)}
    <${Tabs} label="Device" tabs=${TABS} chosen=${tab} onChoose=${(to) => go(pathOf("devices", one.key, ...(to === "overview" ? [] : [to])), { replace: true })}>
      ${tab === "history" ? html`<${History} one=${one} />` : tab === "dependencies" ? html`<${Dependencies} one=${one} user=${user} onChange=${reload} />`
      : tab === "failure" ? html`<${Failure} one=${one} />` : html`<${Overview} one=${one} />`}<//>`;
}

// Mutes the device for two hours; problems that still exist then are notified.
function Silence({ one, onDone }) {
  const [send, isBusy] = useCommand();
  const silence = async () => {
    const conditions = one.ip_address ? { device_ip_pattern: [one.key] } : { device_name: [one.name] };
    const answer = await send("POST", "/maintenance", { body: { conditions, lasts: SILENCE, reason: "silenced on the page" } });
    if (!answer) return;
    toast(`${one.name} is muted until ${moment(answer.data.end_at)}`, { label: "Undo", act: () => end(send, answer.data.id, onDone) });
    onDone();
  };
  return html`<button type="button" onClick=${silence} disabled=${isBusy}>Silence for 2 h</button>`;
}

async function end(send, id, onDone) {
  if (await send("POST", pathOf("maintenance", id, "end"), { said: "Notifications are on again" })) onDone();
}

function Window({ window, mayAct, onDone }) {
  const [send, isBusy] = useCommand();
  return html`<p class="old" role="status"><span>${window.is_partial ? "Some of its alerts are muted" : "Muted"}: maintenance <b>${window.name}</b>${
    window.reason && `, ${window.reason}`}${window.until ? `, until ${moment(window.until)}` : ", until it is ended"}</span>
    ${mayAct && html`<button type="button" class="link" disabled=${isBusy} onClick=${() => end(send, window.id, onDone)}>End it now</button>`}</p>`;
}

function Overview({ one }) {
  const { origin } = one;
  return html`<div class="stack"><div class="panels">
      <section class="panel" aria-label="State"><h3>State</h3><${Facts} of=${[
        ["Alerts", html`<${State} of=${{ ...one, is_cut_off: one.cut_off.length > 0 }} />`],
        ["Cut off", one.cut_off.length > 0 && one.cut_off.map(({ dependency_type: type, causes }) => html`<div>${type}, because of ${
          causes.map((id, at) => html`${at ? ", " : ""}<a href=${pathOf("alerts", id)}>alert ${id.slice(-8)}</a>`)}</div>`)],
        ["Last heard", html`<${TimeAgo} at=${one.last_heard_at} none="nothing yet" />`],
        ["Needs", plural(one.upstream, "dependency", "dependencies")],
        ["Needed by", one.dependents ? neededText(one) : "nothing"],
      ]} /></section>
      <section class="panel" aria-label="Facts"><h3>Facts</h3><${Facts} of=${[
        ["Address", one.ip_address && html`<span class="mono">${one.ip_address}</span>`],
        ["Further addresses", one.addresses.length > 0 && html`<span class="mono">${one.addresses.join(", ")}</span>`],
        ["Further names", one.names.join(", ")],
        ["Site", one.site && html`<a href=${`/devices?site=${encodeURIComponent(listed(one.site))}`}>${one.site}</a>`],
        ["Location", one.location],
        ["Type", one.device_type],
        ["Status", one.status],
        ["Tags", one.tags.length > 0 && one.tags.map((tag) => html`<span class="tag">${tag}</span> `)],
        ...Object.entries(one.custom_fields).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
        ["Declared in", origin && html`${origin.file ?? (origin.kind === "inventory" ? `the inventory of ${origin.inventory}` : ORIGINS[origin.kind])}`],
        ["Also in", origin && origin.kind !== "inventory" && origin.inventory],
        ["Its page there", origin?.url && /^https?:/.test(origin.url) && html`<a href=${origin.url} target="_blank" rel="noreferrer">${origin.url}</a>`],
        ["Last synchronized", origin?.last_synced_at && html`<${TimeAgo} at=${origin.last_synced_at} />`],
      ]} /></section></div>
    <section aria-label="Open alerts"><h3>Open alerts</h3><${Table} label="Open alerts" columns=${OPEN_ALERTS} rows=${one.open_alerts} filter=${false}
      keyOf=${(each) => each.id} noun=${["alert", "alerts"]} empty="No open alert." open=${(each) => go(pathOf("alerts", each.id))} /></section>
    <${Past} name=${one.key} /></div>`;
}

function neededText({ dependents, downstream }) {
  return plural(dependents, "device", "devices") + (downstream < dependents ? `, ${number(downstream)} directly` : "");
}

function History({ one }) {
  const [cursors, setCursors] = useState([""]);
  const alerts = useApi(`${pathOf("devices", one.key, "alerts")}?per_page=${PER_PAGE}${cursors.at(-1) && `&cursor=${cursors.at(-1)}`}`, { follows: true });
  return html`<${Reading} of=${alerts}>${(rows, meta) => html`<${Table} label="Alerts of this device, the newest first" columns=${ALERTS} rows=${rows} filter=${false}
    keyOf=${(each) => each.id} empty="No alert yet." open=${(each) => go(pathOf("alerts", each.id))}
    paging=${{
      range: rows.length ? `${number((cursors.length - 1) * PER_PAGE + 1)} to ${number((cursors.length - 1) * PER_PAGE + rows.length)} of ${number(meta.total)}` : "",
      onPrevious: cursors.length > 1 ? () => setCursors(cursors.slice(0, -1)) : null,
      onNext: meta.next_cursor ? () => setCursors([...cursors, meta.next_cursor]) : null,
    }} />`}<//>`;
}
