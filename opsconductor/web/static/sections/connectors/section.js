// Connectors: what brings alerts in and takes notifications out, and whether it works.

import { html } from "../../app/kit.js";
import { List } from "./list.js";
import { Detail } from "./detail.js";

export default function Connectors({ parts: [name], user }) {
  return name === undefined ? html`<${List} user=${user} />` : html`<${Detail} key=${name} name=${name} user=${user} />`;
}
