// Meaning of an empty list: all is well only if sources are connected.

import { listConnectors } from "../api.js";
import { byId, el } from "../dom.js";
import { plural } from "../format.js";

const ASK_MS = 10_000;
let askedAt = 0;
let judged = null;
let hidden = 0; // open alerts that maintenance windows hide

export function showEmpty(text, { isGood = false, about = "", faults = [] } = {}) {
  const empty = byId("empty");
  empty.hidden = false;
  empty.className = `empty ${isGood ? "good" : faults.length || about ? "bad" : "none-match"}`;
  empty.replaceChildren(el("p", { text }));
  if (about) empty.append(el("p", { class: "about", text: about }));
  if (faults.length) {
    empty.append(el("ul", {}, ...faults.map(({ name, error_message: why, status }) =>
      el("li", {}, el("b", { text: name }), ` ${why || status}`))));
  }
}

// Shows that all is well only after the status of the connectors is known.
export async function showQuiet(isStillEmpty) {
  paint(judged ?? { text: "No open alerts." });
  if (judged && Date.now() - askedAt < ASK_MS) return;
  askedAt = Date.now();
  try {
    judged = verdictOn(await listConnectors());
  } catch {
    judged = { text: "No open alerts.", about: "The state of the sources is unknown at the moment." };
  }
  if (isStillEmpty()) paint(judged);
}

export const forgetQuiet = () => { judged = null; askedAt = 0; };

export const noteHidden = (amount) => { hidden = amount; };

function paint({ text, isGood, about, ...more }) {
  if (!hidden) return showEmpty(text, { isGood, about, ...more });
  const left = `${plural(hidden, "open alert is", "open alerts are")} hidden by maintenance windows. opsconductor alerts list --hidden lists them.`;
  showEmpty(isGood ? "No open alerts are shown." : text, { ...more, about: [about, left].filter(Boolean).join(" ") });
}

export function verdictOn(connectors) {
  const sources = connectors.filter((one) => one.role === "source" && one.enabled);
  const working = sources.filter((one) => one.status === "connected");
  const faults = sources.filter((one) => one.status !== "connected");
  if (!working.length) {
    return { text: "No source is connected.", faults, about: faults.length
      ? "No open alerts, but no alert can be received."
      : "No alert can be received yet. Declare a connector and apply it: opsconductor apply FILE" };
  }
  if (faults.length) {
    const of = `${faults.length} of ${plural(sources.length, "source", "sources")}`;
    return { text: "No open alerts.", about: `But ${of} ${faults.length === 1 ? "does" : "do"} not work:`, faults };
  }
  return { text: "No open alerts. All sources are connected.", isGood: true };
}
