// Keyboard shortcuts.

import { byId } from "../dom.js";

export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && !byId("alerts").hidden) return typing ? event.target.blur() : actions.back();
    if (typing || byId("app").hidden) return;
    if (byId("alerts").hidden && event.key !== "?") return;
    if (event.key === "Enter" && event.target.matches("button, a, summary")) return;
    const action = {
      j: () => actions.move(1), ArrowDown: () => actions.move(1),
      k: () => actions.move(-1), ArrowUp: () => actions.move(-1),
      Enter: actions.open, e: actions.fold, x: actions.select, a: actions.acknowledge, u: actions.unacknowledge, r: actions.resolve, s: actions.shelve,
      n: actions.note, m: actions.assign, ".": actions.showNews,
      "/": () => byId("search").focus(), "?": () => byId("keys").showModal(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
