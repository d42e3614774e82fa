// A new connector: its type, then its settings.

import { Head, html, Reading, useApi, useState, pathOf } from "../../app/kit.js";
import { ConnectorForm } from "./edit.js";

const ROLES = [["source", "Sources: alerts come in"], ["channel", "Channels: notifications go out"], ["inventory", "Inventories: devices and their dependencies"]];

// The first sentence.
const brief = (summary) => summary.split(/(?<=[.:])\s/)[0].replaceAll("`", "").replace(/:$/, ".");

export function Types() {
  const types = useApi("/connectors/types");
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  return html`<${Head} title="New connector" up="/connectors" upTitle="Connectors" />
    <${Reading} of=${types}>${(all) => html`<div class="table-bar"><input type="search" aria-label="Filter types" placeholder="Filter" value=${text} onInput=${(event) => setText(event.target.value)} /></div>
      ${ROLES.map(([role, title]) => [title, all.filter((one) => one.role === role && `${one.name} ${one.summary}`.toLowerCase().includes(wanted))])
        .filter(([, found]) => found.length).map(([title, found]) => html`<section aria-label=${title}><h3>${title}</h3>
          <div class="tiles">${found.map((one) => html`<a class="tile" href=${`/connectors?new=${encodeURIComponent(one.name)}`}><b>${one.name}</b><span>${brief(one.summary)}</span></a>`)}</div></section>`)}`}<//>`;
}

export function New({ type, user }) {
  const known = useApi(pathOf("connectors", "types", type));
  return html`<${Head} title=${`New connector: ${type}`} up="/connectors?new" upTitle="Types" />
    <${Reading} of=${known}>${(found) => html`<p class="summary">${found.summary.replaceAll("`", "").replace(/:$/, ".")}</p>
      ${found.error ? html`<p class="fault-box" role="alert">${found.error}</p>` : html`<${ConnectorForm} type=${found} user=${user} />`}
      <details class="sample"><summary>An example with all keys, as a file</summary><pre tabindex="0">${found.sample}</pre></details>`}<//>`;
}
