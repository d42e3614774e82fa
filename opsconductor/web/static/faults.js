// Banner with configuration faults and connectors that do not work; removed when there are none.

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
    if (answer.data?.configuration) show(linesOf(answer.data));
  } catch {
    // the page itself shows that the daemon does not answer
  }
}

function linesOf({ configuration, connectors }) {
  const lines = configuration.faults.map(
    ({ file, line, key, found, expected }) =>
      `${line === null ? file : `${file}:${line}`}: ${key}: found ${found}, expected ${expected}`,
  );
  if (configuration.error) lines.unshift(configuration.error);
  const amount = lines.length + configuration.faults_in_all - configuration.faults.length;
  const told = lines.slice(0, MOST);
  if (amount > told.length) told.push(`and ${amount - told.length} more: opsconductor check-config`);
  if (amount) told.unshift("The configuration is not in force. Correct it, then: opsconductor reload");
  const down = Object.entries(connectors).filter(([, { status }]) => status === "error" || status === "degraded");
  return told.concat(down.slice(0, MOST).map(([name, { status, error }]) =>
      `Connector ${name} ${status === "error" ? "does not work" : "works only partly"}: ${error}`),
    down.length > MOST ? [`and ${down.length - MOST} more: opsconductor connectors status`] : []);
}

function show(lines) {
  const text = lines.join("\n");
  if (text === shown) return; // announced once, not every ten seconds
  shown = text;
  const strip = byId("faults");
  strip.hidden = lines.length === 0;
  strip.replaceChildren(...lines.map((line) => el("div", { text: line })));
}

new MutationObserver(look).observe(byId("app"), { attributes: true, attributeFilter: ["hidden"] });
setInterval(look, EVERY_MS);
look();
