// Connections to the live feed: shared by all tabs, or one per tab where there are no shared workers.

import { STREAM } from "./api.js";

const CALL_MS = 30_000;
const RETRY_MS = 5_000;

// Both return { close, check } and emit { kind, data }: open, heartbeat, reload, alerts, database, down, lost.

export function sharedFeed(receive, { isNew, failed }) {
  const worker = new SharedWorker(new URL("./feed-worker.js", import.meta.url)); // after an upgrade another one
  worker.addEventListener("error", failed);
  worker.port.onmessage = ({ data }) => receive(data);
  const call = (kind) => worker.port.postMessage(kind);
  const leave = () => call("leave");
  const back = () => call("join");
  const calling = setInterval(back, CALL_MS);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", back);
  call(isNew ? "renew" : "join");
  return {
    check() {},
    close() {
      clearInterval(calling);
      removeEventListener("pagehide", leave);
      removeEventListener("pageshow", back);
      leave();
      worker.port.close();
    },
  };
}

// Hidden tabs close their connection, so that visible ones have one.
export function ownFeed(receive) {
  let source = null;
  const connect = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    source = new EventSource(STREAM);
    source.addEventListener("open", () => receive({ kind: "open" }));
    for (const kind of ["heartbeat", "reload", "left", "alerts", "database"]) {
      source.addEventListener(kind, (event) => receive({ kind, data: event.data }));
    }
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return receive({ kind: "down" });
      receive({ kind: "lost" });
      setTimeout(() => { if (source?.readyState === EventSource.CLOSED) connect(); }, RETRY_MS);
    });
  };
  document.addEventListener("visibilitychange", connect);
  connect();
  return {
    check: (isSilent) => { if (isSilent && source?.readyState === EventSource.OPEN) connect(); },
    close() {
      document.removeEventListener("visibilitychange", connect);
      source?.close();
      source = null;
    },
  };
}
