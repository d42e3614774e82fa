// Devices: found by what people know of them, their state, history and dependencies.

import { html, loadStyles } from "../../app/kit.js";
import { Detail } from "./detail.js";
import { List } from "./list.js";

await loadStyles(new URL("./devices.css", import.meta.url));

export default function Devices({ parts: [name, tab], query, user }) {
  return name === undefined ? html`<${List} query=${query} />` : html`<${Detail} key=${name} name=${name} tab=${tab ?? "overview"} user=${user} />`;
}
