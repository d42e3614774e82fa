// Reading from the API and changing through it, with what is shown meanwhile and when it fails.

import { request } from "../api.js";
import { toast } from "../dom.js";
import { localClock } from "../format.js";
import { html, useCallback, useEffect, useRef, useState } from "../vendor/htm-preact/standalone.module.js";
import { whenAlertsChange } from "./changes.js";

const RETRY_MS = 5_000;
const ANSWER_MS = 30_000; // a change of the configuration restarts connectors, a check asks another system
const PER_PAGE = 200; // of a list that is read whole
const SETTLE_MS = 1_500; // minimum interval of readings while alerts change

const NOTHING = { data: null, meta: null, etag: null, error: null, readAt: 0 };

// Reads a path, again every so many milliseconds, and (follows) when alerts change; of a list (all) every page, not
// only the first. A path of null reads nothing.
// Returns { data, meta, etag, error, readAt, isReading, reload }; data stay while a later reading fails.
export function useApi(path, { every = 0, follows = false, all = false, withinMs } = {}) {
  const [state, setState] = useState({ path, ...NOTHING });
  const latest = useRef(null);
  const shown = state.path === path ? state : { path, ...NOTHING };
  latest.current = shown;

  const reload = useCallback(async () => {
    if (path === null) return;
    const known = latest.current;
    try {
      const headers = known.etag && known.path === path ? { "If-None-Match": known.etag } : {};
      const answer = all ? await readAll(path, withinMs) : await request("GET", path, { headers, withinMs });
      if (latest.current.path !== path) return;
      const read = answer === null ? known : { data: answer.data, meta: answer.meta, etag: answer.etag };
      setState({ ...read, path, error: null, readAt: Date.now() });
    } catch (error) {
      if (!error.code) throw error; // a fault of the page itself
      if (latest.current.path === path) setState({ ...latest.current, path, error });
    }
  }, [path, all, withinMs]);

  useEffect(() => {
    reload();
    if (!every) return undefined;
    const timer = setInterval(() => document.hidden || reload(), every);
    return () => clearInterval(timer);
  }, [reload, every]);

  useEffect(() => {
    if (!follows) return undefined;
    let waiting = 0;
    const soon = () => { waiting ||= setTimeout(() => { waiting = 0; if (!document.hidden) reload(); }, SETTLE_MS); };
    const end = whenAlertsChange(soon);
    return () => { clearTimeout(waiting); end(); };
  }, [reload, follows]);

  useEffect(() => {
    if (!isPassing(shown.error)) return undefined;
    const timer = setTimeout(reload, RETRY_MS);
    return () => clearTimeout(timer);
  }, [shown.error, reload]);

  return { ...shown, isReading: !shown.readAt && !shown.error, reload };
}

// Reads a whole list, page after page; what has moved to a later page meanwhile is in it once.
async function readAll(path, withinMs) {
  const rows = new Map();
  let meta = {}, more = "";
  for (let page = 2; ; page += 1) {
    const answer = await request("GET", `${path}${path.includes("?") ? "&" : "?"}per_page=${PER_PAGE}${more}`, { withinMs });
    for (const row of answer.data) rows.set(row.id ?? JSON.stringify(row), row);
    meta = answer.meta;
    const { next_cursor: cursor, total } = meta;
    const isLast = !answer.data.length || (cursor === undefined ? (page - 1) * PER_PAGE >= total : !cursor);
    if (isLast) return { data: [...rows.values()], meta, etag: null };
    more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : `&page=${page}`;
  }
}

// Errors that pass by themselves: no answer, too many requests, the database is away.
const isPassing = (error) => Boolean(error) && (!error.status || error.status === 429 || error.status >= 500);

// What a reading shows: that it is under way, why it failed, or its data, with a notice when they are old.
// `of` is what useApi returned; the child is a function of its data.
export function Reading({ of, children }) {
  const draw = Array.isArray(children) ? children[0] : children;
  if (of.data === null) {
    if (!of.error) return html`<p class="reading" role="status">Reading…</p>`;
    return html`<div class="fault-box" role="alert"><p>${reasonOf(of.error)}</p>
      <button type="button" onClick=${of.reload}>Try again</button></div>`;
  }
  return html`${of.error && html`<p class="old" role="status">What you see is from ${localClock(new Date(of.readAt))}: ${of.error.message}.
    <button type="button" class="link" onClick=${of.reload}>Try again</button></p>`}${draw(of.data, of.meta)}`;
}

export function reasonOf(error) {
  if (error.status === 403) return "Your role may not read this.";
  return `This cannot be read: ${error.message}.${isPassing(error) ? " Trying again…" : ""}`;
}

// Sends changes, one at a time. Returns [send, isBusy]; send(method, path, { body, etag, said, onDone }) resolves to
// the answer, or to null after it has shown why it failed. `onFault` takes over showing errors: true when it did.
export function useCommand({ onFault = () => false } = {}) {
  const [isBusy, setBusy] = useState(false);
  const busy = useRef(false);
  const send = async (method, path, { body, etag, said = "", withinMs = ANSWER_MS } = {}) => {
    if (busy.current) return null;
    busy.current = true;
    setBusy(true);
    try {
      const answer = await request(method, path, { body, headers: etag ? { "If-Match": etag } : {}, withinMs });
      if (said) toast(said);
      return answer;
    } catch (error) {
      if (!error.code) throw error; // a fault of the page itself
      if (!onFault(error)) toast(`Not done: ${error.expected || error.message}`, { bad: true });
      return null;
    } finally {
      busy.current = false;
      setBusy(false);
    }
  };
  return [send, isBusy];
}
