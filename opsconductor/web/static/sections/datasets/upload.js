// Upload in parts: what has arrived is not sent again.

import { ApiError, html, request, toast, useRef, useState } from "../../app/kit.js";
import { bytes } from "../../app/lengths.js";

const PART_BYTES = 4 * 1024 * 1024;
const PART_MS = 120_000;
const TRIES = 5;
const RETRY_MS = 2_000;

async function sendPart(upload, file) {
  const { id, received } = upload;
  const response = await fetch(`/api/v1/uploads/${id}?offset=${received}`, {
    method: "PUT", credentials: "same-origin", headers: { "Content-Type": "application/octet-stream" },
    body: file.slice(received, received + PART_BYTES), signal: AbortSignal.timeout(PART_MS),
  });
  const answer = await response.json();
  if (!response.ok) throw new ApiError(response.status, answer.error.code, answer.error.message, answer.error.details);
  return answer.data;
}

async function sendFile(dataset, file, onProgress) {
  const body = { dataset, filename: file.name, size: file.size };
  let { data: upload } = await request("POST", "/uploads", { body });
  let tries = TRIES;
  while (upload.status === "receiving") {
    try {
      upload = await sendPart(upload, file);
      tries = TRIES;
    } catch (error) {
      if (error.status && error.status < 500 && error.code !== "wrong_offset" && error.code !== "incomplete") throw error;
      if (--tries === 0) throw error.status ? error : new ApiError(0, "unreachable", "OpsConductor does not answer");
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
      ({ data: upload } = await request("GET", `/uploads/${upload.id}`));
    }
    onProgress(upload.received);
  }
}

// A field that takes files by drag and drop or by a dialog. begin() resolves to the id of the dataset that gets them.
export function Drop({ begin, onDone, label }) {
  const [state, setState] = useState(null); // { name, sent, size }
  const [isOver, setOver] = useState(false);
  const input = useRef(null);
  const take = async (list) => {
    const files = [...list].filter((file) => file.size > 0);
    if (!files.length || state) return;
    const size = files.reduce((sum, file) => sum + file.size, 0);
    let before = 0, dataset = null;
    setState({ name: files[0].name, sent: 0, size });
    try {
      dataset = await begin(files);
      for (const file of files) {
        await sendFile(dataset, file, (sent) => setState({ name: file.name, sent: before + sent, size }));
        before += file.size;
      }
    } catch (error) {
      if (!error.code) throw error; // a fault of the page itself
      toast(`Not uploaded: ${error.expected || error.message}`, { bad: true });
    }
    setState(null);
    if (dataset) onDone(dataset);
  };
  const dropped = (event) => { event.preventDefault(); setOver(false); take(event.dataTransfer.files); };
  return html`<div class=${isOver ? "drop over" : "drop"} onDragOver=${(event) => { event.preventDefault(); setOver(true); }}
      onDragLeave=${() => setOver(false)} onDrop=${dropped}>
    <input type="file" accept=".csv,.tsv,.txt,text/csv" multiple hidden ref=${input} aria-label=${label}
      onChange=${(event) => { take(event.target.files); event.target.value = ""; }} />
    ${state ? html`<p role="status">${state.name}: ${bytes(state.sent)} of ${bytes(state.size)}</p>
        <progress value=${state.sent} max=${state.size} aria-label="Progress of the upload"></progress>`
      : html`<p>${label}: drop CSV files here, or <button type="button" class="link" onClick=${() => input.current.click()}>choose them</button></p>
        <p class="faint">A header row, a row for each moment, a column for each measured value; one file, or several of equal columns.</p>`}</div>`;
}
