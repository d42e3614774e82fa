// The controls of a form, by kind of field (schema.js). An empty control is no value: then the default is in force.
// `Fields` (form.js) draws what is nested.

import { html, useState } from "../vendor/htm-preact/standalone.module.js";
import { resolved, plainText } from "./schema.js";

export function Control(props) {
  const { kind } = props.field;
  return html`<${CONTROLS[kind] ?? Json} ...${props} />`;
}

const aria = ({ id, describedBy, isInvalid, isRequired }) =>
  ({ id, "aria-describedby": describedBy, "aria-invalid": isInvalid ? "true" : undefined, "aria-required": isRequired ? "true" : undefined });

const hint = ({ schema }) => (plainText(schema.default) ? `default: ${plainText(schema.default)}` : schema.examples ? `as ${plainText(schema.examples[0])}` : "");

// What an empty control means: nothing, except where text is required.
const emptied = (text, { isRequired }) => (text === "" && !isRequired ? undefined : text);

// Null differs from no value where there is a default: then it can be chosen.
function OrNone({ props, children }) {
  const { field, value, onChange, label } = props;
  if (!field.isNullable || field.schema.default === null || field.schema.default === undefined) return children;
  return html`<div class="or-none">${value === null ? html`<span class="faint">none</span>` : children}
    <label><input type="checkbox" checked=${value === null} aria-label=${`${label}: none`} onChange=${(event) => onChange(event.target.checked ? null : undefined)} /> none</label></div>`;
}

function Text(props) {
  const { field, value, onChange } = props;
  const numeric = (text) => (field.schema.isFree && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  return html`<${OrNone} props=${props}><input type="text" ...${aria(props)} value=${plainText(value)} placeholder=${hint(field)} spellcheck=${false} autocomplete="off"
    onInput=${(event) => onChange(emptied(numeric(event.target.value), props))} /><//>`;
}

const Long = (props) => html`<textarea ...${aria(props)} rows="5" spellcheck=${false} placeholder=${hint(props.field)} value=${props.value ?? ""}
  onInput=${(event) => props.onChange(emptied(event.target.value, props))}></textarea>`;

function Numeric(props) {
  const { field: { schema }, value, onChange } = props;
  const read = (text) => (text === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text));
  return html`<${OrNone} props=${props}><input type="number" class="short" ...${aria(props)} value=${value ?? ""} placeholder=${hint(props.field)}
    min=${schema.minimum} max=${schema.maximum} step=${schema.type === "integer" ? 1 : "any"} onInput=${(event) => onChange(read(event.target.value))} /><//>`;
}

// A stored secret is never shown: the field is empty and says that it stays unless another one is entered.
function Secret(props) {
  const [stored] = useState(props.value);
  const isReference = /^(vault:|\$\{)/.test(stored ?? "");
  const isStored = Boolean(stored);
  const [isShown, setShown] = useState(false);
  const typed = props.value === stored ? "" : props.value ?? "";
  return html`<div class="one-line"><input type=${isShown ? "text" : "password"} ...${aria(props)} autocomplete="new-password" spellcheck=${false}
      placeholder=${isStored ? `unchanged${isReference ? `: ${stored}` : ""}` : undefined} value=${typed}
      onInput=${(event) => props.onChange(event.target.value === "" ? stored : event.target.value)} />
    ${typed && html`<button type="button" class="quiet" aria-pressed=${String(isShown)} aria-label=${`Show ${props.label}`} onClick=${() => setShown(!isShown)}>Show</button>`}</div>`;
}

function Flag(props) {
  const { field: { schema, isNullable }, value, onChange } = props;
  if (!isNullable) return html`<input type="checkbox" ...${aria(props)} checked=${value ?? schema.default ?? false} onChange=${(event) => onChange(event.target.checked)} />`;
  const options = [["", `default${plainText(schema.default) ? `: ${plainText(schema.default)}` : ""}`], ["true", "yes"], ["false", "no"]];
  return html`<select ...${aria(props)} onChange=${(event) => onChange({ true: true, false: false }[event.target.value])}>
    ${options.map(([key, text]) => html`<option value=${key} selected=${String(value ?? "") === key}>${text}</option>`)}</select>`;
}

function Choice(props) {
  const { field: { schema }, value, onChange, isRequired } = props;
  const values = schema.enum ?? [schema.const];
  const mayBeEmpty = !isRequired || value === undefined;
  return html`<select ...${aria(props)} onChange=${(event) => onChange(event.target.value === "" ? undefined : values[Number(event.target.value)])}>
    ${mayBeEmpty && html`<option value="" selected=${value === undefined || value === null}>${plainText(schema.default) ? `default: ${plainText(schema.default)}` : isRequired ? "choose" : "none"}</option>`}
    ${values.map((each, index) => html`<option value=${index} selected=${each === value}>${plainText(each) || "none"}</option>`)}</select>`;
}

// Several of a set of words.
function Several({ field: { schema }, defs, value, onChange }) {
  const values = resolved(schema.items, defs).enum ?? [];
  const chosen = new Set(value ?? schema.default ?? []);
  const toggle = (each) => () => {
    const next = new Set(chosen);
    if (!next.delete(each)) next.add(each);
    onChange(next.size ? values.filter((one) => next.has(one)) : undefined);
  };
  return html`<div class="choices">${values.map((each) => html`<label><input type="checkbox" checked=${chosen.has(each)} onChange=${toggle(each)} /> ${each}</label>`)}</div>`;
}

// Words or numbers, one in a line. What is typed stays as typed: a field that shrinks when it is left takes the click away from what is below.
function Lines(props) {
  const { field: { schema }, defs, value, onChange, faults, path } = props;
  const [typed, setTyped] = useState(null);
  const isNumeric = ["integer", "number"].includes(resolved(schema.items, defs).type);
  const read = (text) => {
    const all = text.split("\n").map((line) => line.trim()).filter(Boolean);
    return all.length || props.isRequired ? all.map((line) => (isNumeric && !Number.isNaN(Number(line)) ? Number(line) : line)) : undefined;
  };
  const inside = [...faults].filter(([place]) => place.startsWith(`${path}.`));
  const text = typed ?? (value ?? []).join("\n");
  return html`<textarea ...${aria(props)} aria-invalid=${props.isInvalid || inside.length ? "true" : undefined} rows=${Math.min(8, Math.max(2, text.split("\n").length))} spellcheck=${false}
      placeholder=${schema.default?.length ? `default: ${plainText(schema.default)}` : "one in a line"} value=${text}
      onInput=${(event) => { setTyped(event.target.value); onChange(read(event.target.value)); }}></textarea>
    ${inside.map(([place, [fault]]) => html`<p class="field-fault">line ${Number(place.slice(path.length + 1)) + 1}: expected ${fault.expected}, found ${fault.found}</p>`)}`;
}

function Nested({ Fields, field, defs, value, onChange, faults, path, isRequired }) {
  const isOptional = field.isNullable || (!isRequired && !field.schema.default);
  if (isOptional && (value === undefined || value === null)) {
    return html`<button type="button" class="add" onClick=${() => onChange({})}>Set</button>`;
  }
  return html`<${Fields} schema=${field.schema} defs=${defs} value=${value ?? {}} onChange=${onChange} faults=${faults} prefix=${`${path}.`} />
    ${isOptional && html`<button type="button" class="link" onClick=${() => onChange(undefined)}>Remove</button>`}`;
}

// One of several shapes of an object.
function Variants({ Fields, field: { variants, isNullable }, defs, value, onChange, faults, path, label, isRequired }) {
  const fits = (variant) => Object.entries(variant.properties).every(([name, one]) => !("const" in one) || value?.[name] === one.const)
    && Object.keys(value ?? {}).every((name) => name in variant.properties) && (variant.required ?? []).every((name) => name in (value ?? {}));
  const [chosen, setChosen] = useState(() => (value ? Math.max(0, variants.findIndex(fits)) : isRequired ? 0 : -1));
  const choose = (index) => {
    setChosen(index);
    const fixed = Object.entries(variants[index]?.properties ?? {}).filter(([, one]) => "const" in one);
    onChange(index < 0 ? (isNullable ? null : undefined) : Object.fromEntries(fixed.map(([name, one]) => [name, one.const])));
  };
  const variant = variants[chosen];
  return html`<select aria-label=${`Kind of ${label.toLowerCase()}`} onChange=${(event) => choose(Number(event.target.value))}>
      ${!isRequired && html`<option value="-1" selected=${chosen < 0}>none</option>`}
      ${variants.map((each, index) => html`<option value=${index} selected=${index === chosen}>${each.title ?? `kind ${index + 1}`}</option>`)}</select>
    ${variant && html`<${Fields} key=${chosen} schema=${variant} defs=${defs} value=${value ?? {}} onChange=${onChange} faults=${faults} prefix=${`${path}.`} />`}`;
}

function List({ Fields, field: { schema }, defs, value, onChange, faults, path, label }) {
  const items = value ?? [];
  const item = resolved(schema.items, defs);
  const set = (index, next) => onChange(items.map((each, at) => (at === index ? next : each)));
  const remove = (index) => {
    const left = items.filter((_each, at) => at !== index);
    onChange(left.length ? left : undefined);
  };
  return html`${items.map((each, index) => html`<div class="item" role="group" aria-label=${`${label} ${index + 1}`}>
      <${Fields} schema=${item} defs=${defs} value=${each} onChange=${(next) => set(index, next)} faults=${faults} prefix=${`${path}.${index}.`} />
      <button type="button" class="link" onClick=${() => remove(index)}>Remove</button></div>`)}
    <button type="button" class="add" onClick=${() => onChange([...items, {}])}>Add</button>`;
}

// Names with values: rows that keep their place while names are typed.
function Pairs({ value, onChange, label }) {
  const [rows, setRows] = useState(() => Object.entries(value ?? {}));
  const change = (next) => {
    setRows(next);
    const named = next.filter(([name]) => name !== "");
    onChange(named.length ? Object.fromEntries(named) : undefined);
  };
  const put = (index, at, text) => change(rows.map((row, each) => (each === index ? row.map((old, place) => (place === at ? text : old)) : row)));
  return html`${rows.map(([name, text], index) => html`<div class="pair">
      <input type="text" aria-label=${`${label}: name ${index + 1}`} value=${name} spellcheck=${false} onInput=${(event) => put(index, 0, event.target.value)} />
      <input type="text" aria-label=${`${label}: value ${index + 1}`} value=${plainText(text)} spellcheck=${false} onInput=${(event) => put(index, 1, event.target.value)} />
      <button type="button" class="quiet" aria-label=${`Remove ${name}`} onClick=${() => change(rows.filter((_row, each) => each !== index))}>×</button></div>`)}
    <button type="button" class="add" onClick=${() => change([...rows, ["", ""]])}>Add</button>`;
}

// Names with objects: as a list whose items have a name.
function Entries({ Fields, field: { schema }, defs, value, onChange, faults, path, label }) {
  const [rows, setRows] = useState(() => Object.entries(value ?? {}));
  const item = resolved(schema.additionalProperties, defs);
  const change = (next) => {
    setRows(next);
    const named = next.filter(([name]) => name !== "");
    onChange(named.length ? Object.fromEntries(named) : undefined);
  };
  const set = (index, row) => change(rows.map((each, at) => (at === index ? row : each)));
  return html`${rows.map(([name, one], index) => html`<div class="item" role="group" aria-label=${`${label} ${index + 1}`}>
      <div class="field"><label for=${`name-${path}-${index}`}>Name</label><input type="text" id=${`name-${path}-${index}`} value=${name} spellcheck=${false} onInput=${(event) => set(index, [event.target.value, one])} /></div>
      <${Fields} schema=${item} defs=${defs} value=${one} onChange=${(next) => set(index, [name, next])} faults=${faults} prefix=${`${path}.${name}.`} />
      <button type="button" class="link" onClick=${() => change(rows.filter((_row, each) => each !== index))}>Remove</button></div>`)}
    <button type="button" class="add" onClick=${() => change([...rows, ["", {}]])}>Add</button>`;
}

// What has no control of its own is written as JSON.
function Json(props) {
  const { value, onChange } = props;
  const [typed, setTyped] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [fault, setFault] = useState("");
  const read = (text) => {
    setTyped(text);
    try {
      onChange(text.trim() ? JSON.parse(text) : undefined);
      setFault("");
    } catch {
      setFault("This is not JSON yet.");
      onChange(text); // refused by the server, so that no older value is saved instead
    }
  };
  return html`<textarea ...${aria(props)} class="mono" rows=${Math.min(14, Math.max(3, typed.split("\n").length))} spellcheck=${false} placeholder="JSON" value=${typed}
    onInput=${(event) => read(event.target.value)}></textarea>${fault && html`<p class="field-fault" role="status">${fault}</p>`}`;
}

const CONTROLS = { text: Text, long: Long, number: Numeric, secret: Secret, flag: Flag, choice: Choice, several: Several, lines: Lines,
  object: Nested, variants: Variants, list: List, map: Pairs, entries: Entries, json: Json };
