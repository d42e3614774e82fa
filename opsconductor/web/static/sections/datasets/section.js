// Datasets: files of measured values, and what is out of the ordinary in them.

import { html, loadStyles } from "../../app/kit.js";
import { Analysis } from "./analysis.js";
import { Dataset } from "./dataset.js";
import { Datasets } from "./list.js";

await loadStyles(new URL("./datasets.css", import.meta.url));

// /datasets, /datasets/ID, /datasets/ID/ANALYSIS
export default function Section({ parts: [dataset, analysis], user }) {
  const mayWrite = user.permissions.includes("datasets:write");
  if (analysis) return html`<${Analysis} key=${analysis} id=${analysis} mayWrite=${mayWrite} />`;
  if (dataset) return html`<${Dataset} key=${dataset} id=${dataset} mayWrite=${mayWrite} />`;
  return html`<${Datasets} mayWrite=${mayWrite} />`;
}
