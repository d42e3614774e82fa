// The form of a connector, made from the schema of its type.

import { DeclaredForm, Facts, go, Head, html, pathOf, Reading, useApi, useEffect, useState } from "../../app/kit.js";

const NAME = { type: "string", minLength: 1, description: "Cannot be changed later: alerts and rules refer to it." };
const ENABLED = { type: "boolean", default: true, title: "Switched on" };

// The schema of the whole form: a name for a new one, and the configuration of the type.
export function schemaOf(type, { isNew }) {
  const { $defs, ...config } = type.config_schema;
  const fields = isNew ? { name: NAME, enabled: ENABLED } : {};
  return { type: "object", properties: { ...fields, config: { ...config, title: "Settings", description: "" } }, required: isNew ? ["name", "config"] : ["config"], $defs };
}

export function Edit({ name, user }) {
  const connector = useApi(pathOf("connectors", name));
  return html`<${Head} title=${name} up="/connectors" upTitle="Connectors" about="settings" />
    <${Reading} of=${connector}>${({ type }) => html`<${Settings} name=${name} type=${type} user=${user} />`}<//>`;
}

function Settings({ name, type, user }) {
  const known = useApi(pathOf("connectors", "types", type));
  return html`<${Reading} of=${known}>${(found) => html`<${ConnectorForm} name=${name} type=${found} user=${user} />`}<//>`;
}

// The form, with a check of what is not saved yet.
export function ConnectorForm({ name = null, type, user }) {
  const [found, setFound] = useState(null);
  const [isChecking, setChecking] = useState(false);
  const check = async (body, send) => {
    setFound(null);
    setChecking(true);
    const answer = await send("POST", "/connectors/check", { body });
    setChecking(false);
    if (answer) setFound(answer.data);
  };
  return html`<${DeclaredForm} path="/connectors" name=${name} rowOf=${(answer) => answer.declared} schema=${schemaOf(type, { isNew: name === null })} check=${check}
      initial=${{ enabled: true, config: {} }} mayWrite=${user.permissions.includes("config:write")} fromRow=${({ config }) => ({ config })}
      toRow=${(value, row) => ({ ...(row ?? { type: type.name }), ...value })} onDone=${(row) => go(row ? pathOf("connectors", row.row.name) : "/connectors")} />
    <${CheckResult} found=${found} isBusy=${isChecking} />`;
}

// What a check has found, and for how long it has been under way.
export function CheckResult({ found, isBusy }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!isBusy) return undefined;
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, [isBusy]);
  return html`<div role="status" class="check-result">${isBusy && html`<p><progress aria-label="Check"></progress> Waiting for the other side${seconds ? `, ${seconds} s` : ""}…</p>`}
    ${found && html`<p class=${found.ok ? "outcome good" : "outcome bad"}>${found.ok ? "✓" : "✕"} ${found.message}</p>
      <${Facts} of=${Object.entries(found.details).map(([key, value]) => [key.replaceAll("_", " "), typeof value === "string" ? value : JSON.stringify(value)])} />`}</div>`;
}
