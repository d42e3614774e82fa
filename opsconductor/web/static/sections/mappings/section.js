// Mappings: which trap becomes which alert.

import { Head, html, SectionNav } from "../../app/kit.js";
import { All } from "./all.js";
import { Edit, Own } from "./own.js";
import { Try } from "./try.js";
import { Unmapped } from "./unmapped.js";

export default function Mappings({ parts: [part, name], query, user }) {
  const may = (permission) => user.permissions.includes(permission);
  const ways = [["/mappings", "All"], ["/mappings/own", "Your own"], ["/mappings/try", "Try a trap"],
    may("system:read") && ["/mappings/unmapped", "Report"]].filter(Boolean);
  const parts = {
    undefined: () => html`<${All} query=${query} />`,
    own: () => (name === undefined ? html`<${Own} mayWrite=${may("config:write")} />` : html`<${Edit} key=${name} name=${name} mayWrite=${may("config:write")} />`),
    new: () => html`<${Edit} key=${String(query)} query=${query} mayWrite=${may("config:write")} />`,
    try: () => html`<${Try} key=${String(query)} query=${query} may=${may} />`,
    unmapped: () => html`<${Unmapped} query=${query} may=${may} />`,
  };
  const shown = parts[part] ?? (() => html`<p class="void">There is no such page.</p>`);
  return html`<${Head} title="Mappings" about="Which trap becomes which alert: your own first, then packs, then what is derived from MIBs" />
    <${SectionNav} label="Mappings" ways=${ways} at=${part === undefined ? "/mappings" : `/mappings/${part}`} />${shown()}`;
}
