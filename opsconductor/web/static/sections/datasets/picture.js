// The picture: points in two dimensions; shape and colour show their level.

import { html, number, useMemo, useState } from "../../app/kit.js";

const WIDTH = 900, HEIGHT = 480, EDGE = 14;
const KINDS = [["baseline", "baseline"], ["normal", "normal"], ["warning", "warning"], ["anomalous", "anomalous"]];

// What explains a row, a text for each feature.
export const blamed = (features) => features.map(({ name, value, expected, share }) => `${name} ${value ?? "missing"}, expected ${expected} (${Math.round(100 * share)} %)`);

const kindOf = (part, level) => (part === "baseline" ? part : level === "unknown" ? "normal" : level);

// Coordinates around the median; the farthest points are drawn at the edge of the frame.
function placed(values, low, high) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted[sorted.length >> 1] ?? 0;
  const far = values.map((value) => Math.abs(value - middle)).sort((one, other) => one - other);
  const reach = Math.max(1.35 * (far[Math.floor(.995 * (far.length - 1))] ?? 1), 1e-9);
  return values.map((value) => (low + high) / 2 + (Math.max(-1, Math.min(1, (value - middle) / reach)) * (high - low)) / 2);
}

function shapeOf(kind, x, y) {
  if (kind === "anomalous") return `M${x} ${y - 5}L${x + 5} ${y}L${x} ${y + 5}L${x - 5} ${y}z`;
  const half = kind === "warning" ? 3 : 1.8;
  return `M${x - half} ${y - half}h${2 * half}v${2 * half}h${-2 * half}z`;
}

export function Picture({ points, rows }) {
  const [chosen, setChosen] = useState(null);
  const known = useMemo(() => new Map(rows.map((row) => [row.row_number, row])), [rows]);
  const drawn = useMemo(() => {
    const xs = placed(points.x, EDGE, WIDTH - EDGE), ys = placed(points.y, HEIGHT - EDGE, EDGE);
    const all = points.row.map((row, at) => ({ row, kind: kindOf(points.part[at], points.level[at]), x: Math.round(10 * xs[at]) / 10, y: Math.round(10 * ys[at]) / 10 }));
    return KINDS.map(([kind, title]) => ({ kind, title, points: all.filter((point) => point.kind === kind) }));
  }, [points]);
  const marked = drawn.filter(({ kind }) => kind === "warning" || kind === "anomalous").flatMap((each) => each.points);
  const row = chosen && known.get(chosen.row);
  const choose = (point) => setChosen(point);
  return html`<figure class="picture"><svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label=${points.title}>
      ${drawn.filter(({ kind }) => kind === "baseline" || kind === "normal").map(({ kind, points: those }) => html`<path key=${kind} class=${`point ${kind}`} d=${those.map(({ x, y }) => shapeOf(kind, x, y)).join("")} />`)}
      ${marked.map((point) => html`<path key=${point.row} class=${`point ${point.kind} ${chosen?.row === point.row ? "chosen" : ""}`} d=${shapeOf(point.kind, point.x, point.y)}
        onMouseEnter=${() => choose(point)} onClick=${() => choose(point)} />`)}</svg>
    <figcaption><ul class="legend">${drawn.map(({ kind, title, points: those }) => html`<li key=${kind}><svg viewBox="0 0 12 12" aria-hidden="true"><path class=${`point ${kind}`} d=${shapeOf(kind, 6, 6)} /></svg><span>${title}: ${number(those.length)}</span></li>`)}</ul>
      <p role="status" class="hovered">${chosen ? html`Row ${number(chosen.row)}, ${chosen.kind}${row ? `, distance ${row.distance.toFixed(2)}: ${blamed(row.features).join("; ") || "no single feature"}` : ""}` : "Point at a row to see what explains it."}</p></figcaption></figure>`;
}
