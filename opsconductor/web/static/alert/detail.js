// The pane of one alert: what it is, what to do, what happened, why.

import { getAlert, related, why } from "../api.js";
import { byId, el, outward, toast } from "../dom.js";
import { deviceOf, isShelved, secondAddressOf } from "../format.js";
import { isClosed } from "../alerts/row.js";
import { device, facts, message, plot, raw, varbinds } from "./facts.js";
import { graph } from "./graph.js";
import { earlier } from "./earlier.js";
import { reasons, timeline } from "./story.js";

const pane = byId("detail");
let shown = null;
let past = null; // { id, status, alerts }: earlier alerts like the one that is shown
let reading = 0;
let permits = () => false;
let act = {};

export const shownId = () => shown?.id ?? null;
export const shownAlert = () => shown;

// Actions: acknowledge, unacknowledge, resolve, reopen, assign, shelve, unshelve, note, silence, open, close.
export function setUp(mayOperate, actions) {
  permits = mayOperate;
  act = actions;
}

// Until the requested alert is read, nothing can be done to the one that is still shown.
pane.addEventListener("click", (event) => {
  if (!pane.classList.contains("is-reading") || event.target.closest(".close")) return;
  event.preventDefault();
  event.stopPropagation();
}, { capture: true });

export function closeDetail() {
  pane.hidden = true;
  shown = null;
  reading += 1;
}

export async function openDetail(id, { quietly = false } = {}) {
  const mine = ++reading;
  if (shown?.id !== id) pane.classList.add("is-reading"); // the alert still shown is not the requested one
  try {
    const [alert, found] = await Promise.all([getAlert(id), why(id)]);
    if (mine !== reading) return;
    paint(alert, found);
    readPast(alert, mine);
  } catch (error) {
    if (mine !== reading) return;
    if (!error.status && !error.code) throw error; // a fault of the page itself
    if (quietly && shown?.id === id) return toast(`The alert cannot be read: ${error.message}`, { bad: true });
    showFault(id, error);
  }
}

function paint(alert, found) {
  const top = shown?.id === alert.id ? pane.scrollTop : 0;
  const focused = pane.contains(document.activeElement) ? document.activeElement.dataset.act : null;
  const isRawOpen = pane.querySelector("details")?.open ?? false;
  shown = alert;
  pane.hidden = false;
  pane.className = `detail sev-${alert.severity}`;
  pane.replaceChildren(head(alert), message(alert), plot(alert), graph(alert, act.open), timeline(alert, found), reasons(found),
    facts(alert), device(alert, permits() && act.silence), varbinds(alert), el("section", { class: "earlier" }), raw(alert, isRawOpen));
  if (past?.id === alert.id) earlier(pane.querySelector(".earlier"), past.alerts, act.open);
  pane.scrollTop = top;
  if (focused) pane.querySelector(`[data-act="${focused}"]`)?.focus({ preventScroll: true });
}

// Earlier alerts like it follow when they have been read; they stand below everything that is read first.
async function readPast(alert, mine) {
  if (past?.id === alert.id && past.status === alert.status) return;
  try {
    const found = await related(alert.id);
    if (mine !== reading) return;
    past = { id: alert.id, status: alert.status, alerts: found.earlier };
    earlier(pane.querySelector(".earlier"), past.alerts, act.open);
  } catch (error) {
    if (!error.status && !error.code) throw error; // else it is left out, as while the database is away
  }
}

function showFault(id, error) {
  shown = null;
  pane.hidden = false;
  pane.className = "detail";
  const again = el("button", { type: "button", text: "Try again", onclick: () => openDetail(id) });
  pane.replaceChildren(
    el("header", {}, el("div", { class: "line" }, closing()), el("h2", { text: "This alert cannot be read" })),
    el("section", { role: "alert" }, el("p", { class: "reason", text: error.message }), again));
}

const closing = () => el("button", { type: "button", class: "quiet close", "data-act": "close", "aria-label": "Close",
  title: "Close (Esc)", text: "×", onclick: () => act.close() });

function head(alert) {
  const where = [deviceOf(alert), secondAddressOf(alert), alert.resource].filter(Boolean);
  return el("header", {},
    el("div", { class: "line" },
      el("span", { class: "sev", text: alert.severity }),
      el("span", { class: `chip ${alert.status}`, text: alert.status }),
      alert.flapping_since ? el("span", { class: "mark", text: "flapping" }) : null,
      alert.muted_by ? el("span", { class: "mark muted", text: "muted" }) : null,
      el("a", { class: "address", href: `/alerts/${alert.id}`, target: "_blank", title: "Address of this alert, in a new tab", text: "Link" }),
      closing()),
    el("h2", { text: alert.title }),
    el("p", { class: "where", text: where.join(" · ") }),
    alert.runbook ? el("p", { class: "runbook" }, outward(alert.runbook, "Runbook ↗")) : null,
    permits() ? buttons(alert) : null);
}

function buttons(alert) {
  if (isClosed(alert)) {
    return el("div", { class: "actions" }, el("button", { type: "button", "data-act": "Reopen", text: "Reopen", onclick: () => act.reopen(alert) }));
  }
  const isTaken = alert.status === "acknowledged";
  return el("div", { class: "actions" },
    isTaken ? button("Unacknowledge", "u", () => act.unacknowledge(alert)) : button("Acknowledge", "a", () => act.acknowledge(alert), "primary"),
    button("Resolve", "r", () => act.resolve(alert)),
    button("Assign", "m", () => act.assign(alert)),
    isShelved(alert) ? button("Unshelve", "s", () => act.unshelve(alert)) : button("Shelve", "s", () => act.shelve(alert)),
    button("Note", "n", () => act.note(alert)));
}

const button = (text, key, onclick, kind = "") =>
  el("button", { type: "button", class: kind, "data-act": text, "aria-keyshortcuts": key, onclick }, text, el("kbd", { text: key, "aria-hidden": "true" }));
