// A table with order, filter, pages, selection and the keyboard; cards on a narrow screen.
//
// columns: [{ name, title, cell: (row) => text or node, value: (row) => what sorts and filters, align: "right",
//   grow: true for the column that takes the free space, minor: true for one that a narrow screen leaves out }]
// rows are sorted and paged here; with `paging` = { range, onPrevious, onNext } (null: no such page) they are a page of
// the server, and with `order` = { by: "-name", onOrder } it sorts.

import { number, plural } from "../format.js";
import { html, useMemo, useRef, useState } from "../vendor/htm-preact/standalone.module.js";

const PER_PAGE = 100;

export function Table({ label, columns, rows, keyOf = (row) => row.name, open, filter = true, noun = ["row", "rows"], empty = "Nothing here.",
  selection = null, paging = null, order: served = null, first = "", children }) {
  const [own, setOwn] = useState(first);
  const [text, setText] = useState("");
  const [page, setPage] = useState(0);
  const by = served ? served.by : own;
  const setOrder = (to) => (served ? served.onOrder(to) : setOwn(to));
  const found = useMemo(() => arranged(rows, columns, served ? "" : own, text), [rows, own, text, columns, served]);
  const last = Math.max(0, Math.ceil(found.length / PER_PAGE) - 1);
  const at = Math.min(page, last);
  const shown = paging ? found : found.slice(at * PER_PAGE, (at + 1) * PER_PAGE);
  const turn = paging ?? (last > 0 && {
    range: `${number(at * PER_PAGE + 1)} to ${number(at * PER_PAGE + shown.length)} of ${plural(found.length, ...noun)}`,
    onPrevious: at > 0 ? () => setPage(at - 1) : null,
    onNext: at < last ? () => setPage(at + 1) : null,
  });
  return html`${(filter || children) && html`<div class="table-bar">
      ${filter && html`<input type="search" placeholder="Filter" aria-label=${`Filter ${label.toLowerCase()}`} value=${text} spellcheck=${false}
        onInput=${(event) => { setText(event.target.value); setPage(0); }} />`}
      ${children}<span class="amount" role="status">${turn ? "" : plural(found.length, ...noun)}</span></div>`}
    ${shown.length ? html`<${Body} ...${{ label, columns, keyOf, open, selection, by, setOrder }} rows=${shown} />`
    : html`<div class="void small" role="status">${text ? "Nothing matches the filter." : empty}</div>`}
    ${turn && (shown.length > 0 || turn.onPrevious) && html`<${Pager} ...${turn} />`}`;
}

const valueOf = (column, row) => (column.value ? column.value(row) : row[column.name]);

function arranged(rows, columns, by, text) {
  const wanted = text.trim().toLowerCase();
  const matching = wanted ? rows.filter((row) => columns.some((column) => String(valueOf(column, row) ?? "").toLowerCase().includes(wanted))) : rows;
  const column = columns.find(({ name }) => name === by.replace("-", ""));
  if (!column) return matching;
  const sign = by.startsWith("-") ? -1 : 1;
  return [...matching].sort((one, other) => sign * compared(valueOf(column, one), valueOf(column, other)));
}

// Numbers by size, text as people read it (port 9 before port 10), nothing last.
function compared(one, other) {
  if (one === other) return 0;
  if (one === null || one === undefined || one === "") return 1;
  if (other === null || other === undefined || other === "") return -1;
  return typeof one === "number" && typeof other === "number" ? one - other
    : String(one).localeCompare(String(other), undefined, { numeric: true, sensitivity: "base" });
}

function Body({ label, columns, rows, keyOf, open, selection, by, setOrder }) {
  const [current, setCurrent] = useState(null);
  const body = useRef(null);
  const keys = rows.map(keyOf);
  const marked = keys.includes(current) ? current : keys[0];
  const focus = (index) => {
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setCurrent(keys[to]);
    body.current.children[to].focus();
  };
  const pressed = (event) => {
    if (event.target.closest("input, button, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = keys.indexOf(marked);
    const act = { ArrowDown: () => focus(index + 1), j: () => focus(index + 1), ArrowUp: () => focus(index - 1), k: () => focus(index - 1),
      Home: () => focus(0), End: () => focus(rows.length - 1), Enter: open && (() => open(rows[index])),
      x: selection && (() => pick(selection, keys[index])), " ": selection && (() => pick(selection, keys[index])) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return html`<div class="table-frame"><table class=${open ? "data opens" : "data"} aria-label=${label}>
    <thead><tr>${selection && html`<${PickAll} selection=${selection} keys=${keys} />`}
      ${columns.map((column) => html`<${Heading} key=${column.name} column=${column} by=${by} setOrder=${setOrder} />`)}</tr></thead>
    <tbody ref=${body} onKeyDown=${pressed}>${rows.map((row, index) => html`<tr key=${keys[index]} tabindex=${keys[index] === marked ? 0 : -1}
      onFocus=${() => setCurrent(keys[index])} class=${selection?.chosen.has(keys[index]) ? "picked" : ""}
      onClick=${(event) => open && !event.target.closest("a, button, input, select") && !String(getSelection()) && open(row)}>
      ${selection && html`<td class="pick"><input type="checkbox" tabindex="-1" aria-label=${`Select ${keys[index]}`}
        checked=${selection.chosen.has(keys[index])} onChange=${() => pick(selection, keys[index])} /></td>`}
      ${columns.map((column, at) => html`<td key=${column.name} data-title=${column.title} class=${classOf(column)}>${
        column.cell ? column.cell(row) : plain(valueOf(column, row) ?? "", at)}</td>`)}</tr>`)}</tbody></table></div>`;
}

// A name has an element of its own, by which it stays on one line.
const plain = (value, at) => (at === 0 && value !== "" ? html`<span class="name">${value}</span>` : value);

const classOf = ({ align, grow, minor }) => [align, grow && "grow", minor && "minor"].filter(Boolean).join(" ");

function pick({ chosen, onChoose }, key) {
  const next = new Set(chosen);
  if (!next.delete(key)) next.add(key);
  onChoose(next);
}

function PickAll({ selection: { chosen, onChoose }, keys }) {
  const amount = keys.filter((key) => chosen.has(key)).length;
  const all = amount === keys.length;
  return html`<th class="pick"><input type="checkbox" aria-label="Select all on this page" checked=${all}
    ref=${(box) => { if (box) box.indeterminate = amount > 0 && !all; }} onChange=${() => onChoose(new Set(all ? [] : keys))} /></th>`;
}

function Heading({ column, by, setOrder }) {
  const { name, title, sorts = true } = column;
  const isUp = by === name, isDown = by === `-${name}`;
  const next = isUp ? `-${name}` : isDown ? "" : name;
  return html`<th scope="col" class=${classOf(column)} aria-sort=${isUp ? "ascending" : isDown ? "descending" : undefined}>${
    sorts && title ? html`<button type="button" onClick=${() => setOrder(next)}>${title}<span aria-hidden="true">${isUp ? " ↑" : isDown ? " ↓" : ""}</span></button>` : title}</th>`;
}

const Pager = ({ range, onPrevious, onNext }) => html`<nav class="pager" aria-label="Pages"><span role="status">${range}</span><span class="turn">
  <button type="button" class="quiet" disabled=${!onPrevious} onClick=${onPrevious} aria-label="Previous page">‹</button>
  <button type="button" class="quiet" disabled=${!onNext} onClick=${onNext} aria-label="Next page">›</button></span></nav>`;
