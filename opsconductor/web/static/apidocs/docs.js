// The API, made readable from its own description (/api/v1/system/openapi.json).

import { html, render, useEffect, useMemo, useState } from "../vendor/htm-preact/standalone.module.js";
import { Operation } from "./operation.js";

const DOCUMENT = "/api/v1/system/openapi.json";
const ICON = new URL("../icon.svg", import.meta.url);

document.documentElement.dataset.theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");

function Docs() {
  const [found, setFound] = useState({});
  useEffect(() => {
    fetch(DOCUMENT).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`unexpected answer ${answer.status}`))))
      .then((api) => setFound({ api }), (error) => setFound({ error }));
  }, []);
  if (found.error) return html`<main class="content"><p role="alert">The description of the API cannot be read: ${found.error.message}.</p></main>`;
  if (!found.api) return html`<main class="content"><p role="status">Reading…</p></main>`;
  return html`<${Shown} api=${found.api} />`;
}

function Shown({ api }) {
  const [text, setText] = useState("");
  const [key, setKey] = useState("");
  const [opened, setOpened] = useState(location.hash.slice(1));
  const groups = useMemo(() => groupsOf(api), [api]);
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown = groups.map(([tag, all]) => [tag, all.filter((each) => wanted.every((word) => each.words.includes(word)))]).filter(([, all]) => all.length);
  useEffect(() => {
    const moved = () => setOpened(location.hash.slice(1));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  useEffect(() => { document.getElementById(opened)?.scrollIntoView(); }, [opened]);
  return html`<nav class="side" aria-label="Operations"><a class="home" href="/"><img src=${ICON} alt="" width="22" height="22" />OpsConductor</a>
      <input type="search" placeholder="Search" aria-label="Search operations" value=${text} spellcheck="false" onInput=${(event) => setText(event.target.value)} />
      ${shown.map(([tag, all]) => html`<div key=${tag}><h2><a href=${`#tag-${slug(tag)}`}>${tag}</a></h2><ul>${all.map((each) =>
        html`<li key=${each.id}><a href=${`#${each.id}`} aria-current=${each.id === opened ? "true" : undefined}><${Method} of=${each.method} /><span>${short(each.path)}</span></a></li>`)}</ul></div>`)}</nav>
    <main class="content"><header><h1>REST API</h1><p class="about">Version ${api.info.version}. ${api.info.description.replaceAll("`", "")} An answer has
        <code>success</code>, <code>data</code> and <code>meta</code>, a refusal <code>error</code> with <code>code</code>, <code>message</code> and <code>details</code>.
        <a href=${DOCUMENT}>OpenAPI 3.1</a></p>
      <label class="key">API key for trying out; without one your session in this browser counts
        <input type="password" autocomplete="off" spellcheck="false" placeholder="ops_…" value=${key} onInput=${(event) => setKey(event.target.value.trim())} /></label></header>
    ${shown.length ? shown.map(([tag, all]) => html`<section key=${tag} id=${`tag-${slug(tag)}`} aria-label=${tag}><h2>${tag}</h2>${all.map((each) =>
      html`<${Operation} key=${each.id} of=${each} defs=${api.components.schemas} apiKey=${key} isOpen=${each.id === opened} />`)}</section>`)
      : html`<p role="status">No operation matches.</p>`}</main>`;
}

export const Method = ({ of }) => html`<b class=${`method ${of}`}>${of.toUpperCase()}</b>`;

const slug = (text) => text.replace(/\W+/g, "-");
const short = (path) => path.replace("/api/v1", "");

// [[tag, operations], ...] in the order of the document.
function groupsOf({ paths }) {
  const groups = new Map();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const [tag] = operation.tags;
      if (!groups.has(tag)) groups.set(tag, []);
      const words = [method, path, operation.summary, tag].join(" ").toLowerCase();
      groups.get(tag).push({ ...operation, id: operation.operationId, method, path, words });
    }
  }
  return [...groups];
}

render(html`<${Docs} />`, document.getElementById("docs"));
