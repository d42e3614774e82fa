// Saved views: one's own, and those that others share.

import { deleteView, saveView, savedViews } from "../api.js";
import { byId, el, toast } from "../dom.js";
import { apply } from "./filters.js";
import { readView, viewQuery } from "./view.js";

let known = [];

export function setUp() {
  byId("saved-menu").addEventListener("toggle", (event) => { if (event.newState === "open") read(); });
  byId("saved-list").addEventListener("click", clicked);
  byId("saved-form").addEventListener("submit", save);
}

async function tried(act) {
  try {
    known = await act();
  } catch (error) {
    if (!error.status && !error.code) throw error;
    toast(`Saved views: ${error.message}`, { bad: true });
  }
  paint();
}

const read = () => tried(savedViews);

function paint() {
  byId("saved-list").replaceChildren(...known.map(({ id, name, owner, is_own: isOwn, is_shared: isShared }) => el("li", {},
    el("button", { type: "button", class: "quiet open", "data-open": id }, el("span", { text: name }),
      el("small", { text: isOwn ? (isShared ? "shared" : "") : `by ${owner}` })),
    isOwn ? el("button", { type: "button", class: "quiet", "data-delete": id, "aria-label": `Delete the view ${name}`, title: "Delete", text: "×" }) : null)));
  byId("saved-none").hidden = known.length > 0;
}

function clicked(event) {
  const { open, delete: gone } = event.target.closest("button")?.dataset ?? {};
  if (open) {
    readView(new URLSearchParams(known.find(({ id }) => id === open).query));
    byId("saved-menu").hidePopover();
    apply({});
  } else if (gone) {
    tried(async () => {
      await deleteView(gone);
      return savedViews();
    });
  }
}

async function save(event) {
  event.preventDefault();
  const name = byId("saved-name").value.trim();
  if (!name) return byId("saved-name").focus();
  await tried(() => saveView({ name, query: viewQuery().toString(), is_shared: byId("saved-shared").checked }));
  byId("saved-name").value = "";
}
