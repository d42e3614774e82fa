// Places a dependency graph in layers from left to right: what is needed before what needs it. Pure: no document.
//
// Devices that need the same others, and that nothing needs, are drawn as one block: a switch with forty access
// points is forty small boxes in a frame beside it and one line to it, not a column 2,000 pixels high.

const NODE = { width: 164, height: 42 };
const CELL = { width: 132, height: 26, gap: 5 };
const PADDING = 8;
const GAP_X = 92; // between layers
const GAP_Y = 16; // between the items of a layer
const SMALLEST_BLOCK = 3;
const MOST_COLUMNS = 16;
const WANTED_RATIO = 1.7;
const SWEEPS = 8;
const BEND_HEIGHT = 6; // place that a line takes in a layer that it passes

// nodes: [{ key }], in the order in which blocks show them; edges: [{ device, depends_on }]. Returns { width, height, nodes: Map(key -> box), blocks, lines }:
// boxes are { x, y, width, height, isCell }, lines are { from, to, edges, points } from the needed to the needing end.
export function layout(nodes, edges) {
  const graph = grouped(nodes, edges);
  const layers = ordered(layered(graph), graph);
  const columns = columnsFor(layers);
  for (const item of layers.flat()) size(item, columns);
  placeInLayers(layers);
  return drawn(layers, graph);
}

// Items: single devices and blocks of them, and the links between items with the dependencies that they stand for.
function grouped(nodes, edges) {
  const needs = new Map(nodes.map(({ key }) => [key, new Set()]));
  const isNeeded = new Set();
  for (const { device, depends_on: provider } of edges) {
    needs.get(device).add(provider);
    isNeeded.add(provider);
  }
  const alike = new Map();
  for (const { key } of nodes) {
    if (isNeeded.has(key)) continue;
    const group = [...needs.get(key)].sort().join("\n");
    alike.set(group, [...(alike.get(group) ?? []), key]);
  }
  const items = [];
  const itemOf = new Map();
  const add = (keys) => {
    const item = { keys, isBlock: keys.length > 1, before: [], after: [], layer: 0 };
    items.push(item);
    for (const key of keys) itemOf.set(key, item);
  };
  for (const keys of alike.values()) {
    if (keys.length >= SMALLEST_BLOCK) add(keys);
  }
  for (const { key } of nodes) if (!itemOf.has(key)) add([key]);
  const links = new Map();
  for (const edge of edges) {
    const from = itemOf.get(edge.depends_on), to = itemOf.get(edge.device);
    if (from === to) continue;
    const name = `${items.indexOf(from)} ${items.indexOf(to)}`;
    if (!links.has(name)) links.set(name, { from, to, edges: [] });
    links.get(name).edges.push(edge);
  }
  return { items, itemOf, links: [...links.values()] };
}

// Each item after all that it needs; links that close a circle are turned for that. What needs nothing is just before
// what needs it first, so that a power supply stands beside the switches and not at the very left.
function layered({ items, links }) {
  const state = new Map();
  const visit = (item) => { // depth first, without recursion: chains may be long
    const path = [[item, links.filter((link) => link.from === item)]];
    state.set(item, "open");
    while (path.length) {
      const [current, left] = path.at(-1);
      const link = left.pop();
      if (!link) {
        state.set(current, "done");
        path.pop();
      } else if (state.get(link.to) === "open") link.isTurned = true;
      else if (!state.has(link.to)) {
        state.set(link.to, "open");
        path.push([link.to, links.filter((each) => each.from === link.to)]);
      }
    }
  };
  const hasBefore = new Set(links.map((link) => link.to));
  for (const item of [...items.filter((each) => !hasBefore.has(each)), ...items]) if (!state.has(item)) visit(item);
  for (const link of links) {
    const [first, second] = link.isTurned ? [link.to, link.from] : [link.from, link.to];
    first.after.push(second);
    second.before.push(first);
  }
  const waiting = new Map(items.map((item) => [item, item.before.length]));
  const order = items.filter((item) => !item.before.length);
  for (const item of order) {
    for (const second of item.after) {
      second.layer = Math.max(second.layer, item.layer + 1);
      waiting.set(second, waiting.get(second) - 1);
      if (!waiting.get(second)) order.push(second);
    }
  }
  for (const item of items) {
    if (!item.before.length && item.after.length) item.layer = Math.min(...item.after.map((second) => second.layer)) - 1;
  }
  const layers = [];
  for (const item of items) (layers[item.layer] ??= []).push(item);
  return layers.filter(Boolean).map((layer, number) => layer.map((item) => Object.assign(item, { layer: number })));
}

// Lines through several layers get a bend in each; then items are sorted by the middle of their neighbours, so that few
// lines cross.
function ordered(layers, graph) {
  for (const link of graph.links) {
    const [first, second] = link.isTurned ? [link.to, link.from] : [link.from, link.to];
    let last = first;
    link.bends = [];
    for (let number = first.layer + 1; number < second.layer; number++) {
      const bend = { keys: [], isBend: true, layer: number, back: [last], on: [] };
      (last.on ??= []).push(bend);
      layers[number].push(bend);
      link.bends.push(bend);
      last = bend;
    }
    (last.on ??= []).push(second);
    (second.back ??= []).push(last);
  }
  const rank = (layer) => layer.forEach((item, at) => { item.at = at; });
  layers.forEach(rank);
  const middle = (others, item) => (others?.length ? others.reduce((sum, each) => sum + each.at, 0) / others.length : item.at);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isOn = sweep % 2 === 0;
    for (const layer of isOn ? layers : layers.toReversed()) {
      const wanted = new Map(layer.map((item) => [item, middle(isOn ? item.back : item.on, item)]));
      layer.sort((one, other) => wanted.get(one) - wanted.get(other));
      rank(layer);
    }
  }
  return layers;
}

// The number of columns of blocks with which the whole is about as wide as a screen.
function columnsFor(layers) {
  let best = 1, least = Infinity;
  for (let columns = 1; columns <= MOST_COLUMNS; columns++) {
    for (const item of layers.flat()) size(item, columns);
    const height = Math.max(...layers.map((layer) => layer.reduce((sum, item) => sum + item.height + GAP_Y, 0)));
    const width = layers.reduce((sum, layer) => sum + Math.max(...layer.map((item) => item.width)) + GAP_X, 0);
    const distance = Math.abs(Math.log(width / height / WANTED_RATIO));
    if (distance < least) [best, least] = [columns, distance];
  }
  return best;
}

function size(item, columns) {
  if (item.isBend) return Object.assign(item, { width: 0, height: BEND_HEIGHT });
  if (!item.isBlock) return Object.assign(item, NODE);
  item.columns = Math.min(columns, item.keys.length);
  const rows = Math.ceil(item.keys.length / item.columns);
  item.width = item.columns * (CELL.width + CELL.gap) - CELL.gap + 2 * PADDING;
  item.height = rows * (CELL.height + CELL.gap) - CELL.gap + 2 * PADDING;
  return item;
}

// Each item as near as possible to the middle of its neighbours, without overlaps.
function placeInLayers(layers) {
  for (const layer of layers) {
    let y = 0;
    for (const item of layer) {
      item.y = y + item.height / 2;
      y += item.height + GAP_Y;
    }
  }
  for (let sweep = 0; sweep < 2 * SWEEPS; sweep++) {
    const isOn = sweep % 2 === 0;
    for (const layer of isOn ? layers : layers.toReversed()) {
      spread(layer, layer.map((item) => {
        const others = (isOn ? item.back : item.on) ?? [];
        return others.length ? others.reduce((sum, each) => sum + each.y, 0) / others.length : item.y;
      }));
    }
  }
}

// Moves items to the wanted places, in order and apart, with the least sum of squared moves (pool adjacent violators).
function spread(layer, wanted) {
  const pools = [];
  let offset = 0;
  layer.forEach((item, at) => {
    if (at) offset += (layer[at - 1].height + item.height) / 2 + GAP_Y;
    item.offset = offset;
    pools.push({ sum: wanted[at] - offset, amount: 1 });
    while (pools.length > 1 && pools.at(-2).sum / pools.at(-2).amount > pools.at(-1).sum / pools.at(-1).amount) {
      const { sum, amount } = pools.pop();
      pools.at(-1).sum += sum;
      pools.at(-1).amount += amount;
    }
  });
  let at = 0;
  for (const { sum, amount } of pools) for (let left = amount; left; left--, at++) layer[at].y = sum / amount + layer[at].offset;
}

function drawn(layers, { links }) {
  const every = layers.flat();
  const top = Math.min(...every.map((item) => item.y - item.height / 2));
  let left = 0;
  for (const layer of layers) {
    const width = Math.max(...layer.map((item) => item.width));
    for (const item of layer) {
      item.y -= top;
      item.left = left;
      item.right = left + (item.isBend ? width : item.width);
    }
    left += width + GAP_X;
  }
  const nodes = new Map();
  const blocks = [];
  for (const item of every) {
    if (item.isBend) continue;
    const box = { x: item.left, y: item.y - item.height / 2, width: item.width, height: item.height };
    if (!item.isBlock) nodes.set(item.keys[0], { ...box, isCell: false });
    else {
      blocks.push({ ...box, keys: item.keys });
      item.keys.forEach((key, at) => nodes.set(key, {
        x: box.x + PADDING + (at % item.columns) * (CELL.width + CELL.gap),
        y: box.y + PADDING + Math.floor(at / item.columns) * (CELL.height + CELL.gap),
        width: CELL.width, height: CELL.height, isCell: true,
      }));
    }
  }
  return {
    width: left - GAP_X,
    height: Math.max(...every.map((item) => item.y + item.height / 2)),
    nodes,
    blocks,
    lines: links.map(lineOf),
  };
}

function lineOf({ from, to, edges, bends, isTurned }) {
  const [first, second] = isTurned ? [to, from] : [from, to];
  const points = [[first.right, first.y], ...bends.flatMap(({ left, right, y }) => [[left, y], [right, y]]), [second.left, second.y]];
  return { edges, points: isTurned ? points.reverse() : points };
}
