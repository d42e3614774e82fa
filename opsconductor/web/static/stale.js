// Banner while the feed is silent or the list cannot be read.

import { byId } from "./dom.js";
import { localClock } from "./format.js";

let isFed = false;
let fault = ""; // why the list could not be read; empty: it was
let isAnswered = false; // the server said so itself
let feedAt = 0;
let readAt = 0;

export const isCut = () => !isFed;

export function feedIs(isOn, heardAt) {
  isFed = isOn;
  feedAt = heardAt;
  paint();
}

export function wasRead() {
  fault = "";
  readAt = Date.now();
  paint();
}

export function wasNotRead({ message, status }) {
  fault = message;
  isAnswered = Boolean(status);
  paint();
}

export function forget() {
  isFed = false;
  fault = "";
  byId("stale").hidden = true;
}

// While the feed alone is cut off the list is read every few seconds.
const isPolled = () => !isFed && !fault && readAt > feedAt;

function paint() {
  const isLive = isFed && !fault;
  byId("live").className = isLive ? "live on" : "live off";
  byId("live").lastElementChild.textContent = isLive ? "Live" : "Not live";
  document.body.classList.toggle("is-stale", !isLive && !isPolled());
  const banner = byId("stale");
  const text = isLive ? "" : sentence();
  if (banner.textContent !== text) banner.textContent = text;
  banner.hidden = isLive;
}

function sentence() {
  if (isPolled()) return "The live feed is cut off. The list is read every 5 seconds instead.";
  const since = new Date(isFed ? readAt : Math.max(feedAt, readAt) || Date.now());
  const what = isFed || (fault && isAnswered) ? `The list cannot be read: ${fault}.` : "Connection lost.";
  const from = readAt ? ` What you see is from ${localClock(since)} and may be wrong.` : "";
  return `${what}${from} Trying again…`;
}
