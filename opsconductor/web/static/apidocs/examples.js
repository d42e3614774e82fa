// Examples made from schemas: a body, and the command line that sends it.

import { resolved } from "./schema.js";

const DEEPEST = 4;
const MOST_PROPERTIES = 8;

// A value that the schema accepts: needed properties, and without any the first ones.
export function exampleOf(schema, defs, depth = 0) {
  const found = resolved(schema, defs);
  if (found.examples?.length) return found.examples[0];
  if ("const" in found) return found.const;
  if (found.enum) return found.enum[0];
  const choice = (found.anyOf ?? found.oneOf ?? found.allOf)?.find((each) => each.type !== "null");
  if (choice) return exampleOf(choice, defs, depth);
  if (found.type === "array") return depth > DEEPEST ? [] : [exampleOf(found.items ?? {}, defs, depth + 1)];
  if (found.type === "object" || found.properties) return objectOf(found, defs, depth);
  if (found.type === "integer" || found.type === "number") return found.default ?? found.minimum ?? 1;
  if (found.type === "boolean") return found.default ?? true;
  return textOf(found);
}

function objectOf({ properties = {}, required = [] }, defs, depth) {
  if (depth > DEEPEST) return {};
  const names = required.length ? required : Object.keys(properties).slice(0, MOST_PROPERTIES);
  const shown = required.length || depth ? names : names.filter((name) => !isAbsent(properties[name]));
  return Object.fromEntries(shown.map((name) => [name, exampleOf(properties[name], defs, depth + 1)]));
}

const isAbsent = ({ anyOf, default: given }) => given === null && anyOf?.some(({ type }) => type === "null");

function textOf({ format, pattern, default: given }) {
  if (given) return given;
  if (format === "date-time") return "2026-01-31T08:00:00Z";
  if (format === "uuid") return "0198c5a2-7d3e-7c1b-9a77-2f6d1f0c9b11";
  if (pattern?.includes("[1-9][0-9]{0,5}m")) return "2h";
  return "text";
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

// The command for an operation; `body` is an example of its body, undefined: it has none.
export function curlOf({ method, path, security, requestBody }, body) {
  const media = Object.keys(requestBody?.content ?? {})[0];
  const parts = ["curl"];
  if (method === "post" ? !requestBody : method !== "get") parts.push(`-X ${method.toUpperCase()}`);
  if (security.some((each) => "key" in each)) parts.push('-H "Authorization: Bearer $key"');
  const lines = [parts.join(" ")];
  if (media) lines.push(`-H 'Content-Type: ${media}'`);
  if (media) lines.push(media.includes("json") ? `-d ${quoted(JSON.stringify(body))}` : "--data-binary @FILE");
  lines.push(quoted(location.origin + path));
  return lines.join(" \\\n  ");
}
