// What could not be processed and was set aside: its content, another try, removal.

import { confirm, Cut, Dialog, go, html, Reading, Table, TimeAgo, useApi, useCommand } from "../../app/kit.js";
import { bytes } from "../../app/lengths.js";

const EVERY_MS = 15_000;

const MOST = 1_000;
const COLUMNS = [
  { name: "reason", title: "Reason", grow: true, cell: (one) => html`<a href=${`/system/set-aside/${one.id}`}>${one.reason}</a>` },
  { name: "kind", title: "What", cell: ({ kind }) => kind.replaceAll("_", " ") },
  { name: "origin", title: "Origin", cell: (one) => html`${one.origin}<small>${one.subject}</small>` },
  { name: "size", title: "Size", align: "right", cell: (one) => bytes(one.size) },
  { name: "at", title: "Since", align: "right", cell: (one) => html`<${TimeAgo} at=${one.at} />` },
];

export function Asides({ item, may }) {
  const found = useApi(`/set-aside?limit=${MOST}`, { every: EVERY_MS });
  return html`<${Reading} of=${found}>${(rows) => html`<${Table} label="Set aside" noun=${["thing", "things"]} columns=${COLUMNS} rows=${rows} keyOf=${({ id }) => id}
      open=${(one) => go(`/system/set-aside/${one.id}`)} empty="Nothing was set aside: everything that came in could be processed." /><${Cut} rows=${rows} most=${MOST} />`}<//>
    ${item && html`<${Content} key=${item} id=${item} mayWrite=${may("system:write")} again=${found.reload} />`}`;
}

function Content({ id, mayWrite, again }) {
  const found = useApi(`/set-aside/${encodeURIComponent(id)}`);
  const [send, isBusy] = useCommand();
  const back = () => go("/system/set-aside");
  const act = async (method, path, said) => {
    const answer = await send(method, path, { said });
    again();
    return answer;
  };
  const retry = async () => {
    const answer = await act("POST", `/set-aside/${id}/retry`, "");
    if (answer?.data?.is_removed) back();
    else if (answer) found.reload();
  };
  const remove = async () => {
    const asked = { title: "Remove this for good?", about: "Its content is lost. The audit log keeps who removed it.", button: "Remove", isDanger: true };
    if (await confirm(asked) && await act("DELETE", `/set-aside/${id}`, "Removed")) back();
  };
  return html`<${Dialog} title="Set aside" onClose=${back} wide><${Reading} of=${found}>${(one) => html`
    <p>${one.reason}</p><p class="faint">${one.kind.replaceAll("_", " ")} of ${one.origin}, ${bytes(one.size)}, <${TimeAgo} at=${one.at} /></p>
    <pre class="content" tabindex="0" aria-label="Content">${one.content}</pre>${!one.is_whole && html`<p class="faint">Its beginning; secrets are masked.</p>`}`}<//>
    <div class="buttons"><button type="button" class="quiet" onClick=${back}>Close</button>
      ${mayWrite && html`<button type="button" class="danger" disabled=${isBusy} onClick=${remove}>Remove</button>
        <button type="button" class="primary" disabled=${isBusy} onClick=${retry}>Try again</button>`}</div><//>`;
}
