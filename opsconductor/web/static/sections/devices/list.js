// The list of devices, a page of the server at a time, and the graph of a site. Filters are part of the address.

import { go, Head, html, number, pathOf, Reading, Table, TimeAgo, useApi, useEffect, useRef, useState } from "../../app/kit.js";
import { listed, unlisted } from "../../format.js";
import { Graph } from "./graph.js";
import { State } from "./state.js";

const PER_PAGE = 100;
const TYPING_MS = 250;
const CHOICES = [["site", "Site"], ["role", "Role"], ["status", "Status"], ["tag", "Tag"]];
const STATES = [["", "Any state"], ["alerting=true", "With alerts"], ["severity=critical", "Critical"], ["severity=critical,major", "Critical or major"], ["alerting=false", "Without alerts"]];
const ORDERS = { name: "name", severity: "-state" }; // of the API, and of the table

const COLUMNS = [
  { name: "name", title: "Device", cell: (one) => html`<a href=${pathOf("devices", one.key)} tabindex="-1">${one.name}</a>${
    one.ip_address && one.ip_address !== one.name && html`<small class="mono">${one.ip_address}</small>`}` },
  { name: "state", title: "State", grow: true, cell: (one) => html`<${State} of=${one} />` },
  { name: "site", title: "Site", sorts: false },
  { name: "role", title: "Role", sorts: false },
  { name: "type", title: "Type", sorts: false, minor: true, value: (one) => [one.manufacturer, one.model ?? one.device_type].filter(Boolean).join(" ") },
  { name: "status", title: "Status", sorts: false, minor: true },
  { name: "last_heard_at", title: "Last heard", align: "right", sorts: false, cell: (one) => html`<${TimeAgo} at=${one.last_heard_at} none="" />` },
];

export function List({ query }) {
  const [site] = unlisted(query.get("site") ?? "");
  const isGraph = query.get("view") === "graph" && site;
  return html`<${Head} title="Devices" about="From inventories and files; the state is that of their open alerts">
      ${site && html`<a class="button" href=${addressOf(query, { view: isGraph ? null : "graph" })}>${isGraph ? "List" : `Graph of ${site}`}</a>`}<//>
    <${Filters} query=${query} />${isGraph ? html`<${SiteGraph} site=${site} />` : html`<${Page} key=${withoutView(query)} query=${query} />`}`;
}

function Page({ query }) {
  const [cursors, setCursors] = useState([""]); // of this page and those before it
  const asked = new URLSearchParams(query);
  asked.delete("view");
  asked.set("per_page", PER_PAGE);
  if (cursors.at(-1)) asked.set("cursor", cursors.at(-1));
  const devices = useApi(`/devices?${asked}`, { follows: true, every: 60_000 });
  const order = query.get("sort") ?? "name";
  return html`<${Reading} of=${devices}>${(rows, meta) => html`<${Table} label="Devices" noun=${["device", "devices"]} columns=${COLUMNS} rows=${rows}
    filter=${false} keyOf=${(one) => one.key} open=${(one) => go(pathOf("devices", one.key))} empty=${emptyText(query)}
    order=${{ by: ORDERS[order], onOrder: (by) => go(addressOf(query, { sort: by.includes("state") ? "severity" : null }), { replace: true }) }}
    paging=${{
      range: rangeText(cursors.length, rows.length, meta.total),
      onPrevious: cursors.length > 1 ? () => setCursors(cursors.slice(0, -1)) : null,
      onNext: meta.next_cursor ? () => setCursors([...cursors, meta.next_cursor]) : null,
    }} />`}<//>`;
}

function rangeText(page, amount, total) {
  const first = (page - 1) * PER_PAGE;
  return total ? `${number(first + 1)} to ${number(first + amount)} of ${number(total)}` : "";
}

const emptyText = (query) => ([...query.keys()].some((name) => name !== "sort") ? "No device matches." : "No device is known yet. Declare them in a file, or connect an inventory.");

function Filters({ query }) {
  const facets = useApi("/inventory/facets");
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (changes) => go(addressOf(query, changes), { replace: true });
  const typed = (event) => {
    clearTimeout(timer.current);
    const search = event.target.value.trim();
    timer.current = setTimeout(() => change({ search: search || null }), TYPING_MS);
  };
  const state = ["severity", "alerting"].filter((name) => query.has(name)).map((name) => `${name}=${query.get(name)}`).join("&");
  const chooseState = (event) => change({ severity: null, alerting: null, ...Object.fromEntries(new URLSearchParams(event.target.value)) });
  return html`<div class="table-bar device-filters" role="search" aria-label="Devices">
    <input type="search" placeholder="Name or address" aria-label="Name or address" defaultValue=${query.get("search") ?? ""} onInput=${typed} spellcheck="false" />
    <select aria-label="State" onChange=${chooseState}>${STATES.map(([value, title]) => html`<option value=${value} selected=${value === state}>${title}</option>`)}</select>
    ${CHOICES.filter(([name]) => facets.data && Object.keys(facets.data[name]).length).map(([name, title]) => html`<select aria-label=${title}
      onChange=${(event) => change({ [name]: event.target.value ? listed(event.target.value) : null })}><option value="">${title}</option>${
        Object.entries(facets.data[name]).map(([value, amount]) => html`<option value=${value} selected=${listed(value) === query.get(name)}>${value} (${number(amount)})</option>`)}</select>`)}</div>`;
}

function SiteGraph({ site }) {
  const graph = useApi(`/inventory/sites/${encodeURIComponent(site)}/graph`, { follows: true });
  return html`<${Reading} of=${graph}>${(data, meta) => html`<${Graph} graph=${data} leftOut=${meta.left_out} label=${`Dependencies in ${site}`} />`}<//>`;
}

function addressOf(query, changes) {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return `/devices${next.size ? `?${next}` : ""}`;
}

function withoutView(query) {
  const kept = new URLSearchParams(query);
  kept.delete("view");
  return String(kept);
}
