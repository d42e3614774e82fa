// Small parts that every section shows in the same way.

import { age, bothTimes, number } from "../format.js";
import { html, useEffect, useRef, useState } from "../vendor/htm-preact/standalone.module.js";

export const SHAPES = { critical: "M6 0 12 6 6 12 0 6z", major: "M6 .5 12 11.500H0z", minor: "M1 1h10v10H1z",
  warning: "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1", info: "M1 5h10v2H1z", clear: "m1 6 4 4 6-8" };

// Severity by shape, colour and word.
export const Severity = ({ of }) => html`<span class="severity sev-${of}">
  <svg viewBox="0 0 12 12" class=${of === "clear" ? "drawn" : ""} aria-hidden="true"><path d=${SHAPES[of] ?? SHAPES.info} /></svg>${of}</span>`;

// A state in a word with a dot; kind: good, bad, warn, off.
export const Mark = ({ kind = "off", children, title }) =>
  html`<span class="state-mark ${kind}" title=${title}><i aria-hidden="true"></i>${children}</span>`;

// A time in words, kept current; the exact time in the viewer's zone, and UTC, as its title.
export function TimeAgo({ at, none = "never", suffix = " ago" }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return none && html`<span class="faint">${none}</span>`;
  return html`<time datetime=${at} title=${bothTimes(at)}>${age(at)}${suffix}</time>`;
}

// Heading of a section or an item: the way back, a title, what it is, buttons.
export const Head = ({ title, up, upTitle, about, children }) => html`<header class="head">
  <div class="headline">${up && html`<a class="up" href=${up}>${upTitle}</a><span class="faint" aria-hidden="true">/</span>`}
    <h2 tabindex="-1">${title}</h2>${about && html`<p class="about">${about}</p>`}</div>
  ${children && html`<div class="head-actions">${children}</div>`}</header>`;

// Links to the parts of a section: [[path, title], ...].
export function SectionNav({ label, ways, at }) {
  const bar = useRef(null);
  useEffect(() => bar.current.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }), [at]);
  return html`<nav class="section-nav" aria-label=${label} ref=${bar}>${ways.map(([path, title]) =>
    html`<a href=${path} aria-current=${path === at ? "page" : undefined}>${title}</a>`)}</nav>`;
}

// Facts of an item: pairs of name and text or node; those without a value are left out.
export const Facts = ({ of }) => html`<dl class="facts wide">${of
  .filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== false)
  .map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

// Says that a list which the server limits may be longer. rows: those listed; most: the limit.
export const Cut = ({ rows, most, others = "" }) => rows.length >= most && html`<p class="faint cut">Only the newest ${number(most)} are listed. ${others}</p>`;

// Tabs after the ARIA pattern: arrows move. tabs: [[name, title], ...].
export function Tabs({ tabs, chosen, onChoose, label, children }) {
  const bar = useRef(null);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.findIndex(([name]) => name === chosen);
    const next = (at + step + tabs.length) % tabs.length;
    onChoose(tabs[next][0]);
    bar.current.children[next].focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${bar} onKeyDown=${move}>${tabs.map(([name, title]) =>
    html`<button type="button" role="tab" id=${`tab-${name}`} aria-selected=${String(name === chosen)} aria-controls="tab-panel"
      tabindex=${name === chosen ? 0 : -1} onClick=${() => onChoose(name)}>${title}</button>`)}</div>
    <div id="tab-panel" role="tabpanel" aria-labelledby=${`tab-${chosen}`}>${children}</div>`;
}
