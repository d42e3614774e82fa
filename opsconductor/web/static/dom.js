// Builds elements. Text from the network is only ever set as textContent: nothing in it can run.

export const byId = (id) => document.getElementById(id);

export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const LINKS = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/g;

// Text in which web addresses are links; they open in a new tab without a referrer.
export function withLinks(text) {
  const parts = [];
  let end = 0;
  for (const { 0: address, index } of text.matchAll(LINKS)) {
    parts.push(text.slice(end, index), outward(address));
    end = index + address.length;
  }
  return [...parts, text.slice(end)];
}

export const outward = (address, text = address) =>
  el("a", { href: address, target: "_blank", rel: "noopener noreferrer", text });

const STAYS_MS = 6_000;
const BAD_STAYS_MS = 9_000;
const MOST_UNDO = 3;
const UNDO_STAYS_MS = 20_000; // WCAG 2.2.1: twenty seconds to act

export function toast(text, { bad = false, label = "", act = null } = {}) {
  const box = el("div", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : null }, el("span", { text }));
  if (act) for (const earlier of [...byId("toasts").querySelectorAll(".toast:has(button)")].slice(0, 1 - MOST_UNDO)) earlier.remove();
  if (act) box.append(el("button", { type: "button", text: label, onclick: () => { box.remove(); act(); } }));
  byId("toasts").append(box);
  setTimeout(() => box.remove(), act ? UNDO_STAYS_MS : bad ? BAD_STAYS_MS : STAYS_MS);
}
