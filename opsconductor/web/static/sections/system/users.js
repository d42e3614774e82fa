// Users: list, create, change, disable, links to choose a password, log out everywhere.

import { confirm, Dialog, Form, go, html, Mark, Reading, Table, TimeAgo, useApi, useCommand, useSchema, useState } from "../../app/kit.js";
import { limitOf, withRoles } from "./roles.js";
import { Once } from "./once.js";

const COLUMNS = [
  { name: "username", title: "User", cell: (one) => html`<a href=${`/system/users/${encodeURIComponent(one.username)}`}>${one.username}</a><small>${one.display_name}</small>` },
  { name: "roles", title: "Roles", grow: true, value: ({ roles }) => roles.join(" "), cell: ({ roles, row_filter: only }) => html`<span>${roles.map((role) => html`<span class="tag">${role}</span> `)}</span>${only && html`<small>only ${limitOf(only)}</small>`}` },
  { name: "enabled", title: "State", value: stateOf, cell: (one) => html`<${Mark} kind=${stateOf(one) === "active" ? "good" : "off"}>${stateOf(one)}<//>` },
  { name: "has_second_factor", title: "Second factor", value: (one) => factorsOf(one), minor: true },
  { name: "origin", title: "Kept in", minor: true },
  { name: "last_login_at", title: "Last log-in", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_login_at} />` },
];

function factorsOf({ has_second_factor: hasApp, passkeys, requires_second_factor: isRequired }) {
  const found = [hasApp && "app", passkeys > 0 && (passkeys === 1 ? "1 passkey" : `${passkeys} passkeys`)].filter(Boolean);
  return found.join(", ") || (isRequired ? "to be set up" : "no");
}

function stateOf(one) {
  if (!one.enabled) return "disabled";
  return one.has_password || one.origin !== "local" ? "active" : "no password yet";
}

export function Users({ item, user, may }) {
  const users = useApi("/users");
  const roles = useApi("/roles");
  const back = () => { go("/system/users"); users.reload(); };
  return html`<${Reading} of=${users}>${(rows) => html`<${Table} label="Users" noun=${["user", "users"]} columns=${COLUMNS} rows=${rows} keyOf=${(one) => one.username} first="username" empty="No user yet. Open the set-up link that the daemon prints at its start to create the first one."
      open=${(one) => go(`/system/users/${encodeURIComponent(one.username)}`)}>
      ${may("users:write") && html`<a class="button primary" href="/system/users/+">New user</a>`}<//>
    ${item === "+" && html`<${NewUser} roles=${roles.data ?? []} onDone=${back} />`}
    ${item && item !== "+" && rows.filter((one) => one.username === item).map((one) =>
      html`<${OneUser} key=${item} of=${one} isSelf=${one.username === user.name} roles=${roles.data ?? []} mayWrite=${may("users:write")} onDone=${back} />`)}`}<//>`;
}

function NewUser({ roles, onDone }) {
  const schema = useSchema("NewUserBody");
  const [link, setLink] = useState(null);
  const create = async (body, send) => {
    const answer = await send("POST", "/users", { body, said: `${body.username} is created` });
    if (!answer) return;
    if (body.password) return onDone();
    const made = await send("POST", "/password-links", { body: { username: body.username } });
    if (made) setLink(made.data);
  };
  if (link) return html`<${Once} title="Link to choose a password" secret=${addressOf(link)} about="Give it to the user. It works once, within a day." onClose=${onDone} />`;
  return html`<${Dialog} title="New user" onClose=${onDone} wide><${Reading} of=${schema}>${(of) =>
    html`<p class="faint">Without a password, you get a link by which the user chooses one.</p>
      <${Form} schema=${withRoles(of, roles)} value=${{ username: "", roles: [] }} submit="Create" onSubmit=${create} onCancel=${onDone} />`}<//><//>`;
}

const addressOf = (link) => new URL(link.path, location.origin).href;

function OneUser({ of, isSelf, roles, mayWrite, onDone }) {
  const schema = useSchema("UserBody");
  const [link, setLink] = useState(null);
  const [send, isBusy] = useCommand();
  const path = `/users/${encodeURIComponent(of.username)}`;
  const save = async (body, post) => { if (await post("PATCH", path, { body, said: `${of.username} is changed` })) onDone(); };
  const makeLink = async () => {
    const made = await send("POST", "/password-links", { body: { username: of.username } });
    if (made) setLink(made.data);
  };
  const endSessions = async () => {
    const asked = { title: `Log ${of.username} out everywhere?`, about: "Every browser of this user has to log in again.", button: "Log out" };
    if (await confirm(asked)) await send("DELETE", `${path}/sessions`, { said: `${of.username} is logged out everywhere` });
  };
  const resetFactor = async () => {
    const asked = { title: `Reset the second factor of ${of.username}?`, about: "Until a new one is set up, the password alone is sufficient.", button: "Reset", isDanger: true };
    if (await confirm(asked) && await send("DELETE", `${path}/second-factor`, { said: "The second factor is reset" })) onDone();
  };
  if (link) return html`<${Once} title=${`Link for ${of.username}`} secret=${addressOf(link)} about="Give it to the user to choose a password. It works once, within a day." onClose=${onDone} />`;
  const given = { display_name: of.display_name ?? "", email: of.email ?? "", enabled: of.enabled, roles: of.roles };
  return html`<${Dialog} title=${of.username} onClose=${onDone} wide><${Reading} of=${schema}>${(found) => html`
      ${mayWrite && html`<div class="tools">${of.origin === "local" && html`<button type="button" disabled=${isBusy} onClick=${makeLink}>Link for a new password</button>`}
        <button type="button" disabled=${isBusy} onClick=${endSessions}>Log out everywhere</button>
        ${(of.has_second_factor || of.passkeys > 0) && html`<button type="button" class="danger" disabled=${isBusy} onClick=${resetFactor}>Reset second factor</button>`}</div>`}
      ${isSelf && html`<p class="faint">This is you.</p>`}
      <${Form} schema=${withRoles(found, roles)} value=${of.row_filter ? { ...given, row_filter: of.row_filter } : given} submit="Save" onSubmit=${save} onCancel=${onDone} isLocked=${!mayWrite} />`}<//><//>`;
}
