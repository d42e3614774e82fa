// The title of the tab: how many critical alerts are active, the item and section that are shown.

let critical = "";
let place = "";

export function setCritical(text) {
  critical = text;
  write();
}

export function setSection(title, parts) {
  place = title === "Alerts" ? "" : [...parts].reverse().concat(title).filter(Boolean).join(" · ");
  write();
}

function write() {
  document.title = [critical, place, "OpsConductor"].filter(Boolean).join(" · ");
}
