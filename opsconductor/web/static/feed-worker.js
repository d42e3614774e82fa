// One live feed for all tabs of a browser: over HTTP/1.1 it opens six connections to a server, no more.

"use strict";

const STREAM = "/api/v1/alerts/stream";
const SILENCE_MS = 25_000; // two and a half heartbeats
const RETRY_MS = 5_000;
const GONE_MS = 180_000; // a hidden tab may run timers once a minute only

const tabs = new Map(); // port: time of its last call
let source = null;
let heardAt = 0;
let standing = null;

onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => called(port, data);
};

function called(port, kind) {
  if (kind === "leave") {
    tabs.delete(port);
    if (!tabs.size) disconnect();
    return;
  }
  const isKnown = tabs.has(port);
  tabs.set(port, Date.now());
  const isOver = !source || source.readyState === EventSource.CLOSED;
  if (kind === "renew" || (!isKnown && isOver)) connect();
  else if (!isKnown && source.readyState === EventSource.OPEN) {
    port.postMessage({ kind: "open" });
    if (standing) port.postMessage({ kind: "database", data: standing });
  }
}

function connect() {
  disconnect();
  heardAt = Date.now();
  source = new EventSource(STREAM);
  source.addEventListener("open", () => receive("open"));
  for (const kind of ["heartbeat", "reload", "left", "alerts"]) source.addEventListener(kind, (event) => receive(kind, event.data));
  source.addEventListener("database", (event) => { standing = event.data; receive("database", event.data); });
  source.addEventListener("error", failed);
}

function disconnect() {
  source?.close();
  source = null;
  standing = null;
}

function receive(kind, data) {
  heardAt = Date.now();
  broadcast({ kind, data });
}

function failed() {
  if (source.readyState !== EventSource.CLOSED) return broadcast({ kind: "down" }); // the browser retries by itself
  broadcast({ kind: "lost" });
  setTimeout(() => { if (tabs.size && source?.readyState === EventSource.CLOSED) connect(); }, RETRY_MS);
}

function broadcast(message) {
  for (const port of tabs.keys()) port.postMessage(message);
}

setInterval(() => {
  const now = Date.now();
  for (const [port, at] of tabs) if (now - at > GONE_MS) tabs.delete(port);
  if (!tabs.size) return disconnect();
  if (source?.readyState !== EventSource.OPEN || now - heardAt <= SILENCE_MS) return;
  broadcast({ kind: "down" });
  connect();
}, 5_000);
