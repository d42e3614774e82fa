// Try a trap: which mapping decides about it, and why.

import { go, html, Reading, request, Severity, toast, useApi, useCommand, useState } from "../../app/kit.js";

const OID = /^\.?[0-2](\.\d+)+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^([0-9a-f]{2}[\s:]?)+$/i;

export function Try({ query, may }) {
  const oid = query.get("oid"), id = query.get("id");
  const asked = oid ? `oid=${encodeURIComponent(oid)}` : id ? `id=${encodeURIComponent(id)}` : null;
  const [packet, setPacket] = useState(null);
  const explained = useApi(asked && `/oid-mappings/explain?${asked}`);
  return html`<${Ask} given=${oid ?? id ?? ""} onPacket=${setPacket} />
    ${packet ? html`<${Explained} found=${packet} may=${may} />` : asked && html`<${Reading} of=${explained}>${(found) => html`<${Explained} found=${found} may=${may} />`}<//>`}`;
}

// An OID, the id of a raw event or of an alert (then its latest trap), or a datagram as hex digits.
function Ask({ given, onPacket }) {
  const [text, setText] = useState(given);
  const [fault, setFault] = useState("");
  const ask = async (event) => {
    event.preventDefault();
    const said = text.trim();
    setFault("");
    onPacket(null);
    if (OID.test(said)) return go(`/mappings/try?oid=${said.replace(/^\./, "")}`);
    if (UUID.test(said)) return go(`/mappings/try?id=${said}`);
    const alert = /[?&/](?:alert=|alerts\/)([0-9a-f-]{36})/i.exec(said);
    if (alert) return go(`/mappings/try?id=${alert[1]}`);
    if (!HEX.test(said)) return setFault("Enter an OID, the id or address of an alert, or the bytes of a trap as hex digits.");
    try {
      onPacket((await request("POST", "/oid-mappings/explain", { body: { payload: said.replace(/[\s:]/g, "") } })).data);
    } catch (error) {
      if (!error.code) throw error;
      setFault(error.message);
    }
    return undefined;
  };
  return html`<form class="ask-trap" onSubmit=${ask} noValidate>
    <label for="trap">OID of a trap, id of an alert or raw event, or a datagram in hex</label>
    <div class="one-line"><input id="trap" type="text" class="mono" value=${text} spellcheck=${false} autocomplete="off" aria-describedby=${fault ? "trap-fault" : undefined}
      aria-invalid=${fault ? "true" : undefined} placeholder="1.3.6.1.6.3.1.1.5.3" onInput=${(event) => setText(event.target.value)} /><button type="submit" class="primary">Explain</button></div>
    ${fault && html`<p id="trap-fault" class="field-fault" role="alert">${fault}</p>`}</form>`;
}

function Explained({ found, may }) {
  const { trap, candidates, reports, clears, cleared_by: endings, derived } = found;
  const decides = candidates.find((one) => one.decides);
  return html`<div class="stack explained">
    <section class="panel" aria-label="Trap"><h3>${trap.name || "A trap without a name in any MIB"}</h3><p class="mono">${trap.oid}</p>
      <p class="faint">${[trap.vendor, trap.peer && `from ${trap.peer}`].filter(Boolean).join(" · ")}</p>
      ${trap.variables.length > 0 && html`<ul class="mono variables">${trap.variables.map((each) => html`<li>${each}</li>`)}</ul>`}</section>
    ${reports.map((report) => html`<section class="panel" aria-label="Result"><h3>It becomes</h3><p class="becomes"><${Severity} of=${report.is_clear ? "clear" : report.severity} />
      <b>${report.title}</b></p><p class="faint"><span class="mono">${report.alert_type}</span>${[report.device || report.device_ip, report.resource].filter(Boolean).map((each) => ` · ${each}`)}${
      report.is_clear ? " · it ends the alert" : ""}</p></section>`)}
    <section aria-label="Mappings that match"><h3>${candidates.length ? "Mappings that match, in order of precedence" : "No mapping matches"}</h3>
      ${!candidates.length && html`<p class="faint">The trap becomes an alert of type unknown with its variables.</p>`}
      <div class="stack">${candidates.map((one) => html`<${Candidate} one=${one} />`)}</div></section>
    ${endings.length > 0 && html`<section class="panel" aria-label="How it ends"><h3>It ends by</h3><ul class="plain">${endings.map((each) => html`<li>${each.text}</li>`)}</ul></section>`}
    ${clears.length > 0 && html`<section class="panel" aria-label="What it ends"><h3>It ends</h3><ul class="plain">${clears.map((each) => html`<li>${each.name || each.oid_pattern} <span class="mono faint">${each.alert_type}</span></li>`)}</ul></section>`}
    ${derived && html`<${Derived} derived=${derived} trap=${trap} mayConfirm=${may("system:write") && decides?.origin !== "own"} />`}
    ${may("config:write") && decides?.origin !== "own" && html`<p><a class="button" href=${ownFrom(trap, decides)}>${decides ? "Decide otherwise: your own mapping" : "Make a mapping"}</a></p>`}</div>`;
}

// The address of a form for a mapping of this trap, filled in with what decides now.
export function ownFrom(trap, decides) {
  const [module, object] = trap.name.includes("::") ? trap.name.split("::") : ["", ""];
  const given = { oid_pattern: trap.oid, vendor: trap.vendor, mib_name: module, mib_object: object, title_template: decides?.title_template ?? object,
    alert_type: decides?.alert_type, default_severity: decides && !decides.is_clear ? decides.severity : null, resource_expression: decides?.resource_expression };
  return `/mappings/new?${new URLSearchParams(Object.entries(given).filter(([, value]) => value))}`;
}

const Candidate = ({ one }) => html`<article class=${one.decides ? "panel decides" : "panel"}>
  <p><b>${one.decides ? "✓ decides" : "– does not decide"}</b> <span class="tag">${one.origin}</span> ${one.name || one.oid_pattern}</p>
  <p class="faint">${one.why}</p><p class="faint">${one.place}</p>
  ${one.conditions.length > 0 && html`<ul class="conditions">${one.conditions.map((each) => html`<li class=${each.holds ? "holds" : ""}><span class="mono">${each.text}</span> <span class="faint">has ${each.value}</span></li>`)}</ul>`}
  <p class="mono">${one.alert_type}${one.case === null ? "" : ` · case ${one.case}`} · ${one.is_clear ? "clear" : one.severity} · ${one.title_template}${one.resource_expression && ` · ${one.resource_expression}`}</p></article>`;

// What is derived from the MIB, which a click makes your own.
function Derived({ derived, trap, mayConfirm }) {
  const [send, isBusy] = useCommand();
  const make = async () => {
    const answer = await send("POST", "/oid-mappings/confirm", { body: { notification: trap.oid } });
    if (!answer) return;
    toast("It is your own mapping now; in force after a reload.");
    go("/mappings/own");
  };
  return html`<section class="panel" aria-label="Derived from the MIB"><h3>Derived from the MIB${derived.is_suggestion ? ": a suggestion, not in force" : ""}</h3>
    <p><span class="mono">${derived.alert_type}</span> · ${derived.role} · ${derived.severity} · confidence ${Math.round(derived.confidence * 100)} %</p>
    <ul class="plain faint">${derived.reasons.map((each) => html`<li>${each}</li>`)}</ul>
    ${mayConfirm && html`<p><button type="button" disabled=${isBusy} onClick=${make}>Confirm: make it your own</button></p>`}</section>`;
}
