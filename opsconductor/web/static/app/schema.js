// Reads JSON schemas as pydantic writes them: which control a field has, how it is called.

const SCALARS = new Set(["string", "integer", "number"]);
const LONG = 1_000; // characters: such a text has several lines

// The schema that a reference and a nullable choice stand for:
// { kind, schema, isNullable, choices }, kind: text, long, secret, number, flag, choice, lines, several, object, list,
// map, entries, variants, json.
export function readField(given, defs) {
  let schema = resolved(given, defs);
  let isNullable = false;
  const options = schema.anyOf ?? schema.oneOf;
  if (options) {
    const all = options.map((option) => resolved(option, defs));
    const real = all.filter(({ type }) => type !== "null");
    isNullable = real.length < all.length;
    const { anyOf: _any, oneOf: _one, ...about } = schema;
    if (real.length === 1) schema = { ...real[0], ...about };
    else if (real.every(({ type }) => SCALARS.has(type))) return { kind: "text", schema: { ...real.at(-1), ...about, isFree: true }, isNullable };
    else if (real.every(({ properties }) => properties)) return { kind: "variants", schema, variants: real, isNullable };
    else return { kind: "json", schema, isNullable };
  }
  return { kind: kindOf(schema, defs), schema, isNullable };
}

export function resolved(schema, defs) {
  if (!schema.$ref) return schema.allOf?.length === 1 ? { ...resolved(schema.allOf[0], defs), ...schema, allOf: undefined } : schema;
  const { $ref, ...rest } = schema;
  return { ...resolved(defs[$ref.split("/").at(-1)] ?? {}, defs), ...rest };
}

function kindOf(schema, defs) {
  if (schema.enum || "const" in schema) return "choice";
  if (schema.type === "boolean") return "flag";
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string") return schema.writeOnly || schema.format === "password" ? "secret" : schema.maxLength >= LONG ? "long" : "text";
  if (schema.type === "array" && schema.items) return kindOfList(readField(schema.items, defs));
  if (schema.properties) return "object";
  return schema.type === "object" && schema.additionalProperties ? kindOfMap(resolved(schema.additionalProperties, defs)) : "json";
}

function kindOfMap({ type, properties }) {
  if (SCALARS.has(type)) return "map";
  return properties ? "entries" : "json";
}

function kindOfList({ kind, isNullable }) {
  if (isNullable) return "json";
  if (kind === "choice") return "several";
  if (kind === "text" || kind === "number") return "lines";
  return kind === "object" ? "list" : "json";
}

// `battery_capacity_low` is "Battery capacity low"; a title of its own (not made from the name by pydantic) wins.
export function labelOf(name, { title } = {}) {
  const words = name.replaceAll("_", " ");
  const isMade = !title || title.replaceAll(" ", "").toLowerCase() === name.replaceAll("_", "").toLowerCase() || /^[A-Z]\w*[a-z][A-Z]/.test(title);
  const text = isMade ? words.charAt(0).toUpperCase() + words.slice(1) : title;
  return text.replace(/\b(ip|url|ssl|tls|ca|oid|id|snmp|http|api|udp|mib|sms|uri)\b/gi, (word) => word.toUpperCase());
}

// A value as people write it: the default beside an empty field.
export function plainText(value) {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return value.map(plainText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value).replace(/^PT(?=\d)/, "").replace(/(\d)([HMS])(?=\d|$)/g, (_all, digit, unit) => digit + unit.toLowerCase());
}

// Faults of a 422 by path: `channels[0].channel` and `channels.0.channel` are the same field.
export function faultsByPath(faults) {
  const found = new Map();
  for (const fault of faults ?? []) {
    const path = fault.name.replace(/\[(\w+)\]/g, ".$1");
    found.set(path, [...(found.get(path) ?? []), fault]);
  }
  return found;
}
