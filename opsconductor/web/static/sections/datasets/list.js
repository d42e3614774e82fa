// All datasets that the user may see.

import { go, Head, html, Mark, number, pathOf, Reading, request, Table, TimeAgo, useApi } from "../../app/kit.js";
import { bytes } from "../../app/lengths.js";
import { Drop } from "./upload.js";

const EVERY_MS = 5_000;
export const STATES = { waiting: ["warn", "waits to be read"], processing: ["warn", "being read"], completed: ["good", "read"],
  failed: ["bad", "cannot be read"], cancelled: ["off", "cancelled"] };

export const ReadState = ({ job }) => {
  const [kind, word] = STATES[job?.status] ?? ["off", "no file"];
  return html`<${Mark} kind=${kind} title=${job?.error_message ?? ""}>${word}${job?.status === "processing" ? ` ${Math.round(100 * job.progress)} %` : ""}<//>`;
};

const COLUMNS = [
  { name: "name", title: "Dataset", cell: ({ id, name, description, tags }) => html`<a href=${pathOf("datasets", id)}>${name}</a>
    ${tags.map((tag) => html` <span class="tag" key=${tag}>${tag}</span>`)}${description && html`<small>${description}</small>`}` },
  { name: "state", title: "Files", cell: ({ job }) => html`<${ReadState} job=${job} />`, value: ({ job }) => job?.status ?? "" },
  { name: "rows", title: "Rows", align: "right", cell: ({ rows }) => (rows === null ? "" : number(rows)) },
  { name: "bytes", title: "Size", align: "right", minor: true, cell: ({ bytes: size }) => (size ? bytes(size) : "") },
  { name: "analyses", title: "Analyses", align: "right", cell: ({ analyses }) => number(analyses) },
  { name: "created_by", title: "Owner", minor: true, cell: ({ created_by: by, is_shared: shared }) => html`${by}${shared && html` <span class="tag">shared</span>`}` },
  { name: "created_at", title: "Created", align: "right", cell: ({ created_at: at }) => html`<${TimeAgo} at=${at} />` },
];

export function Datasets({ mayWrite }) {
  const found = useApi("/datasets", { every: EVERY_MS, all: true });
  const begin = async (files) => {
    const name = files[0].name.replace(/\.[^.]+$/, "").slice(0, 100) || files[0].name.slice(0, 100);
    return (await request("POST", "/datasets", { body: { name } })).data.id;
  };
  return html`<${Head} title="Datasets" about="Measured values in files, and which rows of them are out of the ordinary" />
    ${mayWrite && html`<${Drop} label="New dataset" begin=${begin} onDone=${(id) => go(pathOf("datasets", id))} />`}
    <${Reading} of=${found}>${(rows) => html`<${Table} label="Datasets" columns=${COLUMNS} rows=${rows} keyOf=${({ id }) => id}
      open=${({ id }) => go(pathOf("datasets", id))} noun=${["dataset", "datasets"]} empty="No dataset yet." />`}<//>`;
}
