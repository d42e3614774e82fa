// The settings in force, with origin, default and meaning; read-only: they are in a file and the environment.

import { html, Reading, Table, useApi, useState } from "../../app/kit.js";

const text = (value) => (value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value));

const COLUMNS = [
  { name: "key", title: "Setting", grow: true, value: (one) => `${one.key} ${one.about}`, cell: (one) => html`<b class="mono">${one.key}</b><small>${one.about.replaceAll("`", "")}</small>` },
  { name: "value", title: "Value", value: (one) => text(one.value), cell: (one) => html`<span class=${one.origin === "default" ? "mono" : "mono own"}>${text(one.value)}</span>
    ${one.origin !== "default" && html`<small>default: ${text(one.default)}</small>`}` },
  { name: "origin", title: "From", cell: (one) => (one.origin === "default" ? html`<span class="faint">default</span>` : html`${one.origin}<small class="mono">${one.place}</small>`) },
];

export function Settings() {
  const found = useApi("/system/settings");
  const [isOwn, setOwn] = useState(false);
  return html`<${Reading} of=${found}>${(rows) => html`<${Table} label="Settings" noun=${["setting", "settings"]} columns=${COLUMNS} keyOf=${(one) => one.key}
    rows=${isOwn ? rows.filter(({ origin }) => origin !== "default") : rows}><label><input type="checkbox" checked=${isOwn} onChange=${(event) => setOwn(event.target.checked)} /> Only those that are set</label><//>`}<//>`;
}
