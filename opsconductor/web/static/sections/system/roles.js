// Roles: permissions, and the alerts to which they extend. Those that ship are fixed, others can be made.

import { confirm, Dialog, Form, go, html, Reading, Table, useApi, useCommand, useSchema } from "../../app/kit.js";

const COLUMNS = [
  { name: "name", title: "Role", cell: (one) => html`<a href=${`/system/roles/${encodeURIComponent(one.name)}`}>${one.name}</a>${one.is_fixed && html`<small>ships with OpsConductor</small>`}` },
  { name: "description", title: "For", cell: (one) => one.description },
  { name: "permissions", title: "Permissions", grow: true, value: ({ permissions }) => permissions.join(" "), cell: ({ permissions }) => html`<span>${permissions.map((each) => html`<span class="tag mono">${each}</span> `)}</span>` },
  { name: "requires_second_factor", title: "Second factor", value: factorOf, cell: factorOf },
  { name: "row_filter", title: "Alerts", value: ({ row_filter: only }) => (only ? limitOf(only) : "all"), cell: ({ row_filter: only }) => (only ? limitOf(only) : "all") },
];

function factorOf({ requires_second_factor: isRequired }) {
  return isRequired ? "required" : "optional";
}

// A row filter in words: site berlin or hamburg; customer acme.
export function limitOf({ site = [], tag = [], custom_fields: fields = {} }) {
  const parts = [["site", site], ["tag", tag], ...Object.entries(fields)].filter(([, values]) => values.length);
  return parts.map(([name, values]) => `${name} ${values.join(" or ")}`).join(", and ") || "all";
}

// The schema of a form with the names of the roles to choose from.
export function withRoles(schema, roles) {
  const { roles: given, ...others } = schema.properties;
  const choice = { type: "array", items: { enum: roles.map(({ name }) => name) }, uniqueItems: true, description: "What they may do; several add up." };
  return { ...schema, properties: { ...others, ...(given ? { roles: choice } : {}) } };
}

export function Roles({ item, may }) {
  const roles = useApi("/roles");
  const back = () => { go("/system/roles"); roles.reload(); };
  return html`<${Reading} of=${roles}>${(rows) => html`<${Table} label="Roles" noun=${["role", "roles"]} columns=${COLUMNS} rows=${rows} open=${(one) => go(`/system/roles/${encodeURIComponent(one.name)}`)}>
      ${may("users:write") && html`<a class="button primary" href="/system/roles/+">New role</a>`}<//>
    ${item && html`<${OneRole} key=${item} of=${rows.find((one) => one.name === item)} isNew=${item === "+"} mayWrite=${may("users:write")} onDone=${back} />`}`}<//>`;
}

function OneRole({ of, isNew, mayWrite, onDone }) {
  const schema = useSchema(isNew ? "NewRoleBody" : "RoleBody");
  const [send] = useCommand();
  if (!of && !isNew) return null;
  const path = of && `/roles/${encodeURIComponent(of.name)}`;
  const save = async (body, post) => {
    if (await (isNew ? post("POST", "/roles", { body, said: `The role ${body.name} is created` }) : post("PUT", path, { body, said: `The role ${of.name} is changed` }))) onDone();
  };
  const remove = async () => {
    const asked = { title: `Delete the role ${of.name}?`, about: "Users and keys that have it lose its permissions at once.", button: "Delete", isDanger: true };
    if (await confirm(asked) && await send("DELETE", path, { said: "Deleted" })) onDone();
  };
  const require = async () => {
    const required = !of.requires_second_factor;
    const asked = { title: `Require a second factor of every ${of.name}?`, about: "Users who have none, including those logged in now, must set one up before anything else. API keys are not affected.", button: "Require it" };
    if (required && !await confirm(asked)) return;
    if (await send("PUT", `${path}/second-factor`, { body: { required }, said: required ? "Now required" : "No longer required" })) onDone();
  };
  const given = isNew ? { name: "", permissions: [] } : { description: of.description, permissions: of.permissions, ...(of.row_filter ? { row_filter: of.row_filter } : {}) };
  const isLocked = !mayWrite || of?.is_fixed;
  return html`<${Dialog} title=${isNew ? "New role" : of.name} onClose=${onDone} wide><${Reading} of=${schema}>${(found) => html`
    ${of && mayWrite && html`<div class="tools"><button type="button" onClick=${require}>${of.requires_second_factor ? "Second factor no longer required" : "Require a second factor"}</button></div>`}
    ${of?.is_fixed && html`<p class="faint">It ships with OpsConductor: its permissions cannot be changed.</p>`}
    <${Form} schema=${found} value=${given} submit=${isNew ? "Create" : "Save"} onSubmit=${save} onCancel=${onDone} isLocked=${isLocked}
      beside=${of && html`<button type="button" class="danger" onClick=${remove}>Delete</button>`} />
    ${isLocked && html`<div class="buttons"><button type="button" onClick=${onDone}>Close</button></div>`}`}<//><//>`;
}
