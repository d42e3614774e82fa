// What would follow if the device failed entirely now.

import { go, html, number, pathOf, plural, Reading, Table, useApi } from "../../app/kit.js";
import { State } from "./state.js";

const COLUMNS = [
  { name: "name", title: "Device", cell: (one) => html`<a href=${pathOf("devices", one.key)} tabindex="-1">${one.name}</a>` },
  { name: "site", title: "Site" },
  { name: "role", title: "Role" },
  { name: "dependency_types", title: "Without", grow: true, value: (one) => one.dependency_types.join(", ") },
  { name: "state", title: "State now", sorts: false, cell: (one) => html`<${State} of=${one} />` },
];

export function Failure({ one }) {
  const preview = useApi(pathOf("devices", one.key, "failure"), { follows: true });
  return html`<${Reading} of=${preview}>${(found) => html`<div class="stack">
    <p>If ${one.name} failed now, <b>${plural(found.devices, "device", "devices")}</b> would be cut off in addition to those that already are, and <b>${
      plural(found.alerts, "open alert", "open alerts")}</b> would be suppressed under its alert. Devices with another path are not counted.</p>
    ${found.cut_off.length > 0 && html`<${Table} label="Devices that would be cut off" columns=${COLUMNS} rows=${found.cut_off} keyOf=${(each) => each.key}
      noun=${["device", "devices"]} open=${(each) => go(pathOf("devices", each.key))} />`}
    ${found.devices > found.cut_off.length && html`<p class="faint">The nearest ${number(found.cut_off.length)} are shown.</p>`}</div>`}<//>`;
}
