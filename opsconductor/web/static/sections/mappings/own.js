// Your own mappings: listed, changed, made.

import { DeclaredForm, go, html, Mark, pathOf, plural, Reading, Severity, Table, useApi, useSchema } from "../../app/kit.js";

const COLUMNS = [
  { name: "oid", title: "Trap", grow: true, value: ({ row }) => `${row.mib_object ?? ""} ${row.oid_pattern}`, cell: (one) =>
    html`<a href=${pathOf("mappings", "own", one.id)} tabindex="-1">${one.row.mib_object ?? html`<span class="mono">${one.row.oid_pattern}</span>`}</a>${
      one.row.mib_object && html`<small class="mono">${one.row.oid_pattern}</small>`}` },
  { name: "alert_type", title: "Becomes", value: ({ row }) => row.alert_type, cell: ({ row }) => html`${row.is_clear_event ? html`<span class="faint">ends </span>` : ""}<span class="mono">${row.alert_type}</span>` },
  { name: "severity", title: "Severity", value: ({ row }) => row.default_severity, cell: ({ row }) => html`<${Severity} of=${row.is_clear_event ? "clear" : row.default_severity} />` },
  { name: "title", title: "Title", value: ({ row }) => row.title_template, minor: true },
  { name: "declared_in", title: "Declared in", value: (one) => one.declared_in ?? "here", cell: (one) => html`<span class="tag">${one.declared_in ?? "here"}</span>` },
];

export function Own({ mayWrite }) {
  const rows = useApi("/oid-mappings/own", { all: true });
  const lint = useApi("/oid-mappings/lint");
  return html`${lint.data?.length > 0 && html`<${Lint} findings=${lint.data} />`}
    <${Reading} of=${rows}>${(found) => html`<${Table} label="Your own mappings" noun=${["mapping", "mappings"]} columns=${COLUMNS} rows=${found} keyOf=${(one) => one.id}
    open=${(one) => go(pathOf("mappings", "own", one.id))} empty="You have no mapping of your own yet: packs and derived ones are in force.">
      ${mayWrite && html`<a class="button primary" href="/mappings/new">New mapping</a>`}<//>`}<//>`;
}

const KINDS = { error: ["bad", "cannot work"], warning: ["warn", "look at it"] };

// What the mappings cannot do, the worst first, each with its remedy.
const Lint = ({ findings }) => html`<section class="panel lint" aria-label="What cannot work"><h3>${plural(findings.length, "finding", "findings")} about your mappings</h3>
  <ul class="plain">${[...findings].sort((one, other) => one.level.localeCompare(other.level)).map(({ level, key, value, found, remedy, file }) => html`<li>
    <${Mark} kind=${KINDS[level][0]} title=${KINDS[level][1]}><b class="mono">${key}</b><//>
    <p>${value && html`<span class="mono">${value}</span>: `}${found}</p><p class="faint">${remedy}${file !== "database" && ` · ${file}`}</p></li>`)}</ul></section>`;

// What a new mapping begins with: from an unmapped trap, or one that is to be decided otherwise.
function begun(query) {
  const given = Object.fromEntries(["oid_pattern", "vendor", "mib_name", "mib_object", "alert_type", "category", "default_severity", "title_template", "resource_expression"]
    .map((name) => [name, query.get(name)]).filter(([, value]) => value));
  return { category: "unknown", default_severity: "warning", ...given };
}

export function Edit({ name = null, query, mayWrite }) {
  const schema = useSchema("DeclaredMapping");
  return html`<${Reading} of=${schema}>${(found) => html`<${DeclaredForm} path="/oid-mappings/own" name=${name} schema=${found} initial=${query && begun(query)}
    mayWrite=${mayWrite} onDone=${() => go("/mappings/own")} />`}<//>`;
}
