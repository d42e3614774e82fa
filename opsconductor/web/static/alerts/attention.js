// Whether the user is working in the list: then no row moves.

import { byId } from "../dom.js";

const IDLE_MS = 60_000;
let inputAt = 0;
let isInside = false;

const noticed = () => { inputAt = Date.now(); };
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"]) addEventListener(kind, noticed, { passive: true });
byId("scroll").addEventListener("pointerenter", () => { isInside = true; });
byId("scroll").addEventListener("pointermove", () => { isInside = true; });
byId("scroll").addEventListener("pointerdown", () => { isInside = true; });
byId("scroll").addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") isInside = false; });

export function isAttended(hasCursor) {
  if (Date.now() - inputAt > IDLE_MS) return false;
  const list = byId("scroll");
  return isInside || hasCursor || list.scrollTop > 0 || list.contains(document.activeElement);
}
