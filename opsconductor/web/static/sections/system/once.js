// A secret that is shown once: a key, a link.

import { Dialog, html, useState } from "../../app/kit.js";

export function Once({ title, secret, about, onClose }) {
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret);
      setSaid("Copied");
    } catch {
      setSaid("The browser does not allow it: select the text and copy it");
    }
  };
  return html`<${Dialog} title=${title} onClose=${onClose} wide><p>${about}</p>
    <p class="secret"><code tabindex="0" aria-label="Secret">${secret}</code></p><p class="faint" role="status">${said}</p>
    <div class="buttons"><button type="button" onClick=${copy}>Copy</button><button type="button" class="primary" onClick=${onClose}>Done</button></div><//>`;
}
