// Declares or changes a dependency, and shows before that what it would suppress now.

import { Dialog, html, plural, request, useApi, useCommand, useEffect, useState } from "../../app/kit.js";
import { TYPES } from "./graph.js";

const TYPING_MS = 400;
const SUGGESTED = 20;

// of: a dependency of the list; or { device, device_name }: a new one of that device.
export function Editor({ of, onClose, onSaved }) {
  const [values, setValues] = useState({
    depends_on_ip: of.depends_on ?? "", dependency_type: of.dependency_type ?? "network", via_resources: (of.via_resources ?? []).join("; "),
    confidence: String(of.confidence ?? 1), description: of.description ?? "",
  });
  const [faults, setFaults] = useState({});
  const [send, isBusy] = useCommand({ onFault: (error) => {
    setFaults(error.details.length ? Object.fromEntries(error.details.map(({ name, expected }) => [name, expected])) : { body: error.message });
    return true;
  } });
  const change = (name) => (event) => setValues({ ...values, [name]: event.target.value });
  const row = rowOf(of, values);
  const save = async (event) => {
    event.preventDefault();
    setFaults({});
    const path = of.id ? `/dependencies/${of.id}?take_over=true` : "/dependencies";
    if (await send(of.id ? "PUT" : "POST", path, { body: row, said: "The dependency is in force" })) onSaved();
  };
  const field = (name, title, input, hint) => html`<label>${title}${input}${faults[name] ? html`<span class="field-fault" role="alert">${faults[name]}</span>` : hint && html`<small class="faint">${hint}</small>`}</label>`;
  return html`<${Dialog} wide title=${of.id ? "Change a dependency" : `What ${of.device_name} needs`} onClose=${onClose}>
    <form class="dependency-form" onSubmit=${save}>
      ${of.kind === "file" && html`<p class="faint">It is declared in ${of.file}. Saving takes it over: the file no longer changes it.</p>`}
      ${of.kind === "inventory" && html`<p class="faint">An inventory has found it. Saving makes it your own: the inventory no longer changes it.</p>`}
      ${field("depends_on_ip", "Needs", html`<${DeviceInput} value=${values.depends_on_ip} isFixed=${Boolean(of.id)} onInput=${change("depends_on_ip")} />`, "Name or address")}
      <div class="pair">${field("dependency_type", "Type", html`<select value=${values.dependency_type} disabled=${Boolean(of.id)} onChange=${change("dependency_type")}>${
        TYPES.map((type) => html`<option value=${type} selected=${type === values.dependency_type}>${type}</option>`)}</select>`)}
        ${field("confidence", "Confidence", html`<input inputmode="decimal" value=${values.confidence} onInput=${change("confidence")} />`, "0 to 1; too low: an alternative only")}</div>
      ${field("via_resources", "By way of", html`<input value=${values.via_resources} onInput=${change("via_resources")} spellcheck="false" />`, "Ports of that device, as ifIndex=7; several with ; between. Empty: the whole device")}
      ${field("description", "Note", html`<input value=${values.description} onInput=${change("description")} />`)}
      <${Preview} row=${row} />
      ${faults.body && html`<p class="form-fault" role="alert">${faults.body}</p>`}
      <div class="buttons"><button type="button" class="quiet" onClick=${onClose}>Cancel</button>
        <button type="submit" class="primary" disabled=${isBusy || !row.depends_on_ip}>Save</button></div></form><//>`;
}

function rowOf(of, values) {
  const confidence = Number(values.confidence.replace(",", "."));
  return {
    device_ip: of.device, depends_on_ip: values.depends_on_ip.trim(), dependency_type: values.dependency_type,
    via_resources: values.via_resources.split(";").map((text) => text.trim()).filter(Boolean),
    confidence: Number.isFinite(confidence) && values.confidence.trim() ? confidence : values.confidence, description: values.description.trim() || null,
  };
}

function DeviceInput({ value, isFixed, onInput }) {
  const found = useApi(isFixed || value.trim().length < 2 ? null : `/devices?per_page=${SUGGESTED}&search=${encodeURIComponent(value.trim())}`);
  return html`<input value=${value} disabled=${isFixed} onInput=${onInput} list="known-devices" autocomplete="off" spellcheck="false" autofocus=${!isFixed} />
    <datalist id="known-devices">${(found.data ?? []).map((one) => html`<option value=${one.key}>${one.name}</option>`)}</datalist>`;
}

// Asks a moment after the last key; an answer to an earlier question is dropped.
function Preview({ row }) {
  const [found, setFound] = useState(null);
  const { description, ...asked } = row;
  const question = JSON.stringify(asked);
  useEffect(() => {
    if (!asked.depends_on_ip) return undefined;
    let isLatest = true;
    const timer = setTimeout(async () => {
      try {
        const { data } = await request("POST", "/dependencies/preview", { body: asked });
        if (isLatest) setFound({ data });
      } catch (error) {
        if (!error.code) throw error; // a fault of the page itself
        if (isLatest) setFound({ error });
      }
    }, TYPING_MS);
    return () => {
      isLatest = false;
      clearTimeout(timer);
    };
  }, [question]);
  if (!asked.depends_on_ip) return html`<div class="preview faint" role="status">What it would suppress is shown here before you save.</div>`;
  if (!found) return html`<div class="preview faint" role="status">Looking…</div>`;
  if (found.error) return html`<div class="preview faint" role="status">No preview: ${found.error.expected || found.error.message}</div>`;
  return html`<${Outcome} of=${found.data} provider=${asked.depends_on_ip} />`;
}

function Outcome({ of, provider }) {
  const titles = (alerts) => alerts.slice(0, 5).map((alert) => html`<li>${alert.device_name ?? alert.device_ip}: ${alert.title}</li>`);
  return html`<div class=${of.alerts_suppressed || of.remarks.length ? "preview warns" : "preview"} role="status">
    ${of.remarks.map((remark) => html`<div>Note: ${remark}.</div>`)}
    <div>${of.alerts_suppressed ? html`<b>${plural(of.alerts_suppressed, "open alert", "open alerts")}</b> would be suppressed now.` : "No open alert would be suppressed now."}</div>
    ${of.suppressed.length > 0 && html`<ul>${titles(of.suppressed)}</ul>`}
    ${of.alerts_released > 0 && html`<div><b>${plural(of.alerts_released, "alert", "alerts")}</b> would no longer be suppressed.</div><ul>${titles(of.released)}</ul>`}
    <div>If ${provider} fails, ${of.devices_cut_off ? html`<b>${plural(of.devices_cut_off, "device", "devices")}</b> more would be cut off`
      : of.devices_freed ? html`<b>${plural(of.devices_freed, "device", "devices")}</b> fewer would be cut off` : "no other devices than today would be cut off"}.</div></div>`;
}
