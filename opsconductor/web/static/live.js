// The live feed, and honesty about it: when nothing is heard, the page says that it is stale.

import { STREAM } from "./api.js";
import { byId } from "./dom.js";
import { localClock } from "./format.js";

const SILENCE_MS = 25_000; // two and a half heartbeats
const RETRY_MS = 5_000;

let source = null;
let heardAt = 0;
let handlers = null;

// Handlers: changed(alerts), reload(), database(standing), lost() when the server closed the feed for good.
export function follow(given) {
  handlers = given;
  heardAt = Date.now();
  connect();
}

export function stop() {
  source?.close();
  source = null;
  handlers = null;
}

export function watchSilence() {
  if (!handlers) return;
  const silent = Date.now() - heardAt;
  if (silent > SILENCE_MS && source?.readyState === EventSource.OPEN) connect();
  say(source?.readyState === EventSource.OPEN && silent <= SILENCE_MS);
}

function connect() {
  source?.close();
  source = new EventSource(STREAM);
  source.addEventListener("open", () => { heard(); handlers?.reload(); });
  source.addEventListener("heartbeat", heard);
  source.addEventListener("reload", () => { heard(); handlers?.reload(); });
  source.addEventListener("alerts", (event) => { heard(); handlers?.changed(JSON.parse(event.data)); });
  source.addEventListener("database", (event) => { heard(); handlers?.database(JSON.parse(event.data)); });
  source.addEventListener("error", failed);
}

function heard() {
  heardAt = Date.now();
  say(true);
}

function failed() {
  say(false);
  if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
  handlers?.lost();
  setTimeout(() => { if (handlers && source?.readyState === EventSource.CLOSED) connect(); }, RETRY_MS);
}

function say(isLive) {
  const banner = byId("stale");
  byId("live").className = isLive ? "live on" : "live off";
  byId("live").lastElementChild.textContent = isLive ? "Live" : "Not live";
  document.body.classList.toggle("is-stale", !isLive);
  if (!isLive && banner.hidden) {
    banner.textContent = `Connection lost. What you see is from ${localClock(new Date(heardAt))} and may be wrong. Trying to reconnect…`;
  }
  banner.hidden = isLive;
}
