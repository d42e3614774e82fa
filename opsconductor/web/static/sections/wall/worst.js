// The most urgent alerts, as many as fit.

import { html } from "../../app/kit.js";
import { age, deviceOf, plural } from "../../format.js";

export function Worst({ alerts, now }) {
  if (!alerts.length) return html`<ol class="wall-worst" aria-label="Most urgent alerts"></ol>`;
  return html`<ol class="wall-worst" aria-label="Most urgent alerts">
    ${alerts.map((alert) => html`<li key=${alert.id} class=${`sev-${alert.severity} st-${alert.status}`}>
      <span class="sev">${alert.severity}</span><time>${age(alert.occurred_at, now)}</time>
      <b>${deviceOf(alert)}</b><span class="what">${alert.title}</span>
      <small>${[alert.status === "acknowledged" && `acknowledged by ${alert.acknowledged_by}`,
        alert.impacted && plural(alert.impacted, "consequence", "consequences")].filter(Boolean).join(" · ")}</small></li>`)}
  </ol>`;
}
