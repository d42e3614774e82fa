// The dependencies of a device: as a graph, and as a list that can be changed.

import { confirm, html, Mark, mayUseWhole, pathOf, Reading, Table, useApi, useCommand, useState } from "../../app/kit.js";
import { Editor } from "./editor.js";
import { Graph } from "./graph.js";

const ORIGINS = { file: (one) => one.file, inventory: (one) => `inventory ${one.created_by ?? ""}`, own: (one) => (one.created_by ? `here, by ${one.created_by}` : "here") };

export function Dependencies({ one, user, onChange }) {
  const graph = useApi(pathOf("devices", one.key, "graph"), { follows: true, every: 60_000 });
  const up = useApi(`/dependencies?device=${encodeURIComponent(one.key)}`, { all: true });
  const down = useApi(`/dependencies?depends_on=${encodeURIComponent(one.key)}`, { all: true });
  const [edited, setEdited] = useState(null);
  const mayEdit = mayUseWhole(user, "config:write");
  const changed = () => {
    setEdited(null);
    for (const read of [graph, up, down]) read.reload();
    onChange();
  };
  const lists = [["What it needs", up, "depends_on", "No dependency is known."], ["What needs it directly", down, "device", "No device is known to need it."]];
  return html`<div class="stack">
    <${Reading} of=${graph}>${(data, meta) => html`<${Graph} graph=${data} leftOut=${meta.left_out} focus=${one.key} label=${`Dependencies of ${one.name}`} />`}<//>
    ${lists.map(([title, read, end, empty]) => html`<section key=${end} aria-label=${title}><h3>${title}</h3><${Reading} of=${read}>${(rows) => html`
      <${Table} label=${title} columns=${columnsOf(end, mayEdit && { edit: setEdited, changed })} rows=${rows} filter=${rows.length > 20} empty=${empty}
        keyOf=${(each) => `${each.device} ${each.depends_on} ${each.dependency_type}`} noun=${["dependency", "dependencies"]}>
        ${mayEdit && end === "depends_on" && html`<button type="button" onClick=${() => setEdited({ device: one.key, device_name: one.name })}>Add a dependency</button>`}<//>`}<//></section>`)}
    ${edited && html`<${Editor} of=${edited} onClose=${() => setEdited(null)} onSaved=${changed} />`}</div>`;
}

function columnsOf(end, acts) {
  const columns = [
    { name: end, title: "Device", value: (one) => one[`${end}_name`], cell: (one) => html`<a href=${pathOf("devices", one[end])} tabindex="-1">${one[`${end}_name`]}</a>` },
    { name: "dependency_type", title: "Type" },
    { name: "via_resources", title: "By way of", value: (one) => one.via_resources.join(", "), cell: (one) => html`<span class="mono">${one.via_resources.join(", ")}</span>` },
    { name: "role", title: "Counts as", sorts: false, cell: Weight },
    { name: "description", title: "Note", grow: true, value: (one) => one.description ?? "" },
    { name: "kind", title: "Declared in", value: (one) => (one.kind ? ORIGINS[one.kind](one) : "") },
  ];
  if (acts) columns.push({ name: "acts", title: "", sorts: false, align: "right", cell: (one) => one.id && html`<${Acts} one=${one} ...${acts} />` });
  return columns;
}

function Weight(one) {
  if (one.missing_since) return html`<${Mark} kind="warn">alternative: its inventory no longer lists it<//>`;
  if (!one.is_sure) return html`<${Mark} kind="warn">alternative: confidence ${one.confidence}<//>`;
  return one.is_redundant ? html`<${Mark} kind="good">one of several<//>` : html`<${Mark}>the only one<//>`;
}

function Acts({ one, edit, changed }) {
  const [send, isBusy] = useCommand();
  const remove = async () => {
    const about = one.kind === "file" ? `It is declared in ${one.file}; a reload brings it back unless it is removed there too.`
      : one.kind === "inventory" ? "The inventory that found it may find it again." : "";
    const isSure = await confirm({ title: `Remove the dependency of ${one.device_name} on ${one.depends_on_name}?`, about, button: "Remove", isDanger: true });
    if (isSure && await send("DELETE", `${pathOf("dependencies", one.id)}?take_over=true`, { said: "Removed" })) changed();
  };
  return html`<button type="button" class="link" onClick=${() => edit(one)}>Edit</button> <button type="button" class="link" disabled=${isBusy} onClick=${remove}>Remove</button>`;
}
