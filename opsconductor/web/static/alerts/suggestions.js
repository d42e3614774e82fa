// Suggestions under the search: devices, sites, types ... that contain what is typed; one chosen becomes a filter.

import { suggestions } from "../api.js";
import { byId, el } from "../dom.js";
import { plural } from "../format.js";
import { FILTERS } from "./view.js";

const TYPING_MS = 120;
const field = byId("search");
const list = byId("suggestions");
let chosen = () => {};
let typing = 0;
let asked = "";
let at = -1;

export function setUp(onChosen) {
  chosen = onChosen;
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(ask, TYPING_MS);
  });
  field.addEventListener("keydown", keyed);
  field.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the search keeps the focus
    take(event.target.closest("li"));
  });
}

async function ask() {
  const text = asked = field.value.trim();
  if (!text) return close();
  let found;
  try {
    found = await suggestions(text);
  } catch {
    return close(); // the list itself shows why nothing is answered
  }
  if (asked === text && document.activeElement === field) open(found);
}

function open(found) {
  at = -1;
  list.replaceChildren(...found.map(({ kind, value, alerts }, number) =>
    el("li", { id: `suggestion-${number}`, role: "option", "aria-selected": "false", "data-kind": kind, "data-value": value },
      el("small", { text: FILTERS[kind].title }), el("span", { text: value }), el("i", { text: alerts ? plural(alerts, "alert", "alerts") : "" }))));
  list.hidden = !found.length;
  field.setAttribute("aria-expanded", String(found.length > 0));
  field.removeAttribute("aria-activedescendant");
}

function close() {
  clearTimeout(typing);
  asked = "";
  open([]);
}

function keyed(event) {
  const items = [...list.children];
  if (event.key === "Escape" || (event.key === "Enter" && at < 0)) return close();
  if (!items.length) return;
  if (event.key === "Enter") take(items[at]);
  else if (event.key === "ArrowDown") mark(items, (at + 1) % items.length);
  else if (event.key === "ArrowUp") mark(items, (at + items.length - 1) % items.length);
  else return;
  event.preventDefault();
}

function mark(items, next) {
  at = next;
  items.forEach((item, each) => item.setAttribute("aria-selected", String(each === at)));
  field.setAttribute("aria-activedescendant", items[at].id);
}

function take(item) {
  if (!item) return;
  const { kind, value } = item.dataset;
  close();
  chosen(kind, value);
}
