// What a person has chosen for this browser: columns, density, sound. Not part of the address of a view.

const KEY = "alert list";
const DEFAULTS = { density: "comfortable", columns: null, sound: false };

let chosen = { ...DEFAULTS, ...stored() };

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // damaged, or no storage: as new
  }
}

export const preference = (name) => chosen[name];

export function prefer(name, value) {
  chosen = { ...chosen, [name]: value };
  localStorage.setItem(KEY, JSON.stringify(chosen));
}
