// What a person chooses for this browser: grouping, density, columns, sound.

import { byId, el } from "../dom.js";
import { COLUMNS, chooseColumn, paintHeads, shownColumns } from "./columns.js";
import { apply } from "./filters.js";
import { prefer, preference } from "./preferences.js";
import { allowSound } from "./sound.js";
import { GROUPS } from "./view.js";
import { reset } from "./window.js";

export function setUp() {
  byId("group").replaceChildren(...Object.entries(GROUPS).map(([value, text]) => el("option", { value, text })));
  byId("group").addEventListener("change", (event) => apply({ group: event.target.value }));
  byId("density").addEventListener("change", (event) => {
    prefer("density", event.target.value);
    paintDensity();
    reset();
  });
  byId("columns").replaceChildren(...Object.entries(COLUMNS).filter(([, { isFixed }]) => !isFixed).map(([name, { title }]) =>
    el("label", {}, el("input", { type: "checkbox", name, checked: shownColumns().includes(name) }), title)));
  byId("columns").addEventListener("change", ({ target }) => {
    chooseColumn(target.name, target.checked);
    paintHeads();
    reset();
  });
  byId("sound").checked = preference("sound");
  byId("sound").addEventListener("change", ({ target }) => {
    prefer("sound", target.checked);
    if (target.checked) allowSound();
  });
  paintDensity();
  paintHeads();
}

function paintDensity() {
  byId("density").value = preference("density");
  byId("alerts").dataset.density = preference("density");
}
