// Connectors: what brings alerts in and takes notifications out, and whether it works.

import { html } from "../../app/kit.js";
import { Detail } from "./detail.js";
import { Edit } from "./edit.js";
import { List } from "./list.js";
import { New, Types } from "./new.js";

export default function Connectors({ parts: [name, part], query, user }) {
  if (name !== undefined) return part === "edit" ? html`<${Edit} key=${name} name=${name} user=${user} />` : html`<${Detail} key=${name} name=${name} user=${user} />`;
  if (query.get("new")) return html`<${New} key=${query.get("new")} type=${query.get("new")} user=${user} />`;
  return query.has("new") ? html`<${Types} />` : html`<${List} user=${user} />`;
}
