// Reports: those that were made, and one to be made now.

import { confirm, Cut, Dialog, Form, go, Head, html, loadStyles, pathOf, Reading, Table, TimeAgo, toast, useApi, useCommand, useSchema, useState } from "../../app/kit.js";
import { Files } from "./files.js";
import { Report } from "./report.js";

await loadStyles(new URL("./reports.css", import.meta.url));

const MOST = 500;
const about = (one) => (one.scope_kind === "all" ? "everything" : `${one.scope_kind} ${one.scope_value}`);

const ofReport = ({ id }) => pathOf("reports", id);

export default function Reports({ parts: [id], user }) {
  return id ? html`<${Report} key=${id} id=${id} />` : html`<${All} user=${user} />`;
}

function All({ user }) {
  const may = (permission) => user.permissions.includes(permission);
  const reports = useApi(`/reports?limit=${MOST}`);
  const [asks, setAsks] = useState(false);
  const [send] = useCommand();
  const remove = async (one) => {
    if (await confirm({ title: "Delete this report?", about: "It can be made again as long as its alerts are kept.", button: "Delete", isDanger: true })
      && await send("DELETE", `/reports/${one.id}`, { said: "The report is deleted" })) reports.reload();
  };
  const columns = [
    { name: "report_type", title: "Report", grow: true, value: (one) => `${one.report_type} ${about(one)}`,
      cell: (one) => html`<a href=${ofReport(one)} tabindex="-1">${one.report_type}</a><small>${about(one)}</small>` },
    { name: "period_begin", title: "Period", cell: (one) => html`<span class="whole">${one.period}</span>` },
    { name: "availability", title: "Availability", align: "right", value: (one) => one.metrics_summary.Availability ?? "" },
    { name: "alerts", title: "Alerts", align: "right", value: (one) => one.metrics_summary.Alerts ?? "" },
    { name: "generated_time", title: "Made", align: "right", cell: (one) => html`<${TimeAgo} at=${one.generated_time} /><small>by ${one.requested_by}</small>` },
    { name: "files", title: "Save as", sorts: false, value: () => "", cell: (one) => html`<${Files} of=${one} />` },
    ...(may("alerts:write") ? [{ name: "act", title: "Action", sorts: false, value: () => "", cell: (one) => html`<button type="button" class="danger" aria-label=${`Delete the report ${one.report_type} ${about(one)}`} onClick=${() => remove(one)}>Delete</button>` }] : []),
  ];
  return html`<${Head} title="Reports" about="Availability, alerts and reactions of a day, a week or a month" />
    <${Reading} of=${reports}>${(rows) => html`<${Table} label="Reports" noun=${["report", "reports"]} columns=${columns} rows=${rows} keyOf=${(one) => one.id} open=${(one) => go(ofReport(one))} empty="No report was made yet.">
      <button type="button" class="primary" onClick=${() => setAsks(true)}>Make one now</button><//><${Cut} rows=${rows} most=${MOST} />`}<//>
    ${asks && html`<${Make} onDone=${(made) => { setAsks(false); if (made) reports.reload(); }} />`}`;
}

function Make({ onDone }) {
  const schema = useSchema("ReportBody");
  const make = async (body, send) => {
    const answer = await send("POST", "/reports", { body, withinMs: 120_000 });
    if (!answer) return;
    toast("The report is made");
    go(ofReport(answer.data));
  };
  return html`<${Dialog} title="Make a report" onClose=${() => onDone(false)}><${Reading} of=${schema}>${(found) =>
    html`<${Form} schema=${found} value=${{ type: "weekly" }} submit="Make" onSubmit=${make} onCancel=${() => onDone(false)} />`}<//><//>`;
}
