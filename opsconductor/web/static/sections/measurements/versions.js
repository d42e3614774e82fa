// Versions of the detector's configuration.

import { html, Mark, Reading, Table, TimeAgo, useApi } from "../../app/kit.js";

const KINDS = { production: "good", deprecated: "off" };

const COLUMNS = [
  { name: "version", title: "Version" },
  { name: "algorithm", title: "Algorithm", grow: true, cell: (one) => html`<span class="mono">${one.algorithm}</span><small>${one.artifact_path}</small>` },
  ...[["f1", "F1"], ["precision", "Precision"], ["recall", "Recall"]].map(([name, title]) => (
    { name, title, align: "right", value: ({ metrics }) => metrics[name], cell: ({ metrics }) => metrics[name]?.toFixed(3) ?? "" })),
  { name: "status", title: "State", cell: (one) => html`<${Mark} kind=${KINDS[one.status] ?? "warn"}>${one.status}<//>` },
  { name: "created_at", title: "Registered", align: "right", cell: (one) => html`<${TimeAgo} at=${one.created_at} />` },
];

export function Versions() {
  const found = useApi("/models");
  return html`<${Reading} of=${found}>${(rows) => html`<${Table} label="Versions" noun=${["version", "versions"]} columns=${COLUMNS} rows=${rows}
    keyOf=${({ id }) => id} filter=${false} />`}<//>`;
}
