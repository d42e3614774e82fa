// Who is on call: now, in a calendar of four weeks with its gaps, and overrides.

import { html, pathOf, Reading, shortMoment, Table, useApi, useCommand, useState } from "../../app/kit.js";
import { addDays, daysOf, localOf, mondayOf } from "./duty-days.js";

const WEEKS = 4;
const EVERY_MS = 60_000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function OnCall({ rest: [chosen], mayAct }) {
  const schedules = useApi("/oncall", { every: EVERY_MS });
  return html`<${Reading} of=${schedules}>${(all) => {
    if (!all.length) return html`<div class="void small"><p>No on-call schedule yet. Make one under “People and policies”.</p></div>`;
    const duty = all.find(({ schedule }) => schedule === chosen) ?? all[0];
    return html`<div class="stack"><${Now} all=${all} chosen=${duty.schedule} /><${Schedule} key=${duty.schedule} duty=${duty} mayAct=${mayAct} onChange=${schedules.reload} /></div>`;
  }}<//>`;
}

const Now = ({ all, chosen }) => html`<ul class="duties" aria-label="On call now">${all.map(({ schedule, person, by, until }) =>
  html`<li><a href=${pathOf("notifications", "on-call", schedule)} aria-current=${schedule === chosen ? "page" : undefined}>
    <span>${schedule}</span><b class=${person ? "" : "gap"}>${person ?? "no one (gap)"}</b>
    <small>${[by === "override" ? "as an override" : by, until && `until ${shortMoment(until)}`].filter(Boolean).join(", ")}</small></a></li>`)}</ul>`;

function Schedule({ duty: { schedule, time_zone: zone }, mayAct, onChange }) {
  const [begin, setBegin] = useState(() => mondayOf(Date.now(), zone));
  const days = 7 * WEEKS;
  const query = new URLSearchParams({ schedule, begin: new Date(begin).toISOString(), days: days + 1 });
  const calendar = useApi(`/oncall/calendar?${query}`, { every: EVERY_MS });
  const overrides = useApi("/oncall/overrides");
  const changed = () => { for (const reload of [overrides.reload, calendar.reload, onChange]) reload(); };
  const turn = (weeks) => setBegin(addDays(begin, weeks * 7, zone));
  return html`<section aria-label=${`Calendar of ${schedule}`}>
    <div class="table-bar"><b>${schedule}</b><span class="faint">in ${zone}</span>
      <span class="turn"><button type="button" class="quiet" aria-label="Earlier" onClick=${() => turn(-WEEKS)}>‹</button>
        <button type="button" class="today" onClick=${() => setBegin(mondayOf(Date.now(), zone))}>Today</button>
        <button type="button" class="quiet" aria-label="Later" onClick=${() => turn(WEEKS)}>›</button></span>
      <a class="button" download href=${`/api/v1/oncall/calendar.ics?${new URLSearchParams({ schedule })}`}>iCalendar</a></div>
    <${Reading} of=${calendar}>${(spans) => html`<${Calendar} days=${daysOf(spans, begin, days, zone)} today=${localOf(Date.now(), zone).day} />`}<//></section>
    <section aria-label="Overrides"><h3>Overrides</h3>
      ${mayAct && html`<${Override} schedule=${schedule} onDone=${changed} />`}
      <${Reading} of=${overrides}>${(rows) => html`<${Overrides} rows=${rows.filter((row) => row.schedule === schedule)} mayAct=${mayAct} onDone=${changed} />`}<//></section>`;
}

function Calendar({ days, today }) {
  const weeks = Array.from({ length: days.length / 7 }, (_, at) => days.slice(at * 7, at * 7 + 7));
  return html`<table class="calendar"><thead><tr>${WEEKDAYS.map((day) => html`<th scope="col">${day}</th>`)}</tr></thead>
    <tbody>${weeks.map((week) => html`<tr key=${week[0].day}>${week.map((day) => html`<td class=${day.day === today ? "today" : ""}>
      <time datetime=${day.day}>${labelOf(day.day)}</time><ul>${day.parts.map((part) => html`<${Part} ...${part} />`)}</ul></td>`)}</tr>`)}</tbody></table>`;
}

const labelOf = (day) => new Date(`${day}T12:00:00Z`).toLocaleDateString([], { day: "numeric", month: "short", timeZone: "UTC" });

function Part({ person, by, from, to, isWhole }) {
  const times = isWhole ? "" : `${from}–${to}`;
  if (!person) return html`<li class="gap"><b>gap</b> ${times}</li>`;
  return html`<li class=${`tone-${toneOf(person)}`} title=${by === "override" ? "override" : by}><b>${person}</b>${by === "override" ? "*" : ""} ${times}</li>`;
}

// One of eight tones that a person keeps.
function toneOf(person) {
  let sum = 0;
  for (const letter of person) sum = (sum * 31 + letter.codePointAt(0)) % 65_521;
  return sum % 8;
}

function Override({ schedule, onDone }) {
  const people = useApi("/people", { all: true });
  const [draft, setDraft] = useState({ person: "", begin: "", end: "" });
  const [send, isBusy] = useCommand();
  const set = (key) => (event) => setDraft({ ...draft, [key]: event.target.value });
  const add = async (event) => {
    event.preventDefault();
    const body = { schedule, person: draft.person, begin: new Date(draft.begin).toISOString(), end: new Date(draft.end).toISOString() };
    if (await send("POST", "/oncall/overrides", { body, said: `${draft.person} is on call from ${shortMoment(body.begin)}.` })) {
      setDraft({ person: "", begin: "", end: "" });
      onDone();
    }
  };
  return html`<form class="try" onSubmit=${add} aria-label="New override">
    <label>Person <select required value=${draft.person} onChange=${set("person")}><option value="">Who…</option>${(people.data ?? []).map(({ row }) => html`<option value=${row.name}>${row.display_name ?? row.name}</option>`)}</select></label>
    <label>from <input type="datetime-local" required value=${draft.begin} onInput=${set("begin")} /></label>
    <label>to <input type="datetime-local" required value=${draft.end} onInput=${set("end")} /></label>
    <button type="submit" disabled=${isBusy}>Put on call</button></form>`;
}

function Overrides({ rows, mayAct, onDone }) {
  const [send] = useCommand();
  const columns = [
    { name: "person", title: "Person" },
    { name: "begins_at", title: "From", cell: (row) => shortMoment(row.begins_at) },
    { name: "ends_at", title: "To", cell: (row) => shortMoment(row.ends_at), grow: true },
    { name: "created_by", title: "By" },
    ...(mayAct ? [{ name: "id", title: "Actions", sorts: false, cell: (row) => html`<button type="button" class="quiet" onClick=${async () =>
      (await send("DELETE", `/oncall/overrides/${row.id}`, { said: "The override is deleted." })) && onDone()}>Delete</button>` }] : []),
  ];
  return html`<${Table} label="Overrides" columns=${columns} rows=${rows} filter=${false} keyOf=${({ id }) => id} noun=${["override", "overrides"]} empty="None." />`;
}
