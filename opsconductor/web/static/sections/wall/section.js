// The wall: what is wrong, where, and whether that can be believed; to be read from three metres, without controls.

import { go, html, loadStyles, useApi, useEffect, useState } from "../../app/kit.js";
import { deviceOf } from "../../format.js";
import { heardAgo } from "../../live.js";
import { Clock, Feed } from "./feed.js";
import { Sites } from "./sites.js";
import { Worst } from "./worst.js";

await loadStyles(new URL("./wall.css", import.meta.url));

const OPEN = "status=active,acknowledged";
const EVERY_MS = 15_000; // and whenever alerts change
const SHOWN = 12;

// Escape leads back to the list; the head of the page and the navigation are hidden meanwhile.
function useWholeScreen() {
  useEffect(() => {
    document.body.classList.add("is-wall");
    const leave = ({ key }) => { if (key === "Escape" && !document.querySelector("dialog[open]")) go("/alerts"); };
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("keydown", leave);
      document.body.classList.remove("is-wall");
    };
  }, []);
}

function useSeconds() {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export default function Wall() {
  useWholeScreen();
  const now = useSeconds();
  const sums = useApi(`/alerts/stats?${OPEN}`, { every: EVERY_MS, follows: true });
  const worst = useApi(`/alerts?${OPEN}&per_page=${SHOWN}`, { every: EVERY_MS, follows: true });
  const newest = useApi(`/alerts?${OPEN}&sort=-occurred_at&per_page=1`, { every: EVERY_MS, follows: true });
  const readAt = Math.min(sums.readAt, worst.readAt);
  const isWrong = Boolean(sums.error ?? worst.error);
  const latest = newest.data?.[0];
  return html`<div class="wall" tabindex="0" role="region" aria-label="Wall">
    <h1 class="unseen">Wall</h1>
    <header>
      <ul class="wall-sums" aria-label="Open alerts by severity">${Object.entries(sums.data?.severity ?? {})
        .filter(([severity]) => severity !== "clear")
        .map(([severity, amount]) => html`<li key=${severity} class=${`sev-${severity} ${amount ? "" : "none"}`}>
          <b>${amount.toLocaleString("en")}</b><span class="sev">${severity}</span></li>`)}</ul>
      <${Feed} heardAgo=${heardAgo(now)} readAt=${readAt} isWrong=${isWrong} now=${now} />
      <${Clock} now=${now} />
    </header>
    <div class=${isWrong || heardAgo(now) > 25_000 ? "wall-body doubtful" : "wall-body"}>
      <${Sites} sums=${sums.data} />
      <${Worst} alerts=${worst.data ?? []} now=${now} />
    </div>
    <footer>${latest ? html`<span class=${`sev sev-${latest.severity}`}>${latest.severity}</span>
      <span>Newest: <b>${deviceOf(latest)}</b> ${latest.title}</span>` : "No open alerts."}</footer>
  </div>`;
}
