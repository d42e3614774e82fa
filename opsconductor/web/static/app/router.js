// Addresses of the page: which section is shown, and what of it. `/` and `/alerts` are the alert list, which is
// part of the page; every other section is loaded when it is first opened (stage.js).

import { byId } from "../dom.js";
import { links, mark, offer, setUp as setUpNavigation } from "./navigation.js";
import { setSection } from "./title.js";

const ALERTS = "alerts";
let alertsShown = () => {};
let user = null;
let stage = null;

export const pathOf = (...parts) => `/${parts.map(encodeURIComponent).join("/")}`;

// Section, further parts of the path, and query of an address.
export function read({ pathname, search } = location) {
  const [section = "", ...parts] = pathname.split("/").filter(Boolean).map(decoded);
  return { section: section || ALERTS, parts, query: new URLSearchParams(search) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray percent sign
  }
}

export const isAlerts = () => read().section === ALERTS;

export function go(path, { replace = false } = {}) {
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  show({ isMove: true });
}

// Called whenever the alert list comes into view, or its address changes by Back.
export function setUp(onAlerts) {
  alertsShown = onAlerts;
  setUpNavigation();
  addEventListener("popstate", () => user && show({ isMove: true }));
  document.addEventListener("click", followLink);
  byId("severities").addEventListener("click", openAlertsOf, { capture: true });
}

export function enter(who) {
  user = who;
  offer(who);
  show();
}

// Removes what is shown of other sections: nothing of it stays after log-out.
export function leave() {
  user = null;
  stage?.clear();
}

async function show({ isMove = false } = {}) {
  const place = read();
  if (place.query.get("wall") === "1") return go("/wall", { replace: true });
  if (place.section === ALERTS && place.parts.length) return openAlert(place);
  mark(place.section);
  const isList = place.section === ALERTS;
  byId("alerts").hidden = !isList;
  byId("section").hidden = isList;
  const title = byId("sections").querySelector(`[data-section="${CSS.escape(place.section)}"]`)?.textContent.trim();
  setSection(title ?? "", place.parts);
  if (isList) {
    stage?.clear();
    alertsShown();
    return;
  }
  try {
    stage ??= await import("./stage.js");
  } catch {
    byId("section").textContent = "This section cannot be loaded: OpsConductor does not answer. Reload the page.";
    return;
  }
  if (user && read().section === place.section) stage.show({ ...place, title, user }, { isMove });
}

// `/alerts/ID` is the list with this alert open.
function openAlert({ parts: [id], query }) {
  query.set("alert", id);
  history.replaceState(null, "", `/alerts?${query}`);
  return show();
}

function followLink(event) {
  const link = event.target.closest("a[href^='/']");
  if (!link || link.target || link.hasAttribute("download") || event.defaultPrevented) return;
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const { section } = read(link);
  if (!links().some((each) => each.dataset.section === section)) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

// The counts in the head are filters of the alert list; elsewhere they lead to it.
function openAlertsOf(event) {
  const button = event.target.closest("[data-severity]");
  if (!button || isAlerts()) return;
  event.stopPropagation();
  go(`/alerts?severity=${button.dataset.severity}`);
}
