// One notification rule: edited, tried on an example, tested on what was received.

import { confirm, go, Head, html, originOf, pathOf, Reading, toast, useApi, useCommand, useState } from "../../app/kit.js";
import { BackTest } from "./back-test.js";
import { Conditions, Some, Texts, Zone } from "./condition-editor.js";
import { DAYS, inWords, isGiven, targetInWords } from "./conditions.js";
import { useNames } from "./names.js";
import { Targets } from "./target-editor.js";
import { TryOut } from "./try-out.js";

export const NEW = "+new";
const BLANK = { name: "", enabled: true, priority: 100, conditions: {}, channels: [{ channel: "" }] };
const HOME = pathOf("notifications", "rules");

export function Rule({ name, mayConfigure, mayTest }) {
  const stored = useApi(name === NEW ? null : pathOf("notifications", "rules", name));
  if (name === NEW) return html`<${Editor} rule=${BLANK} ...${{ mayConfigure, mayTest }} />`;
  return html`<${Reading} of=${stored}>${(found) => html`<${Editor} key=${found.etag} rule=${found.row} stored=${found}
    reload=${stored.reload} ...${{ mayConfigure, mayTest }} />`}<//>`;
}

// What is sent: without what is empty.
const tidied = (rule) => Object.fromEntries(Object.entries(rule).filter(([key, value]) => key === "conditions" || isGiven(value)));

function Editor({ rule, stored = null, reload, mayConfigure, mayTest }) {
  const [draft, setDraft] = useState(rule);
  const [faults, setFaults] = useState([]);
  const [send, isBusy] = useCommand({ onFault: (error) => { setFaults(error.details ?? []); return Boolean(error.details?.length) && error.status === 422; } });
  const names = useNames();
  const isLocked = !mayConfigure || (stored?.is_read_only ?? false);
  const isChanged = JSON.stringify(tidied(draft)) !== JSON.stringify(tidied(rule));
  const set = (key) => (value) => setDraft({ ...draft, [key]: value });
  const one = stored ? pathOf("notifications", "rules", stored.id) : "/notifications/rules";

  const save = async (event) => {
    event.preventDefault();
    setFaults([]);
    const answer = await send(stored ? "PUT" : "POST", one, { body: tidied(draft), etag: stored?.etag });
    if (!answer) return;
    toast(answer.data.error ? `Stored, but not in force: ${answer.data.error}` : "The rule is saved and in force.", { bad: Boolean(answer.data.error) });
    for (const remark of answer.data.remarks) toast(remark);
    go(pathOf("notifications", "rules", draft.name), { replace: true });
    reload?.();
  };
  const remove = async () => {
    if (!await confirm({ title: `Delete the rule ${rule.name}?`, about: "It sends no further notifications.", button: "Delete", isDanger: true })) return;
    if (await send("DELETE", one, { etag: stored.etag, said: `The rule ${rule.name} is deleted.` })) go(HOME);
  };
  const takeOver = async () => {
    const about = `It is declared in ${stored.declared_in}. If you take it over, the file no longer changes it.`;
    if (!await confirm({ title: `Take over the rule ${rule.name}?`, about, button: "Take it over" })) return;
    if (await send("PUT", `${one}?take_over=true`, { body: tidied(rule), etag: stored.etag, said: "The rule can be changed here now." })) reload();
  };

  return html`<${Head} title=${rule.name || "New rule"} up=${HOME} upTitle="Rules" about=${originOf(stored)}>
      ${stored && mayConfigure && !isLocked && html`<button type="button" class="danger" onClick=${remove} disabled=${isBusy}>Delete</button>`}
      ${stored && mayConfigure && isLocked && html`<button type="button" onClick=${takeOver} disabled=${isBusy}>Take over</button>`}<//>
    <p class="in-words">${sentence(draft)}</p>
    <form class="editor" onSubmit=${save} aria-label="Rule">
      <${Faults} of=${faults} />
      <fieldset disabled=${isLocked}><legend class="unseen">Rule</legend>
        <${Line} title="Name"><input class="long" aria-label="Name" required maxlength="100" value=${draft.name} onInput=${(event) => set("name")(event.target.value)} />
          <label class="check"><input type="checkbox" checked=${draft.enabled} onChange=${(event) => set("enabled")(event.target.checked)} /> enabled</label><//>
        <${Line} title="Description"><input class="long" aria-label="Description" maxlength="1000" value=${draft.description ?? ""} onInput=${(event) => set("description")(event.target.value)} /><//>
        <${Line} title="Alerts"><${Conditions} conditions=${draft.conditions} onChange=${set("conditions")} /><//>
        <${Line} title="Notify"><${Targets} targets=${draft.channels} names=${names} onChange=${set("channels")} /><//>
        <${Line} title="How"><${How} draft=${draft} set=${set} onChange=${setDraft} /><//>
        <${Line} title="Order"><input type="number" min="0" max="1000000" aria-label="Order" value=${draft.priority} onInput=${(event) => set("priority")(Number(event.target.value))} />
          <span class="faint">lower first</span>
          <label class="check"><input type="checkbox" checked=${draft.stop ?? false} onChange=${(event) => set("stop")(event.target.checked)} /> no further rule is evaluated when this one fires</label><//>
      </fieldset>
      ${!isLocked && html`<div class="buttons"><button type="submit" class="primary" disabled=${isBusy || (stored && !isChanged)}>${isBusy ? "Saving…" : "Save"}</button>
        ${isChanged && html`<button type="button" class="quiet" onClick=${() => { setDraft(rule); setFaults([]); }}>Undo changes</button>`}</div>`}
    </form>
    <div class="panels"><${TryOut} rule=${tidied(draft)} />${mayTest && html`<${BackTest} rule=${tidied(draft)} />`}</div>`;
}

const Line = ({ title, children }) => html`<div class="line"><span class="line-title">${title}</span><div>${children}</div></div>`;

const Faults = ({ of }) => of.length > 0 && html`<ul class="fault-list" role="alert">${of.map(({ name, found, expected }) =>
  html`<li><b>${name}</b>: ${found}; expected ${expected}</li>`)}</ul>`;

// One message for each alert, for a group of them, or at set times.
function How({ draft, set, onChange }) {
  const way = draft.digest ? "digest" : draft.group_by?.length ? "group" : "each";
  const choose = (chosen) => {
    const rest = { ...draft, digest: null, group_by: [], group_wait: null, group_interval: null, repeat_interval: null };
    if (chosen === "group") rest.group_by = ["site"];
    if (chosen === "digest") rest.digest = { zone: Intl.DateTimeFormat().resolvedOptions().timeZone, at: ["08:00"] };
    onChange(rest);
  };
  return html`<select aria-label="How" value=${way} onChange=${(event) => choose(event.target.value)}>
      <option value="each">one message for each alert</option><option value="group">one for a group of alerts</option><option value="digest">a digest at set times</option></select>
    ${way === "each" && html`<label>at most one for each fault within <input type="number" min="0" class="short" value=${draft.throttle_minutes ?? 0}
      onInput=${(event) => set("throttle_minutes")(Number(event.target.value))} /> minutes</label>`}
    ${way === "group" && html`<label>by <${Texts} label="Group by" example="site, category" value=${draft.group_by} onChange=${set("group_by")} /></label>
      ${[["group_wait", "first after"], ["group_interval", "changes every"], ["repeat_interval", "repeat every"]].map(([key, title]) =>
        html`<label>${title} <input class="short" placeholder="default" value=${draft[key] ?? ""} onInput=${(event) => set(key)(event.target.value.trim() || null)} /></label>`)}`}
    ${way === "digest" && html`<label>at <${Texts} label="Times" example="08:00, 16:00" value=${draft.digest.at} onChange=${(at) => set("digest")({ ...draft.digest, at })} /></label>
      <label>in <${Zone} value=${draft.digest.zone} onChange=${(zone) => set("digest")({ ...draft.digest, zone })} /></label>
      <${Some} label="Days" of=${DAYS} value=${draft.digest.days ?? []} onChange=${(days) => set("digest")({ ...draft.digest, days })} />`}`;
}

function sentence(rule) {
  const targets = rule.channels.filter((target) => Object.values(target)[0]).map(targetInWords).join(", ");
  return `Of ${inWords(rule.conditions) || "every alert"}: ${targets || "no recipient yet"}${rule.enabled ? "" : ". The rule is off"}.`;
}
