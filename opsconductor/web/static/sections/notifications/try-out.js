// Who would be notified of an example by a rule as it is being edited, together with those in force.

import { html, shortMoment, useCommand, useState } from "../../app/kit.js";

const SEVERITIES = ["critical", "major", "minor", "warning", "info"];

export function TryOut({ rule }) {
  const [example, setExample] = useState({ device: "", alert_type: "network_link_down", severity: "major" });
  const [found, setFound] = useState(null);
  const [send, isBusy] = useCommand();
  const set = (key) => (event) => setExample({ ...example, [key]: event.target.value.trim() });
  const ask = async (event) => {
    event.preventDefault();
    setFound(null);
    const answer = await send("POST", "/rules/who", { body: { provision: { notification_rules: [rule] }, alert: example } });
    if (answer) setFound(answer.data);
  };
  return html`<section class="panel" aria-label="Try it"><h3>Who would be notified?</h3>
    <form class="try" onSubmit=${ask}>
      <label>Device <input required value=${example.device} placeholder="core-sw-1" onInput=${set("device")} /></label>
      <label>Alert type <input required value=${example.alert_type} onInput=${set("alert_type")} /></label>
      <label>Severity <select value=${example.severity} onChange=${set("severity")}>${SEVERITIES.map((each) => html`<option value=${each}>${each}</option>`)}</select></label>
      <button type="submit" disabled=${isBusy}>${isBusy ? "Asking…" : "Ask"}</button></form>
    <div role="status">${found && html`<${Answer} of=${found} ruleName=${rule.name} />`}</div></section>`;
}

function Answer({ of: { recipients, left_out: leftOut, steps, verdicts }, ruleName }) {
  const own = verdicts.find(({ rule }) => rule === ruleName);
  return html`<p class=${recipients.length ? "outcome good" : "outcome bad"}>${recipients.length ? "Notified at once" : "No one would be notified at once."}</p>
    <ul class="plain">${recipients.map((each) => html`<li><b>${each.person || each.recipient || each.channel}</b> by ${each.channel}${each.why && `, ${each.why}`}
      <span class="faint"> (rule ${each.rule})</span></li>`)}
      ${leftOut.map((each) => html`<li class="faint">${each.until ? `at ${shortMoment(each.until)}` : "not"} ${each.person} by ${each.channel}: ${each.reason}</li>`)}
      ${steps.map((step) => html`<li>Unless the alert is acknowledged, at ${shortMoment(step.at)}: ${step.recipients.map((each) => each.person || each.recipient).join(", ") || step.remarks.join("; ") || "no one"}
        <span class="faint"> (step ${step.step} of ${step.policy})</span></li>`)}</ul>
    ${own && !own.fired && html`<p class="faint">Not by this rule: ${own.reason}</p>`}`;
}
