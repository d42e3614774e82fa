// Formats values for display.

// A value in a list of an address: the commas of its own are marked, those between values are not.
export const listed = (value) => String(value).replaceAll(",", "\\,");
export const unlisted = (text) => text.split(/(?<!\\),/).map((each) => each.replaceAll("\\,", ",").trim()).filter(Boolean);

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false };
const two = (number) => String(number).padStart(2, "0");

// The local name of the zone in which times are shown: CET, EDT; else GMT+5:30.
export function zone(date = new Date()) {
  const names = [undefined, "en-GB", "en-US"].map((locale) => new Intl.DateTimeFormat(locale, { timeZoneName: "short" })
    .formatToParts(date).find((part) => part.type === "timeZoneName").value);
  return names.find((name) => !/^(GMT|UTC)[+-]/.test(name)) ?? names[0];
}

export const zoneId = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

export const number = (value) => value.toLocaleString("en");

export function plural(amount, one, many) {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}

export const age = (iso, now = Date.now()) => span(now - Date.parse(iso));

// A length of time in one or two units.
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (seconds < 60) return `${seconds}s`;
  if (minutes < 60) return `${minutes}m`;
  if (hours < 10) return `${hours}h ${two(minutes % 60)}m`;
  if (hours < 48) return `${hours}h`;
  return `${days}d`;
}

export const localClock = (date) => date.toLocaleTimeString([], CLOCK);

export const utcClock = (date) =>
  `${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;

export function moment(iso) {
  const date = new Date(iso);
  const day = date.toDateString() === new Date().toDateString()
    ? "" : `${date.toLocaleDateString([], { month: "short", day: "numeric", ...(isThisYear(date) ? {} : { year: "numeric" }) })}, `;
  return day + localClock(date);
}

const isThisYear = (date) => date.getFullYear() === new Date().getFullYear();

// To the minute, with the day unless it is today.
export function shortMoment(iso) {
  return moment(iso).replace(/:\d\d$/, "");
}

// Local time and UTC, for the hover text of anything that shows a time.
export function bothTimes(iso) {
  const date = new Date(iso);
  return `${date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" })} ${zone(date)}\n${iso.replace("T", " ").replace(/\.\d+/, "").replace("Z", " UTC")}`;
}

// What mutes an alert, and until when.
export const mutedText = (alert) => !alert.muted_by ? ""
  : `not notified: ${alert.muted_by}${alert.muted_until ? `, until ${shortMoment(alert.muted_until)}` : ""}`;

export const isShelved = (alert) => Boolean(alert.shelved_until) && Date.parse(alert.shelved_until) > Date.now();

export const deviceOf = (alert) => alert.device_name || alert.device_ip || "";

// The address beside the name, unless the name is the address.
export const secondAddressOf = (alert) =>
  alert.device_name && alert.device_ip && alert.device_name !== alert.device_ip ? alert.device_ip : "";

// JSON with every digit of large counters, where the browser preserves them (Counter64).
export function exactJson(text) {
  return JSON.parse(text, (_key, value, context) =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
      ? context.source : value);
}
