// Forms made from JSON schemas: descriptions and defaults are shown, faults of a 422 stand at their fields.

import { html, useEffect, useMemo, useRef, useState } from "../vendor/htm-preact/standalone.module.js";
import { useCommand } from "./reading.js";
import { Control } from "./controls.js";
import { faultsByPath, labelOf, readField } from "./schema.js";

// A form of its own. onSubmit(value, send) sends it: `send` is as of useCommand; faults of a 422 come to the fields.
// onCheck(value, send): a button that tries it first. isLocked: it is shown and cannot be changed.
// prefix: what stands before the names of faults (`config.`). children: above the fields; beside: beside the buttons.
export function Form({ schema, value: given = {}, submit = "Save", onSubmit, onCheck, onCancel, isLocked = false, prefix = "", children, beside }) {
  const [value, setValue] = useState(given);
  const [faults, setFaults] = useState([]);
  const [message, setMessage] = useState("");
  const form = useRef(null);
  const [send, isBusy] = useCommand({ onFault: (error) => {
    setFaults(error.details ?? []);
    setMessage(error.message);
    return true;
  } });
  useEffect(() => {
    if (message) (form.current.querySelector("[aria-invalid=true]") ?? form.current.querySelector(".form-fault")).focus();
  }, [faults, message]);
  const act = (does) => (event) => {
    event.preventDefault();
    setFaults([]);
    setMessage("");
    does(value, send);
  };
  return html`<form class="form" ref=${form} onSubmit=${act(onSubmit)} noValidate>
    ${message && html`<div class="form-fault" role="alert" tabindex="-1"><p>${message}</p>
      <${OtherFaults} faults=${faults} schema=${schema} prefix=${prefix} /></div>`}
    ${children}
    <fieldset class="all-fields" disabled=${isLocked}><${Fields} schema=${schema} value=${value} onChange=${setValue} faults=${faults} prefix=${prefix} /></fieldset>
    ${!isLocked && html`<div class="buttons"><button type="submit" class="primary" disabled=${isBusy}>${submit}</button>
      ${onCheck && html`<button type="button" disabled=${isBusy} onClick=${act(onCheck)}>Check</button>`}
      ${onCancel && html`<button type="button" class="quiet" onClick=${onCancel}>Cancel</button>`}
      ${isBusy && html`<span class="faint" role="status">Waiting for the answer…</span>`}${beside}</div>`}
  </form>`;
}

// Faults that belong to no field of the form.
function OtherFaults({ faults, schema, prefix }) {
  const names = Object.keys(schema.properties ?? {});
  const others = faults.filter(({ name }) => !names.some((each) => `${name}.`.replace("[", ".").startsWith(`${prefix}${each}.`)));
  return others.length > 0 && html`<ul>${others.map((fault) => html`<li>${fault.name}: ${textOf(fault)}</li>`)}</ul>`;
}

// The fields of an object: required ones and those with a value first, the others folded.
// `faults` is a list as of a 422, or a Map as of faultsByPath.
export function Fields({ schema, defs = schema.$defs ?? {}, value = {}, onChange, faults = [], prefix = "" }) {
  const byPath = useMemo(() => (faults instanceof Map ? faults : faultsByPath(faults)), [faults]);
  const names = Object.keys(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  const [first] = useState(() => new Set(names.filter((name) => required.has(name) || name in value)));
  const rest = first.size ? names.filter((name) => !first.has(name)) : [];
  const set = (name) => (next) => {
    const { [name]: _old, ...others } = value;
    onChange(next === undefined ? others : { ...value, [name]: next });
  };
  const draw = (name) => html`<${Field} key=${name} name=${name} given=${schema.properties[name]} defs=${defs} isRequired=${required.has(name)}
    value=${value[name]} onChange=${set(name)} faults=${byPath} path=${prefix + name} />`;
  const isFaulty = rest.some((name) => [...byPath.keys()].some((path) => path === prefix + name || path.startsWith(`${prefix}${name}.`)));
  return html`${names.filter((name) => !rest.includes(name)).map(draw)}
    ${rest.length > 0 && html`<details class="more-fields" open=${isFaulty || undefined}><summary>${rest.length === 1 ? "1 more setting" : `${rest.length} more settings`}</summary>
      ${rest.map(draw)}</details>`}`;
}

const GROUPS = new Set(["object", "list", "map", "entries", "variants", "several"]);

function Field({ name, given, defs, isRequired, value, onChange, faults, path }) {
  const field = useMemo(() => readField(given, defs), [given, defs]);
  const { kind, schema } = field;
  if ("const" in schema && schema.const !== undefined && !schema.enum && isRequired) return null; // it can only be this
  const mine = faults.get(path) ?? [];
  const id = `field-${path.replace(/\W/g, "-")}`;
  const describedBy = [schema.description && `${id}-about`, mine.length && `${id}-fault`].filter(Boolean).join(" ") || undefined;
  const label = labelOf(name, given.$ref ? {} : schema);
  const isGroup = GROUPS.has(kind);
  const control = html`<${Control} ...${{ Fields, field, defs, id, label, value, onChange, faults, path, isRequired, describedBy }} isInvalid=${mine.length > 0} />`;
  const about = html`${schema.description && html`<p class="about" id=${`${id}-about`}>${withCode(shortened(schema.description))}</p>`}
    ${mine.length > 0 && html`<p class="field-fault" id=${`${id}-fault`}>${mine.map(textOf).join("; ")}</p>`}`;
  if (isGroup) return html`<fieldset class="field group" aria-describedby=${describedBy}><legend title=${path}>${label}</legend>${about}${control}</fieldset>`;
  if (kind === "flag" && !field.isNullable) return html`<div class="field flag"><label title=${path}>${control} ${label}</label>${about}</div>`;
  return html`<div class="field"><div><label for=${id} title=${path}>${label}</label>${!isRequired && html`<span class="optional">optional</span>`}</div>${control}${about}</div>`;
}

// Of a longer docstring the first paragraph.
const shortened = (text) => text.split(/\n\s*\n/)[0].replace(/\s+/g, " ");

// Words between backticks as code.
const withCode = (text) => text.split("`").map((part, index) => (index % 2 ? html`<code>${part}</code>` : part));

const textOf = ({ expected, found }) => [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(", ");
