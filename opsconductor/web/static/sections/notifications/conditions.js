// The conditions of notification rules and maintenance windows (docs/notifications.md): what they are, in words.

const SEVERITIES = ["critical", "major", "minor", "warning", "info"];
const CATEGORIES = ["network", "power", "video", "wireless", "security", "environment", "compute", "storage", "application", "unknown"];
const PRIORITIES = ["P1", "P2", "P3", "P4", "P5"];
const EVENTS = ["created", "reopened", "escalated", "flapping", "stable", "acknowledged", "resolved", "expired"];
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const either = (values) => values.join(" or ");
const named = (title) => (values) => `${title} ${either(values)}`;

// kind: one, some (of the given values), texts, number, length, yesno, fields, windows, nested.
// onRules: about what happens to an alert, so not for maintenance windows.
export const CONDITIONS = [
  { name: "minimum_severity", title: "Severity at least", kind: "one", of: SEVERITIES, words: (value) => (value === "critical" ? value : `${value} or worse`) },
  { name: "severity", title: "Severity", kind: "some", of: SEVERITIES, words: either },
  { name: "category", title: "Category", kind: "some", of: CATEGORIES, words: either },
  { name: "alert_type", title: "Alert type", kind: "texts", example: "network_*", words: named("type") },
  { name: "device_name", title: "Device name", kind: "texts", example: "sw-*", words: named("device") },
  { name: "device_ip_pattern", title: "Device address", kind: "texts", example: "10.1.0.0/16", words: named("address") },
  { name: "site", title: "Site", kind: "texts", example: "hamburg", words: named("site") },
  { name: "role", title: "Device role", kind: "texts", example: "core, distribution", words: named("role") },
  { name: "device_tags", title: "Device tag", kind: "texts", example: "datacentre", words: named("tag") },
  { name: "device_status", title: "Device status", kind: "texts", example: "offline", words: named("device status") },
  { name: "custom_fields", title: "Custom fields", kind: "fields", example: "team: network, net-*", words: (fields) =>
    Object.entries(fields).map(([name, values]) => `${name} ${either(values)}`).join(", ") },
  { name: "source_system", title: "Connector", kind: "texts", example: "prtg-main", words: named("from") },
  { name: "priority", title: "Priority", kind: "some", of: PRIORITIES, words: either },
  { name: "event", title: "Event", kind: "some", of: EVENTS, onRules: true, words: named("when") },
  { name: "minimum_occurrences", title: "Occurrences at least", kind: "number", onRules: true, words: (value) => `reported ${value} times or more` },
  { name: "minimum_age", title: "Older than", kind: "length", example: "10m", onRules: true, words: (value) => `older than ${value}` },
  { name: "unacknowledged_for", title: "Not acknowledged for", kind: "length", example: "15m", onRules: true, words: (value) => `not acknowledged for ${value}` },
  { name: "is_cause", title: "Is a cause", kind: "yesno", onRules: true, words: (value) => (value ? "causes others" : "causes no others") },
  { name: "time", title: "Time", kind: "windows", onRules: true, words: (windows) => either(windows.map(windowInWords)) },
  { name: "all", title: "All of", kind: "nested", words: (parts) => parts.map(inBrackets).join(", ") },
  { name: "any", title: "Any of", kind: "nested", words: (parts) => either(parts.map(inBrackets)) },
  { name: "not", title: "None of", kind: "nested", words: (parts) => `not ${either(parts.map(inBrackets))}` },
];

export const isGiven = (value) => value !== null && value !== undefined && value !== ""
  && !(typeof value === "object" && Object.keys(value).length === 0);

export const given = (conditions) => CONDITIONS.filter(({ name }) => isGiven(conditions?.[name]));

// `{minimum_severity: "major", site: ["lyon"]}` -> "major or worse, site lyon"; "" without conditions.
export const inWords = (conditions) =>
  given(conditions).map(({ name, words }) => words(conditions[name])).join(", ");

const inBrackets = (conditions) => (given(conditions).length > 1 ? `(${inWords(conditions)})` : inWords(conditions));

export function windowInWords({ days = [], from = "00:00", to = "24:00", zone, holidays = [] }) {
  const hours = from === "00:00" && to === "24:00" ? "" : `${from} to ${to}`;
  const when = [days.length ? daysInWords(days) : "", hours].filter(Boolean).join(" ") || "always";
  return `${when}${holidays.length ? " without holidays" : ""}${zone ? ` (${zone})` : ""}`;
}

const titled = (day) => day[0].toUpperCase() + day.slice(1);

// Days in their order: three and more that follow each other become a span.
export function daysInWords(days) {
  const at = days.map((day) => DAYS.indexOf(day));
  const isSpan = at.length > 2 && at.every((each, index) => index === 0 || each === at[index - 1] + 1);
  return isSpan ? `${titled(days[0])} to ${titled(days.at(-1))}` : days.map(titled).join(", ");
}

// Targets of rules and of the steps of policies.
export const TARGETS = [["channel", "Channel"], ["person", "Person"], ["team", "Team"], ["schedule", "On-call schedule"], ["escalation", "Escalation policy"]];

export function targetInWords(target) {
  const [kind] = TARGETS.find(([name]) => target[name]) ?? ["channel"];
  if (kind !== "channel") return kind === "escalation" ? `policy ${target[kind]}` : kind === "schedule" ? `on call: ${target[kind]}` : `${kind} ${target[kind]}`;
  return target.recipients?.length ? `${target.recipients.join(", ")} (${target.channel})` : target.channel;
}
