// Lengths of time and sizes in words, with two digits that matter.

const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
const BYTES = ["B", "kB", "MB", "GB", "TB"];

const short = (value) => (value < 10 && value % 1 >= .05 ? value.toFixed(1) : Math.round(value).toLocaleString("en"));

// 42 s, 3.5 min, 17 h, 2.1 d.
export function span(seconds) {
  const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? UNITS.at(-1);
  return `${short(seconds / length)} ${unit}`;
}

// 8.2 MB; decimal, as disks are sold.
export function bytes(amount) {
  const power = Math.min(BYTES.length - 1, Math.floor(Math.log10(Math.max(1, Math.abs(amount))) / 3));
  return `${short(amount / 1000 ** power)} ${BYTES[power]}`;
}
