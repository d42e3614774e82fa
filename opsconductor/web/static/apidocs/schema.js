// JSON schemas in words, and their properties as a table; nested ones are opened on request.

import { html, useState } from "../vendor/htm-preact/standalone.module.js";

const REFERENCE = "#/components/schemas/";

export const resolved = (schema = {}, defs) => (schema.$ref ? defs[schema.$ref.replace(REFERENCE, "")] ?? {} : schema);

const nameOf = (schema) => schema.$ref?.replace(REFERENCE, "").replace(/^.*__/, "");

// list of Severity: critical, major or ...; integer from 1 to 200; text, up to 255 characters.
export function typeOf(schema = {}, defs) {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((each) => typeOf(each, defs)).join(" or ");
  if (schema.allOf?.length === 1) return typeOf(schema.allOf[0], defs);
  const found = resolved(schema, defs);
  if (found.enum) return found.enum.map((each) => JSON.stringify(each)).join(", ");
  if ("const" in found) return JSON.stringify(found.const);
  if (schema.$ref && found.type === "object") return nameOf(schema);
  if (found.type === "array") return `list of ${typeOf(found.items, defs)}`;
  if (found.type === "string") return textOf(found);
  if (found.type === "integer" || found.type === "number") return `${found.type}${bounds(found.minimum, found.maximum)}`;
  if (found.type === "object" && found.additionalProperties && typeof found.additionalProperties === "object") return `object of ${typeOf(found.additionalProperties, defs)}`;
  return found.type ?? "anything";
}

function textOf({ format, maxLength }) {
  if (format === "date-time") return "time, ISO 8601";
  if (format === "uuid") return "UUID";
  return maxLength ? `text, up to ${maxLength.toLocaleString("en")} characters` : "text";
}

function bounds(least, most) {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` from ${least}`;
  return most === undefined ? "" : ` up to ${most}`;
}

// The object within a schema, if there is one to be opened.
function objectIn(schema, defs) {
  const found = resolved(schema, defs);
  const within = [found, ...(found.anyOf ?? []), ...(found.oneOf ?? []), ...(found.items ? [found.items] : []),
    ...(typeof found.additionalProperties === "object" ? [found.additionalProperties] : [])];
  return within.map((each) => resolved(each, defs)).find(({ properties }) => properties && Object.keys(properties).length);
}

// `isAnswer`: every property is there, and none is marked.
export function Properties({ schema, defs, isAnswer = false }) {
  const found = objectIn(schema, defs);
  if (!found) return html`<p class="type">${typeOf(schema, defs)}</p>`;
  const needed = new Set(isAnswer ? [] : found.required ?? []);
  return html`<table class="fields"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
    <tbody>${Object.entries(found.properties).map(([name, each]) => html`<${Property} key=${name} name=${name} schema=${each} defs=${defs} isNeeded=${needed.has(name)} isAnswer=${isAnswer} />`)}</tbody></table>`;
}

function Property({ name, schema, defs, isNeeded, isAnswer }) {
  const [isOpen, setOpen] = useState(false);
  const within = objectIn(schema, defs);
  const about = (schema.description ?? resolved(schema, defs).description ?? "").replaceAll("`", "");
  const type = typeOf(schema, defs);
  return html`<tr><th scope="row"><code>${name}</code>${isNeeded && html`<span class="needed">needed</span>`}</th>
      <td class="type">${within ? html`<button type="button" class="open" aria-expanded=${String(isOpen)} onClick=${() => setOpen(!isOpen)}>${type}</button>` : type}</td><td>${about}</td></tr>
    ${isOpen && html`<tr class="nested"><td colspan="3"><${Properties} schema=${schema} defs=${defs} isAnswer=${isAnswer} /></td></tr>`}`;
}
