// Spans of duty divided into the days of a time zone.

const formats = new Map();

function formatOf(zone) {
  if (!formats.has(zone)) {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    formats.set(zone, new Intl.DateTimeFormat("en-CA", { timeZone: zone, ...parts }));
  }
  return formats.get(zone);
}

// Date and time of day of an instant (milliseconds) in a zone: { day: "2026-03-29", time: "03:00" }.
export function localOf(instant, zone) {
  const { year, month, day, hour, minute } = Object.fromEntries(formatOf(zone).formatToParts(instant).map(({ type, value }) => [type, value]));
  return { day: `${year}-${month}-${day}`, time: `${hour}:${minute}` };
}

const MINUTE = 60_000, DAY = 24 * 60 * MINUTE;
const minutesOf = (time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

// The first instant of the day of an instant; a day may have 23 or 25 hours.
export function startOfDay(instant, zone) {
  const { day, time } = localOf(instant, zone);
  const guess = Math.floor(instant / MINUTE) * MINUTE - minutesOf(time) * MINUTE;
  const found = localOf(guess, zone);
  if (found.day !== day) return guess + (24 * 60 - minutesOf(found.time)) * MINUTE; // the clock was put forward
  return guess - minutesOf(found.time) * MINUTE; // it was put back, or neither
}

// The first instant of the day that is so many days later.
export const addDays = (instant, days, zone) => startOfDay(startOfDay(instant, zone) + days * DAY + 12 * 60 * MINUTE, zone);

// Days from `begin` on, each with its parts: [{ day, start, parts: [{ person, by, from, to, isWhole }] }].
export function daysOf(spans, begin, amount, zone) {
  const days = [];
  for (let start = startOfDay(begin, zone); days.length < amount; start = addDays(start, 1, zone)) {
    const end = addDays(start, 1, zone);
    const parts = spans.map((span) => ({ ...span, at: Math.max(Date.parse(span.begin), start), until: Math.min(Date.parse(span.end), end) }))
      .filter(({ at, until }) => at < until)
      .map(({ person, by, at, until }) => ({
        person, by, from: localOf(at, zone).time, to: until === end ? "24:00" : localOf(until, zone).time, isWhole: at === start && until === end,
      }));
    days.push({ day: localOf(start, zone).day, start, parts: parts.reduce(joined, []) });
  }
  return days;
}

// The same person continues in another layer: one part of the day.
function joined(parts, next) {
  const last = parts.at(-1);
  if (last?.person !== next.person || (last.by === "override") !== (next.by === "override")) return [...parts, next];
  return [...parts.slice(0, -1), { ...last, to: next.to, isWhole: last.from === "00:00" && next.to === "24:00" }];
}

// The Monday of the week of an instant.
export function mondayOf(instant, zone) {
  const weekday = new Date(`${localOf(instant, zone).day}T00:00:00Z`).getUTCDay();
  return addDays(instant, -((weekday + 6) % 7), zone);
}
