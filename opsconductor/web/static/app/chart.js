// Charts over time as SVG; each has its numbers as a table for whoever cannot see it.

import { bothTimes, number, shortMoment } from "../format.js";
import { html, useMemo, useState } from "../vendor/htm-preact/standalone.module.js";

const WIDTH = 600;

// A small line without axes, for a row of a table. values: numbers, oldest first; null: unknown.
export function Sparkline({ values, label, width = 120, height = 24 }) {
  const most = Math.max(1, ...values);
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const points = values.map((value, index) => `${(1 + index * step).toFixed(1)},${(height - 1 - ((value ?? 0) / most) * (height - 3)).toFixed(1)}`);
  return html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} width=${width} height=${height} role="img" aria-label=${label}>
    <polyline points=${points.join(" ")} /></svg>`;
}

// Bars or lines over time. times: ISO, oldest first; series: [{ name, values, tone }], tone: a severity, accent, soft.
// kind "bars" stacks the series. unit: after a value. The table behind it is opened by a button below.
export function Chart({ title, times, series, kind = "bars", height = 160, unit = "" }) {
  const [at, setAt] = useState(null);
  const most = useMemo(() => niceMaximum(kind === "bars"
    ? times.map((_time, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0))
    : series.flatMap(({ values }) => values)), [times, series, kind]);
  const step = WIDTH / Math.max(1, times.length);
  const y = (value) => height - (value / most) * height;
  const point = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAt(Math.max(0, Math.min(times.length - 1, Math.floor(((event.clientX - box.left) / box.width) * times.length))));
  };
  const told = at === null || at >= times.length ? null : at;
  return html`<figure class="chart"><figcaption><b>${title}</b><span class="legend">${series.map((each) =>
      html`<span class=${`tone-${each.tone ?? "accent"}`}><i></i>${each.name}${told === null ? "" : ` ${number(each.values[told] ?? 0)}${unit}`}</span>`)}</span>
      <span class="when">${told === null ? "" : shortMoment(times[told])}</span></figcaption>
    <div class="plot"><span class="most" aria-hidden="true">${number(most)}${unit}</span>
      <svg viewBox=${`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label=${`${title}; the numbers are in the table below`}
        onPointerMove=${point} onPointerLeave=${() => setAt(null)}>
        ${[0, 0.5].map((part) => html`<line class="grid" x1="0" x2=${WIDTH} y1=${part * height + 0.5} y2=${part * height + 0.5} />`)}
        ${kind === "bars" ? bars(times, series, step, y, height) : series.map(({ values, tone = "accent" }) =>
          html`<polyline class=${`line tone-${tone}`} points=${values.map((value, index) => `${((index + 0.5) * step).toFixed(1)},${y(value ?? 0).toFixed(1)}`).join(" ")} />`)}
        ${told !== null && html`<rect class="cursor" x=${told * step} y="0" width=${step} height=${height} />`}</svg></div>
    <div class="ends" aria-hidden="true"><span>${times.length ? shortMoment(times[0]) : ""}</span><span>${times.length > 1 ? shortMoment(times.at(-1)) : ""}</span></div>
    <details><summary>As a table</summary><div class="table-frame scrolls" tabindex="0" role="region" aria-label=${`${title} as a table`}><table class="data">
      <thead><tr><th scope="col">Time</th>${series.map(({ name }) => html`<th scope="col" class="right">${name}</th>`)}</tr></thead>
      <tbody>${times.map((time, index) => html`<tr><td data-title="Time" title=${bothTimes(time)}>${shortMoment(time)}</td>${series.map(({ name, values }) =>
        html`<td class="right" data-title=${name}>${number(values[index] ?? 0)}${unit}</td>`)}</tr>`)}</tbody></table></div></details></figure>`;
}

function bars(times, series, step, y, height) {
  const gap = Math.min(2, step * 0.25);
  return times.map((_time, index) => {
    let below = 0;
    return series.map(({ values, tone = "accent" }) => {
      const value = values[index] ?? 0;
      const top = y(below + value);
      const bar = value > 0 && html`<rect class=${`bar tone-${tone}`} x=${index * step + gap / 2} y=${top} width=${Math.max(0.5, step - gap)} height=${Math.max(0.5, y(below) - top)} />`;
      below += value;
      return bar;
    });
  });
}

// The next of 1, 2, 5, 10, 20, 50, ... above what is to be shown.
function niceMaximum(values) {
  const most = Math.max(1, ...values.filter((value) => Number.isFinite(value)));
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= most);
}
