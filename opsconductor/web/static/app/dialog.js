// Modal dialogs.

import { html, render, useEffect, useRef } from "../vendor/htm-preact/standalone.module.js";

// A dialog that is open for as long as it is drawn; Esc and a click on Cancel call onClose.
export function Dialog({ title, onClose, wide = false, children }) {
  const dialog = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog ref=${dialog} class=${wide ? "ask wide" : "ask"} aria-label=${title}
    onCancel=${(event) => { event.preventDefault(); onClose(); }}><h2>${title}</h2>${children}</dialog>`;
}

// Asks before something is done; resolves to whether to do it. `about` is text or a node.
export function confirm({ title, about, button, isDanger = false }) {
  const mount = document.createElement("div");
  document.body.append(mount);
  return new Promise((resolve) => {
    const end = (answer) => {
      render(null, mount);
      mount.remove();
      resolve(answer);
    };
    render(html`<${Dialog} title=${title} onClose=${() => end(false)}>
      ${typeof about === "string" ? html`<p>${about}</p>` : about}
      <div class="buttons"><button type="button" class="quiet" onClick=${() => end(false)}>Cancel</button>
        <button type="button" class=${isDanger ? "danger" : "primary"} onClick=${() => end(true)}>${button}</button></div>
    <//>`, mount);
  });
}
