// Maintenance windows and silences: what is muted now and later, and until when.

import { confirm, Dialog, html, Mark, number, Reading, shortMoment, Table, useApi, useCommand, useState } from "../../app/kit.js";
import { Conditions, Zone } from "./condition-editor.js";
import { inWords, targetInWords } from "./conditions.js";
import { Targets } from "./target-editor.js";

const EVERY_MS = 10_000;
const KINDS = { active: "warn", planned: "off", over: "off" };

const whatOf = ({ conditions, behind, is_whole: isWhole }) => !isWhole ? "some of your devices, among others" : [behind && `${behind} and what is behind it`, inWords(conditions)].filter(Boolean).join(", ") || "everything";

const lastOf = (window) => (window.recurring ? `${window.recurring.rule}, ${window.recurring.duration} each (${window.recurring.zone})` : "");

const fileOf = (path) => path?.split("/").at(-1);

// A window of a file is changed there; a change here takes it over into the database.
const taking = ({ declared_in: file }) => (file ? "?take_over=true" : "");
const about = ({ declared_in: file }, text) => (file ? `${text} ${file} declares it: it is taken over into the database, and the file no longer changes it.` : text);

export function Maintenance({ mayAct, isWhole }) {
  const windows = useApi("/maintenance", { every: EVERY_MS });
  const [dialog, setDialog] = useState(null);
  const [send, isBusy] = useCommand();
  const done = () => { setDialog(null); windows.reload(); };
  const end = async (window) => {
    const asked = `Problems that still exist are notified: ${number(window.held)} of the ${number(window.muted)} muted alerts.`;
    if (await confirm({ title: `End ${window.name} now?`, about: asked, button: "End it" }) && await send("POST", `/maintenance/${window.id}/end`, { said: `${window.name} has ended.` })) done();
  };
  const remove = async (window) => {
    const asked = { title: `Delete ${window.name}?`, about: about(window, "Problems that still exist are notified."), button: "Delete", isDanger: true };
    if (await confirm(asked) && await send("DELETE", `/maintenance/${window.id}${taking(window)}`, { said: `${window.name} is deleted.` })) done();
  };
  const columns = [
    { name: "name", title: "Window", cell: (one) => html`<b>${one.name}</b>${one.reason && html`<small>${one.reason}</small>`}` },
    { name: "state", title: "State", value: (one) => ["active", "planned", "over"].indexOf(one.state), cell: (one) => html`<${Mark} kind=${KINDS[one.state]}>${one.state}<//>
      ${one.state_until && html`<small>${one.state === "planned" ? "begins" : "until"} <span class="whole">${shortMoment(one.state_until)}</span></small>`}` },
    { name: "conditions", title: "Mutes", grow: true, sorts: false, value: whatOf, cell: (one) => html`${whatOf(one)}<small>${[one.mode === "hide" && "hidden", lastOf(one), one.announce.length > 0 && `announced to ${one.announce.map(targetInWords).join(", ")}`].filter(Boolean).join(", ")}</small>` },
    { name: "start_at", title: "From", cell: (one) => html`<span class="whole">${shortMoment(one.start_at)}</span>` },
    { name: "end_at", title: "To", cell: (one) => one.end_at && html`<span class="whole">${shortMoment(one.end_at)}</span>` },
    { name: "muted", title: "Alerts", align: "right", cell: (one) => (one.muted ? `${number(one.muted)}, ${number(one.held)} held` : "") },
    { name: "created_by", title: "By", minor: true, value: (one) => fileOf(one.declared_in) ?? one.created_by ?? "", cell: (one) => html`<span title=${one.declared_in ?? undefined}>${fileOf(one.declared_in) ?? one.created_by}</span>` },
    ...(mayAct ? [{ name: "id", title: "Actions", sorts: false, cell: (one) => one.is_whole && html`<span class="row-actions">
      ${one.state === "active" && html`<button type="button" class="quiet" disabled=${isBusy} onClick=${() => end(one)}>End now</button>`}
      ${one.state !== "over" && !one.recurring && html`<button type="button" class="quiet" onClick=${() => setDialog(one)}>Move end</button>`}
      <button type="button" class="quiet" disabled=${isBusy} onClick=${() => remove(one)}>Delete</button></span>` }] : []),
  ];
  return html`<${Reading} of=${windows}>${(rows) => html`<${Table} label="Maintenance windows" noun=${["window", "windows"]} columns=${columns} rows=${rows}
      keyOf=${({ id }) => id} first="state" empty="Nothing is muted, now or later.">
      ${mayAct && html`<button type="button" class="primary" onClick=${() => setDialog({})}>New window</button>`}<//>`}<//>
    ${dialog && (dialog.id ? html`<${MoveEnd} window=${dialog} onClose=${() => setDialog(null)} onDone=${done} />`
      : html`<${NewWindow} isWhole=${isWhole} onClose=${() => setDialog(null)} onDone=${done} />`)}`;
}

// The value of a datetime-local field for an instant.
const fieldOf = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function MoveEnd({ window, onClose, onDone }) {
  const [end, setEnd] = useState(fieldOf(window.end_at ? new Date(window.end_at) : new Date()));
  const [send, isBusy] = useCommand();
  const move = async (event) => {
    event.preventDefault();
    const end_at = new Date(end).toISOString();
    if (await send("PATCH", `/maintenance/${window.id}${taking(window)}`, { body: { end_at }, said: `${window.name} ends ${shortMoment(end_at)}.` })) onDone();
  };
  return html`<${Dialog} title=${`Move the end of ${window.name}`} onClose=${onClose}><form class="fields" onSubmit=${move}>
    ${window.declared_in && html`<p>${about(window, "")}</p>`}
    <label>New end <input type="datetime-local" required value=${end} onInput=${(event) => setEnd(event.target.value)} /></label>
    <div class="buttons"><button type="button" class="quiet" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${isBusy}>Move it</button></div></form><//>`;
}

const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const RULES = [["", "Once"], ["FREQ=DAILY", "Every day"], ["FREQ=WEEKLY", "Every week"], ["FREQ=MONTHLY", "Every month"], ["own", "By a rule of its own"]];

function NewWindow({ isWhole, onClose, onDone }) {
  const [draft, setDraft] = useState({ conditions: {}, lasts: "2h", mode: "mute", announce: [] });
  const channels = useApi(isWhole ? "/connectors" : null).data?.filter(({ role }) => role === "channel").map(({ name }) => name) ?? [];
  const [fault, setFault] = useState("");
  const [send, isBusy] = useCommand({ onFault: (error) => { setFault(error.expected || error.message); return true; } });
  const set = (key) => (value) => setDraft({ ...draft, [key]: value });
  const text = (key) => (event) => set(key)(event.target.value);
  const add = async (event) => {
    event.preventDefault();
    setFault("");
    const { start, repeats, ownRule, zone, behind, name, reason, everything, ...rest } = draft;
    const rule = repeats === "own" ? ownRule : repeats;
    const body = { ...rest, ...(start ? { start_at: new Date(start).toISOString() } : {}), ...(rule ? { recurring: { rule, zone: zone ?? OWN_ZONE } } : {}),
      ...Object.fromEntries(Object.entries({ behind, name, reason, everything }).filter(([, value]) => value)) };
    const answer = await send("POST", "/maintenance", { body });
    if (answer) onDone();
  };
  return html`<${Dialog} title="New maintenance window" onClose=${onClose} wide=${true}><form class="editor" onSubmit=${add}>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
    <div class="line"><span class="line-title">Alerts of</span><div><${Conditions} conditions=${draft.conditions} onChange=${set("conditions")} ofWindow=${true} />
      <label class="check"><input type="checkbox" checked=${draft.everything ?? false} onChange=${(event) => set("everything")(event.target.checked)} /> all alerts</label></div></div>
    <div class="line"><span class="line-title">Behind</span><div><input class="long" aria-label="Behind the device" placeholder="a device: mutes it and the devices behind it" value=${draft.behind ?? ""} onInput=${text("behind")} /></div></div>
    <div class="line"><span class="line-title">When</span><div>
      <label>from <input type="datetime-local" aria-label="From; default now" value=${draft.start ?? ""} onInput=${text("start")} /></label>
      <label>for <input class="short" required aria-label="Length" placeholder="2h" value=${draft.lasts} onInput=${text("lasts")} /></label>
      <select aria-label="Repeats" value=${draft.repeats ?? ""} onChange=${text("repeats")}>${RULES.map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select>
      ${draft.repeats === "own" && html`<input class="long" aria-label="Rule" placeholder="FREQ=WEEKLY;BYDAY=TU" value=${draft.ownRule ?? ""} onInput=${text("ownRule")} />`}
      ${draft.repeats && html`<label>in <${Zone} value=${draft.zone ?? OWN_ZONE} onChange=${set("zone")} /></label>`}</div></div>
    ${isWhole && html`<div class="line"><span class="line-title">Announce to</span><div><${Targets} targets=${draft.announce} names=${{ channel: channels }} kinds=${["channel"]}
      withFailover=${false} onChange=${set("announce")} /></div></div>`}
    <div class="line"><span class="line-title">Name</span><div><input class="long" aria-label="Name" maxlength="100" placeholder="default: of the device and the time" value=${draft.name ?? ""} onInput=${text("name")} /></div></div>
    <div class="line"><span class="line-title">Reason</span><div><input class="long" aria-label="Reason" maxlength="1000" value=${draft.reason ?? ""} onInput=${text("reason")} />
      <select aria-label="Mode" value=${draft.mode} onChange=${text("mode")}><option value="mute">shown, without notifications</option><option value="hide">hidden from the list as well</option></select></div></div>
    <div class="buttons"><button type="button" class="quiet" onClick=${onClose}>Cancel</button><button type="submit" class="primary" disabled=${isBusy}>${draft.start ? "Plan it" : "Begin now"}</button></div></form><//>`;
}
