// API keys: list, create (shown once), revoke.

import { confirm, Dialog, Form, go, html, moment, number, Reading, Table, TimeAgo, useApi, useCommand, useSchema, useState } from "../../app/kit.js";
import { Once } from "./once.js";
import { limitOf, withRoles } from "./roles.js";

export function Keys({ item, may }) {
  const keys = useApi("/api-keys");
  const roles = useApi("/roles");
  const [send] = useCommand();
  const back = () => { go("/system/keys"); keys.reload(); };
  const revoke = async (one) => {
    const asked = { title: `Revoke the key ${one.name}?`, about: "Programs that use it are refused from now on, and its sessions end.", button: "Revoke", isDanger: true };
    if (await confirm(asked) && await send("DELETE", `/api-keys/${encodeURIComponent(one.name)}`, { said: `${one.name} is revoked` })) keys.reload();
  };
  const columns = [
    { name: "name", title: "Key", cell: (one) => html`<b>${one.name}</b><small class="mono">ops_${one.prefix}…</small>` },
    { name: "roles", title: "May", grow: true, value: (one) => [...one.roles, ...one.scopes].join(" "),
      cell: (one) => html`<span>${[...one.roles, ...one.scopes].map((each) => html`<span class="tag">${each}</span> `)}</span>${one.row_filter && html`<small>only ${limitOf(one.row_filter)}</small>`}` },
    { name: "quota_per_minute", title: "Quota", align: "right", cell: (one) => (one.quota_per_minute ? `${number(one.quota_per_minute)} a minute` : ""), minor: true },
    { name: "created_at", title: "Made", align: "right", cell: (one) => html`<${TimeAgo} at=${one.created_at} /><small>${one.created_by && `by ${one.created_by}`}</small>`, minor: true },
    { name: "last_used_at", title: "Last use", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_used_at} />` },
    { name: "expires_at", title: "Ends", align: "right", cell: (one) => (one.expires_at ? html`<time datetime=${one.expires_at}>${moment(one.expires_at)}</time>` : "never") },
    ...(may("users:write") ? [{ name: "act", title: "Action", sorts: false, value: () => "", cell: (one) => html`<button type="button" class="danger" aria-label=${`Revoke ${one.name}`} onClick=${() => revoke(one)}>Revoke</button>` }] : []),
  ];
  return html`<${Reading} of=${keys}>${(rows) => html`<${Table} label="API keys" noun=${["key", "keys"]} columns=${columns} rows=${rows} first="name" empty="There is no API key.">
      ${may("users:write") && html`<a class="button primary" href="/system/keys/+">New key</a>`}<//>`}<//>
    ${item === "+" && html`<${NewKey} roles=${roles.data ?? []} onDone=${back} />`}`;
}

function NewKey({ roles, onDone }) {
  const schema = useSchema("NewKeyBody");
  const [made, setMade] = useState(null);
  const create = async (body, send) => {
    const answer = await send("POST", "/api-keys", { body });
    if (answer) setMade(answer.data);
  };
  if (made) return html`<${Once} title=${`Key ${made.name}`} secret=${made.key} about="This is the only time that it is shown. Keep it where the program finds it." onClose=${onDone} />`;
  return html`<${Dialog} title="New API key" onClose=${onDone} wide><${Reading} of=${schema}>${(found) =>
    html`<${Form} schema=${withRoles(found, roles)} value=${{ name: "", roles: [] }} submit="Create" onSubmit=${create} onCancel=${onDone} />`}<//><//>`;
}
