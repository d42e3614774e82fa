// The dependency graph as a drawing, and as a table of the same.

import { html, number, pathOf, plural, SHAPES, Severity, Table, go, useMemo, useRef, useState } from "../../app/kit.js";
import { layout } from "./layout.js";
import { stateText } from "./state.js";
import { useView } from "./view.js";

const LONGEST = { false: 17, true: 16 }; // letters of a name in a box, and in a cell of a block
const APART = 4; // distance of lines of several types between the same devices
export const TYPES = ["network", "power", "service", "management"];

// graph: answer of the API; focus: key of the device in the middle, if there is one.
export function Graph({ graph, leftOut, focus = null, label }) {
  const [isTable, setTable] = useState(false);
  return html`<section class="graph" aria-label=${label}>
    <div class="table-bar"><div class="choice" role="group" aria-label="Show as">
        <button type="button" aria-pressed=${String(!isTable)} onClick=${() => setTable(false)}>Graph</button>
        <button type="button" aria-pressed=${String(isTable)} onClick=${() => setTable(true)}>Table</button></div>
      <span class="amount" role="status">${plural(graph.nodes.length, "device", "devices")}, ${plural(graph.edges.length, "dependency", "dependencies")}${
        leftOut > 0 ? `; ${number(leftOut)} more are not shown` : ""}</span></div>
    ${isTable ? html`<${GraphTable} graph=${graph} label=${label} />` : html`<${Drawing} graph=${graph} focus=${focus} label=${label} />`}</section>`;
}

function Drawing({ graph, focus, label }) {
  const shape = graph.nodes.map(({ key }) => key).join("\n") + graph.edges.map((edge) => edge.device + edge.depends_on).join("\n");
  const plan = useMemo(() => layout([...graph.nodes].sort(byName), graph.edges), [shape]); // states change more often than the network
  const view = useView(plan.width, plan.height);
  const [current, setCurrent] = useState(null);
  const mount = useRef(null);
  const byKey = new Map(graph.nodes.map((node) => [node.key, node]));
  const marked = byKey.has(current) ? current : focus ?? graph.nodes[0]?.key;
  const edgeOf = new Map(graph.edges.map((edge) => [nameOf(edge), edge]));
  const near = new Set(graph.edges.filter((edge) => edge.device === current || edge.depends_on === current).map(nameOf));

  const pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const act = direction ? () => step(direction) : { "+": () => view.zoom(1.3), "-": () => view.zoom(1 / 1.3), 0: view.fit }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const step = (direction) => {
    const key = next(plan.nodes, marked, direction);
    if (!key) return;
    setCurrent(key);
    view.reveal(plan.nodes.get(key));
    view.mount.current.querySelector(`[data-key="${CSS.escape(key)}"]`).focus({ preventScroll: true });
  };
  // redrawn when something on it changes, not with every step of the view
  const drawn = useMemo(() => html`${plan.blocks.map((block) => html`<rect class="block" x=${block.x} y=${block.y} width=${block.width} height=${block.height} rx="8" />`)}
      ${plan.lines.flatMap((line) => strands(line, edgeOf, near))}
      ${graph.nodes.map((node) => html`<${Node} key=${node.key} node=${node} box=${plan.nodes.get(node.key)} isFocus=${node.key === focus}
        isMarked=${node.key === marked} onEnter=${() => setCurrent(node.key)} />`)}`, [plan, graph, focus, current]);
  const { x, y, width, height } = view.box;
  return html`<div class="drawing" ref=${mount}>
    <svg ref=${view.mount} viewBox=${`${x} ${y} ${width} ${height}`} role="group" aria-label=${`${label}. Arrows move between devices, plus and minus enlarge, 0 shows all`}
      onKeyDown=${pressed} onPointerLeave=${() => setCurrent(null)}>
      ${drawn}</svg>
    <div class="zoom"><button type="button" onClick=${() => view.zoom(1.3)} aria-label="Enlarge">+</button>
      <button type="button" onClick=${() => view.zoom(1 / 1.3)} aria-label="Reduce">−</button>
      <button type="button" onClick=${view.fit}>Show all</button></div></div><${Legend} />`;
}

const byName = (one, other) => one.name.localeCompare(other.name, undefined, { numeric: true });
const nameOf = ({ device, depends_on: provider, dependency_type: type }) => `${device}\n${provider}\n${type}`;

// The lines of the types between two devices or blocks, side by side.
function strands(line, edgeOf, near) {
  const present = line.edges.map((edge) => edgeOf.get(nameOf(edge))).filter(Boolean);
  const types = TYPES.filter((type) => present.some((edge) => edge.dependency_type === type));
  return types.map((type, at) => {
    const edges = present.filter((edge) => edge.dependency_type === type);
    const shift = (at - (types.length - 1) / 2) * APART;
    const points = line.points.map(([x, y]) => [x, y + shift]);
    const isCut = edges.some((edge) => edge.is_cut);
    const marks = [`edge ${type}`, isCut && "cut", edges.every((edge) => !edge.is_sure) && "unsure", edges.some((edge) => near.has(nameOf(edge))) && "near"];
    const [x, y] = middle(points);
    return html`<g class=${marks.filter(Boolean).join(" ")}><path d=${curve(points)} />${
      isCut && html`<path class="cross" d=${`M${x - 5} ${y - 5}l10 10M${x + 5} ${y - 5}l-10 10`} />`}</g>`;
  });
}

const curve = ([[x, y], ...others]) => {
  let from = [x, y];
  return others.reduce((path, [toX, toY]) => {
    const half = (from[0] + toX) / 2;
    const part = `C${half} ${from[1]} ${half} ${toY} ${toX} ${toY}`;
    from = [toX, toY];
    return path + part;
  }, `M${x} ${y}`);
};

const middle = (points) => {
  const [one, other] = points.slice(-2);
  return [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
};

function Node({ node, box, isFocus, isMarked, onEnter }) {
  const { x, y, width, height, isCell } = box;
  const marks = ["node", node.severity ? `sev-${node.severity}` : "quiet-node", node.alert_status && `is-${node.alert_status}`,
    isCell && "cell", isFocus && "focus", node.is_cut_off && "cut-off", !node.is_listed && "unlisted"];
  const text = stateText(node);
  const brief = [node.severity ?? (!node.is_cut_off && "no open alert"), node.severity && node.alert_status !== "active" && node.alert_status, node.is_cut_off && "cut off"];
  const more = node.hidden_upstream + node.hidden_downstream;
  return html`<a href=${pathOf("devices", node.key)} class=${marks.filter(Boolean).join(" ")} data-key=${node.key} tabindex=${isMarked ? 0 : -1}
    aria-label=${`${node.name}, ${text}${more ? `, ${more} more dependencies` : ""}`} onFocus=${onEnter} onPointerEnter=${onEnter} draggable=${false}>
    <title>${node.name}: ${text}${node.site ? `, ${node.site}` : ""}</title>
    <rect x=${x} y=${y} width=${width} height=${height} rx=${isCell ? 4 : 7} />
    <svg x=${x + (isCell ? 7 : 10)} y=${y + (isCell ? 8 : 9)} width=${isCell ? 10 : 12} height=${isCell ? 10 : 12} viewBox="0 0 12 12">${
      node.severity ? html`<path class="shape" d=${SHAPES[node.severity]} />` : html`<circle class="no-shape" cx="6" cy="6" r="4" />`}</svg>
    <text x=${x + (isCell ? 22 : 29)} y=${y + (isCell ? 17 : 19)}>${shortened(node.name, LONGEST[isCell])}</text>
    ${!isCell && html`<text class="small" x=${x + 29} y=${y + 34}>${brief.filter(Boolean).join(" · ")}</text>`}
    ${!isCell && more > 0 && html`<text class="small more" x=${x + width - 6} y=${y + 34}>+${more}</text>`}</a>`;
}

// The beginning and the end of a name: names of a site differ at the end.
function shortened(name, longest) {
  if (name.length <= longest) return name;
  const end = Math.floor(longest / 2) - 1;
  return `${name.slice(0, longest - end - 1)}…${name.slice(-end)}`;
}

// The nearest device in a direction; what is straight ahead counts more than what is beside.
function next(boxes, key, [dx, dy]) {
  const from = boxes.get(key);
  let best = null, least = Infinity;
  for (const [other, box] of boxes) {
    const x = box.x - from.x, y = box.y + box.height / 2 - from.y - from.height / 2;
    const ahead = x * dx + y * dy, beside = Math.abs(x * dy + y * dx);
    if (other === key || ahead <= 1) continue;
    if (ahead + 3 * beside < least) [best, least] = [other, ahead + 3 * beside];
  }
  return best;
}

const Legend = () => html`<ul class="legend" aria-label="Legend">
  ${TYPES.map((type) => html`<li><svg viewBox="0 0 34 10" aria-hidden="true"><g class="edge ${type}"><path d="M1 5h32" /></g></svg>${type}</li>`)}
  <li><svg viewBox="0 0 34 10" aria-hidden="true"><g class="edge network cut"><path d="M1 5h32" /><path class="cross" d="m13 1 8 8m0-8-8 8" /></g></svg>cut by an alert</li>
  <li><svg viewBox="0 0 34 10" aria-hidden="true"><g class="edge network unsure"><path d="M1 5h32" /></g></svg>alternative only</li>
  <li><svg viewBox="0 0 34 14" aria-hidden="true"><g class="node cut-off"><rect x="1" y="1" width="32" height="12" rx="3" /></g></svg>cut off</li></ul>`;

function GraphTable({ graph, label }) {
  const names = new Map(graph.nodes.map(({ key, name }) => [key, name]));
  const needs = (key) => graph.edges.filter((edge) => edge.device === key).map((edge) => `${names.get(edge.depends_on)} (${edge.dependency_type}${edge.is_sure ? "" : ", alternative"}${edge.is_cut ? ", cut" : ""})`);
  const needed = (key) => graph.edges.filter((edge) => edge.depends_on === key).length;
  const columns = [
    { name: "name", title: "Device", cell: (one) => html`<a href=${pathOf("devices", one.key)} tabindex="-1">${one.name}</a>` },
    { name: "state", title: "State", value: (one) => stateText(one), cell: (one) => html`${one.severity && html`<${Severity} of=${one.severity} /> `}${stateText(one, false)}` },
    { name: "site", title: "Site", minor: true },
    { name: "depth", title: "Distance", align: "right" },
    { name: "needs", title: "Needs", grow: true, sorts: false, value: (one) => needs(one.key).join(", ") },
    { name: "needed", title: "Needed by", align: "right", value: (one) => needed(one.key) },
  ];
  return html`<${Table} label=${`${label}, as a table`} columns=${columns} rows=${graph.nodes} keyOf=${(one) => one.key} first="depth"
    noun=${["device", "devices"]} open=${(one) => go(pathOf("devices", one.key))} />`;
}
