// All mappings, searched by the server: there are tens of thousands.

import { go, html, number, Reading, Severity, Table, useApi, useEffect, useRef, useState } from "../../app/kit.js";

const TYPING_MS = 300;
const MOST = 200;
const WITHIN_MS = 40_000; // the first search after a start derives all mappings
const ORIGINS = { own: "your own", pack: "pack", derived: "derived", suggestion: "suggestion, not in force" };
const SEVERITY = /^[a-z]+/;

const COLUMNS = [
  { name: "name", title: "Trap", grow: true, value: (one) => `${one.name} ${one.oid}`, cell: (one) => html`<a href=${explained(one)} tabindex="-1">${one.name || html`<span class="mono">${one.oid}</span>`}</a>
    ${one.name && html`<small class="mono">${one.module ? `${one.module} · ` : ""}${one.oid}</small>`}` },
  { name: "alert_type", title: "Becomes", cell: (one) => html`${one.role === "clear" ? html`<span class="faint">ends </span>` : ""}<span class="mono">${one.alert_type}</span>` },
  { name: "severity", title: "Severity", cell: (one) => one.role === "clear" ? html`<${Severity} of="clear" />` : html`<${Severity} of=${SEVERITY.exec(one.severity)?.[0] ?? "info"} />` },
  { name: "vendor", title: "Vendor" },
  { name: "origin", title: "From", cell: (one) => html`<span class="tag">${ORIGINS[one.origin]}</span>` },
  { name: "confidence", title: "Confidence", align: "right", minor: true, cell: (one) => (one.confidence === null ? null : `${Math.round(one.confidence * 100)} %`) },
];

const explained = ({ oid }) => `/mappings/try?oid=${encodeURIComponent(oid.replace(/\.\*$/, ""))}`;

export function All({ query }) {
  const text = query.get("text") ?? "", origin = query.get("origin") ?? "";
  const wanted = new URLSearchParams({ ...(text && { text }), ...(origin && { origin }), limit: MOST });
  const found = useApi(`/oid-mappings?${wanted}`, { withinMs: WITHIN_MS });
  return html`<${Bar} text=${text} origin=${origin} />
    <${Reading} of=${found}>${({ total, mappings }) => html`<${Table} label="Mappings" columns=${COLUMNS} rows=${mappings} filter=${false} noun=${["mapping", "mappings"]}
      keyOf=${(one) => `${one.origin} ${one.oid} ${one.name} ${one.alert_type} ${one.severity}`} open=${(one) => go(explained(one))}
      empty="No mapping matches." />${total > mappings.length && html`<p class="faint cut">The first ${number(mappings.length)} of ${number(total)}. Search to see others.</p>`}`}<//>`;
}

function Bar({ text, origin }) {
  const [typed, setTyped] = useState(text);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const ask = (wanted) => {
    const said = new URLSearchParams(Object.entries({ text: typed, origin, ...wanted }).filter(([, value]) => value));
    go(`/mappings${String(said) && `?${said}`}`, { replace: true });
  };
  const type = (value) => {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask({ text: value.trim() }), TYPING_MS);
  };
  return html`<div class="table-bar"><input type="search" aria-label="Search mappings" placeholder="Name, alert type, vendor or OID" value=${typed} maxlength="255"
      spellcheck=${false} onInput=${(event) => type(event.target.value)} />
    <select aria-label="Origin" onChange=${(event) => ask({ origin: event.target.value })}><option value="">from anywhere</option>
      ${Object.entries(ORIGINS).map(([name, title]) => html`<option value=${name} selected=${name === origin}>${title}</option>`)}</select></div>`;
}
