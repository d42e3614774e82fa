// Notifications that were given up: why, and sending them again.

import { Cut, go, html, number, plural, Reading, Severity, Table, TimeAgo, useApi, useCommand, useState } from "../../app/kit.js";

const EVERY_MS = 15_000;
const MOST = 1_000;
const DAYS = [1, 7, 30];

const COLUMNS = [
  { name: "title", title: "Alert", grow: true, cell: (one) => html`${one.alert_id ? html`<a href=${`/alerts/${one.alert_id}`}>${one.title || "alert"}</a>` : one.title}<small>${one.device}</small>` },
  { name: "severity", title: "Severity", cell: (one) => html`<${Severity} of=${one.severity} />`, minor: true },
  { name: "kind", title: "Message" },
  { name: "channel", title: "To", cell: (one) => html`${one.channel}<small>${one.recipient}</small>` },
  { name: "error", title: "Why it was given up", cell: (one) => html`${one.error}<small>after ${plural(one.attempts, "attempt", "attempts")}, rule ${one.rule}</small>` },
  { name: "concluded_at", title: "Given up", align: "right", cell: (one) => html`<${TimeAgo} at=${one.concluded_at} />
    ${one.is_reached_since && html`<small>reached since</small>`}` },
];

export function Undelivered({ query, may }) {
  const days = DAYS.find((each) => each === Number(query.get("days"))) ?? 7;
  const [since] = useState(() => Date.now());
  const from = new Date(since - days * 86_400_000).toISOString();
  const found = useApi(`/notifications/given-up?limit=${MOST}&since=${from}`, { every: EVERY_MS });
  const [chosen, setChosen] = useState(new Set());
  const [send, isBusy] = useCommand();
  const resend = async (rows) => {
    const ids = rows.map(({ id }) => id).filter((id) => chosen.has(id));
    const answer = await send("POST", "/notifications/given-up/resend", { body: { ids }, said: `${plural(ids.length, "notification is", "notifications are")} being sent again` });
    if (answer) setChosen(new Set());
    found.reload();
  };
  const selection = may("system:write") ? { chosen, onChoose: setChosen } : null;
  return html`<${Reading} of=${found}>${(rows) => html`<${Table} label="Undelivered notifications" noun=${["notification", "notifications"]} columns=${COLUMNS} rows=${rows}
      keyOf=${({ id }) => id} selection=${selection} empty=${`Everything of the last ${days === 1 ? "day" : `${days} days`} was delivered, or still waits for its next attempt.`}>
      <select aria-label="Period" onChange=${(event) => go(`/system/undelivered?days=${event.target.value}`, { replace: true })}>${DAYS.map((each) =>
        html`<option value=${each} selected=${each === days}>${each === 1 ? "1 day" : `${each} days`}</option>`)}</select>
      ${selection && html`<button type="button" class="primary" disabled=${isBusy || !chosen.size} onClick=${() => resend(rows)}>Send again${chosen.size ? ` (${number(chosen.size)})` : ""}</button>`}<//>
      <${Cut} rows=${rows} most=${MOST} others="Send these again, or choose a shorter period." />`}<//>`;
}
