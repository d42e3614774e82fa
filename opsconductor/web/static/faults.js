// Banner with configuration faults and connectors that are not working; removed when there are none.

import { byId, el } from "./dom.js";

const EVERY_MS = 10_000;
const WITHIN_MS = 8_000;
const MOST = 5;

let shown = "";

async function look() {
  if (byId("app").hidden) return;
  try {
    const options = { credentials: "same-origin", signal: AbortSignal.timeout(WITHIN_MS) };
    const answer = await (await fetch("/api/v1/system/health", options)).json();
    if (answer.data?.configuration) show(faultsIn(answer.data));
  } catch {
    // the page itself shows that the daemon does not answer
  }
}

// { summary, items: [{ text, to }] }: one line, and what is to be done about each fault; to: where.
function faultsIn({ configuration, connectors }) {
  const faults = configuration.faults.map(
    ({ file, line, key, found, expected }) =>
      ({ text: `${line === null ? file : `${file}:${line}`}: ${key}: found ${found}, expected ${expected}` }),
  );
  if (configuration.error) faults.unshift({ text: configuration.error });
  const amount = faults.length + configuration.faults_in_all - configuration.faults.length;
  const down = Object.entries(connectors).filter(([, { status }]) => status === "error" || status === "degraded");
  const summary = [amount && "The configuration is not in force. Correct it, then: opsconductor reload", down.length && summaryOf(down)];
  const items = [...faults.slice(0, MOST), rest(amount, faults.length, "opsconductor check-config"),
    ...down.slice(0, MOST).map(itemOf), rest(down.length, down.length, "opsconductor connectors status")];
  return { summary: summary.filter(Boolean).join(". "), items: items.filter(Boolean) };
}

function summaryOf(down) {
  const names = down.slice(0, MOST).map(([name]) => name).join(", ") + (down.length > MOST ? " …" : "");
  const isAll = down.every(([, { status }]) => status === "error");
  return down.length === 1 ? `Connector ${names} ${isAll ? "is not working" : "is degraded"}`
    : `${down.length} connectors ${isAll ? "are not working" : "are not working or degraded"}: ${names}`;
}

const itemOf = ([name, { status, error }]) => ({
  text: `Connector ${name} ${status === "error" ? "is not working" : "is degraded"}: ${error}. `,
  to: `/connectors/${encodeURIComponent(name)}`,
});

const rest = (amount, listed, command) => (amount > Math.min(listed, MOST) ? { text: `and ${amount - Math.min(listed, MOST)} more: ${command}` } : null);

// Users who may not see connectors are referred to an administrator.
function remedy(to) {
  const section = document.querySelector('#sections a[data-section="connectors"]');
  return section.hidden ? "Ask an administrator to correct it." : el("a", { href: to, text: "Check and correct it" });
}

function show({ summary, items }) {
  const text = [summary, ...items.map((item) => item.text)].join("\n");
  if (text === shown) return; // announced once, not every ten seconds
  shown = text;
  const strip = byId("faults");
  strip.hidden = items.length === 0;
  strip.querySelector("summary").textContent = summary;
  byId("said").textContent = summary;
  strip.querySelector("ul").replaceChildren(...items.map(({ text: said, to }) => el("li", { text: said }, to ? remedy(to) : null)));
}

new MutationObserver(look).observe(byId("app"), { attributes: true, attributeFilter: ["hidden"] });
setInterval(look, EVERY_MS);
look();
