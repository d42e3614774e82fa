// Editor of who is notified: channels with recipients, persons, teams, schedules, policies.

import { html } from "../../app/kit.js";
import { Texts } from "./condition-editor.js";
import { TARGETS } from "./conditions.js";

const kindOf = (target) => TARGETS.map(([name]) => name).find((name) => name in target) ?? "channel";

// names: { channel: [...], person: [...], ... }: what there is to choose from; kinds: those that may be chosen.
export function Targets({ targets, names, onChange, kinds = TARGETS.map(([name]) => name), withFailover = true }) {
  const change = (index, to) => onChange(targets.map((each, at) => (at === index ? to : each)));
  return html`<div class="targets">${targets.map((target, index) => html`<div class="target" role="group" aria-label=${`Target ${index + 1}`}>
      <${Target} ...${{ target, names, kinds, withFailover }} onChange=${(to) => change(index, to)} />
      <button type="button" class="quiet remove" aria-label=${`Remove target ${index + 1}`} onClick=${() => onChange(targets.filter((_, at) => at !== index))}>×</button></div>`)}
    <button type="button" class="link" onClick=${() => onChange([...targets, { channel: "" }])}>${targets.length ? "And another" : "Add a target"}</button></div>`;
}

function Target({ target, names, kinds, withFailover, onChange }) {
  const kind = kindOf(target);
  return html`<select aria-label="Kind of target" value=${kind} onChange=${(event) => onChange({ [event.target.value]: "" })}>
      ${TARGETS.filter(([name]) => kinds.includes(name)).map(([name, title]) => html`<option value=${name}>${title}</option>`)}</select>
    <${Name} title=${kind} of=${names[kind]} value=${target[kind]} onChange=${(name) => onChange({ ...target, [kind]: name })} />
    ${kind === "channel" && html`<${Texts} label="Recipients" example="recipients; none: the channel's own" value=${target.recipients ?? []}
      onChange=${(recipients) => onChange({ ...target, recipients })} />
      ${withFailover && html`<${Failover} of=${target.failover} channels=${names.channel?.filter((name) => name !== target.channel)}
        onChange=${(failover) => onChange({ ...target, failover })} />`}`}`;
}

// A name that is gone stays to be seen.
const Name = ({ title, of, value, onChange }) => html`<select aria-label=${`Which ${title}`} value=${value ?? ""} required
  onChange=${(event) => onChange(event.target.value)}><option value="">Which…</option>
  ${value && !of?.includes(value) && html`<option value=${value}>${value}${of && " (does not exist)"}</option>`}${of?.map((name) => html`<option value=${name}>${name}</option>`)}</select>`;

function Failover({ of, channels, onChange }) {
  if (!of) {
    return channels?.length > 0 && html`<button type="button" class="link" onClick=${() => onChange({ channel: channels[0], recipients: [] })}>Failover</button>`;
  }
  return html`<span class="failover">else by <${Name} title="failover channel" of=${channels} value=${of.channel} onChange=${(channel) => onChange({ ...of, channel })} />
    <${Texts} label="Recipients of the failover" example="recipients" value=${of.recipients ?? []} onChange=${(recipients) => onChange({ ...of, recipients })} />
    <button type="button" class="quiet remove" aria-label="No failover" onClick=${() => onChange(null)}>×</button></span>`;
}
