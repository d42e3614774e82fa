// Changes of the list while the user works in it: announced in a bar, applied on request.

import { byId } from "../dom.js";
import { deviceOf, number, plural } from "../format.js";

const SAY_MS = 4_000; // minimum interval of announcements to screen readers
let saying = 0;
let said = "";

// Differences between a page that was just read and the list as shown. Parameters: whether the list continues beyond
// the page, and how much longer it has become. Then `amount` of the new ones is a lower bound, unless all are on it.
export function differenceOf(shown, read, { isCut, grown }) {
  const before = new Set(shown.map((alert) => alert.id));
  const after = new Set(read.map((alert) => alert.id));
  // on a full page, the last rows may only have moved to the next page
  let end = shown.length;
  while (isCut && end && !after.has(shown[end - 1].id)) end -= 1;
  const added = read.filter((alert) => !before.has(alert.id));
  const gone = shown.slice(0, end).filter((alert) => !after.has(alert.id));
  const amount = isCut ? Math.max(added.length, grown + gone.length) : added.length;
  const isMore = isCut && (amount > added.length || added.includes(read.at(-1)));
  const kept = (alerts, others) => alerts.filter((alert) => others.has(alert.id)).map((alert) => alert.id).join();
  return {
    added, gone, amount, isMore,
    isReordered: kept(shown, after) !== kept(read, before),
  };
}

export const isSame = ({ added, gone, isReordered }) => !added.length && !gone.length && !isReordered;

export function showNews(difference) {
  const bar = byId("news");
  const critical = difference.added.filter((alert) => alert.severity === "critical").length;
  bar.hidden = false;
  bar.classList.toggle("sev-critical", critical > 0);
  const text = sentence(difference, critical);
  if (bar.firstElementChild.textContent === text) return;
  bar.firstElementChild.textContent = text;
  say(text);
}

export function hideNews() {
  byId("news").hidden = true;
  byId("news").firstElementChild.textContent = "";
}

export function sayArrived(difference) {
  const [first] = difference.added;
  if (first) say(`${amountOf(difference)}: ${first.severity}, ${deviceOf(first)}, ${first.title}`);
}

const amountOf = ({ amount, isMore }) => `${isMore ? "at least " : ""}${plural(amount, "new alert", "new alerts")}`;

function sentence({ amount, gone, isMore }, critical) {
  const parts = [];
  if (amount) parts.push(amountOf({ amount, isMore }));
  if (critical && isMore) parts.push("critical ones among them");
  else if (critical && amount > 1) parts.push(`${number(critical)} critical`);
  else if (critical) parts[0] = "1 new critical alert";
  if (gone.length) parts.push(`${number(gone.length)} gone`);
  return parts.join(", ") || "Order has changed";
}

function say(text) {
  said = text;
  saying ||= setTimeout(() => { byId("said").textContent = said; saying = 0; }, byId("said").textContent ? SAY_MS : 0);
}
