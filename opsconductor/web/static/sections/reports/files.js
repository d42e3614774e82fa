// Links to the files of a report.

import { html } from "../../app/kit.js";

const FORMATS = ["pdf", "html", "csv"];

export const Files = ({ of }) => html`<span class="files">${FORMATS.map((form) =>
  html`<a class="tag" key=${form} download href=${`/api/v1/reports/${of.id}/file?format=${form}`} aria-label=${`Save as ${form.toUpperCase()}`}>${form.toUpperCase()}</a>`)}</span>`;
