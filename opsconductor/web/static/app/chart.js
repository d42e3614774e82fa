// Charts as SVG: stacked columns over time with their table, bars and small lines in the cells of a table.

import { number } from "../format.js";
import { html, useLayoutEffect, useRef, useState } from "../vendor/htm-preact/standalone.module.js";
import { loadStyles } from "./styles.js";

await loadStyles(new URL("./chart.css", import.meta.url));

const HEIGHT = 220;
const SPACE = { top: 8, right: 4, bottom: 22, left: 44 };
const NARROWEST_LABEL = 56;
const WIDEST = 64;

// A share of the largest amount, to be put into the cell of a table beside the number.
export const Bar = ({ share, kind = "" }) => html`<svg class="share ${kind}" width="100%" height="8" aria-hidden="true">
  <rect class="rail" width="100%" height="8" rx="2" /><rect width=${`${Math.max(share > 0 ? 1 : 0, share * 100)}%`} height="8" rx="2" /></svg>`;

// A small line without axes, for a row of a table. values: numbers, oldest first; null: unknown.
export function Sparkline({ values, label, width = 120, height = 24 }) {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const points = values.map((value, index) => `${(1 + index * step).toFixed(1)},${(height - 1 - ((value ?? 0) / most) * (height - 3)).toFixed(1)}`);
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${label}>
    <polyline points=${points.join(" ")} /></svg>`;
}

// Stacked columns. series: [{ name, kind }] from the bottom up, steps: [{ at, amounts: { name: number } }];
// label(at) is the text of a step. A button shows the same numbers as a table.
export function Columns({ title, series, steps, label, axis, noun }) {
  const [isTable, setTable] = useState(false);
  const [marked, setMarked] = useState(null);
  const totals = steps.map(({ amounts }) => series.reduce((sum, { name }) => sum + (amounts[name] ?? 0), 0));
  const sum = totals.reduce((all, each) => all + each, 0);
  const reading = marked === null ? `${number(sum)} ${noun}` : sentence(steps[marked], series, label, totals[marked], noun);
  return html`<div class="chart-head"><h3>${title}</h3><p class="marked">${reading}</p>
      <button type="button" class="quiet" aria-pressed=${String(isTable)} onClick=${() => setTable(!isTable)}>Table</button></div>
    ${isTable ? html`<${Numbers} ...${{ title, series, steps, label, totals }} />`
    : html`<${Drawing} ...${{ title, series, steps, axis, totals, marked, setMarked }} /><${Legend} series=${series} />`}`;
}

function sentence({ at, amounts }, series, label, total, noun) {
  const parts = series.filter(({ name }) => amounts[name]).map(({ name }) => `${number(amounts[name])} ${name}`);
  return `${label(at)}: ${number(total)} ${noun}${parts.length > 1 || series.length > 1 && parts.length ? ` (${parts.join(", ")})` : ""}`;
}

function Drawing({ title, series, steps, axis, totals, marked, setMarked }) {
  const [frame, width] = useWidth();
  const most = Math.max(1, ...totals);
  const ticks = ticksOf(most);
  const inner = { width: Math.max(0, width - SPACE.left - SPACE.right), height: HEIGHT - SPACE.top - SPACE.bottom };
  const wide = inner.width / steps.length;
  const y = (amount) => SPACE.top + inner.height * (1 - amount / ticks.at(-1));
  const every = Math.max(1, Math.ceil(NARROWEST_LABEL / Math.max(1, wide)));
  const drawn = Math.max(.5, Math.min(wide - (wide > 8 ? 3 : wide > 3 ? 1 : 0), WIDEST));
  return html`<div class="columns" ref=${frame} onPointerLeave=${() => setMarked(null)}>${width > 0 && html`
    <svg role="img" aria-label=${`${title}; the button Table shows the numbers`} width=${width} height=${HEIGHT}>
      ${ticks.map((tick) => html`<g class="tick" key=${tick}><line x1=${SPACE.left} x2=${width} y1=${y(tick)} y2=${y(tick)} />
        <text x=${SPACE.left - 8} y=${y(tick) + 4} text-anchor="end">${number(tick)}</text></g>`)}
      ${steps.map((step, at) => {
        let below = 0;
        const x = SPACE.left + at * wide;
        return html`<g key=${step.at} class=${marked === at ? "column marked" : "column"} onPointerEnter=${() => setMarked(at)}>
          <rect class="catch" x=${x} y=${SPACE.top} width=${wide} height=${inner.height} />
          ${series.map(({ name, kind }) => {
            const amount = step.amounts[name] ?? 0;
            if (!amount) return null;
            const top = y(below + amount);
            const height = y(below) - top;
            below += amount;
            return html`<rect class=${`part ${kind}`} x=${x + (wide - drawn) / 2} y=${top} width=${drawn} height=${Math.max(.75, height)} />`;
          })}
          ${at % every === 0 && x + NARROWEST_LABEL / 2 < width && html`<text class="step" x=${x + wide / 2} y=${HEIGHT - 6} text-anchor="middle">${axis(step.at)}</text>`}</g>`;
      })}</svg>`}</div>`;
}

const Legend = ({ series }) => series.length > 1 && html`<ul class="legend">${series.map(({ name, kind }) =>
  html`<li key=${name}><svg class=${kind} width="10" height="10" aria-hidden="true"><rect class="part ${kind}" width="10" height="10" rx="2" /></svg><span>${name}</span></li>`)}</ul>`;

const Numbers = ({ title, series, steps, label, totals }) => html`<div class="numbers" tabindex="0" role="region" aria-label=${`${title}, table`}><table>
  <thead><tr><th scope="col">Time</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}${series.length > 1 && html`<th scope="col">all</th>`}</tr></thead>
  <tbody>${steps.map((step, at) => html`<tr key=${step.at}><th scope="row">${label(step.at)}</th>
    ${series.map(({ name }) => html`<td>${number(step.amounts[name] ?? 0)}</td>`)}${series.length > 1 && html`<td>${number(totals[at])}</td>`}</tr>`)}</tbody></table></div>`;

// Round numbers up to the first that is not below the most: 0, 50, 100, 150.
function ticksOf(most) {
  const rough = most / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 2.5, 5, 10].find((each) => each * power >= rough) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

function useWidth() {
  const frame = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const seen = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    seen.observe(frame.current);
    return () => seen.disconnect();
  }, []);
  return [frame, width];
}
