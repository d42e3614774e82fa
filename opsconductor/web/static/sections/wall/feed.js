// Whether the wall can be believed, and the time.

import { html } from "../../app/kit.js";
import { localClock, span, utcClock, zone } from "../../format.js";

const SILENCE_MS = 25_000; // two and a half heartbeats

export function Feed({ heardAgo, readAt, isWrong, now }) {
  if (!readAt && !isWrong) return html`<p class="wall-feed" role="status">Reading…</p>`;
  if (!isWrong && heardAgo <= SILENCE_MS) {
    return html`<p class="wall-feed alive" role="status"><i></i><b>Live</b></p>`;
  }
  const since = isWrong ? readAt : now - heardAgo;
  return html`<p class="wall-feed dead" role="alert"><b>Not live</b>
    <span>${since ? `since ${localClock(new Date(since))}, ${span(now - since)} ago. What you see may be wrong.` : "OpsConductor does not answer."}</span></p>`;
}

export function Clock({ now }) {
  const date = new Date(now);
  return html`<time class="wall-clock">${localClock(date).slice(0, 5)}<small>${zone(date) === "UTC" ? "UTC" : `${zone(date)} · ${utcClock(date)}`}</small></time>`;
}
