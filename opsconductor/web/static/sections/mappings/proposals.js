// What the mapping report proposes: mappings by which the stored traps would become other alerts, with a preview.

import { confirm, html, number, plural, toast, useCommand } from "../../app/kit.js";

const KINDS = [["over_merged", "Alerts that merge several faults"], ["over_split", "Alerts that split one fault"], ["learned_pairs", "Problems and the traps that end them"]];

const nameOf = (finding) => (finding.problem ? `${finding.problem} is followed by ${finding.clear}` : finding.alert_type);
const factsOf = (finding) => (finding.problem
  ? `${number(finding.followed)} of ${plural(finding.problems, "problem", "problems")} on ${plural(finding.devices, "device", "devices")}`
  : `${plural(finding.messages, "message", "messages")}, ${plural(finding.alerts, "alert", "alerts")}, ${plural(finding.devices, "device", "devices")}`);

export const Proposals = ({ found, mayWrite, onDone }) => KINDS.filter(([name]) => found[name].length).map(([name, title]) => html`<section aria-label=${title}><h3>${title}</h3>
  <div class="stack">${found[name].map((finding) => html`<${Proposal} key=${nameOf(finding)} finding=${finding} mayWrite=${mayWrite} onDone=${onDone} />`)}</div></section>`);

const becomes = ({ alerts, ended, unmatched }) => `${plural(alerts, "alert", "alerts")}, ${number(ended)} ended${unmatched ? `, ${plural(unmatched, "clear", "clears")} without one` : ""}`;

function Proposal({ finding, mayWrite, onDone }) {
  const { proposal, preview, note, varying = [] } = finding;
  const [send, isBusy] = useCommand();
  const apply = async () => {
    const about = html`<p>It becomes one of your own mappings and is in force at once.</p><pre class="mono proposal">${proposal.yaml}</pre>`;
    if (!(await confirm({ title: `Apply ${proposal.id}?`, about, button: "Apply it" }))) return;
    const answer = await send("POST", "/config/apply", { body: proposal.document });
    if (!answer) return;
    toast(`Applied: ${answer.data.summary}`);
    onDone();
  };
  return html`<article class="panel"><p><b class="mono">${nameOf(finding)}</b> <span class="faint">${factsOf(finding)}</span></p>
    ${varying.length > 0 && html`<ul class="plain">${varying.map((each) => html`<li><span class="mono">${each.variable}</span>: ${plural(each.values, "value", "values")}
      <span class="faint">(${each.examples.join(", ")}) ${each.why}</span></li>`)}</ul>`}
    ${note && html`<p class="faint">Nothing is proposed: ${note}</p>`}
    ${preview && html`<p>${plural(preview.messages, "message", "messages")}: now ${becomes(preview.present)}; then ${becomes(preview.proposed)}.</p>`}
    ${proposal && html`<details><summary>Proposal ${proposal.id}</summary><pre class="mono proposal" tabindex="0">${proposal.yaml}</pre></details>
      ${mayWrite && html`<p><button type="button" disabled=${isBusy} onClick=${apply}>Apply it</button></p>`}`}</article>`;
}
