// Editor of conditions: one line each, and nested ones in boxes.

import { html, useState } from "../../app/kit.js";
import { CONDITIONS, DAYS, given } from "./conditions.js";

const DEEPEST = 5; // levels of all, any and not that a rule may have

// conditions is what a rule has; onChange gets them whole. `of` says what a condition is about: rules or windows.
export function Conditions({ conditions, onChange, ofWindow = false, depth = 1 }) {
  const known = CONDITIONS.filter(({ onRules, kind }) => !(ofWindow && onRules) && !(kind === "nested" && depth >= DEEPEST));
  const [added, setAdded] = useState([]); // chosen, and still without a value
  const shown = [...given(conditions), ...CONDITIONS.filter(({ name }) => added.includes(name) && !given(conditions).some((each) => each.name === name))];
  const set = (name, value) => onChange({ ...conditions, [name]: value });
  const remove = (name) => {
    const { [name]: _, ...rest } = conditions;
    setAdded(added.filter((each) => each !== name));
    onChange(rest);
  };
  const rest = known.filter(({ name }) => !shown.some((each) => each.name === name));
  return html`<div class="conditions">${shown.map((condition) => html`<div class="condition" key=${condition.name} role="group" aria-label=${condition.title}>
      <span class="condition-title">${condition.title}</span>
      <${Value} condition=${condition} value=${conditions[condition.name]} onChange=${(value) => set(condition.name, value)} ...${{ ofWindow, depth }} />
      <button type="button" class="quiet remove" aria-label=${`Remove ${condition.title.toLowerCase()}`} onClick=${() => remove(condition.name)}>×</button></div>`)}
    <select class="add" aria-label="Add a condition" value="" onChange=${(event) => { setAdded([...added, event.target.value]); event.target.value = ""; }}>
      <option value="">${shown.length ? "And…" : "Every alert; narrow it down…"}</option>
      ${rest.map(({ name, title }) => html`<option value=${name}>${title}</option>`)}</select></div>`;
}

function Value({ condition, value, onChange, ofWindow, depth }) {
  const { kind, title, of, example } = condition;
  if (kind === "one") return html`<${One} label=${title} of=${of} value=${value} onChange=${onChange} />`;
  if (kind === "some") return html`<${Some} label=${title} of=${of} value=${value ?? []} onChange=${onChange} />`;
  if (kind === "texts") return html`<${Texts} label=${title} example=${example} value=${value ?? []} onChange=${onChange} />`;
  if (kind === "fields") return html`<${Fields} label=${title} example=${example} value=${value ?? {}} onChange=${onChange} />`;
  if (kind === "number") return html`<input type="number" min="1" aria-label=${title} value=${value ?? ""}
    onInput=${(event) => onChange(event.target.value ? Number(event.target.value) : null)} />`;
  if (kind === "length") return html`<input class="short" aria-label=${title} placeholder=${example} value=${value ?? ""} onInput=${(event) => onChange(event.target.value.trim() || null)} />`;
  if (kind === "yesno") return html`<${One} label=${title} of=${["yes", "no"]} value=${value === undefined || value === null ? "" : value ? "yes" : "no"}
    onChange=${(chosen) => onChange(chosen === null ? null : chosen === "yes")} />`;
  if (kind === "windows") return html`<${Many} value=${value ?? []} blank=${() => ({ zone: OWN_ZONE })} onChange=${onChange} more="Or another time"
    draw=${(each, change) => html`<${Window} window=${each} onChange=${change} />`} />`;
  return html`<${Many} value=${value ?? []} blank=${() => ({})} onChange=${onChange} more="Another"
    draw=${(each, change) => html`<${Conditions} conditions=${each} onChange=${change} ofWindow=${ofWindow} depth=${depth + 1} />`} />`;
}

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const One = ({ label, of, value, onChange }) => html`<select aria-label=${label} value=${value ?? ""} onChange=${(event) => onChange(event.target.value || null)}>
  <option value="">Choose…</option>${of.map((each) => html`<option value=${each}>${each}</option>`)}</select>`;

// Several of a few values, as buttons that stay down.
export const Some = ({ label, of, value, onChange }) => html`<span class="some" role="group" aria-label=${label}>${of.map((each) =>
  html`<button type="button" aria-pressed=${String(value.includes(each))} onClick=${() =>
    onChange(of.filter((one) => (one === each ? !value.includes(each) : value.includes(one))))}>${each}</button>`)}</span>`;

const parts = (text) => text.split(",").map((each) => each.trim()).filter(Boolean);

// Texts between commas. What is typed stays as it is while it is being typed.
export function Texts({ label, example = "", value, onChange }) {
  const [text, setText] = useState(value.join(", "));
  const shown = parts(text).join() === value.join() ? text : value.join(", ");
  return html`<input class="long" aria-label=${label} placeholder=${example} value=${shown} spellcheck=${false}
    onInput=${(event) => { setText(event.target.value); onChange(parts(event.target.value)); }} />`;
}

// One custom field a line: `team: network, net-*`.
function Fields({ label, example, value, onChange }) {
  const [text, setText] = useState(Object.entries(value).map(([name, values]) => `${name}: ${[values].flat().join(", ")}`).join("\n"));
  const read = (typed) => Object.fromEntries(typed.split("\n").map((line) => line.split(/:(.*)/s))
    .filter(([name, values]) => name.trim() && values?.trim()).map(([name, values]) => [name.trim(), parts(values)]));
  return html`<textarea rows="2" aria-label=${`${label}, one a line`} placeholder=${example} spellcheck=${false} value=${text}
    onInput=${(event) => { setText(event.target.value); onChange(read(event.target.value)); }}></textarea>`;
}

// A list of boxes; the last cannot be removed, the whole condition can.
export function Many({ value, blank, onChange, more, draw }) {
  const shown = value.length ? value : [blank()];
  const change = (index, to) => onChange(shown.map((each, at) => (at === index ? to : each)));
  return html`<div class="many">${shown.map((each, index) => html`<div class="one">${draw(each, (to) => change(index, to))}
      ${shown.length > 1 && html`<button type="button" class="quiet remove" aria-label=${`Remove number ${index + 1}`}
        onClick=${() => onChange(shown.filter((_, at) => at !== index))}>×</button>`}</div>`)}
    <button type="button" class="link" onClick=${() => onChange([...shown, blank()])}>${more}</button></div>`;
}

// A time that recurs on days of the week.
function Window({ window, onChange }) {
  const set = (name, value) => onChange({ ...window, [name]: value });
  return html`<div class="window"><${Some} label="Days" of=${DAYS} value=${window.days ?? []} onChange=${(days) => set("days", days)} />
    <label>from <input type="text" class="clock-time" placeholder="00:00" value=${window.from ?? ""} onInput=${(event) => set("from", event.target.value || "00:00")} /></label>
    <label>to <input type="text" class="clock-time" placeholder="24:00" value=${window.to ?? ""} onInput=${(event) => set("to", event.target.value || "24:00")} /></label>
    <label>in <${Zone} value=${window.zone} onChange=${(zone) => set("zone", zone)} /></label>
    <${Texts} label="Holidays, as dates" example="not on 2026-12-25, 2026-12-26" value=${window.holidays ?? []} onChange=${(dates) => set("holidays", dates)} /></div>`;
}

let lists = 0;

export function Zone({ value, onChange, id }) {
  const [list] = useState(() => `zones-${++lists}`);
  return html`<input class="zone" id=${id} list=${list} value=${value ?? ""} placeholder="Europe/Berlin" onInput=${(event) => onChange(event.target.value.trim())} />
    <datalist id=${list}>${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone} />`)}</datalist>`;
}
