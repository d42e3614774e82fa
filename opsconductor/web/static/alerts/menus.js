// Places the menus of the bar under their buttons.

const GAP = 6, EDGE = 12;

for (const menu of document.querySelectorAll(".menu[popover]")) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  menu.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    const at = button.getBoundingClientRect();
    menu.style.top = `${at.bottom + GAP}px`;
    menu.style.left = `${Math.max(EDGE, Math.min(at.left, innerWidth - menu.offsetWidth - EDGE))}px`;
    menu.querySelector("select, input, button")?.focus();
  });
}
