// Passes the live feed to the page; see stale.js for what is shown while it is silent.

import { ownFeed, sharedFeed } from "./feed.js";
import { feedIs } from "./stale.js";

const SILENCE_MS = 25_000; // two and a half heartbeats
const WORKER_MS = 60_000; // a shared worker that is silent for this long does not work

let feed = null;
let isShared = false;
let messageAt = 0; // time of the last message of the feed or its worker
let heardAt = 0; // time of the server's last message
let isOn = false;
let handlers = null;

// Milliseconds since the server's last message; 0 while the feed is being opened.
export const heardAgo = (now) => (heardAt ? Math.max(0, now - heardAt) : 0);

// Handlers: changed(alerts), reload(), database(standing), lost() when the server closed the feed for good.
export function follow(given, { isNew = false } = {}) {
  stop();
  handlers = given;
  messageAt = heardAt = Date.now();
  open(isNew);
}

export function stop() {
  feed?.close();
  feed = handlers = null;
  isOn = false;
}

export function watchSilence() {
  if (!handlers || document.hidden) return;
  const now = Date.now();
  if (isShared && now - messageAt > WORKER_MS) return goAlone();
  const isSilent = now - heardAt > SILENCE_MS;
  feed.check(isSilent);
  if (isSilent) say(false);
}

function open(isNew) {
  isShared = "SharedWorker" in window;
  feed = isShared ? sharedFeed(receive, { isNew, failed: goAlone }) : ownFeed(receive);
}

function goAlone() {
  if (!handlers || !isShared) return;
  feed.close();
  isShared = false;
  messageAt = heardAt = Date.now();
  feed = ownFeed(receive);
}

function receive({ kind, data }) {
  if (!handlers) return;
  messageAt = Date.now();
  if (kind === "down" || kind === "lost") {
    say(false);
    if (kind === "lost") handlers.lost();
    return;
  }
  heardAt = messageAt;
  say(true);
  if (kind === "open" || kind === "reload" || kind === "left") handlers.reload(); // left: to those with a row filter
  else if (kind === "alerts") handlers.changed(JSON.parse(data));
  else if (kind === "database") handlers.database(JSON.parse(data));
}

function say(now) {
  isOn = now;
  feedIs(isOn, heardAt);
}
