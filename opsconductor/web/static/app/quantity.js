// Measured values as people read them: 35 Mbit/s, 24.7 °C. As opsconductor/model/measured/quantity.py.

const PREFIXES = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
const PREFIXED = new Set(["bit/s", "bit", "B/s", "B", "W", "Wh", "VA", "Hz"]);
const UNITS = { Cel: "°C", By: "B", "By/s": "B/s" };

// By what values up to this one are divided, and the unit with its prefix.
export function scaleOf(largest, unit) {
  const shown = UNITS[unit] ?? unit;
  const [divisor, prefix] = (PREFIXED.has(shown) && PREFIXES.find(([each]) => Math.abs(largest) >= each)) || [1, ""];
  return [divisor, prefix + shown];
}

// A number in four digits that matter.
export const shortNumber = (value) => (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e15) ? value.toExponential(1)
  : value.toLocaleString("en", { maximumSignificantDigits: 4 }));

export function quantity(value, unit) {
  const [divisor, shown] = scaleOf(value, unit);
  return `${shortNumber(value / divisor)}${shown && shown !== "%" ? " " : ""}${shown}`;
}
