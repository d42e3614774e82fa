// Tries an operation that only reads, with the session of this browser or a key that is not kept.

import { html, useState } from "../vendor/htm-preact/standalone.module.js";

const WITHIN_MS = 60_000;
const LONGEST = 100_000; // characters that are shown

export function Try({ of, apiKey }) {
  const [values, setValues] = useState({});
  const [answer, setAnswer] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const ask = async (event) => {
    event.preventDefault();
    setBusy(true);
    setAnswer(await answerOf(addressOf(of, values), apiKey));
    setBusy(false);
  };
  return html`<h3>Try it</h3><form class="try" onSubmit=${ask}>${of.parameters.map(({ name, required }) => html`<label key=${name}><code>${name}</code>
      <input type="text" required=${Boolean(required)} autocomplete="off" spellcheck="false" value=${values[name] ?? ""} onInput=${(event) => setValues({ ...values, [name]: event.target.value })} /></label>`)}
      <button type="submit" class="primary" disabled=${isBusy}>${isBusy ? "Asking…" : "Send"}</button></form>
    <div role="status">${answer && html`<p><span class=${answer.isGood ? "status good" : "status bad"}>${answer.status}</span> ${answer.about}</p>
      <pre tabindex="0" aria-label="Answer">${answer.text}</pre>`}</div>`;
}

function addressOf({ path, parameters }, values) {
  const query = new URLSearchParams();
  let address = path;
  for (const { name, in: place } of parameters) {
    const value = (values[name] ?? "").trim();
    if (place === "path") address = address.replace(`{${name}}`, encodeURIComponent(value));
    else if (value) query.set(name, value);
  }
  return query.size ? `${address}?${query}` : address;
}

async function answerOf(address, apiKey) {
  const began = performance.now();
  try {
    const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
    const response = await fetch(address, { headers, credentials: apiKey ? "omit" : "same-origin", signal: AbortSignal.timeout(WITHIN_MS) });
    const text = await response.text();
    const about = `${Math.round(performance.now() - began)} ms, ${text.length.toLocaleString("en")} characters, request ${response.headers.get("X-Request-ID")}`;
    return { status: response.status, isGood: response.ok, about, text: readable(text, response.headers.get("Content-Type") ?? "") };
  } catch (error) {
    return { status: "no answer", isGood: false, about: error.message, text: address };
  }
}

function readable(text, type) {
  let shown = text;
  if (type.includes("json")) {
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch { /* shown as it came */ }
  }
  return shown.length > LONGEST ? `${shown.slice(0, LONGEST)}\n…` : shown;
}
