// The state of the daemon, and what it uses.

import { Bar } from "../../app/chart.js";
import { Facts, html, Mark, number, Reading, Table, TimeAgo, useApi } from "../../app/kit.js";
import { bytes, span } from "../../app/lengths.js";

const EVERY_MS = 10_000;
const STATES = { ok: ["good", "healthy"], degraded: ["warn", "working, but needs attention"], failing: ["bad", "cannot store incoming messages"] };

export function Health() {
  const health = useApi("/system/health", { every: EVERY_MS });
  const stats = useApi("/system/stats", { every: EVERY_MS });
  return html`<div class="panels">
      <${Reading} of=${health}>${(data) => html`<${State} of=${data} />`}<//>
      <${Reading} of=${stats}>${(data) => html`<${Use} of=${data} />`}<//></div>
    ${stats.data && html`<${Tables} of=${stats.data} />`}`;
}

function State({ of }) {
  const [kind, word] = STATES[of.status] ?? ["off", of.status];
  const broken = Object.entries(of.connectors).filter(([, { status }]) => ["error", "degraded"].includes(status));
  const undelivered = Object.values(of.undelivered).reduce((sum, each) => sum + each, 0);
  return html`<section class="panel" aria-label="State"><h3>State</h3><${Facts} of=${[
    ["Daemon", html`<${Mark} kind=${kind}>${word}<//>`],
    ["Version", html`${of.version}, running for <${TimeAgo} at=${of.started_at} suffix="" />`],
    ["Database", html`<${Mark} kind=${of.database === "connected" ? "good" : "bad"}>${of.database}<//>`],
    ["Spool", of.spool.error && html`<${Mark} kind="bad">${of.spool.error}<//>`],
    ["Engine", of.engine.error && html`<${Mark} kind="bad">${of.engine.error}<//>`],
    ["Connectors", html`<a href="/connectors">${connectorsOf(Object.keys(of.connectors).length, broken.length)}</a>`],
    ["Undelivered", undelivered > 0 && html`<a href="/system/undelivered">${number(undelivered)} notifications</a>`],
    ["Rules", of.unreached_rules.length > 0 && html`<${Mark} kind="bad">${of.unreached_rules.join(", ")}: no one is reached<//>`],
    ["Configuration", of.configuration.faults_in_all > 0 || of.configuration.error
      ? html`<${Mark} kind="warn">${of.configuration.error || `${number(of.configuration.faults_in_all)} faults`}<//>` : "no faults"],
  ]} />${of.configuration.faults.length > 0 && html`<ul class="plain config-faults">${of.configuration.faults.map((fault) =>
    html`<li><code>${fault.file}${fault.line ? `:${fault.line}` : ""}</code> ${fault.key}: found ${fault.found}, expected ${fault.expected}</li>`)}</ul>`}</section>`;
}

function connectorsOf(amount, broken) {
  if (!amount) return "none is declared";
  return broken ? `${number(broken)} of ${number(amount)} not working` : `${number(amount)}, all working`;
}

const TABLES = [
  { name: "table", title: "Table", cell: ({ table }) => html`<span class="mono">${table}</span>` },
  { name: "share", title: "Share", grow: true, sorts: false, value: () => "", cell: ({ share }) => html`<${Bar} share=${share} />`, minor: true },
  { name: "bytes", title: "Size", align: "right", cell: (one) => bytes(one.bytes) },
  { name: "bytes_a_day", title: "A day", align: "right", cell: ({ bytes_a_day: growth }) => (growth === null ? "" : `${growth > 0 ? "+" : ""}${bytes(growth)}`) },
];

function Use({ of }) {
  return html`<section class="panel" aria-label="Use"><h3>Use</h3><${Facts} of=${[
      ["Memory", bytes(of.memory_bytes)],
      ["Processor", `${(of.cpu_share * 100).toFixed(1)} % of a core on average, ${span(of.cpu_s)} in all`],
      ["Longest pause", `${of.event_loop_longest_block_ms} ms in the last minute`],
      ["Waiting messages", number(of.intake_waiting)],
      ["Spool", of.spool.entries ? `${number(of.spool.entries)} entries, ${bytes(of.spool.bytes)}, the oldest ${span(of.spool.oldest_age_s)} old` : "empty"],
      ["Open alerts", Object.entries(of.alerts_open).map(([status, amount]) => `${number(amount)} ${status}`).join(", ")],
      ["Database", bytes(of.tables_bytes)],
    ]} /></section>`;
}

function Tables({ of }) {
  const rows = of.tables.map((one) => ({ ...one, share: one.bytes / Math.max(1, of.tables_bytes) }));
  return html`<section aria-label="Tables"><h3>Tables</h3><${Table} label="Tables of the database" noun=${["table", "tables"]} columns=${TABLES} rows=${rows} keyOf=${(one) => one.table} filter=${false} /></section>`;
}
