// Open sessions of all users and keys.

import { confirm, html, moment, Reading, Table, TimeAgo, useApi, useCommand } from "../../app/kit.js";

const EVERY_MS = 30_000;

export function Sessions({ may }) {
  const found = useApi("/sessions", { every: EVERY_MS });
  const [send] = useCommand();
  const end = async (one) => {
    const asked = { title: `End this session of ${one.owner}?`, about: "The browser has to log in again.", button: "End it" };
    if (await confirm(asked) && await send("DELETE", `/sessions/${one.id}`, { said: "The session is ended" })) found.reload();
  };
  const columns = [
    { name: "owner", title: "Who", grow: true, cell: (one) => html`<b>${one.owner}</b>${one.is_this && html` <span class="tag">this browser</span>`}<small>${one.is_key ? "logged in with an API key" : "user"}</small>` },
    { name: "remote_ip", title: "From", cell: (one) => html`<span class="mono">${one.remote_ip}</span>` },
    { name: "created_at", title: "Logged in", align: "right", cell: (one) => html`<${TimeAgo} at=${one.created_at} />` },
    { name: "last_seen_at", title: "Last seen", align: "right", cell: (one) => html`<${TimeAgo} at=${one.last_seen_at} />` },
    { name: "expires_at", title: "Ends", align: "right", cell: (one) => html`<time datetime=${one.expires_at}>${moment(one.expires_at)}</time>`, minor: true },
    ...(may("users:write") ? [{ name: "act", title: "Action", sorts: false, value: () => "", cell: (one) => !one.is_this && html`<button type="button" class="danger" aria-label=${`End the session of ${one.owner}`} onClick=${() => end(one)}>End</button>` }] : []),
  ];
  return html`<${Reading} of=${found}>${(rows) => html`<${Table} label="Sessions" noun=${["session", "sessions"]} columns=${columns} rows=${rows} keyOf=${({ id }) => id} empty="No one is logged in." />`}<//>`;
}
