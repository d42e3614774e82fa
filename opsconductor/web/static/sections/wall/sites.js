// The picture of the sites: a tile for each, coloured by its worst alert.

import { html } from "../../app/kit.js";

const ORDER = ["critical", "major", "minor", "warning", "info", "clear"];
const ELSEWHERE = "Other devices";

const worstOf = (severity) => ORDER.find((each) => severity[each]) ?? "clear";

export function Sites({ sums }) {
  if (!sums) return html`<ul class="wall-sites"></ul>`;
  const tiles = Object.entries(sums.site_severity).map(([name, severity]) => ({ name: name || ELSEWHERE, severity, worst: worstOf(severity) }));
  tiles.sort((one, other) => ORDER.indexOf(one.worst) - ORDER.indexOf(other.worst) || sums.site[other.name] - sums.site[one.name]);
  const quiet = sums.quiet_sites.map((name) => ({ name, severity: {}, worst: "clear" }));
  const all = [...tiles, ...quiet];
  const size = all.length > 40 ? "small" : all.length > 16 ? "middle" : "large";
  return html`<ul class=${`wall-sites ${size}`} aria-label="Sites">${all.map((tile) => html`<${Tile} key=${tile.name} ...${tile} />`)}</ul>`;
}

function Tile({ name, severity, worst }) {
  const amounts = Object.entries(severity).slice(0, 3);
  return html`<li class=${`tile sev-${worst} ${amounts.length ? "" : "quiet"}`}>
    <b>${name}</b>
    <span class="amounts">${amounts.length ? amounts.map(([each, amount]) => html`<span key=${each} class=${`sev sev-${each}`}>${amount.toLocaleString("en")}
      <span class="unseen"> ${each}</span></span>`) : html`<span class="sev">quiet</span>`}</span></li>`;
}
