// The title of the tab: how many critical alerts are active, the item and section that are shown.

let news = 0; // new critical alerts since the page was last visible
let critical = "";
let place = "";

export function setCritical(text) {
  critical = text;
  write();
}

export function setNews(amount) {
  news = amount;
  write();
}

export function setSection(title, parts) {
  place = title === "Alerts" ? "" : [...parts].reverse().concat(title).filter(Boolean).join(" · ");
  write();
}

function write() {
  document.title = (news ? `(${news}) ` : "") + [critical, place, "OpsConductor"].filter(Boolean).join(" · ");
}
