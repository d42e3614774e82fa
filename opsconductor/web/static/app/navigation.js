// The navigation: sections that the user may use; on a phone four of them, and "More" shows the rest.

import { byId } from "../dom.js";

const ON_PHONE = 4; // with "More" as many as fit side by side

export const links = () => [...byId("sections").querySelectorAll("a")];

// A permission that extends to the rows of a filter only opens nothing that is about all devices.
export const mayUse = (user, permission) => user.permissions.includes(permission);
export const mayUseWhole = (user, permission) => mayUse(user, permission) && !user.limited.includes(permission);

export function setUp() {
  byId("more-sections").addEventListener("click", () => unfold(byId("more-sections").getAttribute("aria-expanded") !== "true"));
  document.addEventListener("click", (event) => { if (!event.target.closest("#more-sections")) unfold(false); });
  byId("sections").addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    unfold(false);
    byId("more-sections").focus();
  });
}

export function offer(user) {
  for (const link of links()) {
    const { needs, whole } = link.dataset;
    link.hidden = !(whole === undefined ? mayUse : mayUseWhole)(user, needs);
  }
  const shown = links().filter(({ hidden }) => !hidden);
  const isCut = shown.length > ON_PHONE + 1;
  shown.forEach((link, at) => link.classList.toggle("extra", isCut && at >= ON_PHONE));
  byId("more-sections").hidden = !isCut;
}

export function mark(section) {
  for (const link of links()) {
    if (link.dataset.section === section) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const current = links().find((link) => link.dataset.section === section);
  byId("more-sections").classList.toggle("holds-current", current?.classList.contains("extra") ?? false);
}

function unfold(isOpen) {
  byId("more-sections").setAttribute("aria-expanded", String(isOpen));
  byId("sections").classList.toggle("unfolded", isOpen);
}
