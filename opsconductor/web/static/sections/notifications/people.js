// People, teams, on-call schedules and escalation policies: whom rules can name.

import { confirm, Form, go, Head, html, originOf, pathOf, Reading, Table, toast, useApi, useCommand, useSchema } from "../../app/kit.js";
import { inWords, targetInWords } from "./conditions.js";
import { useNames } from "./names.js";

const NEW = "+new";

const layersOf = ({ layers }) => layers.map(({ name, participants, every }) => `${name}: ${participants.join(", ")} (${turnOf(every)})`).join("; ");
const turnOf = (every) => ({ "7d": "weekly", "1d": "daily", "24h": "daily" })[every] ?? `every ${every}`;
const methodOf = ({ channel, recipient, minimum_severity: minimum }) => [recipient || channel, recipient && `(${channel})`, minimum && `from ${minimum}`].filter(Boolean).join(" ");
const stepOf = ({ after, notify, conditions }) => `${after ? `after ${after}` : "at once"}: ${notify.map(targetInWords).join(", ")}${inWords(conditions) ? ` if ${inWords(conditions)}` : ""}`;

const KINDS = {
  people: { title: "People", one: "person", model: "DeclaredPerson", path: "/people", write: "mayManagePeople", empty: "No person yet: rules can name channels and recipients only.", about: ({ contact_methods: methods }) => methods.map(methodOf).join("; ") || "no contact method" },
  teams: { title: "Teams", one: "team", model: "DeclaredTeam", path: "/teams", empty: "No team yet.", about: ({ members }) => members.join(", ") || "no member" },
  schedules: { title: "On-call schedules", one: "schedule", model: "DeclaredSchedule", path: "/notifications/schedules", empty: "No schedule yet.", about: layersOf },
  policies: { title: "Escalation policies", one: "policy", model: "DeclaredPolicy", path: "/notifications/policies", empty: "No policy yet: unacknowledged alerts are not escalated.", about: ({ steps }) => steps.map(stepOf).join("; ") },
};

const addressOf = (kind, name) => pathOf("notifications", "people", kind, name);

export function People({ rest: [kind, name], ...may }) {
  if (kind in KINDS && name) return html`<${One} key=${name} kind=${kind} name=${name} ...${may} />`;
  return html`<div class="stack">${Object.keys(KINDS).map((each) => html`<${List} kind=${each} ...${may} />`)}</div>`;
}

const isAllowed = (kind, may) => may[KINDS[kind].write ?? "mayConfigure"];

function List({ kind, ...may }) {
  const { title, path, about, empty, one } = KINDS[kind];
  const rows = useApi(path, { all: true });
  const columns = [
    { name: "name", title: "Name", value: ({ row }) => row.name, cell: ({ row }) => html`<a href=${addressOf(kind, row.name)} tabindex="-1">${row.name}</a>
      ${(row.display_name || row.description) && html`<small>${row.display_name ?? row.description}</small>`}` },
    { name: "about", title: kind === "people" ? "Reached by" : kind === "policies" ? "Steps" : kind === "teams" ? "Members" : "Layers", grow: true, sorts: false, value: ({ row }) => about(row) },
    { name: "declared_in", title: "From", minor: true, value: (stored) => (stored.is_read_only ? "a file" : "") },
  ];
  return html`<section aria-label=${title}><h3>${title}</h3><${Reading} of=${rows}>${(all) => html`<${Table} label=${title} columns=${columns} rows=${all}
    first="name" filter=${all.length > 10} keyOf=${({ row }) => row.name} open=${({ row }) => go(addressOf(kind, row.name))} empty=${empty} noun=${[one, title.toLowerCase()]}>
    ${isAllowed(kind, may) && html`<a class="button" href=${addressOf(kind, NEW)}>New ${one}</a>`}<//>`}<//></section>`;
}

function One({ kind, name, ...may }) {
  const { path, one, title, model } = KINDS[kind];
  const stored = useApi(name === NEW ? null : `${path}/${encodeURIComponent(name)}`);
  const schema = useSchema(model);
  const names = useNames();
  const [send] = useCommand();
  const home = pathOf("notifications", "people");
  const remove = async () => {
    const about = `Rules, teams, schedules and policies that name it must be changed first.`;
    if (!await confirm({ title: `Delete the ${one} ${name}?`, about, button: "Delete", isDanger: true })) return;
    if (await send("DELETE", `${path}/${stored.data.id}`, { etag: stored.etag, said: `The ${one} ${name} is deleted.` })) go(home);
  };
  const takeOver = async () => {
    if (await send("PUT", `${path}/${stored.data.id}?take_over=true`, { body: stored.data.row, etag: stored.etag, said: `The ${one} can be changed here now.` })) stored.reload();
  };
  const isLocked = !isAllowed(kind, may) || (stored.data?.is_read_only ?? false);
  const save = async (value, sendForm) => {
    const answer = name === NEW ? await sendForm("POST", path, { body: value })
      : await sendForm("PUT", `${path}/${stored.data.id}`, { body: value, etag: stored.etag });
    if (!answer) return;
    toast(answer.data.error ? `Stored, but not in force: ${answer.data.error}` : `The ${one} is saved.`, { bad: Boolean(answer.data.error) });
    go(home);
  };
  const drawn = (given) => html`<${Reading} of=${schema}>${(found) => html`<fieldset class="plain-set" disabled=${isLocked}><legend class="unseen">${one}</legend>
    <${Form} schema=${schemaOf(found, names)} value=${given} onSubmit=${save} onCancel=${() => go(home)} /></fieldset>`}<//>`;
  return html`<${Head} title=${name === NEW ? `New ${one}` : name} up=${home} upTitle=${title} about=${originOf(stored.data)}>
      ${stored.data && isAllowed(kind, may) && (isLocked ? html`<button type="button" onClick=${takeOver}>Take over</button>`
        : html`<button type="button" class="danger" onClick=${remove}>Delete</button>`)}<//>
    <div class="panel">${name === NEW ? drawn({}) : html`<${Reading} of=${stored}>${(found) => drawn(tidied(found.row))}<//>`}</div>`;
}

// Without what is empty, so that the form shows what is given first.
const tidied = (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length)));

// The schema of a row with the names that there are.
function schemaOf(schema, names) {
  const defs = structuredClone(schema.$defs);
  for (const [model, field, known] of [["DeclaredMethod", "channel", names.channel], ["DeclaredTeam", "members", names.person], ["DeclaredLayer", "participants", names.person]]) {
    const property = defs[model]?.properties?.[field];
    if (property && known?.length) property.description = `${property.description ?? ""} Available: ${known.join(", ")}.`.trim();
  }
  return { ...schema, properties: defs[schema.title]?.properties ?? schema.properties, $defs: defs };
}
