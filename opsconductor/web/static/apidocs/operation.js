// One operation: parameters, body, answers, an example, and for GET a try.

import { html, useEffect, useState } from "../vendor/htm-preact/standalone.module.js";
import { curlOf, exampleOf } from "./examples.js";
import { Properties, resolved, typeOf } from "./schema.js";
import { Try } from "./try.js";

const JSON_MEDIA = "application/json";

export function Operation({ of, defs, apiKey, isOpen }) {
  const [open, setOpen] = useState(isOpen);
  useEffect(() => { if (isOpen) setOpen(true); }, [isOpen]);
  return html`<details class="operation" id=${of.id} open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><b class=${`method ${of.method}`}>${of.method.toUpperCase()}</b><code class="path">${of.path}</code><span class="summary">${of.summary}</span></summary>
    ${open && html`<div class="body"><${Inside} of=${of} defs=${defs} apiKey=${apiKey} /></div>`}</details>`;
}

function Inside({ of, defs, apiKey }) {
  const body = bodyOf(of, defs);
  return html`<p class="about">${plain(of.description)}</p>
    ${of.parameters.length > 0 && html`<h3>Parameters</h3><${Parameters} of=${of.parameters} defs=${defs} />`}
    ${body && html`<h3>Body <span class="type">${body.media.join(", ")}</span></h3><${Properties} schema=${body.schema} defs=${defs} />`}
    <h3>Answers</h3><${Answers} of=${of.responses} defs=${defs} />
    <h3>Example</h3><pre tabindex="0" aria-label="Example">${curlOf(of, body && exampleOf(body.schema, defs))}</pre>
    ${of.method === "get" && !("101" in of.responses) && !isEndless(of) && html`<${Try} of=${of} defs=${defs} apiKey=${apiKey} />`}`;
}

const isEndless = ({ responses }) => "text/event-stream" in (responses["200"]?.content ?? {});

export const plain = (text = "") => text.replaceAll("`", "");

function bodyOf({ requestBody }, defs) {
  if (!requestBody) return null;
  const media = Object.keys(requestBody.content);
  return { media, schema: resolved(requestBody.content[media.includes(JSON_MEDIA) ? JSON_MEDIA : media[0]].schema, defs) };
}

const Parameters = ({ of, defs }) => html`<table class="fields"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
  <tbody>${of.map((each) => html`<tr key=${each.name}><th scope="row"><code>${each.name}</code>${each.required && html`<span class="needed">needed</span>`}</th>
    <td class="type">${typeOf(each.schema, defs)}</td><td>${plain(each.description)}</td></tr>`)}</tbody></table>`;

function Answers({ of, defs }) {
  const [[status, good]] = Object.entries(of);
  const schema = good.content?.[JSON_MEDIA]?.schema;
  const data = schema && resolved(schema, defs).properties?.data;
  const refusals = Object.entries(of).slice(1);
  return html`<p><span class="status good">${status}</span> ${data ? html`<code>data</code>: ${typeOf(data, defs)}` : Object.keys(good.content ?? {}).join(", ") || good.description}</p>
    ${data && html`<${Properties} schema=${inner(data, defs)} defs=${defs} isAnswer />`}
    <p class="refusals">${refusals.map(([each, { description }]) => html`<span key=${each}><span class="status">${each}</span> ${description}</span> `)}</p>`;
}

// Of a list its items.
function inner(schema, defs) {
  const found = resolved(schema, defs);
  return found.type === "array" && found.items ? resolved(found.items, defs) : found;
}
