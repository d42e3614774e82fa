// A line over time as SVG, with the range between lowest and highest values, a band of expected values and a marked span.

import { html, useLayoutEffect, useRef, useState } from "../vendor/htm-preact/standalone.module.js";
import { quantity, scaleOf, shortNumber } from "./quantity.js";
import { loadStyles } from "./styles.js";

await loadStyles(new URL("./line-chart.css", import.meta.url));

const HEIGHT = 240;
const SPACE = { top: 10, right: 8, bottom: 24, left: 84 };
const TICKS = 4;

const clock = (at, isLong) => new Date(at * 1000).toLocaleString([], isLong ? { month: "short", day: "numeric", hour: "2-digit" } : { hour: "2-digit", minute: "2-digit" });

// times: seconds since 1970; values, lowest and highest: numbers of the same length. band: [low, high] of expected values,
// banded: [begin, end] of it, null: all the time; span: [begin, end] that is marked, end null: it lasts; limit: a line.
export function LineChart({ title, times, values, lowest = values, highest = values, unit = "", band = null, banded = null, span = null, limit = null }) {
  const [frame, width] = useWidth();
  const [marked, setMarked] = useState(null);
  const reading = marked === null ? "" : `${new Date(times[marked] * 1000).toLocaleString()}: ${quantity(values[marked], unit)}`
    + (lowest[marked] === highest[marked] ? "" : ` (${quantity(lowest[marked], unit)} to ${quantity(highest[marked], unit)})`);
  return html`<figure class="line-chart"><figcaption><span>${title}</span><span class="marked" role="status">${reading}</span></figcaption>
    <div class="frame" ref=${frame}>${times.length === 0 ? html`<p class="void small">No points are kept of this time.</p>`
    : width > 0 && html`<${Drawing} ...${{ title, times, values, lowest, highest, unit, band, banded, span, limit, width, marked, setMarked }} />`}</div></figure>`;
}

function Drawing({ title, times, values, lowest, highest, unit, band, banded, span, limit, width, marked, setMarked }) {
  const others = [...(band ?? []), ...(limit === null ? [] : [limit])];
  const low = Math.min(...lowest, ...others), high = Math.max(...highest, ...others);
  const margin = Math.max((high - low) * .06, Math.abs(high) * 1e-6, 1e-9);
  const inner = { width: width - SPACE.left - SPACE.right, height: HEIGHT - SPACE.top - SPACE.bottom };
  const first = times[0], last = times.at(-1), length = Math.max(1, last - first);
  const x = (at) => SPACE.left + Math.min(1, Math.max(0, (at - first) / length)) * inner.width;
  const y = (value) => SPACE.top + inner.height * (1 - (value - low + margin) / (high - low + 2 * margin));
  const place = (at, value) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`;
  const range = [...times.map((at, index) => place(at, highest[index])), ...times.map((at, index) => place(at, lowest[index])).reverse()].join(" ");
  const [divisor, shown] = scaleOf(Math.max(Math.abs(low), Math.abs(high)), unit);
  const bandFrom = banded ? x(banded[0]) : SPACE.left, bandTo = banded ? x(banded[1]) : width - SPACE.right;
  const steps = Array.from({ length: TICKS }, (_, index) => index / (TICKS - 1));
  const point = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = first + (event.clientX - box.left - SPACE.left) / inner.width * length;
    setMarked(times.reduce((best, each, index) => (Math.abs(each - at) < Math.abs(times[best] - at) ? index : best), 0));
  };
  return html`<svg role="img" aria-label=${`${title}: from ${quantity(low, unit)} to ${quantity(high, unit)}`} width=${width} height=${HEIGHT}
      onPointerMove=${point} onPointerLeave=${() => setMarked(null)}>
    ${band && html`<rect class="band" x=${bandFrom} width=${bandTo - bandFrom} y=${y(Math.max(...band))} height=${Math.max(1, y(Math.min(...band)) - y(Math.max(...band)))} />`}
    ${steps.map((share) => html`<g class="tick" key=${share}>
      <line x1=${SPACE.left} x2=${width - SPACE.right} y1=${y(low + share * (high - low))} y2=${y(low + share * (high - low))} />
      <text x=${SPACE.left - 8} y=${y(low + share * (high - low)) + 4} text-anchor="end">${shortNumber((low + share * (high - low)) / divisor)}${share === 1 && shown ? ` ${shown}` : ""}</text>
      <text x=${x(first + share * length)} y=${HEIGHT - 6} text-anchor=${share === 0 ? "start" : share === 1 ? "end" : "middle"}>${clock(first + share * length, length > 86_400)}</text></g>`)}
    ${span && html`<rect class="span" x=${x(span[0])} y=${SPACE.top} height=${inner.height} width=${Math.max(2, x(span[1] ?? last) - x(span[0]))} />`}
    <polygon class="range" points=${range} />
    <polyline class="line" points=${times.map((at, index) => place(at, values[index])).join(" ")} />
    ${limit !== null && html`<line class="limit" x1=${SPACE.left} x2=${width - SPACE.right} y1=${y(limit)} y2=${y(limit)} />`}
    ${marked !== null && html`<circle class="mark" cx=${x(times[marked])} cy=${y(values[marked])} r="4" />`}</svg>`;
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
