// Cause and consequences of an alert as a small tree: the causes above it, what is suppressed because of it below.

import { el } from "../dom.js";
import { deviceOf, number, plural } from "../format.js";

const WIDTH = 412, ROW = 34, BOX = 28, INDENT = 20;
const MOST = 10; // consequences that are drawn
const SVG = "http://www.w3.org/2000/svg";
const pen = document.createElement("canvas").getContext("2d");

export function graph(alert, open) {
  if (!alert.cause && !alert.impacted) return "";
  const rows = rowsOf(alert);
  const height = rows.length * ROW;
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "graph", role: "group", "aria-label": "Cause and consequences" });
  pen.font = `12.5px ${getComputedStyle(document.body).fontFamily}`;
  rows.forEach((row, at) => svg.append(...lineTo(row, at), node(row, at, open)));
  return el("section", {}, el("h3", { text: titleOf(alert) }), svg);
}

function titleOf(alert) {
  if (!alert.impacted) return "Because of another alert";
  return `1 cause, ${plural(alert.impacted, "consequence", "consequences")}`;
}

// Rows from top to bottom: { alert, depth, from: index of the row above that leads to it, isHere, text, isLoose }.
function rowsOf(alert) {
  const rows = [];
  const add = (row) => rows.push(row) - 1;
  let from = -1;
  const isDirect = !alert.root || alert.root.id === alert.cause?.id || alert.cause?.correlated_to_id === alert.root.id;
  if (alert.root && alert.root.id !== alert.cause?.id) from = add({ alert: alert.root, depth: 0, from });
  if (alert.cause) from = add({ alert: alert.cause, depth: rows.length, from, isLoose: !isDirect });
  const here = add({ alert, depth: rows.length, from, isHere: true });
  const drawn = addBelow(alert, here, rows, alert.consequences, MOST);
  if (alert.impacted > drawn) add({ text: `and ${number(alert.impacted - drawn)} more`, depth: rows[here].depth + 1, from: here });
  return rows;
}

function addBelow(parent, at, rows, all, most) {
  let drawn = 0;
  for (const child of all.filter((each) => each.correlated_to_id === parent.id && each.id !== parent.id)) {
    if (drawn >= most) break;
    const place = rows.push({ alert: child, depth: rows[at].depth + 1, from: at }) - 1;
    drawn += 1 + addBelow(child, place, rows, all.filter((each) => each !== child), most - drawn - 1);
  }
  return drawn;
}

const leftOf = (row) => Math.min(row.depth, 6) * INDENT + 1;
const middleOf = (at) => at * ROW + BOX / 2 + 1;

function lineTo(row, at) {
  if (row.from < 0) return [];
  const x = leftOf(row) - INDENT / 2 + 1;
  const path = `M${x} ${row.from * ROW + BOX + 1}V${middleOf(at)}H${leftOf(row)}`;
  return [make("path", { d: path, class: row.isLoose ? "edge loose" : "edge" })];
}

function node(row, at, open) {
  const x = leftOf(row), y = at * ROW + 1, width = WIDTH - x - 1;
  if (!row.alert) return make("text", { x: x + 8, y: middleOf(at) + 4, class: "rest" }, row.text);
  const { alert } = row;
  const device = cut(deviceOf(alert) || "no device", width * 0.42);
  const title = cut(alert.title, width - 40 - pen.measureText(device).width);
  const parts = [
    make("rect", { x, y, width, height: BOX, rx: 7 }),
    make("path", { d: shape(alert.severity, x + 16, middleOf(at)), class: "shape" }),
    make("text", { x: x + 28, y: middleOf(at) + 4 }, make("tspan", { class: "device" }, device), make("tspan", { dx: 8, class: "what" }, title)),
  ];
  const about = `${alert.severity}, ${deviceOf(alert)}: ${alert.title}`;
  if (row.isHere) return make("g", { class: `node here sev-${alert.severity}` }, make("title", {}, `This alert: ${about}`), ...parts);
  const link = make("a", { href: `/alerts/${alert.id}`, class: `node sev-${alert.severity} st-${alert.status}`, "aria-label": about }, make("title", {}, about), ...parts);
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    open(alert.id);
  });
  return link;
}

// A shape for each severity, as in the list: colour is not the only difference.
function shape(severity, x, y) {
  const r = 5;
  if (severity === "critical") return `M${x} ${y - r - 1}L${x + r + 1} ${y}L${x} ${y + r + 1}L${x - r - 1} ${y}Z`;
  if (severity === "major") return `M${x} ${y - r}L${x + r} ${y + r - 1}H${x - r}Z`;
  if (severity === "minor") return `M${x - r + 1} ${y - r + 1}h${2 * r - 2}v${2 * r - 2}h${2 - 2 * r}Z`;
  return `M${x - r + 1} ${y}a${r - 1} ${r - 1} 0 1 0 ${2 * r - 2} 0a${r - 1} ${r - 1} 0 1 0 ${2 - 2 * r} 0Z`;
}

function cut(text, width) {
  if (pen.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && pen.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}

function make(tag, properties = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
